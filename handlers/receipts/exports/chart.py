"""The chart of accounts: names for categories and accounts that beancount accepts, one for each, the same every time.

    category Groceries > Supermarket   Expenses:Groceries:Supermarket    (Income:..., Equity:Transfers:... by its kind)
    card ending 4421                   Liabilities:Card:4421
    bank account "Chequing", 9876      Assets:Bank:Chequing-9876
    cash                               Assets:Cash
    no account                         Assets:Unassigned

A part of a name starts with a capital letter or a digit and holds letters, digits and hyphens of any script. Where two
names would become one, the one with the later id gets a number. hledger's names are these in lower case.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field

from handlers.receipts.exports.ledger import Account, AccountKind, Category, CategoryKind, Kind, Ledger
from handlers.receipts.exports.plain_text import one_line

TAX = "Expenses:Tax:Sales"
UNASSIGNED = "Assets:Unassigned"
_ROOTS = {
    CategoryKind.EXPENSE: "Expenses",
    CategoryKind.INCOME: "Income",
    CategoryKind.TRANSFER: "Equity:Transfers",
}
_UNCATEGORISED = {
    Kind.EXPENSE: "Expenses:Uncategorised",
    Kind.REFUND: "Expenses:Uncategorised",
    Kind.INCOME: "Income:Uncategorised",
    Kind.TRANSFER: "Equity:Transfers",
}
_APOSTROPHES = "'’`´"


@dataclass(frozen=True, slots=True)
class Chart:
    """Names by the ids of the ledger's categories and accounts."""

    _by_category: dict[str, str] = field(default_factory=dict)
    _by_account: dict[str, str] = field(default_factory=dict)

    def category(self, category_id: str | None, kind: Kind) -> str:
        """Return the name of a category; without one, the place for uncategorised entries of that kind."""
        return _UNCATEGORISED[kind] if category_id is None else self._by_category[category_id]

    def account(self, account_id: str | None) -> str:
        """Return the name of the account that money was paid from."""
        return UNASSIGNED if account_id is None else self._by_account[account_id]


def chart_of(ledger: Ledger) -> Chart:
    """Return the chart for all categories and accounts of a ledger."""
    taken: set[str] = set()
    categories: dict[str, str] = {}
    for category in sorted(ledger.categories, key=lambda one: (len(ledger.path(one.id)), one.id)):
        categories[category.id] = _free(_category_name(category, categories), taken)
    accounts = {account.id: _free(_account_name(account), taken) for account in ledger.accounts}
    return Chart(categories, accounts)


def _category_name(category: Category, named: dict[str, str]) -> str:
    parent = _ROOTS[category.kind] if category.parent_id is None else named[category.parent_id]
    return f"{parent}:{legal_part(category.name)}"


def _account_name(account: Account) -> str:
    match account.kind:
        case AccountKind.CASH:
            name = legal_part(account.name)
            return "Assets:Cash" if name in {"Cash", _NAMELESS} else f"Assets:Cash:{name}"
        case AccountKind.CARD:
            return f"Liabilities:Card:{legal_part(account.last4 or account.name)}"
        case AccountKind.BANK:
            return f"Assets:Bank:{legal_part(f'{account.name} {account.last4}')}"


def _free(name: str, taken: set[str]) -> str:
    free, number = name, 1
    while free.lower() in taken:
        number += 1
        free = f"{name}-{number}"
    taken.add(free.lower())
    return free


_NAMELESS = "X"


def legal_part(name: str) -> str:
    """Return a name as one part of an account's name: `Home-and-garden`, `Caf\u00e9`, `X-\u98df\u8cbb`."""
    kept = "".join(_kept(character) for character in one_line(name) if character not in _APOSTROPHES)
    parts = "-".join(kept.split())
    if not parts:
        return _NAMELESS
    capital = parts[0].upper()
    if unicodedata.category(capital[0]) in {"Lu", "Nd"}:
        return capital[0] + capital[1:].lower() + parts[1:]
    return f"{_NAMELESS}-{parts}"


def _kept(character: str) -> str:
    kind = unicodedata.category(character)
    if kind[0] == "M":
        return ""
    return character if kind[0] == "L" or kind == "Nd" else " "
