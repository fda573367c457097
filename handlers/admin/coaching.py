"""The coach, for operators: what was said before a person asked for one of ours."""

from __future__ import annotations

from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.admin.gate import Actor, command, operate


def register(registry: Registry) -> None:
    """Register the commands of this module."""
    command(registry, "coachtalk")(coachtalk)


def coachtalk(turn: Turn, argument: str, actor: Actor) -> None:
    """Show what a person and the coach said last (rule NG-6)."""
    turn.say("admin.plain", text=operate(turn, "coaching.talk", argument, actor))
