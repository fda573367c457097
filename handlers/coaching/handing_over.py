"""A person takes over from the coach: AGENT is the engine's word, and staff read what was said before (rule NG-6).

operator> /coachtalk 188012345
Mar 02 15:00 person (sms): I'll charge $29 a month
Mar 02 15:00 coach (sms): Save price $29/month? ...
"""

from __future__ import annotations

from bot.engine.registry import Registry
from bot.engine.staff import Member, Risk, StaffCommand
from bot.engine.turn import Turn
from storage.coaching import messages, projects

SHOWN = 40
_LONGEST = 3_500


def register(registry: Registry) -> None:
    """Register what operators may read."""
    usage = "/coachtalk PERSON"
    registry.staff_command(StaffCommand("coachtalk", Risk.PERSONAL, "person.view", usage, talk, target="person"))


def talk(turn: Turn, argument: str, member: Member) -> str:
    """Return the last messages between a person and the coach, oldest first; the argument is the person's number."""
    if not argument.strip().isdigit():
        return "Usage: /coachtalk PERSON, the number that the alert names."
    person_id = int(argument.strip())
    turn.audit("coaching.talk", f"person:{person_id}", actor=member.name)
    rows = [
        row
        for project in projects.of_person(turn.work, person_id, limit=3)
        for row in messages.recent(turn.work, person_id, project.id, limit=SHOWN)
    ]
    newest = sorted(rows, key=lambda row: int(row.id))[-SHOWN:]
    lines = [f"{row.at:%b %d %H:%M} {row.role} ({row.channel}): {messages.words_of(turn.work, row)}" for row in newest]
    return "\n".join(lines)[-_LONGEST:] or "Nothing was said to the coach."
