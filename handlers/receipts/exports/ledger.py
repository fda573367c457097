"""The ledger as a plain value: what every export is written from and what an import gives back.

Amounts are integers in the currency's smallest unit; positive = money spent, negative = money back, and `amount_minor`
already contains tax and tip. A ledger puts its parts in order (entries by date and id, the rest by id) and refuses what
no file could hold: a reference to nothing, a circle of categories, parts that do not add up (CAT-8).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from enum import StrEnum

from handlers.receipts.currencies import exponent


class Kind(StrEnum):
    """What a movement of money was."""

    EXPENSE = "expense"
    REFUND = "refund"
    INCOME = "income"
    TRANSFER = "transfer"


class State(StrEnum):
    """How far a movement has come: a draft waits for its person, a pending one for its bank."""

    DRAFT = "draft"
    PENDING = "pending"
    POSTED = "posted"
    VOID = "void"


class CategoryKind(StrEnum):
    """Which side of the books a category is on."""

    EXPENSE = "expense"
    INCOME = "income"
    TRANSFER = "transfer"


class AccountKind(StrEnum):
    """Where money is paid from."""

    CASH = "cash"
    CARD = "card"
    BANK = "bank"


@dataclass(frozen=True, slots=True)
class Category:
    """A node of the person's tree (section 6); `key` is its name in the default tree, when it came with that."""

    id: str
    name: str
    parent_id: str | None = None
    kind: CategoryKind = CategoryKind.EXPENSE
    icon: str = ""
    colour: str = ""
    hidden: bool = False
    key: str = ""


@dataclass(frozen=True, slots=True)
class Balance:
    """What a bank said an account held: positive = the person's money, negative = owed."""

    amount_minor: int
    currency: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Account:
    """Cash, a card or a bank account; never more of its number than the last four digits."""

    id: str
    name: str
    kind: AccountKind
    last4: str = ""
    balance: Balance | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a receipt; amounts in the entry's currency, as printed."""

    text: str
    amount_minor: int
    quantity: Decimal | None = None
    unit_price_minor: int | None = None
    tax_minor: int | None = None
    category_id: str | None = None


@dataclass(frozen=True, slots=True)
class TaxLine:
    """A tax that the total contains."""

    amount_minor: int
    label: str = ""
    rate_percent: Decimal | None = None
    base_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """A part of an entry with a category of its own; the parts add up to the entry."""

    amount_minor: int
    category_id: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page of a receipt; its bytes are fetched by the writers that need them (`PictureReader`)."""

    id: str
    media_type: str
    sha256: str = ""
    size_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Details:
    """What else a receipt says; amounts in the entry's currency."""

    address: str = ""
    phone: str = ""
    tax_id: str = ""
    number: str = ""
    time: time | None = None
    subtotal_minor: int | None = None
    discount_minor: int | None = None
    service_minor: int | None = None
    rounding_minor: int | None = None
    tendered_minor: int | None = None
    change_minor: int | None = None
    cash_back_minor: int | None = None
    payment_method: str = ""
    return_by: date | None = None
    warranty_until: date | None = None
    language: str = ""
    warranty: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement of money with the receipt behind it; `id` stays the same through every correction."""

    id: str
    date: date
    merchant: str
    amount_minor: int
    currency: str
    updated_at: datetime
    kind: Kind = Kind.EXPENSE
    state: State = State.POSTED
    description: str = ""
    category_id: str | None = None
    account_id: str | None = None
    tags: tuple[str, ...] = ()
    note: str = ""
    receipt_code: str = ""
    tip_minor: int = 0
    taxes: tuple[TaxLine, ...] = ()
    items: tuple[Item, ...] = ()
    splits: tuple[Split, ...] = ()
    pictures: tuple[Picture, ...] = ()
    details: Details | None = None

    def __post_init__(self) -> None:
        """Refuse an unknown currency, a moment without a zone, and parts that do not add up."""
        exponent(self.currency)
        if self.updated_at.tzinfo is None:
            raise ValueError(f"entry {self.id}: updated_at has no zone")
        if self.splits and sum(part.amount_minor for part in self.splits) != self.amount_minor:
            raise ValueError(f"entry {self.id}: its parts do not add up")

    @property
    def tax_minor(self) -> int:
        """The sum of the tax lines."""
        return sum(line.amount_minor for line in self.taxes)

    @property
    def parts(self) -> tuple[Split, ...]:
        """The splits, or the whole as one part."""
        return self.splits or (Split(self.amount_minor, self.category_id),)

    def category_ids(self) -> Iterable[str | None]:
        """Give every category that the entry, its parts and its items name."""
        yield self.category_id
        yield from (part.category_id for part in self.splits)
        yield from (item.category_id for item in self.items)


@dataclass(frozen=True, slots=True)
class Rule:
    """What the person taught: this merchant, or this text, means that category, name, tags."""

    id: str
    pattern: str
    on_text: bool = False
    category_id: str | None = None
    rename: str = ""
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Budget:
    """A limit per week or month for one category with its children, or for all."""

    id: str
    period: str
    limit_minor: int
    currency: str
    category_id: str | None = None
    rollover: bool = False


@dataclass(frozen=True, slots=True)
class Ledger:
    """Everything of one person that exports show. Raises ValueError for what does not fit together."""

    entries: tuple[Entry, ...] = ()
    categories: tuple[Category, ...] = ()
    accounts: tuple[Account, ...] = ()
    rules: tuple[Rule, ...] = ()
    budgets: tuple[Budget, ...] = ()
    _categories: dict[str, Category] = field(init=False, repr=False, compare=False, default_factory=dict)
    _accounts: dict[str, Account] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Put the parts in order and check that every reference leads somewhere."""
        object.__setattr__(self, "entries", tuple(sorted(self.entries, key=lambda entry: (entry.date, entry.id))))
        for name in ("categories", "accounts", "rules", "budgets"):
            object.__setattr__(self, name, tuple(sorted(getattr(self, name), key=lambda part: part.id)))
        for name in ("entries", "categories", "accounts", "rules", "budgets"):
            _unique(name, [part.id for part in getattr(self, name)])
        self._categories.update((category.id, category) for category in self.categories)
        self._accounts.update((account.id, account) for account in self.accounts)
        self._check_references()

    def _check_references(self) -> None:
        named = {category.parent_id for category in self.categories}
        named |= {rule.category_id for rule in self.rules} | {budget.category_id for budget in self.budgets}
        named |= {category_id for entry in self.entries for category_id in entry.category_ids()}
        if lost := named - {None} - self._categories.keys():
            raise ValueError(f"no such category: {min(filter(None, lost))}")
        if lost := {entry.account_id for entry in self.entries} - {None} - self._accounts.keys():
            raise ValueError(f"no such account: {min(filter(None, lost))}")
        for category in self.categories:
            self.path(category.id)

    def account(self, account_id: str | None) -> Account | None:
        """Return an account by its id."""
        return None if account_id is None else self._accounts[account_id]

    def category(self, category_id: str | None) -> Category | None:
        """Return a category by its id."""
        return None if category_id is None else self._categories[category_id]

    def path(self, category_id: str | None) -> tuple[Category, ...]:
        """Return a category with its ancestors, root first; nothing for no category."""
        found: list[Category] = []
        while category_id is not None:
            category = self._categories[category_id]
            if len(found) > len(self._categories):
                raise ValueError(f"categories in a circle: {category.id}")
            found.append(category)
            category_id = category.parent_id
        return tuple(reversed(found))

    def category_name(self, category_id: str | None) -> str:
        """Return "Groceries > Supermarket", or nothing for no category."""
        return " > ".join(category.name for category in self.path(category_id))

    def with_entries(self, entries: Iterable[Entry]) -> Ledger:
        """Return the ledger with these entries alone; categories, accounts and the rest stay whole."""
        return Ledger(tuple(entries), self.categories, self.accounts, self.rules, self.budgets)

    def between(self, first: date, end: date) -> Ledger:
        """Return the ledger of a half-open range of local dates (SUM-1)."""
        return self.with_entries(entry for entry in self.entries if first <= entry.date < end)


def _unique(what: str, ids: list[str]) -> None:
    if len(set(ids)) != len(ids):
        raise ValueError(f"two {what} with one id: {min(one for one in ids if ids.count(one) > 1)}")
