"""What the coach was used for: USAGE for a person, and the account of the whole house for operators (rule LI-6).

    U> usage
    B> Coach messages today: 12 of 50. The count begins anew at 00:00 (EST).

    operator> /coachusage 7
    Nov 14 - Nov 20 UTC: 120 turns of 9 persons, 3 in short (2.5 %)
    cost $1.0679, mean $0.008899166 a turn
    ...

Sums are the rows' to the nano-USD; persons stand in them by keyed hash only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.core.model_prices import NANO_PER_USD
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.coaching.flow.seen import today, zone
from handlers.coaching.talk.settings import settings_of
from storage.coaching import ledger, profiles, usage
from storage.coaching.usage import TOKENS, ByModel

MOST_DAYS = 90
_USAGE = re.compile(r"/?(?:my )?(?:coach )?usage", re.I)
_KINDS = ("in", "out", "cache read", "cache written 5 min", "cache written 1 h")
_INPUT, _READ, _WRITTEN = TOKENS.index("input_tokens"), TOKENS.index("cache_read_tokens"), slice(3, 5)


def register(registry: Registry) -> None:
    """Register the word, and what operators may ask."""
    registry.word("text")(heard)
    registry.operation("coaching.usage")(report)


def heard(turn: Turn, text: str) -> bool:
    """Take USAGE from a person whom the coach knows."""
    if _USAGE.fullmatch(text.strip().rstrip(".!?")) is None or profiles.load(turn.work, turn.person.id) is None:
        return False
    there, day = ZoneInfo(zone(turn)), today(turn)
    midnight = datetime.combine(day + timedelta(days=1), time(), there)
    turn.say(
        "coaching.care.usage",
        used=ledger.used_today(turn.work, turn.person.id, day),
        most=settings_of(turn).messages_per_day,
        at=f"{midnight:%H:%M} ({midnight:%Z})",
    )
    return True


def report(turn: Turn, argument: str, actor: str) -> str:
    """Return the account of the last days, today included; the argument is their number (1-90)."""
    wanted = argument.strip() or "7"
    if not wanted.isdigit() or not 1 <= int(wanted) <= MOST_DAYS:
        return f"Usage: /coachusage DAYS, from 1 to {MOST_DAYS}."
    last = turn.now.date()
    first = last - timedelta(days=int(wanted) - 1)
    turn.audit("coaching.usage", f"days:{wanted}", actor=actor)
    turns, models = usage.turns(turn.work, first, last), usage.by_day_and_model(turn.work, first, last)
    lines = [f"{first:%b %d} - {last:%b %d} UTC: {turns.all} turns of {turns.persons} persons"]
    lines[0] += f", {turns.fallback} in short ({share(turns.fallback, turns.all)})"
    lines += _sums(models, turns.all)
    lines += [f"reservations not settled: {turns.unsettled}"]
    lines += [f"{one.day} {one.model}: {one.calls} calls, {usd(one.nano_usd)}" for one in models]
    dearest = usage.dearest(turn.work, first, last)
    lines += [f"top {place}: {person} {usd(nano)}" for place, (person, nano) in enumerate(dearest, 1)]
    return "\n".join(lines)


def _sums(models: Sequence[ByModel], turns: int) -> Iterator[str]:
    cost, tokens = sum(one.nano_usd for one in models), _tokens(models)
    prompt = tokens[_INPUT] + tokens[_READ] + sum(tokens[_WRITTEN])
    yield f"cost {usd(cost)}, mean {usd(cost // turns if turns else 0)} a turn"
    yield "tokens: " + ", ".join(f"{kind} {count:,}" for kind, count in zip(_KINDS, tokens, strict=True))
    yield f"cache hits: {share(tokens[_READ], prompt)} of the prompt"
    refused, unknown = sum(one.refusals for one in models), sum(one.unknown for one in models)
    yield f"refusals: {refused}, calls of unknown usage: {unknown}"


def _tokens(models: Iterable[ByModel]) -> list[int]:
    sums = [0] * len(TOKENS)
    for one in models:
        sums = [a + b for a, b in zip(sums, one.tokens, strict=True)]
    return sums


def usd(nano: int) -> str:
    """Write nano-USD exactly, at least in cents: $0.0089, $1.00."""
    whole, rest = divmod(nano, NANO_PER_USD)
    return f"${whole:,}.{f'{rest:09}'.rstrip('0').ljust(2, '0')}"


def share(part: int, whole: int) -> str:
    """Write a share in percent with one decimal; nothing of nothing is 0 %."""
    tenths = 1000 * part // whole if whole else 0
    return f"{tenths // 10}.{tenths % 10} %"
