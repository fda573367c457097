"""Support tickets, for operators: the queue, one ticket, and what may be done to it; support does it and audits it.

> /tickets
< T-1042 high new nobody, due Mon Mar 9, 9:30 AM PDT: my letter never arrived
> /reply T-1042 It was mailed on Friday.
< T-1042: on its way by sms, 1 segments and our heading.
"""

from __future__ import annotations

from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.admin.gate import Act, Actor, command, operate

NAMES = ("ticket", "take", "reply", "note", "close", "assign")


def register(registry: Registry) -> None:
    """Register the commands of this module."""
    command(registry, "tickets")(_act("tickets", needs_words=False))
    for name in NAMES:
        command(registry, name)(_act(name, needs_words=True))


def _act(name: str, *, needs_words: bool) -> Act:
    def run(turn: Turn, argument: str, actor: Actor) -> None:
        if needs_words and not argument.strip():
            raise Refusal("admin.usage_ticket")
        turn.say("admin.plain", text=operate(turn, f"support.{name}", argument, actor))

    return run
