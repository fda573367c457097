"""The banner of an incident: one line before the next reply to each person, once (BC-2).

> /incident on Letters are delayed by a day; nothing is lost.
> /incident off
"""

from __future__ import annotations

from datetime import datetime, timedelta

import orjson

from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.staff import Member, Risk, StaffCommand
from bot.engine.turn import Turn
from storage.switches import switch_value, turn_switch

SWITCH, NOTE = "incident.banner", "incident"
FRESH = timedelta(seconds=5)
"""How long a process goes on with what it read: every reply asks."""
LONGEST = 300


class Banner:
    """What is told at the moment, as this process read it last."""

    def __init__(self) -> None:
        self._read_at: datetime | None = None
        self._seen: tuple[int, str] | None = None

    def before_reply(self, turn: Turn) -> None:
        """Put the banner before a reply to somebody who has not seen it."""
        if self._read_at is None or not timedelta() <= turn.now - self._read_at < FRESH:
            self._read_at, self._seen = turn.now, _stored(turn)
        if self._seen is not None and turn.conversation.notes.get(NOTE) != self._seen[0]:
            turn.conversation.notes[NOTE] = self._seen[0]
            turn.lines.insert(0, turn.text("campaigns.incident", text=self._seen[1]))


def _stored(turn: Turn) -> tuple[int, str] | None:
    value = switch_value(turn.work, SWITCH)
    if not value:
        return None
    number, text = orjson.loads(value)
    return int(number), str(text)


def register(registry: Registry) -> None:
    """Register the rows, and what stands before replies."""
    registry.before_reply = Banner().before_reply
    for name, usage, act in (
        ("incident on", "/incident on text: everybody reads it once, before their next reply", on),
        ("incident off", "/incident off", off),
    ):
        registry.staff_command(StaffCommand(name, Risk.REVERSIBLE, "flag.set", usage, act, "incident"))


def on(turn: Turn, argument: str, member: Member) -> str:
    """Show a banner from now on; a new text is shown to everybody again."""
    words = " ".join(argument.split())
    if not words or len(words) > LONGEST:
        raise Refusal("campaigns.words", most=LONGEST)
    turn_switch(turn.work, SWITCH, orjson.dumps([turn.inbox_id, words]).decode(), actor=member.name)
    turn.audit("incident.on", "incident", actor=member.name, text=words)
    return "Everybody reads it once, before their next reply."


def off(turn: Turn, argument: str, member: Member) -> str:
    """Show it no longer."""
    turn_switch(turn.work, SWITCH, "", actor=member.name)
    turn.audit("incident.off", "incident", actor=member.name)
    return "The banner is off."
