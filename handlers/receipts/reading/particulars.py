"""The small print: card digits, numbers, telephone, tax id, return day and warranty."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import TypeVar

from handlers.receipts.reading.dates import dates_in
from handlers.receipts.reading.results import Field
from handlers.receipts.reading.rows import Cell, Row

T = TypeVar("T")

_LAST4 = re.compile(
    r"(?:[*xX×#•.]{2,}[\s\-*xX×#•]*|(?:card|acct|account|visa|mastercard|amex)"
    r"\s*(?:no\.?|number|ending(?: in)?|#)?\s*[:#]?\s*[x*]?)(\d{4})(?!\d)",
    re.I,
)
_NUMBER = re.compile(
    r"\b(?:receipt|rcpt|invoice|inv|bill|check|chk|order|doc|ticket|slip|trans(?:action)?|trx|bon|beleg|factura)\s?(?:no|nr|num(?:ber)?|n0|id|#)?\s?[.:#]*\s?#?\s?([A-Z0-9][A-Z0-9\-/]{2,24})\b",
    re.I,
)
_PHONE = re.compile(
    r"(?:\+\d{1,3}[\s.-]?)?(?:\(\d{2,4}\)\s?\d{3,4}[\s.-]?\d{3,4}|\b\d{3}[-.]\d{3}[-.]\d{4}\b|\b0\d{1,2}[\s-]\d{3,4}\s?\d{4}\b|\b\d{3}[-]\d{4}\b)"
)
_LABELLED_PHONE = re.compile(
    r"(?:tel(?:ephone)?|phone|ph|hp|call|contact)\W{0,4}(?:no)?\W{0,4}(\+?\d[\d\s().-]{6,17}\d)", re.I
)
_TAX_ID = re.compile(
    r"\b(?:GST|VAT|ABN|UST-?ID|MWST|GSTIN|TIN|HST|NPWP|TRN|SST|RFC|P\.?\s?IVA|SIRET|NIF|CIF)\W{0,3}(?:REG\w*\W{0,3})?(?:NO|NR|ID|NUMBER)?\W{0,4}([A-Z]{0,3}\s?\d[\dA-Z\-\s]{6,18}\d?[A-Z]?)",
    re.I,
)
_RETURN_BY = re.compile(r"return(?:s|ed|able)?\b.{0,30}?\b(?:by|before|until)\b\W*(.{6,24})", re.I)
_RETURN_DAYS = re.compile(
    r"(?:return|exchang|refund|umtausch)\w*.{0,40}?\b(?:within|in|innerhalb)\b\D{0,6}(\d{1,3})\s?(?:-\s?)?days?|(\d{1,3})[\s-]?days?\s(?:return|refund)",
    re.I,
)
_WARRANTY = re.compile(
    r"\b(?:\d+|one|two|three)[\s-]?(?:year|yr|month|mth|day)s?\s(?:limited\s)?(?:warranty|guarantee)|warranty\W{0,3}(?:period)?\W{0,3}\d+\s?(?:year|month|day|yr)s?",
    re.I,
)


def particulars_of(rows: Sequence[Row]) -> dict[str, Field[str]]:
    """Return last4, receipt_number, phone, tax_id and warranty where printed; the first of each counts."""
    found: dict[str, Field[str]] = {}
    for name, value, cell in _all(rows):
        found.setdefault(name, field_at(value, value, 0.8, cell))
    return found


def _all(rows: Sequence[Row]) -> Iterator[tuple[str, str, Cell]]:
    for row in rows:
        text, cell = row.text, row.cells[0]
        if match := _LAST4.search(text):
            yield "last4", match[1], cell
        if match := _TAX_ID.search(text):
            yield "tax_id", match[1].strip(), cell
        elif (match := _NUMBER.search(text)) and any(c.isdigit() for c in match[1]):
            yield "receipt_number", match[1], cell
        if match := _LABELLED_PHONE.search(text) or _PHONE.search(text):
            yield "phone", (match[1] if match.re is _LABELLED_PHONE else match[0]).strip(), cell
        if match := _WARRANTY.search(text):
            yield "warranty", match[0], cell


def return_by_of(rows: Sequence[Row], bought: date | None, order: str) -> Field[date] | None:
    """Return the last day for returns: printed, or counted from the day of purchase (rows PR-47, PR-48)."""
    for row in rows:
        if match := _RETURN_BY.search(row.text):
            cell = row.cells[0]
            tail = Row(
                (
                    Cell(
                        match[1],
                        cell.left,
                        cell.right,
                        cell.middle,
                        cell.height,
                        cell.score,
                        cell.page,
                        cell.box,
                        cell.certain,
                    ),
                )
            )
            # A return day lies ahead: any day of the next ten years is possible.
            ahead = (bought or date(2090, 1, 1)) + timedelta(days=3650)
            if readings := dates_in([tail], ahead, order):
                return field_at(readings[0].value, match[0], 0.8, cell)
        if bought and (days := _RETURN_DAYS.search(row.text)):
            return field_at(bought + timedelta(days=int(days[1] or days[2])), days[0], 0.7, row.cells[0])
    return None


def field_at(value: T, raw: str, confidence: float, cell: Cell | None) -> Field[T]:
    """Return a field whose place is a cell."""
    if cell is None:
        return Field(value, raw, confidence, "rule")
    return Field(value, raw, confidence, "rule" if cell.certain else "ocr", cell.page, cell.box)
