"""How a purchase was paid, in one word."""

from __future__ import annotations

import re

_KINDS = (
    ("gift_card", r"gift ?card|store credit"),
    (
        "card",
        r"visa|master|amex|american express|discover|maestro|debit|credit|\bcard\b|karte|tarjeta|carte|nets|girocard",
    ),
    ("wallet", r"apple ?pay|google ?pay|grab|touch ?n|alipay|wechat|e-?wallet|paypal|venmo"),
    ("cheque", r"cheque|check"),
    ("cash", r"cash|tunai|\bbar\b|efectivo|esp[eè]ces|contant|現金|tender"),
)


def tender_of(text: str) -> str | None:
    """Return gift_card, card, wallet, cheque or cash, or None when the words tell nothing."""
    return next((kind for kind, pattern in _KINDS if re.search(pattern, text, re.I)), None)
