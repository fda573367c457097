"""MY AUDIT: what was done by a person, and to their account by others, the newest first (`account.audit_view`).

    U> MY AUDIT
    B> Mar 18 10:04 you: privacy export done
       Mar 17 09:30 our staff: person view
       Older: MY AUDIT 2

What the audit holds is ids and words of ours, never what was said; only when, who and what are shown of it, and not
which one of our staff it was. The list ends some seconds ago: entries are shown once they are sealed.
"""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from bot.engine.registry import Registry
from bot.engine.turn import Turn
from storage.audit import search
from storage.schema import moment

FEATURE = "account.audit_view"
SHOWN = {"sms": 4}
SHOWN_ELSE = 10
_WORDS = re.compile(r"/?my ?(?:audit(?: trail)?|trail)(?: (?:page )?(?P<page>\d{1,3}))?", re.I)
_HOUSE = "America/Los_Angeles"


def register(registry: Registry) -> None:
    """Register the words."""
    registry.word("text")(heard)


def heard(turn: Turn, text: str) -> bool:
    """Take MY AUDIT, with the number of a page."""
    found = _WORDS.fullmatch(" ".join(text.split()).rstrip(".!?"))
    if found is None or turn.person_id is None:
        return False
    right = turn.registry.rights.decide(turn, FEATURE)
    if not right.allows:
        turn.say("people.trail.not_in_plan", told=right.told)
        return True
    number, size = max(1, int(found["page"] or 1)), SHOWN.get(turn.channel, SHOWN_ELSE)
    rows = search.about_person(turn.work, turn.person.id, size + 1, skip=(number - 1) * size)
    for row in rows[:size]:
        turn.lines.append(_line(turn, row))
    if len(rows) > size:
        turn.say("people.trail.more", page=number + 1)
    elif not rows:
        turn.say("people.trail.none")
    return True


def _line(turn: Turn, row: sa.Row[Any]) -> str:
    at = moment(row.at).astimezone(ZoneInfo(turn.person.zone or _HOUSE))
    kind = row.actor.partition(":")[0]
    who = {"person": "you", "operator": "staff", "terminal": "staff"}.get(kind, "we")
    key = "people.trail.line" if row.outcome == "ok" else f"people.trail.{row.outcome}"
    what = row.action.replace(".", " ").replace("_", " ")
    return turn.text(key, at=f"{at:%b} {at.day} {at:%H:%M}", who=turn.text(f"people.trail.{who}"), what=what)
