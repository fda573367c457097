"""QUIET: a person's own quiet hours, which hold for whatever any service begins by itself.

U> quiet 21-8
B> Quiet from 21:00 to 8:00, your time: what we begin waits until then. Answers and codes still come. QUIET OFF ends it.
U> don't text me after 9 pm
B> Quiet from 21:00 to 8:00, your time: ...

They are kept with the person and judged when a message leaves (`jobs.window`); services that plan ahead ask for them.
"""

from __future__ import annotations

import re
from datetime import timedelta

from bot.core.quiet import Hours, place_of
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from storage import quiet_time

CHANGED = "quiet"
"""The word by which services that plan by these hours hear that they changed."""
MORNING, LONGEST_HOURS, SOON = 8, 22, timedelta(hours=72)
_CLOCK = r"(\d{1,2})(?::00)?\s*([ap]\.?m\.?)?"
_SET = re.compile(rf"/?quiet(?: hours?| time)?\s+(?:from )?{_CLOCK}\s*(?:-|to|till|until)\s*{_CLOCK}", re.I)
_OFF = re.compile(r"/?(?:no quiet hours|quiet(?: hours?| time)? (?:off|none|never))", re.I)
_SHOW = re.compile(r"/?quiet(?: hours?| time)?(?P<rest> .*)?", re.I)
_ONLY = re.compile(rf"(?:please )?(?:only )?(?:text|message|write) me (?:only )?after {_CLOCK}", re.I)
_NOT = re.compile(
    rf"(?:please )?(?:don'?t|do not|never) (?:text|message|write)(?: to)? me (after|before) {_CLOCK}", re.I
)  # fmt: skip


def register(registry: Registry) -> None:
    """Register the word, and its line among the settings."""
    registry.word("text")(heard)
    registry.word("settings")(listed)


def heard(turn: Turn, text: str) -> bool:
    """Take QUIET in its forms, and "don't text me after 9 pm"."""
    said = " ".join(text.split()).rstrip(".!?").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    if len(said) > 60 or turn.person_id is None:
        return False
    if (found := _SET.fullmatch(said)) is not None:
        return _set(turn, _hour(found[1], found[2]), _hour(found[3], found[4]))
    if (found := _ONLY.fullmatch(said)) is not None:
        return _set(turn, 0, _clear_hour(found[1], found[2]))
    if (found := _NOT.fullmatch(said)) is not None:
        hour = _clear_hour(found[2], found[3])
        return _set(turn, hour, MORNING) if found[1].casefold() == "after" else _set(turn, 0, hour)
    if _OFF.fullmatch(said):
        return _off(turn)
    found = _SHOW.fullmatch(said)
    if found is None or (turn.conversation.top is not None and found["rest"]):
        return False
    if found["rest"]:
        turn.say("engine.quiet_how")
    else:
        _tell(turn)
    return True


def _hour(hour: str, half: str | None) -> int | None:
    number = int(hour)
    if half:
        if not 1 <= number <= 12:
            return None
        number = number % 12 + (12 if half[0] in "pP" else 0)
    return number % 24 if number <= 24 else None


def _clear_hour(hour: str, half: str | None) -> int | None:
    """Return an hour out of a sentence: "after 6" may be either half of the day."""
    return _hour(hour, half) if half or int(hour) > 12 else None


def _set(turn: Turn, start: int | None, end: int | None) -> bool:
    if start is None or end is None:
        turn.say("engine.quiet_how")
    elif start == end or (end - start) % 24 > LONGEST_HOURS or _leaves_nothing(turn, start, end):
        turn.say("engine.quiet_too_long")
    else:
        quiet_time.keep(turn.work, turn.person.id, (start, end))
        _changed(turn)
        _said(turn, (start, end))
    return True


def _leaves_nothing(turn: Turn, start: int, end: int) -> bool:
    """Tell whether no hour is left in which a text may reach this number: states and the night take theirs (SMS-13)."""
    if turn.channel != "sms" or turn.address is None:
        return False
    opens = Hours(place_of(turn.address.handle), quiet=quiet_time.span(start, end)).release(turn.now, "")
    return opens is None or opens - turn.now > SOON


def _changed(turn: Turn) -> None:
    for hears in turn.registry.words.get(CHANGED, ()):
        hears(turn, "")


def _off(turn: Turn) -> bool:
    quiet_time.keep(turn.work, turn.person.id, None)
    _changed(turn)
    turn.say("engine.quiet_none")
    return True


def _tell(turn: Turn) -> None:
    hours = quiet_time.of(turn.work, turn.person.id)
    if hours is None:
        turn.say("engine.quiet_none")
    else:
        _said(turn, hours)


def _said(turn: Turn, hours: quiet_time.Hours) -> None:
    turn.say("engine.quiet_set", start=f"{hours[0]}:00", end=f"{hours[1]}:00")


def listed(turn: Turn, argument: str) -> bool:
    """Add the quiet hours to the settings; the services list theirs."""
    if turn.conversation.top is not None:
        return False
    _tell(turn)
    return len(turn.registry.words.get("settings", ())) == 1
