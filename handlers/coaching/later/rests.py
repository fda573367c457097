"""PAUSE and RESUME: everything rests, streaks freeze, and the day on which it goes on is told (rule NG-4, C65).

U> pause 2 weeks
B> All rests until May 17: no check-ins, no reminders, and no streak is lost. RESUME goes on sooner.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from bot.engine.turn import Turn
from handlers.coaching.flow.seen import see
from handlers.coaching.later import schedule
from handlers.coaching.later.standing import is_resting, rhythm_of
from handlers.coaching.wording import short_day
from storage.coaching import projects

WORDS = re.compile(
    r"/?(?:pause|pausa)(?: (?:it|all|everything|coaching|the plan|my plan|the coach))?"
    r"(?:(?: for| de| por)?\s+(?P<count>\d{1,3}|a|an|one|two|three|four|six|una?|dos|tres)\s*"
    r"(?P<unit>days?|d|weeks?|wks?|w|months?|dias?|semanas?|mes(?:es)?))?",
    re.I,
)
USUAL, LONGEST = timedelta(weeks=2), timedelta(days=180)
_NUMBERS = {
    "a": 1,
    "an": 1,
    "one": 1,
    "un": 1,
    "una": 1,
    "two": 2,
    "dos": 2,
    "three": 3,
    "tres": 3,
    "four": 4,
    "six": 6,
}


def length_of(found: re.Match[str]) -> timedelta | None:
    """Return how long a pause is to be; None for one that is too long or of no length."""
    if found["count"] is None:
        return USUAL
    count = _NUMBERS.get(found["count"].casefold()) or int(found["count"])
    days = {"d": 1, "w": 7, "s": 7, "m": 30}[found["unit"][0].casefold()]
    length = timedelta(days=count * days)
    return length if timedelta() < length <= LONGEST else None


def pause(turn: Turn, length: timedelta | None) -> None:
    """Let everything rest for a while, and say until when; a second word changes how long."""
    seen = see(turn)
    if seen is None:
        turn.say("coaching.later.no_project")
        return
    if length is None:
        turn.say("coaching.later.pause_length")
        return
    person_id, project_id, until = turn.person.id, seen.id, seen.today + length
    if is_resting(seen):
        projects.move_pause(turn.work, person_id, project_id, until=until)
    else:
        projects.begin_pause(turn.work, person_id, project_id, day=seen.today, until=until)
    schedule.renew(turn)
    rhythm = rhythm_of(turn, seen.profile)
    schedule.put_off(turn, schedule.RESUME, rhythm.at(until, 0), day=until.isoformat())
    turn.say("coaching.later.paused", day=short_day(turn, until.isoformat()))


def resumed(turn: Turn, argument: str) -> bool:
    """Take RESUME when the project rests; False for all other persons."""
    seen = see(turn)
    if seen is None or not is_resting(seen):
        return False
    turn.cancel_timers(schedule.key(turn, schedule.RESUME))
    _go_on(turn, seen.id, seen.today)
    turn.say("coaching.later.resumed")
    return True


def due(turn: Turn) -> None:
    """Go on after a pause, without a word: the next check-in comes at its hour."""
    turn.silent = True
    seen = see(turn)
    if seen is None:
        return
    until = projects.paused_until(turn.work, turn.person.id, seen.id)
    if until is not None and until <= seen.today:
        _go_on(turn, seen.id, seen.today)
    elif until is not None:
        schedule.put_off(turn, schedule.RESUME, rhythm_of(turn, seen.profile).at(until, 0), day=until.isoformat())


def _go_on(turn: Turn, project_id: int, today: date) -> None:
    projects.end_pause(turn.work, turn.person.id, project_id, day=today)
    schedule.renew(turn)
