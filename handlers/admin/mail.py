"""Pausing all mail at once, by one; letting it go on takes a second operator (rule FUL-10)."""

from __future__ import annotations

from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.admin.gate import Actor, AdminSettings, command, need_code, operate
from storage import operators


def register(registry: Registry) -> None:
    """Register the commands of this module."""
    command(registry, "mail")(mail)


def mail(turn: Turn, argument: str, actor: Actor) -> None:
    """Run `/mail pause` and `/mail resume CODE`."""
    verb, _, code = argument.partition(" ")
    match verb:
        case "pause":
            turn.say("admin.plain", text=operate(turn, "appeals.pause", "", actor))
        case "resume":
            need_code(turn, actor, code.strip())
            _resume(turn, actor)
        case _:
            raise Refusal("admin.usage_mail")


def _resume(turn: Turn, actor: Actor) -> None:
    settings = turn.registry.settings.get(AdminSettings) or AdminSettings()
    alone = settings.demo and len(operators.in_force(turn.work)) < 2
    if alone:
        turn.audit("mail.resume.alone", actor=actor.name, why="demo mode with a single operator")
        turn.say("admin.resumed_alone")
    turn.say("admin.plain", text=operate(turn, "appeals.resume", "alone" if alone else "", actor))
