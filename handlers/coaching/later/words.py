"""CHECKIN, PROMISE, SMALLER and the picture of progress, as words and as buttons.

    U> checkin fri 18
    B> Check-in: Friday at 18:00, your time (America/New_York). Quiet from 21:00 to 8:00. ...
    U> promise post the welcome note
    B> Noted: "post the welcome note". I ask at the next check-in.

Asking for a check-in is consent to it, noted as such by SMS, where STOP ends it (rules NG-1, SMS-11).
"""

from __future__ import annotations

import re
from dataclasses import replace

from bot.engine import consent
from bot.engine.turn import Turn
from handlers.coaching.flow.seen import Seen, see
from handlers.coaching.later import picture, schedule, slots
from handlers.coaching.later.standing import FEATURE, rhythm_of
from storage.coaching import checkins, profiles
from storage.coaching.profiles import Profile

BUTTONS = "coach_later"
SWITCHES = frozenset({"checkin off", "checkins off", "check in off", "check ins off", "checkin never", "checkin stop"})
"""Whole messages that end check-ins and are no opt-out from all."""
WORDING = "check-in 1"
"""The version of the words that answer CHECKIN: `coaching.later.checkin_week` and its fellows."""
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DIAS = ("lun", "mar", "mie", "jue", "vie", "sab", "dom")
_CHECKIN = re.compile(r"/?check-? ?ins?(?:\s+(?P<rest>\S.*))?", re.I)
_HOUR = re.compile(r"(?:at |@ ?|a las )?(?P<hour>\d{1,2})(?::00|\.00)?\s*(?P<half>am|pm|h)?", re.I)
_PROMISE = re.compile(r"/?promise(?:\s+(?P<words>\S.*))?", re.I | re.S)
_SMALLER = re.compile(r"/?(?:smaller(?: step)?|a smaller step)", re.I)
_PICTURE = re.compile(r"/?progress (?:picture|chart|image)(?:\s+(?P<dark>dark|light))?|/?(?:picture|chart) of (?:my )?progress", re.I)  # fmt: skip  # noqa: E501
_OFF = frozenset({"off", "never", "none", "stop", "no"})
_LONGEST = 200


def heard(turn: Turn, text: str) -> bool:
    """Take a word about check-ins from a person with a plan; False for everything else."""
    said = text.strip().rstrip(".!")
    if len(said) > _LONGEST:
        return False
    for pattern, act in _ACTS:
        found = pattern.fullmatch(said)
        if found is not None:
            profile = profiles.load(turn.work, turn.person.id)
            return profile is not None and act(turn, found, profile)
    return False


def pressed(turn: Turn, argument: str) -> None:
    """Do what a button under a message of ours says."""
    heard(turn, argument.replace(":", " "))


def moved(turn: Turn, zone: str) -> bool:
    """Keep the local hour in another zone (NG-5)."""
    schedule.renew(turn, slots.LATE)
    return False


# -- check-ins -----------------------------------------------------------------------------------------------------


def _checkin(turn: Turn, found: re.Match[str], profile: Profile) -> bool:
    rest = (found["rest"] or "").casefold()
    wanted = profile if not rest else read_checkin(rest, profile)
    if wanted is None:
        turn.say("coaching.later.checkin_how")
        return True
    if rest:
        profiles.put(turn.work, turn.person.id, wanted)
        schedule.renew(turn)
        if wanted.checkin_every != "never":
            consent.agree(turn, WORDING)
    _tell(turn, wanted)
    return True


def read_checkin(rest: str, profile: Profile) -> Profile | None:
    """Return the profile with the rhythm that a text names; None when it names none."""
    if rest in _OFF:
        return replace(profile, checkin_every="never")
    every, day, hour = profile.checkin_every, profile.checkin_day, None
    parts = rest.replace(",", " ").split()
    named = [part for part in parts if part in ("daily", "weekly") or _weekday(part) is not None]
    for part in named:
        weekday = _weekday(part)
        every = "day" if part == "daily" else "week"
        day = day if weekday is None else weekday
    left = " ".join(part for part in parts if part not in named and part not in ("every", "on", "each"))
    if left:
        found = _HOUR.fullmatch(left)
        hour = None if found is None else _clock(found["hour"], found["half"])
        if hour is None:
            return None
    elif not named:
        return None
    if every == "never":
        every = "week"
    return replace(profile, checkin_every=every, checkin_day=day, checkin_hour=profile.checkin_hour if hour is None else hour)  # fmt: skip  # noqa: E501


def _weekday(part: str) -> int | None:
    plain = part.replace("é", "e").replace("á", "a")
    for names in (_DAYS, _DIAS):
        for number, name in enumerate(names):
            if plain.startswith(name) and len(plain) <= len("wednesdays"):
                return number
    return None


def _clock(hour: str, half: str | None) -> int | None:
    number = int(hour)
    if half and half.casefold() in ("am", "pm"):
        if not 1 <= number <= 12:
            return None
        number = number % 12 + (12 if half.casefold() == "pm" else 0)
    return number if number <= 23 else None


def _tell(turn: Turn, profile: Profile) -> None:
    rhythm = rhythm_of(turn, profile)
    start, end = rhythm.quiet
    if rhythm.every != profile.checkin_every:
        turn.say("coaching.later.checkin_plan", told=turn.registry.rights.decide(turn, FEATURE).told)
    turn.say(
        f"coaching.later.checkin_{rhythm.every}",
        day=turn.text(f"coaching.later.weekday_{profile.checkin_day}"),
        hour=f"{profile.checkin_hour}:00",
        zone=rhythm.zone,
        quiet_from=f"{start}:00",
        quiet_to=f"{end}:00",
    )
    at = rhythm.at(rhythm.today(turn.now))
    if rhythm.every != "never" and slots.opening(rhythm, at) != at:
        turn.say("coaching.later.checkin_quiet", hour=f"{profile.checkin_hour}:00", opens=f"{end}:00")


def quieted(turn: Turn, argument: str) -> bool:
    """Plan check-ins by the quiet hours that a person just chose."""
    if profiles.load(turn.work, turn.person.id) is not None:
        schedule.renew(turn)
    return False


# -- the others ----------------------------------------------------------------------------------------------------


def _promise(turn: Turn, found: re.Match[str], profile: Profile) -> bool:
    seen, words = see(turn), " ".join((found["words"] or "").split())
    if seen is None or not words:
        turn.say("coaching.later.promise_none")
        return True
    checkins.promised(turn.work, turn.person.id, seen.id, words)
    turn.say("coaching.later.promise_kept", words=words)
    return True


def _smaller(turn: Turn, found: re.Match[str], profile: Profile) -> bool:
    seen = see(turn)
    if seen is None:
        return False
    step = seen.next
    if step.decision is not None:
        category = turn.text(f"coaching.later.of_{step.decision.category}")
        turn.say("coaching.later.smaller_decision", category=category)
        return True
    smallest = _smallest(seen)
    if smallest is None:
        turn.say("coaching.later.step_none")
    else:
        turn.say("coaching.later.smaller", id=smallest[0], title=smallest[1])
    return True


def _smallest(seen: Seen) -> tuple[str, str] | None:
    """Return the open task of the present phase that takes the least time."""
    ahead = [task for task in seen.tasks if task.is_once and task.is_open]
    phase = min((task.phase for task in ahead), default=None)
    found = min((task for task in ahead if task.phase == phase), key=lambda task: task.minutes, default=None)
    return None if found is None else (found.task_id, found.title)


def _progress(turn: Turn, found: re.Match[str], profile: Profile) -> bool:
    seen = see(turn)
    if seen is None:
        return False
    picture.draw(turn, seen, dark=(found["dark"] or "").casefold() == "dark")
    turn.silent = True
    return True


_ACTS = (
    (_CHECKIN, _checkin), (_PROMISE, _promise), (_SMALLER, _smaller),
    (_PICTURE, _progress),
)  # fmt: skip
