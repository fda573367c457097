"""Stored rows as a `Ledger`: what every export of a person's books is written from.

Read in pages, the person first in every condition, inside one snapshot. Drafts are receipts that wait for their person;
those without an amount are in no file. Meant for a process of its own: a large ledger takes seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, time
from decimal import Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa

from handlers.receipts.exports.ledger import (
    Account,
    AccountKind,
    Balance,
    Budget,
    Category,
    CategoryKind,
    Details,
    Entry,
    Item,
    Kind,
    Ledger,
    Picture,
    Rule,
    Split,
    State,
    TaxLine,
)
from handlers.receipts.exports.outside_ids import outside_id
from handlers.receipts.exports.receipt_facts import Facts, facts_of
from storage.receipts import budgets, categories, externals, rules, transactions
from storage.receipts.accounts import account
from storage.receipts.documents import document
from storage.receipts.ledger import transaction
from storage.receipts.line_items import Line, line_item, opened
from storage.receipts.receipts import WAITING, receipt
from storage.receipts.transactions import Transaction
from storage.work import Work

PAGE = 500
_NO_FACTS = Facts()
Blobs = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Books:
    """A person's ledger, and the blobs of its pictures by picture id."""

    ledger: Ledger
    blobs: Blobs


def stored_books(work: Work, person_id: int, start: date | None = None, end: date | None = None) -> Books:
    """Read the books of a person, of a half-open range of dates or whole."""
    return _Reading(work, person_id).books(start, end)


def stored_frame(work: Work, person_id: int) -> Ledger:
    """Read what entries refer to, without entries."""
    return _Reading(work, person_id).frame()


class _Reading:
    """One pass over a person's rows."""

    def __init__(self, work: Work, person_id: int) -> None:
        self._work, self._person = work, person_id
        self._blobs: dict[str, int] = {}
        self._tree: set[int] = set()
        self._names = {
            thing: externals.shown(work, person_id, thing) for thing in ("category", "account", "rule", "budget")
        }

    def books(self, start: date | None, end: date | None) -> Books:
        frame = self.frame()
        self._tree = {one.id for one in categories.of_person(self._work, self._person)}
        ledger = frame.with_entries(self._entries(start, end))
        return Books(ledger, self._blobs)

    def frame(self) -> Ledger:
        return Ledger(
            (),
            tuple(map(self._category, categories.of_person(self._work, self._person))),
            tuple(self._accounts()),
            tuple(map(self._rule, rules.of_person(self._work, self._person))),
            tuple(map(self._budget, budgets.of_person(self._work, self._person))),
        )

    def _name(self, thing: str, row_id: int | None) -> str | None:
        if not row_id:
            return None
        return self._names[thing].get(row_id) or outside_id(thing, row_id)

    def _named(self, thing: str, row_id: int) -> str:
        return self._names[thing].get(row_id) or outside_id(thing, row_id)

    # -- the frame: categories, accounts, rules, budgets -------------------------------------------------------------

    def _category(self, row: categories.Category) -> Category:
        return Category(
            self._named("category", row.id), row.name, self._name("category", row.parent_id), CategoryKind(row.kind),
            row.icon or "", row.colour or "", row.hidden, row.key or "",
        )  # fmt: skip

    def _accounts(self) -> Iterator[Account]:
        mine = sa.select(account).where(account.c.person_id == self._person).order_by(account.c.id)
        seal = self._work.seal
        for row in self._work.rows(mine):
            balance = None
            if row.balance_minor is not None and row.currency and row.balance_at is not None:
                balance = Balance(row.balance_minor, row.currency, row.balance_at)
            last4 = seal.open(row.last4).decode() if row.last4 else ""
            name = seal.open(row.name).decode()
            yield Account(self._named("account", row.id), name, AccountKind(row.kind), last4, balance)

    def _rule(self, row: rules.Rule) -> Rule:
        return Rule(
            self._named("rule", row.id), row.pattern, row.kind == "text", self._name("category", row.category_id),
            row.rename or "", row.tags,
        )  # fmt: skip

    def _budget(self, row: budgets.Budget) -> Budget:
        return Budget(
            self._named("budget", row.id), row.period, row.amount_minor, row.currency,
            self._name("category", row.category_id), row.rollover,
        )  # fmt: skip

    # -- entries -----------------------------------------------------------------------------------------------------

    def _entries(self, start: date | None, end: date | None) -> Iterator[Entry]:
        for ids in self._pages(start, end):
            stored = transactions.load_all(self._work, self._person, ids)
            backing = [one.receipt_id for one in stored if one.receipt_id and one.kind != "transfer"]
            shown = _Shown(self._work, self._person, backing)
            names = externals.shown(self._work, self._person, "entry", [*backing, *ids])
            for one in stored:
                yield self._entry(one, shown, names)
        yield from self._drafts(start, end)

    def _pages(self, start: date | None, end: date | None) -> Iterator[list[int]]:
        t = transaction.c
        bounds = [t.date >= start] if start else []
        bounds += [t.date < end] if end else []
        search = sa.select(t.date, t.id).where(t.person_id == self._person, *bounds).order_by(t.date, t.id).limit(PAGE)
        rows = self._work.rows(search)
        while rows:
            yield [row.id for row in rows]
            last = rows[-1]
            after = sa.or_(t.date > last.date, sa.and_(t.date == last.date, t.id > last.id))
            rows = self._work.rows(search.where(t.date >= last.date, after)) if len(rows) == PAGE else []

    def _entry(self, one: Transaction, shown: _Shown, names: Mapping[int, str]) -> Entry:
        receipt_id = one.receipt_id if one.kind != "transfer" else None
        thing, row_id = ("receipt", receipt_id) if receipt_id else ("entry", one.id)
        seen = shown.of(receipt_id)
        return Entry(
            id=names.get(row_id) or outside_id(thing, row_id),
            date=one.date,
            merchant=one.merchant or "",
            amount_minor=one.amount_minor,
            currency=one.currency,
            updated_at=one.updated_at,
            kind=Kind(one.kind),
            state=State(one.state),
            description=one.description or "",
            category_id=self._name("category", None if one.split else one.category_id),
            account_id=self._name("account", one.account_id),
            tags=one.tags,
            note=one.note or "",
            splits=tuple(Split(part.amount_minor, self._name("category", part.category_id)) for part in one.parts),
            **self._from_receipt(seen, one.minute),
        )

    def _from_receipt(self, seen: _Receipt, minute: int | None) -> dict[str, Any]:
        details = seen.facts.details
        if minute is not None and (details is None or details.time is None):
            details = replace(details or Details(), time=time(minute // 60, minute % 60))
        self._blobs |= seen.blobs
        return {
            "receipt_code": seen.code,
            "tip_minor": seen.facts.tip_minor,
            "taxes": tuple(_tax(line) for line in seen.lines if line.kind == "tax" and line.amount_minor is not None),
            "items": tuple(self._item(line) for line in seen.lines if line.kind == "item"),
            "pictures": seen.pictures,
            "details": details,
        }

    def _item(self, line: Line) -> Item:
        category = self._name("category", line.category_id)
        return Item(line.text, line.amount_minor or 0, _decimal(line.quantity), line.unit_minor, None, category)

    def _drafts(self, start: date | None, end: date | None) -> Iterator[Entry]:
        r = receipt.c
        search = (
            sa.select(receipt)
            .where(r.person_id == self._person, r.state.in_(WAITING), r.total_minor.is_not(None))
            .where(r.currency.is_not(None))
            .order_by(r.id)
        )
        rows = self._work.rows(search)
        shown = _Shown(self._work, self._person, [row.id for row in rows])
        names = externals.shown(self._work, self._person, "entry", [row.id for row in rows])
        for row in rows:
            day = row.date or row.created_at.date()
            if (start is None or day >= start) and (end is None or day < end):
                yield self._draft(row, day, shown.of(row.id), names.get(row.id))

    def _draft(self, row: sa.Row[Any], day: date, seen: _Receipt, name: str | None) -> Entry:
        return Entry(
            id=name or outside_id("receipt", row.id),
            date=day,
            merchant=seen.facts.merchant,
            amount_minor=row.total_minor,
            currency=row.currency,
            updated_at=row.state_at,
            kind=seen.facts.kind,
            state=State.DRAFT,
            description=seen.facts.description,
            category_id=self._name(
                "category", seen.facts.category_id if seen.facts.category_id in self._tree else None
            ),
            tags=seen.facts.tags,
            note=seen.facts.note,
            **self._from_receipt(seen, row.minute),
        )


@dataclass(frozen=True, slots=True)
class _Receipt:
    """What stands behind an entry."""

    code: str = ""
    facts: Facts = _NO_FACTS
    lines: tuple[Line, ...] = ()
    pictures: tuple[Picture, ...] = ()
    blobs: Blobs = field(default_factory=dict)


_NONE = _Receipt()


class _Shown:
    """The receipts of a page of entries, with their lines and pictures."""

    def __init__(self, work: Work, person_id: int, ids: Sequence[int]) -> None:
        self._receipts: dict[int, _Receipt] = {}
        if not ids:
            return
        lines = self._lines(work, person_id, ids)
        pictures = self._pictures(work, person_id, ids)
        mine = (receipt.c.person_id + 0 == person_id, receipt.c.id.in_(ids))
        for row in work.rows(sa.select(receipt.c.id, receipt.c.code, receipt.c.fields).where(*mine)):
            facts = facts_of(work.seal.open(row.fields))
            pages = pictures.get(row.id, [])
            self._receipts[row.id] = _Receipt(
                row.code, facts, tuple(lines.get(row.id, ())), tuple(page for page, _ in pages),
                {page.id: blob for page, blob in pages},
            )  # fmt: skip

    def of(self, receipt_id: int | None) -> _Receipt:
        return self._receipts.get(receipt_id or 0, _NONE)

    @staticmethod
    def _lines(work: Work, person_id: int, ids: Sequence[int]) -> dict[int, list[Line]]:
        found: dict[int, list[Line]] = {}
        mine = (line_item.c.person_id == person_id, line_item.c.receipt_id.in_(ids))
        for row in work.rows(sa.select(line_item).where(*mine).order_by(line_item.c.receipt_id, line_item.c.seq)):
            found.setdefault(row.receipt_id, []).append(opened(work, row))
        return found

    @staticmethod
    def _pictures(work: Work, person_id: int, ids: Sequence[int]) -> dict[int, list[tuple[Picture, int]]]:
        found: dict[int, list[tuple[Picture, int]]] = {}
        mine = (document.c.person_id == person_id, document.c.receipt_id.in_(ids))
        order = (document.c.receipt_id, document.c.page_order, document.c.id)
        rows = work.rows(sa.select(document).where(*mine).order_by(*order))
        names = externals.shown(work, person_id, "picture", [row.id for row in rows]) if rows else {}
        for row in rows:
            name = names.get(row.id) or outside_id("picture", row.id)
            found.setdefault(row.receipt_id, []).append((Picture(name, row.media_type, "", row.size), row.blob_id))
        return found


def _tax(line: Line) -> TaxLine:
    rate = None if line.rate_basis_points is None else (Decimal(line.rate_basis_points) / 100).normalize()
    return TaxLine(line.amount_minor or 0, line.text, rate and Decimal(f"{rate:f}"), line.base_minor)


def _decimal(text: str | None) -> Decimal | None:
    try:
        number = Decimal(text.replace(",", ".")) if text else None
    except InvalidOperation:
        return None
    return number if number is None or number.is_finite() else None
