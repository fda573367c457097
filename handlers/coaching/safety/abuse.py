"""Abuse of the coach: five messages of it in a day, and the scripted coach answers for a day (rule SF-9).

Who swears at the world or at their own work abuses nobody.
"""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from functools import cache
from pathlib import Path

from bot.core.fold import fold
from bot.engine.turn import Turn
from storage.coaching import cares

MOST_A_DAY = 5
SCRIPTED_FOR = timedelta(hours=24)
_DATA = Path(__file__).parent / "data" / "abuse.toml"
_LONGEST = 2_000
_APOSTROPHES = re.compile(r"(?<=\w)'(?=\w)")


def is_abusive(text: str) -> bool:
    """Tell whether a text insults or threatens the one it is written to."""
    return _patterns().search(_APOSTROPHES.sub("", fold(text[:_LONGEST]))) is not None


def flag(turn: Turn, text: str, zone: str) -> None:
    """Count an abusive message; the fifth of a local day gives the chat to the script, and staff a note."""
    if not is_abusive(text):
        return
    flags = cares.flag(turn.work, turn.person.id, turn.today(zone))
    if flags == MOST_A_DAY:
        cares.script_until(turn.work, turn.person.id, turn.now + SCRIPTED_FOR)
        turn.alert("coach_abuse", key=f"coach_abuse:{turn.person.id}:{turn.today(zone)}", person=turn.person.id)


@cache
def _patterns() -> re.Pattern[str]:
    data = tomllib.loads(_DATA.read_text("utf-8"))
    return re.compile("|".join(f"(?:{pattern})" for pattern in data["patterns"]))
