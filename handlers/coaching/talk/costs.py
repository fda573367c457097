"""What the tries of a turn cost, each by the price row of its day, and their booking (rules CO-1, LI-2, LI-5)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.core.calls.coach import ModelTry
from bot.core.model_prices import PriceTable
from bot.engine.turn import Turn
from storage.coaching import usage
from storage.coaching.ledger import Booked
from storage.schema import moment


def log(turn: Turn, of: Booked, tries: Sequence[ModelTry]) -> int:
    """Keep the tries of a turn and return what they cost together, in nano-USD."""
    priced = [(one, *_price(one)) for one in tries]
    usage.log(
        turn.work, priced, person_id=of.person_id, project_id=of.project_id, turn_id=of.id,
        reserved_nano=of.reserved_nano,
    )  # fmt: skip
    return sum(nano for _, _, nano in priced)


def _price(one: ModelTry) -> tuple[str, int]:
    """Return the price row of a try and its cost; a model that the start refuses has neither."""
    row = PriceTable.load().price_of(one.model, moment(one.asked_at).date())
    return ("", 0) if row is None else (row.id, row.cost_nano(one.tokens))
