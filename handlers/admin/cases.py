"""Cases and orders as operators see them; every look is audited by the service that owns them."""

from __future__ import annotations

from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.admin.gate import Actor, command, need_code, operate


def register(registry: Registry) -> None:
    """Register the commands of this module."""
    command(registry, "case")(case)
    command(registry, "retry")(retry)


def case(turn: Turn, argument: str, actor: Actor) -> None:
    """Run `/case find CODE or last four` and `/case show CODE`."""
    verb, _, rest = argument.partition(" ")
    if verb not in ("find", "show") or not rest.strip():
        raise Refusal("admin.usage_case")
    turn.say("admin.plain", text=operate(turn, f"appeals.case_{verb}", rest.strip(), actor))


def retry(turn: Turn, argument: str, actor: Actor) -> None:
    """Run `/retry PAYMENT CODE`: the fulfilment of a payment once more, by the same gates and claim (FUL-9)."""
    payment, _, code = argument.partition(" ")
    if not payment.isdigit() or len(payment) > 19 or not code.strip():
        raise Refusal("admin.usage_retry")
    need_code(turn, actor, code.strip())
    turn.say("admin.plain", text=operate(turn, "appeals.retry", payment, actor))
