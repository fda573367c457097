"""USAGE: how many messages of today's the coach has answered, and when the count begins anew (rule LI-6).

U> usage
B> Coach messages today: 12 of 50. The count begins anew at 00:00 (EST). ...
"""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.coaching.flow.seen import today, zone
from handlers.coaching.talk import rights
from handlers.coaching.talk.settings import settings_of
from storage.coaching import ledger, profiles

_USAGE = re.compile(r"/?(?:my )?(?:coach )?usage", re.I)


def register(registry: Registry) -> None:
    """Register the word."""
    registry.word("text")(heard)


def heard(turn: Turn, text: str) -> bool:
    """Take USAGE from a person whom the coach knows."""
    if _USAGE.fullmatch(text.strip().rstrip(".!?")) is None or profiles.load(turn.work, turn.person.id) is None:
        return False
    there, day = ZoneInfo(zone(turn)), today(turn)
    midnight = datetime.combine(day + timedelta(days=1), time(), there)
    turn.say(
        "coaching.care.usage",
        used=ledger.used_today(turn.work, turn.person.id, day),
        most=rights.messages_today(turn, settings_of(turn)),
        at=f"{midnight:%H:%M} ({midnight:%Z})",
    )
    for add in turn.registry.words.get("usage", ()):
        add(turn, text)
    return True
