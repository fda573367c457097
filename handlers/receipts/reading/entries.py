"""Rows become entries: a label, what it means, and the amounts beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from handlers.receipts.reading.amounts import Amount, amounts_in
from handlers.receipts.reading.labels import NO_LABEL, Label, label_of, plain_words
from handlers.receipts.reading.rows import Cell, Row

SUMMARY = frozenset({"total", "subtotal", "tax", "service", "tip", "rounding", "tendered", "change", "cash_back"})
_SECTION_ROWS, _TIP_ROWS = 9, 4
_FOOTER = re.compile(r"thank|goods sold|please|welcome|visit|come again|www\.|refund|exchange")
_NET = re.compile(r"^\W*nett? ?(?:amount|amt)")
_TAIL = re.compile(r"^\W*[A-Za-z*]{0,3}\d?\W*$")


@dataclass(frozen=True, slots=True)
class Value:
    """An amount with the cell that it stands in."""

    amount: Amount
    cell: Cell

    @property
    def minor(self) -> int:
        """Return the minor units as read."""
        return self.amount.minor

    @property
    def is_money(self) -> bool:
        """Say whether it is printed as money."""
        return self.amount.is_money


@dataclass(frozen=True, slots=True)
class Entry:
    """One label with its amounts; `row` counts rows from the top, `in_tax_section` marks lines of a tax summary."""

    row: int
    text: str
    label: Label
    values: tuple[Value, ...]
    height: float
    in_tax_section: bool = False
    borrowed: bool = False

    @property
    def money(self) -> tuple[Value, ...]:
        """Return the amounts printed as money."""
        return tuple(value for value in self.values if value.is_money)

    @property
    def last(self) -> Value | None:
        """Return the rightmost amount printed as money."""
        return self.money[-1] if self.money else None


def entries_of(rows: Sequence[Row], exponent: int, *, whole_is_money: bool) -> list[Entry]:
    """Return the entries of all rows, from top to bottom and left to right."""
    entries: list[Entry] = []
    for number, row in enumerate(rows):
        for text, values in _segments(row, exponent, whole_is_money=whole_is_money):
            entries.append(Entry(number, text, label_of(text), values, row.height))
    return _with_net_totals(_with_tip_tables(_with_sections(_with_borrowed(entries))))


def _segments(row: Row, exponent: int, *, whole_is_money: bool) -> list[tuple[str, tuple[Value, ...]]]:
    """Split a row where a new label follows an amount: `Item 4  SubTotal 30.00  Saving 3.80`."""
    segments: list[tuple[list[str], list[Value]]] = [([], [])]
    for cell in row.cells:
        amounts = amounts_in(cell.text, exponent, whole_is_money=whole_is_money)
        cursor = 0
        for amount in [*amounts, None]:
            words = cell.text[cursor : amount.start if amount else len(cell.text)]
            if segments[-1][1] and _starts_label(words, after_money=any(v.is_money for v in segments[-1][1])):
                segments.append(([], []))
            segments[-1][0].append(words)
            if amount is not None:
                segments[-1][1].append(Value(amount, cell))
                cursor = amount.end
        segments[-1][0].append(" ")
    return [(re.sub(r"\s+", " ", " ".join(words)).strip(), tuple(values)) for words, values in segments]


def _starts_label(words: str, *, after_money: bool) -> bool:
    """Say whether words begin a new label; after a bare number only a label of the sums does."""
    if sum(c.isalpha() for c in words) < 3 or _TAIL.match(words):
        return False
    label = label_of(words)
    return label is not NO_LABEL and (after_money or label.name in SUMMARY)


def _with_borrowed(entries: list[Entry]) -> list[Entry]:
    """Give a total that has no amount the lone amount of the next row."""
    result = list(entries)
    for at, entry in enumerate(entries[:-1]):
        following = entries[at + 1]
        if (
            entry.label.name not in {"total", "subtotal", "tax", "tendered"}
            or entry.values
            or following.row != entry.row + 1
        ):
            continue
        alone = at + 2 >= len(entries) or entries[at + 2].row != following.row
        if alone and following.label is NO_LABEL and following.money and sum(c.isalpha() for c in following.text) <= 3:
            result[at] = Entry(entry.row, entry.text, entry.label, following.values, following.height, borrowed=True)
    return result


def _with_tip_tables(entries: list[Entry]) -> list[Entry]:
    """Take what stands below the heading of suggested tips, and tells a percentage or a tip, for suggestions too."""
    result, until = [], -1
    for entry in entries:
        if entry.label.name == "tip_hint":
            until = entry.row + _TIP_ROWS
        elif entry.row <= until and re.search(r"\d\s?[%:]|\btip\b", entry.text, re.I):
            entry = replace(entry, label=Label("tip_hint"))
        result.append(entry)
    return result


def _with_net_totals(entries: list[Entry]) -> list[Entry]:
    """Take a net amount below the taxes that is no less than the sums above it for what is to be paid."""
    result, highest, taxed = [], 0, False
    for entry in entries:
        amount = entry.last.minor if entry.last and not entry.in_tax_section else 0
        if entry.label.name == "subtotal" and taxed and amount >= highest > 0 and _NET.search(plain_words(entry.text)):
            entry = replace(entry, label=Label("total", 90))
        if entry.label.name in {"subtotal", "total"}:
            highest = max(highest, amount)
        taxed = taxed or (entry.label.name == "tax" and amount > 0)
        result.append(entry)
    return result


def _with_sections(entries: list[Entry]) -> list[Entry]:
    """Mark the lines of tax summaries: from their heading to the footer or to a line of tender."""
    result, until = [], -1
    for entry in entries:
        words = plain_words(entry.text)
        if entry.label.name == "tax_section":
            until = entry.row + _SECTION_ROWS
        elif _FOOTER.search(words) or (
            entry.label.name in {"tendered", "change", "rounding"} and len(entry.money) == 1
        ):
            until = -1
        inside = entry.row <= until
        result.append(Entry(entry.row, entry.text, entry.label, entry.values, entry.height, inside, entry.borrowed))
    return result
