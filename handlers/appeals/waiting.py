"""Tickets that came in one message with another: they wait, parked, until the first one is done (rule NUM-9)."""

from __future__ import annotations

from bot.engine.state import Parked
from bot.engine.turn import Turn
from handlers.appeals.numbers import last_four

FLOW = "appeal"


def is_waiting(parked: Parked) -> bool:
    """Tell whether a parked flow is such a ticket, not begun yet."""
    draft = parked.frame.draft
    return parked.frame.flow == FLOW and bool(draft.get("waits")) and draft.get("case_id") is None


def next_number(turn: Turn) -> str | None:
    """Return the masked number of the ticket that is next, or None."""
    first = next((p for p in turn.conversation.parked if is_waiting(p)), None)
    return last_four(str(first.frame.draft["waits"])) if first else None
