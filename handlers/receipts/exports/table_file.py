"""A table of movements as banks and programs write it (CAP-12): which column is what, guessed, shown, corrected.

    read_table(content, frame, "USD", Understanding()).ledger

A heading tells a column, else its content does. In a table where most amounts are above nought they were spent, else
minus was; columns of debits and credits need no guess. An entry's id is that of the table, or made of its content, so
that the same table twice is one.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from bot.core.cells import unguarded
from bot.core.fold import fold
from handlers.receipts.currencies import exponent, format_amount, is_currency, to_minor
from handlers.receipts.exports.ledger import Entry, Kind, Ledger, State
from handlers.receipts.exports.plain_text import one_line, shortened
from handlers.receipts.exports.tables import COLUMNS

MOST_ROWS, MOST_COLUMNS, LONGEST_NAME = 50_000, 60, 200
_SAMPLE = 200
_MOSTLY, _SPENT_ABOVE_NOUGHT = 0.8, 0.7
_ORDERS = ("ymd", "mdy", "dmy")
_NUMBERS = re.compile(r"(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})(?:[T ,].*)?", re.ASCII)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_AMOUNT = re.compile(
    r"[-+(]?\s*[^\d\s.,()+-]{0,4}\s*[-+]?\s*(\d[\d.,' ]*|[.,]\d+)\s*[^\d\s.,()+-]{0,4}\s*(\)|-|cr|dr)?", re.I
)
_BACK = frozenset({"refund", "returned", "reversal", "reversed", "cashback", "chargeback"})
_OLDEST = 1950


class TableFileError(ValueError):
    """The file is no table that can be read: `code` is `unreadable`, `no_columns` or `too_large`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Understanding:
    """What is known of a table: columns by what they are, the order of dates, whether above nought means spent."""

    columns: Mapping[str, int] = field(default_factory=dict)
    date_order: str = ""
    flipped: bool | None = None


@dataclass(frozen=True, slots=True)
class TableFile:
    """A table that was read: its entries, how it was understood, and how many rows could not be."""

    ledger: Ledger
    headings: tuple[str, ...]
    understood: Understanding
    refused: int
    example: str = ""

    def told(self) -> dict[str, Any]:
        """Return the fields of `BooksRead` that are about tables."""
        return {
            "refused": self.refused,
            "columns": dict(self.understood.columns),
            "headings": [shortened(one, 40) for one in self.headings],
            "date_order": self.understood.date_order,
            "flipped": bool(self.understood.flipped),
            "example": self.example,
        }


def read_table(content: bytes, frame: Ledger, currency: str, known: Understanding) -> TableFile:
    """Read a table into entries; `frame` has the categories and accounts that its names may mean."""
    rows = _rows(content)
    headings, body = _headed(rows)
    columns = dict(known.columns) or _columns(headings, body)
    if "date" not in columns or not columns.keys() & {"amount", "debit", "credit"}:
        raise TableFileError("no_columns")
    order = known.date_order or _order([_cell(row, columns, "date") for row in body])
    ours = [fold(one) for one in headings] == COLUMNS
    flipped = known.flipped if known.flipped is not None else not ours and _is_spending(body, columns, currency)
    reading = _Rows(columns, frame, currency, order, flipped=flipped, ours=ours)
    entries = [entry for row in body if (entry := reading.entry(row)) is not None]
    ledger = frame.with_entries(entries)
    return TableFile(
        ledger, tuple(headings), Understanding(columns, order, flipped), len(body) - len(entries), _example(entries)
    )


def _example(entries: Sequence[Entry]) -> str:
    if not entries:
        return ""
    one = entries[0]
    return (
        f"{one.date:%b} {one.date.day} {one.date.year}, {one.merchant}, {format_amount(one.amount_minor, one.currency)}"
    )


# -- rows and columns ----------------------------------------------------------------------------------------------


def _rows(content: bytes) -> list[list[str]]:
    text = _decoded(content)
    first = text[:10_000]
    delimiter = max(",;\t|", key=lambda mark: sum(line.count(mark) for line in first.splitlines()[:20]))
    try:
        read = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        rows = [[cell.strip() for cell in row[:MOST_COLUMNS]] for row in read if any(map(str.strip, row))]
    except csv.Error as error:
        raise TableFileError("unreadable") from error
    if not rows or max(map(len, rows)) < 2:
        raise TableFileError("unreadable")
    if len(rows) > MOST_ROWS:
        raise TableFileError("too_large")
    return rows


def _decoded(content: bytes) -> str:
    if b"\0" in content:
        raise TableFileError("unreadable")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _headed(rows: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Return headings and body; what stands above the headings (a bank's letterhead) goes."""
    for at, row in enumerate(rows[:20]):
        if sum(1 for cell in row if _meaning(cell)) >= 2:
            return row, rows[at + 1 :]
    width = max(map(len, rows))
    return [f"Column {number}" for number in range(1, width + 1)], rows


@cache
def _meanings() -> Mapping[str, str]:
    table = tomllib.loads(Path(__file__).with_name("table_columns.toml").read_text("utf-8"))
    found: dict[str, str] = {}
    for what, headings in table.items():
        for heading in headings:
            found.setdefault(heading, what)
    return found


def _meaning(heading: str) -> str | None:
    return _meanings().get(fold(heading).strip(" :*"))


def _columns(headings: Sequence[str], body: Sequence[Sequence[str]]) -> dict[str, int]:
    """Guess which column is what: by headings first, then dates, amounts and the longest text by content."""
    columns: dict[str, int] = {}
    if [fold(one) for one in headings] == COLUMNS:
        return {name: at for at, name in enumerate(COLUMNS) if name in _meanings().values()}
    for at, heading in enumerate(headings):
        what = _meaning(heading)
        if what is not None:
            columns.setdefault(what, at)
    sample = body[:_SAMPLE]
    free = [at for at in range(len(headings)) if at not in columns.values()]
    if "date" not in columns:
        _guess(columns, "date", free, sample, lambda cell: any(_date(cell, order) for order in _ORDERS))
    if not columns.keys() & {"amount", "debit", "credit"}:
        _guess(columns, "amount", free, sample, lambda cell: _minor(cell, "USD") is not None)
    if "merchant" not in columns:
        rest = [at for at in free if at not in columns.values()]
        length = {at: sum(len(_at(row, at)) for row in sample) for at in rest}
        if length and max(length.values()):
            columns["merchant"] = max(rest, key=lambda at: length[at])
    return columns


def _guess(columns: dict[str, int], what: str, free: Sequence[int], sample: Sequence[Sequence[str]], fits: Any) -> None:
    for at in free:
        cells = [cell for row in sample if (cell := _at(row, at))]
        if at not in columns.values() and cells and sum(map(fits, cells)) >= _MOSTLY * len(cells):
            columns[what] = at
            return


def _at(row: Sequence[str], at: int) -> str:
    return row[at] if 0 <= at < len(row) else ""


def _cell(row: Sequence[str], columns: Mapping[str, int], what: str) -> str:
    return _at(row, columns[what]) if what in columns else ""


# -- dates and amounts ---------------------------------------------------------------------------------------------


def _order(cells: Sequence[str]) -> str:
    """Return the order of dates in which most cells are dates; month first where two do."""
    seen = [cell for cell in cells if cell][:5_000]
    fits = {order: sum(1 for cell in seen if _date(cell, order)) for order in _ORDERS}
    return max(_ORDERS, key=lambda order: fits[order])


def _date(cell: str, order: str) -> date | None:
    found = _COMPACT.fullmatch(cell) or _NUMBERS.fullmatch(cell)
    if found is None:
        return _spelled(cell)
    parts = dict(zip("ymd" if len(found[1]) == 4 else order, map(int, found.groups()), strict=True))
    if parts["y"] < 100:
        parts["y"] += 2000
    try:
        return date(parts["y"], parts["m"], parts["d"]) if _OLDEST <= parts["y"] <= 2200 else None
    except ValueError:
        return None


def _spelled(cell: str) -> date | None:
    for form in ("%d %b %Y", "%d-%b-%Y", "%b %d, %Y", "%b %d %Y", "%d %B %Y", "%B %d, %Y", "%d-%b-%y"):
        try:
            return datetime.strptime(cell, form).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    return None


def _minor(cell: str, currency: str) -> int | None:
    """Return an amount in minor units; the last mark with other than three digits behind it is the decimal one."""
    found = _AMOUNT.fullmatch(cell.strip())
    if found is None or not re.search(r"\d", found[1]):
        return None
    digits = re.sub(r"[' ]", "", found[1])
    mark = max(digits.rfind("."), digits.rfind(","))
    behind = len(digits) - mark - 1
    grouped = mark >= 0 and behind == 3 and exponent(currency) != 3 and not digits.startswith("0")
    thousands = grouped or (mark >= 0 and digits.count(digits[mark]) > 1)
    whole, part = (digits, "") if mark < 0 or thousands else (digits[:mark], digits[mark + 1 :])
    plain = re.sub(r"\D", "", whole) or "0"
    try:
        amount = to_minor(f"{plain}.{part or '0'}", currency)
    except ValueError:
        return None
    minus = cell.strip()[0] in "-(" or (found[2] or "").lower() in (")", "-", "dr") or re.match(r"\D*-", cell.strip())
    return -amount if minus else amount


def _is_spending(body: Sequence[Sequence[str]], columns: Mapping[str, int], currency: str) -> bool:
    """Say whether amounts above nought were spent: where there are hardly any others."""
    if "amount" not in columns:
        return False
    amounts = [amount for row in body if (amount := _minor(_cell(row, columns, "amount"), currency))]
    return bool(amounts) and sum(1 for one in amounts if one > 0) >= _SPENT_ABOVE_NOUGHT * len(amounts)


# -- entries -------------------------------------------------------------------------------------------------------


class _Rows:
    """Reads rows whose columns are known."""

    def __init__(
        self, columns: Mapping[str, int], frame: Ledger, currency: str, order: str, *, flipped: bool, ours: bool
    ) -> None:
        self._columns, self._currency, self._order = columns, currency, order
        self._flipped, self._ours = flipped, ours
        self._seen: Counter[str] = Counter()
        paths = {fold(frame.category_name(one.id)): one.id for one in frame.categories}
        self._categories = {fold(one.name): one.id for one in reversed(frame.categories)} | paths
        self._accounts = {fold(one.name): one.id for one in reversed(frame.accounts)}

    def entry(self, row: Sequence[str]) -> Entry | None:
        """Return the entry of a row; None when it has no date or no amount."""
        day = _date(self._cell(row, "date"), self._order)
        code = self._cell(row, "currency").upper()
        currency = code if is_currency(code) else self._currency
        amount = self._amount(row, currency)
        if day is None or amount is None:
            return None
        merchant = shortened(self._cell(row, "merchant"), LONGEST_NAME)
        content = f"{day}|{amount}|{currency}|{merchant}"
        self._seen[content] += 1
        made = hashlib.blake2b(f"{content}|{self._seen[content]}".encode(), digest_size=12).hexdigest()
        return Entry(
            id=shortened(self._cell(row, "id"), 100) or f"csv_{made}",
            date=day,
            merchant=merchant,
            amount_minor=amount,
            currency=currency,
            updated_at=datetime(day.year, day.month, day.day, tzinfo=UTC),
            kind=self._kind(row, amount, merchant),
            state=self._state(row),
            description=shortened(self._cell(row, "description"), LONGEST_NAME),
            category_id=self._category(row),
            account_id=self._accounts.get(fold(self._cell(row, "account"))),
            tags=tuple(tag for part in self._cell(row, "tags").split(",") if (tag := one_line(part).lstrip("#"))),
            note=self._cell(row, "note"),
        )

    def _cell(self, row: Sequence[str], what: str) -> str:
        return unguarded(_cell(row, self._columns, what))

    def _amount(self, row: Sequence[str], currency: str) -> int | None:
        if self._columns.keys() & {"debit", "credit"}:
            out = _minor(_cell(row, self._columns, "debit"), currency)
            back = _minor(_cell(row, self._columns, "credit"), currency)
            if out is not None or back is not None:
                return abs(out or 0) - abs(back or 0)
        amount = _minor(_cell(row, self._columns, "amount"), currency)
        return amount if amount is None or self._flipped else -amount

    def _kind(self, row: Sequence[str], amount: int, merchant: str) -> Kind:
        named = self._cell(row, "kind").lower()
        if named in {kind.value for kind in Kind}:
            return Kind(named)
        if amount >= 0:
            return Kind.EXPENSE
        return Kind.REFUND if _BACK & set(fold(merchant).split()) else Kind.INCOME

    def _state(self, row: Sequence[str]) -> State:
        named = self._cell(row, "state").lower()
        known = {state.value for state in State if state is not State.DRAFT}
        return State(named) if self._ours and named in known else State.POSTED

    def _category(self, row: Sequence[str]) -> str | None:
        name, parent = self._cell(row, "category"), self._cell(row, "parent")
        path = f"{parent} > {name}" if parent else name
        return self._categories.get(fold(path)) or self._categories.get(fold(name))
