"""Writing a broadcast: a draft, its texts, how it looks, how many get it and what that costs (BC-1).

> /broadcast new channel=sms active=90 :: We post letters on Saturdays now.
< B-1 is a draft for channel=sms active=90.
> /broadcast count B-1
< sms: 412 persons, 1 segment each, 412 segments, about $4.66. telegram: 0.
"""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.core.errors import Refusal
from bot.core.message_prices import message_prices
from bot.core.money import Money
from bot.core.sms import normalise, size
from bot.engine.house import house
from bot.engine.registry import Registry
from bot.engine.render.sms import BRAND
from bot.engine.staff import Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.campaigns import segments
from storage.campaigns import broadcasts, recipients
from storage.campaigns.broadcasts import Broadcast

LONGEST = 600
_CODE = re.compile(r"\s*(?:b-?)?(\d{1,6})\b\s*(.*)", re.IGNORECASE | re.DOTALL)
_LOCALE = re.compile(r"([a-z]{2})\s+(.+)", re.DOTALL)


def register(registry: Registry) -> None:
    """Register the rows."""
    looks, changes = Risk.COUNTERS, Risk.REVERSIBLE
    for name, risk, usage, act in (
        ("broadcast new", changes, "/broadcast new channel=sms active=90 :: text", new),
        (
            "broadcast text",
            changes,
            "/broadcast text B-1 es texto: the words in another language, or new English ones",
            text,
        ),
        ("broadcast preview", changes, "/broadcast preview B-1: as it will look, to yourself", preview),
        ("broadcast count", looks, "/broadcast count B-1: how many get it, and what it costs", count),
        ("broadcast list", looks, "/broadcast list", everything),
    ):
        registry.staff_command(StaffCommand(name, risk, "broadcast.draft", usage, act, "broadcast"))


def asked(turn: Turn, argument: str) -> tuple[Broadcast, str]:
    """Return the broadcast that is named, and further words; raise Refusal for none."""
    found = _CODE.fullmatch(argument)
    one = broadcasts.of_number(turn.work, int(found[1])) if found else None
    if found is None or one is None:
        raise Refusal("campaigns.none")
    return one, found[2].strip()


def _worded(words: str) -> str:
    plain = words.strip()
    if not plain or len(plain) > LONGEST:
        raise Refusal("campaigns.words", most=LONGEST)
    return plain


def new(turn: Turn, argument: str, member: Member) -> str:
    """Store a draft."""
    marks, found, words = argument.partition("::")
    if not found and segments.begins(argument):
        raise Refusal("campaigns.no_parting")
    segment = segments.segment_of(marks if found else "")
    texts = {"en": _worded(words if found else argument)}
    one = broadcasts.add(turn.work, author=member.name, texts=texts, segment=segment)
    turn.audit("broadcast.draft", f"broadcast:{one.number}", actor=member.name)
    return f"{one.code} is a draft for {segments.told(segment)}."


def text(turn: Turn, argument: str, member: Member) -> str:
    """Give a draft its words in a language."""
    one, rest = asked(turn, argument)
    found = _LOCALE.fullmatch(rest)
    if found is None or not turn.registry.speaks(found[1]):
        raise Refusal("campaigns.no_locale")
    texts = {**one.texts, found[1]: _worded(found[2])}
    if not broadcasts.rewrite(turn.work, one, texts=texts, segment=one.segment):
        raise Refusal("campaigns.no_draft", code=one.code)
    turn.audit("broadcast.text", f"broadcast:{one.number}", actor=member.name, locale=found[1])
    return f"{one.code} has words in {', '.join(sorted(texts))}."


def preview(turn: Turn, argument: str, member: Member) -> str:
    """Show what people will read, by SMS and elsewhere, to whoever asks."""
    one, _ = asked(turn, argument)
    return "\n\n".join(
        f"{locale} on {channel}:\n{as_sent(turn, one, locale, channel)}"
        for locale in sorted(one.texts)
        for channel in ("telegram", "sms")
    )


def as_sent(turn: Turn, one: Broadcast, locale: str, channel: str) -> str:
    """Return a broadcast with the words that end such messages, as a channel shows it."""
    told = turn.registry.catalogue.text("campaigns.offer", locale, channel, text=one.text(locale))
    return normalise(BRAND + told) if channel == "sms" else told


def count(turn: Turn, argument: str, member: Member) -> str:
    """Tell how many persons get it by channel, with segments and cost."""
    one, _ = asked(turn, argument)
    return counted(turn, one)


def counted(turn: Turn, one: Broadcast) -> str:
    """Return the count in words."""
    numbers = recipients.counted(turn.work, one.segment)
    lines = []
    for channel in ("telegram", "sms"):
        mine = {locale: number for (known, locale), number in numbers.items() if known == channel}
        line = f"{channel}: {sum(mine.values())} persons"
        if channel == "sms" and mine:
            segments_ = sum(size(as_sent(turn, one, locale, "sms")).segments * n for locale, n in mine.items())
            cents = (segments_ * message_prices().sms_segment_micros + 5_000) // 10_000
            line += f", {segments_} segments, about {Money(cents)}"
        lines.append(line)
    return "\n".join(lines)


def standing(turn: Turn, one: Broadcast) -> str:
    """Return the state in words; one that waits for its hour says which."""
    if one.state != "freezing" or turn.now >= one.sent_at:
        return one.state
    return f"waits for {hour(turn, one.sent_at)}"


def hour(turn: Turn, moment: datetime) -> str:
    """Write a moment in the organisation's zone."""
    zone = house(turn).zone
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"


def everything(turn: Turn, argument: str, member: Member) -> str:
    """List the last broadcasts."""
    found = broadcasts.newest(turn.work)
    lines = [
        f"{one.code} {standing(turn, one)}, {one.author}, {segments.told(one.segment)}: {one.texts['en'][:60]}"
        for one in found
    ]
    return "\n".join(lines) or "No broadcasts yet."


__all__ = ["as_sent", "asked", "counted", "hour", "register", "standing"]
