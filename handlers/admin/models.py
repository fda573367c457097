"""/model show: which models the settings name, and what they cost; what was spent is /coachusage's."""

from __future__ import annotations

from functools import partial

from bot.core.model_prices import PriceTable
from bot.engine.registry import Registry
from bot.engine.staff import Member, Risk, StaffCommand
from bot.engine.turn import Turn

Named = tuple[tuple[str, str], ...]
"""Settings with the models that they name."""


def register(registry: Registry, named: Named) -> None:
    """Register the row."""
    act = partial(show, named=named)
    registry.staff_command(StaffCommand("model show", Risk.COUNTERS, "report.ops", "/model show", act, "model"))


def show(turn: Turn, argument: str, member: Member, *, named: Named) -> str:
    """Tell the models, each with whether its price is known."""
    turn.audit("model.view", actor=member.name)
    prices, day = PriceTable.load(), turn.now.date()
    lines = [
        f"{setting}: {model}{'' if prices.price_of(model, day) is not None else ' (price not known)'}"
        for setting, model in dict.fromkeys(named)
    ]
    return "\n".join(lines) or "No model is asked: there is no key."
