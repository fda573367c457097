"""What happens to receipts by schedule: drafts that wait, digests, days to remember, bills, what comes again.

Each is a timer of the person that looks at the rows again when it falls due and says nothing when it no longer fits.
Quiet hours and opt-outs are the delivery worker's business. Nudges are what nobody asked for (a draft that waits);
what a person asked for in words, or must know before something is deleted, leaves as a notice.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.engine.registry import Registry


def register(registry: Registry) -> None:
    """Add the timers, their words, and what is offered after saving; before the words that take any text."""
    from handlers.receipts.later import alerts, bills, deadlines, digests, recurring, waiting

    registry.add_texts(Path(__file__).with_name("texts"))
    registry.on("timer:receipts.draft")(waiting.due)
    registry.on("timer:receipts.digest")(digests.due)
    registry.on("timer:receipts.deadline")(deadlines.due)
    registry.on("timer:receipts.bill")(bills.due)
    registry.on("timer:receipts.series")(recurring.due)
    registry.on("timer:receipts.budgets")(alerts.due)
    registry.switches |= {"digest off", "digests off", "digest stop", "digests stop"}
    registry.word("beside")(bills.take_beside)
    registry.button("receipt_later")(deadlines.pressed)
    for heard in (digests.heard, deadlines.heard, bills.heard, recurring.heard):
        registry.word("text")(heard)
    for saved in (deadlines.saved, recurring.saved):
        registry.word("receipt_saved")(saved)
