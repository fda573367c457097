"""Giving money back by hand: within the cap of the role, with a fresh code for this one refund (REF-5, REF-6).

The amount, the payment and the code stand in one command, so a code counts for that refund alone (rule REF-10).
"""

from __future__ import annotations

import re

from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.admin.gate import Actor, AdminSettings, command, need_code, operate

_REFUND = re.compile(r"(\d{1,19}) (all|\d{1,5}(?:\.\d{2})?) ([a-z_]{3,30}) (\d{6})")


def register(registry: Registry) -> None:
    """Register the commands of this module."""
    command(registry, "refund")(refund)


def refund(turn: Turn, argument: str, actor: Actor) -> None:
    """Run `/refund PAYMENT AMOUNT REASON CODE`; AMOUNT is `all` or dollars."""
    match = _REFUND.fullmatch(" ".join(argument.split()).lower())
    if match is None:
        raise Refusal("admin.usage_refund")
    need_code(turn, actor, match[4])
    asked = "all" if match[2] == "all" else str(_cents(match[2]))
    turn.say(
        "admin.plain", text=operate(turn, "appeals.refund", f"{match[1]} {asked} {match[3]} {_cap(turn, actor)}", actor)
    )


def _cents(amount: str) -> int:
    whole, _, rest = amount.partition(".")
    return int(whole) * 100 + int(rest or 0)


def _cap(turn: Turn, actor: Actor) -> int:
    """Return the most that this actor may give back at once; whoever sits at the host's terminal is the owner."""
    settings = turn.registry.settings.get(AdminSettings) or AdminSettings()
    role = actor.operator.role if actor.operator is not None else "owner"
    return settings.owner_refund_cents if role == "owner" else settings.operator_refund_cents
