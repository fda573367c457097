"""The registry of cities: what is verified, and verifying an unchanged record (rule REG-3)."""

from __future__ import annotations

from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.admin.gate import Actor, command, need_code, operate


def register(registry: Registry) -> None:
    """Register the commands of this module."""
    command(registry, "city")(city)


def city(turn: Turn, argument: str, actor: Actor) -> None:
    """Run `/city list`, `/city approve CHANGE CODE` and `/city verify CITY | METHOD | WHO | DATE | WORDS | CODE`."""
    verb, _, rest = argument.partition(" ")
    match verb:
        case "" | "list":
            turn.say("admin.plain", text=operate(turn, "appeals.cities", "", actor))
        case "verify":
            parts = [part.strip() for part in rest.split("|")]
            if len(parts) != 6 or not all(parts):
                raise Refusal("admin.usage_city")
            need_code(turn, actor, parts[-1])
            turn.say("admin.plain", text=operate(turn, "appeals.verify", "|".join(parts[:-1]), actor))
        case "approve":
            change, _, code = rest.partition(" ")
            need_code(turn, actor, code.strip())
            turn.say("admin.plain", text=operate(turn, "appeals.approve_change", change, actor))
        case _:
            raise Refusal("admin.usage_city")
