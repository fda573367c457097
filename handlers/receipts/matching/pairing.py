"""Whether a receipt and a bank line can be one purchase, and how sure that is (rules MAT-1 and MAT-2).

A score adds points: amount 50, days 20, merchant 30, and the card's last four digits, which speak for a pair when they
are equal and loudly against it when they differ. An unknown merchant speaks for nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from handlers.receipts.matching.likeness import Aliases, likeness
from handlers.receipts.matching.values import Line, Receipt

How = Literal["total", "cash_back", "original", "refund", "turned", "tip"]
"""Which amounts fit: the total; with cash back; the amount abroad; a refund printed without its sign; a total whose
sign the bank turned round although the receipt does not say refund; a total with a tip that was added later."""

CERTAIN, POSSIBLE = 75, 55
"""From the first score on a pair is matched by itself, from the second on the person is asked."""

EARLIEST, LATEST = -1, 5
"""How many days after the receipt's date the bank's date may lie."""

MOST_WITH_TIP = 135
"""A total with its tip, in percent of the total."""

_AMOUNT: dict[How, int] = {"total": 50, "cash_back": 46, "original": 46, "refund": 46, "tip": 30, "turned": 20}
_DAYS = {-1: 14, 0: 20, 1: 20, 2: 18, 3: 16, 4: 13, 5: 10}
_MERCHANT, _NO_MERCHANT = 30, 10
_SAME_CARD, _OTHER_CARD = 10, -30


@dataclass(frozen=True, slots=True)
class Pair:
    """A receipt and a line that fit, with the score; `tip_minor` is what the bank took beyond the printed total."""

    receipt: Receipt
    line: Line
    how: How
    score: int

    @property
    def tip_minor(self) -> int:
        """The tip that the bank's amount adds (MT-2)."""
        return self.line.amount_minor - self.receipt.amount_minor if self.how == "tip" else 0


def pair_of(receipt: Receipt, line: Line, aliases: Aliases = ()) -> Pair | None:
    """Return the pair with its score, or None when the two cannot be one purchase."""
    days = days_between(receipt, line)
    how = amounts_fit(receipt, line)
    if days is None or how is None:
        return None
    score = _AMOUNT[how] + _DAYS[days] + _merchant(receipt, line, aliases) + _card(receipt, line)
    return Pair(receipt, line, how, score)


def days_between(receipt: Receipt, line: Line) -> int | None:
    """Return by how many days the bank is later, by the nearer of its two dates; None when it is out of the window."""
    days = [(day - receipt.date).days for day in _dates(line)]
    inside = [one for one in days if EARLIEST <= one <= LATEST]
    return min(inside, key=abs, default=None)


def _dates(line: Line) -> tuple[date, ...]:
    return (line.date,) if line.authorized is None else (line.date, line.authorized)


def amounts_fit(receipt: Receipt, line: Line) -> How | None:
    """Return which amounts of the two fit, or None."""
    if receipt.currency != line.currency:
        return "original" if line.original == (receipt.amount_minor, receipt.currency) else None
    total, taken = receipt.amount_minor, line.amount_minor
    if taken == total:
        return "total"
    if receipt.cash_back_minor and taken == total + receipt.cash_back_minor:
        return "cash_back"
    if taken == -total and taken < 0:
        return "refund" if receipt.kind == "refund" else "turned"
    may_tip = (receipt.is_restaurant or line.is_restaurant) and not receipt.has_tip
    if may_tip and 0 < total < taken and taken * 100 <= total * MOST_WITH_TIP:
        return "tip"
    return None


def _merchant(receipt: Receipt, line: Line, aliases: Aliases) -> int:
    if not receipt.merchant or not line.merchants:
        return _NO_MERCHANT
    return round(_MERCHANT * max(likeness(one, receipt.merchant, aliases) for one in line.merchants))


def _card(receipt: Receipt, line: Line) -> int:
    if not receipt.last4 or not line.last4:
        return 0
    return _SAME_CARD if receipt.last4 == line.last4 else _OTHER_CARD
