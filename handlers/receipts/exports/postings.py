"""Double entry: what an entry moves between the accounts of the chart; the amounts of one entry add up to nothing.

Each part goes to its category without its share of the tax, the tax to an account of its own, and the whole comes out
of the account it was paid from. A tax that cannot be a part of the amount (another sign, or more than all of it) is a
misreading and stays inside the categories.
"""

from __future__ import annotations

from dataclasses import dataclass

from handlers.receipts.exports.chart import TAX, Chart
from handlers.receipts.exports.ledger import Entry


@dataclass(frozen=True, slots=True)
class Posting:
    """An amount, in minor units of the entry's currency, that an account receives (or, below nought, gives)."""

    account: str
    amount_minor: int


def postings(entry: Entry, chart: Chart) -> tuple[Posting, ...]:
    """Return two or more postings that add up to nothing; those of one account are one."""
    tax = _tax(entry)
    sums: dict[str, int] = {}
    for part, share in zip(entry.parts, _shares(tax, [part.amount_minor for part in entry.parts]), strict=True):
        name = chart.category(part.category_id, entry.kind)
        sums[name] = sums.get(name, 0) + part.amount_minor - share
    if tax:
        sums[TAX] = sums.get(TAX, 0) + tax
    moved = [Posting(name, amount) for name, amount in sums.items() if amount] or [Posting(next(iter(sums)), 0)]
    return (*moved, Posting(chart.account(entry.account_id), -entry.amount_minor))


def _tax(entry: Entry) -> int:
    tax, amount = entry.tax_minor, entry.amount_minor
    return tax if 0 < tax <= amount or amount <= tax < 0 else 0


def _shares(tax: int, amounts: list[int]) -> list[int]:
    """Spread a tax over the parts of its sign in proportion; what rounding leaves goes to the largest."""
    bearing = [amount if (amount > 0) == (tax > 0) else 0 for amount in amounts]
    whole = sum(bearing)
    if not tax or not whole:
        return [0] * len(amounts)
    shares = [abs(tax) * abs(amount) // abs(whole) * (1 if tax > 0 else -1) for amount in bearing]
    largest = max(range(len(bearing)), key=lambda index: abs(bearing[index]))
    shares[largest] += tax - sum(shares)
    return shares
