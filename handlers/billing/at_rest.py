"""What of billing works at an address that only reads: looking, ending a plan, and the way to a larger one (LG-9).

> 12.50 lunch
< This address only reads now. Free plan: linked addresses: 2. Basic gives 4. ...
> plans
"""

from __future__ import annotations

import re

from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.billing.subscriptions import choosing, ending

_WORDS = re.compile(
    r"/?(?:my )?(?:plan|plans|usage|billing|payments|subscription)(?: (?:page )?\d{1,2})?"
    r"|/?(?:subscribe|upgrade|changeplan|cancelplan|resumeplan|keepplan|paymethod|downgrade)"
    r"|/?(?:invoices?|receipts?|credit note) [A-Z0-9]{1,12}-[A-Z0-9-]{4,24}|/?invoices(?: (?:page )?\d{1,2})?"
    r"|(?:change|keep|resume) (?:my )?plan|(?:change|update) (?:my )?card|payment method",
    re.IGNORECASE,
)
_FLOWS = frozenset({choosing.NAME, ending.ending.name})


def register(registry: Registry) -> None:
    """Register what only reads."""
    registry.word("reads")(reads)


def reads(turn: Turn, text: str) -> bool:
    """Tell whether words are about one's plan and its papers, or answer what such words asked."""
    top = turn.conversation.top
    return (top is not None and top.flow in _FLOWS) or _WORDS.fullmatch(
        " ".join(text.split()).rstrip(".!?")
    ) is not None
