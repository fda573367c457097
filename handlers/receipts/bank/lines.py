"""From the vendor's words to a statement for the books: amount, kind, merchant, category (BNK-4, BNK-7, PLD-2)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from bot.core.calls.plaid import BankTransaction
from handlers.receipts.categories import decide, learning
from handlers.receipts.categories.tree import Tree
from handlers.receipts.currencies import exponent, is_currency, to_minor
from handlers.receipts.matching import Line, original_amount
from handlers.receipts.merchants import display_name, merchant_key
from handlers.receipts.owner import Owner
from storage.receipts.bank_lines import BankLine, Statement
from storage.work import Work

_DATA = Path(__file__).parents[1] / "data" / "bank.toml"


@cache
def table() -> Mapping[str, Any]:
    """Return what the vendor's categories mean."""
    return tomllib.loads(_DATA.read_text("utf-8"))


@cache
def _transfer_words() -> re.Pattern[str]:
    return re.compile("|".join(table()["transfer_words"]), re.IGNORECASE)


def kind_of(amount_minor: int, category: str, name: str) -> str:
    """Return the ledger's kind of a line; a positive amount is money out (BNK-4)."""
    if _is(category, "transfer") or (not category and _transfer_words().search(name)):
        return "transfer"
    if amount_minor >= 0:
        return "expense"
    return "income" if _is(category, "income") else "refund"


def is_restaurant(category: str) -> bool:
    """Tell whether a line is of a place where tips are added."""
    return _is(category, "restaurant")


def _is(category: str, what: str) -> bool:
    return any(category.startswith(one) for one in table()[what])


def own_key(category: str) -> str | None:
    """Return the key of the default tree for a vendor's category: of the longest name that it begins with."""
    known: Mapping[str, str] = table()["categories"]
    found = max((one for one in known if category.startswith(one)), key=len, default=None)
    return None if found is None else known[found]


@dataclass(slots=True)
class Reader:
    """Reads the lines of one sync; what it learns of a merchant holds for all its lines."""

    work: Work
    owner: Owner
    linked_on: date
    accounts: Mapping[str, int]
    skipped: int = 0
    _tree: Tree | None = None
    _merchants: dict[str, tuple[str | None, int | None, str]] = field(default_factory=dict)

    def read(self, lines: Iterable[BankTransaction]) -> list[Statement]:
        """Return the statements of these lines; `skipped` counts those without a date or a currency that we know."""
        found = [self.statement(line) for line in lines]
        self.skipped += sum(one is None for one in found)
        return [one for one in found if one is not None]

    def statement(self, line: BankTransaction) -> Statement | None:
        """Return a line as the books take it, None when its amount or date cannot be read."""
        currency = line.currency or ""
        try:
            if not is_currency(currency):
                return None
            amount, day = to_minor(line.amount, currency), date.fromisoformat(line.date)
            authorized = date.fromisoformat(line.authorized_date) if line.authorized_date else None
        except ValueError:
            return None
        kind = kind_of(amount, line.category, line.name)
        merchant, key, category, reason = self._known(line, kind)
        return Statement(
            vendor_id=line.transaction_id, date=day, amount_minor=amount, currency=currency,
            exponent=exponent(currency), kind=kind, pending=line.pending, replaces=line.replaces,
            account_id=self.accounts.get(line.account_id), name=line.name[:200], merchant=merchant, merchant_key=key,
            authorized=authorized, detail=line.category[:80], category_id=category, reason=reason,
            is_history=day < self.linked_on,
        )  # fmt: skip

    def _known(self, line: BankTransaction, kind: str) -> tuple[str | None, str | None, int | None, str]:
        name = display_name(line.merchant or line.name) if line.merchant or line.name else None
        key = merchant_key(name) if name else None
        at = f"{kind} {key} {line.category}"
        if at not in self._merchants:
            self._merchants[at] = self._decided(name, key, kind, line.category)
        shown, category, reason = self._merchants[at]
        return shown, key, category, reason

    def _decided(
        self, name: str | None, key: str | None, kind: str, category: str
    ) -> tuple[str | None, int | None, str]:
        work, owner = self.work, self.owner
        self._tree = self._tree or learning.own_tree(work, owner.id, owner.locale)
        if name is not None and key is not None:
            name = learning.merchant_name(work, owner.id, key, name)
        if kind in ("income", "transfer"):
            return name, self._tree.by_key("income") if kind == "income" else None, "kind"
        decision = decide(name, rules=learning.own_rules(work, owner.id, key), merchant_key=key)
        own = learning.own_category(self._tree, decision)
        by_bank = own_key(category) if decision.reason.kind == "none" else None
        if by_bank is not None:
            return name, self._tree.by_key(by_bank), f"bank:{category}"[:60]
        return name, own, str(decision.reason)


def to_match(line: BankLine, last4: str | None) -> Line:
    """Return a stored line as the matching rules see it."""
    keys = (merchant_key(line.name) if line.name else None, line.written.merchant_key)
    return Line(
        id=line.id, date=line.date, amount_minor=line.amount_minor, currency=line.currency,
        merchants=tuple(dict.fromkeys(key for key in keys if key)), authorized=line.authorized,
        original=original_amount(line.name, line.currency), is_restaurant=is_restaurant(line.detail), last4=last4,
    )  # fmt: skip


def may_match(line: BankLine) -> bool:
    """Tell whether a line can have a receipt: transfers and income have none."""
    return line.is_alive and line.written.kind in ("expense", "refund")


def shown_name(line: BankLine) -> str:
    """Return how a line is called to a person."""
    return line.written.merchant or line.name or "?"
