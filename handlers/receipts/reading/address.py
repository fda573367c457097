"""The merchant's address: the rows at the head that name a street, a place or a postcode, joined as one line.

Rows of an address follow each other. Between them and after them a row that only names a place belongs to it (`JOHOR.`
under `81100 JOHOR BAHRU,`); telephones, tax numbers and headings end it. Where the head has none, a row with a postcode
at the foot is taken.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from handlers.receipts.merchants import folded
from handlers.receipts.reading.amounts import amounts_in
from handlers.receipts.reading.particulars import field_at
from handlers.receipts.reading.results import Field
from handlers.receipts.reading.rows import Row
from handlers.receipts.reading.vendor import (
    columns_of,
    speaks_of_customer,
    tells_address,
    tells_noise,
    tells_registered,
)

_ROWS, _MOST_ROWS, _LONGEST, _PRICED_FROM, _FEWEST_LETTERS = 18, 6, 200, 2, 6
_TAIL = re.compile(
    r"[\s,;.|(\-]*\b(?:tel(?:ephone)?|phone|ph|hp|h/p|fax|gst|sst|vat|abn|tax|reg|e-?mail|www|co\.? ?no)\b"
    r"\s?[.:#(+]?.*$"
    r"|[\s,;|\-]*(?<!\d)(?:\+?\d{1,3}[\s-])?\(?\d{2,4}\)?[\s-]\d{3,4}[\s-]?\d{4}\W*$",
    re.I,
)
_LABEL = re.compile(r"^\W*(?:address|addr|alamat|anschrift|adresse|direcci[oó]n)\W{1,3}", re.I)
_NUMBERED = re.compile(r"#?[A-Z]{0,2}-?\d[\w/&\-]{0,8}[\s,.]+[^\W\d]{2,}", re.I)
_REGISTERED = re.compile(r"\b\d{5,}\s?-\s?[A-Z#]\b|\b[A-Z]{2}\d{6,}")
_ENDS = re.compile(
    r"\b(?:resit|resmi|tarikh|rcpt|documento|commerciale|siret|factur\w*|rechnung|ticket|kasse|kassa|bon|auth\w*|appr\w*"
    r"|serial|org\W?nr|cust|trn|tr|te)\b|\d:[0-5]\d|#.*#|\d[./-]\d{1,2}[./-](?:20)?\d\d\b",
    re.I,
)
_BARE_NUMBER = re.compile(r"\b\d{5,}\b(?!\s+[a-z]{3,})|\bno\W*\d{3,}\W*$")
_FLOOR = re.compile(r"^\W*(?:unit|suite|ground floor)\b", re.I)
_POSTCODE = re.compile(
    r"\b[A-Z]{2}\.?,?\s?\d{5}(?:-\d{4})?\b|\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b|\b[A-Z]\d[A-Z]\s?\d[A-Z]\d\b"
    r"|\b[A-Z]{2,3}\s\d{4}\b|\b\d{5}\s[A-Z][A-Za-zÀ-ÿ]{2,}"
)


def address_of(rows: Sequence[Row], name: str) -> Field[str] | None:
    """Return the address on the first page's rows; `name` is the merchant's line as printed, which is no part of it."""
    run = _run(rows[:_ROWS], folded(name)) or _at_the_foot(rows)
    texts = [text for row in run if (text := _plain(row))]
    if sum(c.isalpha() for c in "".join(texts)) < _FEWEST_LETTERS:
        return None
    joined = texts[0]
    for text in texts[1:]:
        joined += (" " if joined.endswith(",") else ", ") + text
    return field_at(joined[:_LONGEST].strip(" ,"), joined, 0.75, run[0].cells[0])


def _run(rows: Sequence[Row], name: str) -> list[Row]:
    found: list[Row] = []
    for at, row in enumerate(rows):
        plain = folded(" ".join(cell.text for cell in row.cells))
        if speaks_of_customer(plain):
            break
        before = rows[at - 1 : at] if at and not found and _is_numbered(rows[at - 1]) else []
        told = _may_go_on(row) if found or before else _is_address(row)
        if at > _PRICED_FROM and _is_priced(row) and not _is_address(row):
            break
        if told and plain != name and not _is_other(row):
            found += [*before, row]
        elif found and (_is_other(row) or not _is_place(row)):
            break
        elif found:
            found.append(row)
        if len(found) == _MOST_ROWS:
            break
    return found


def _at_the_foot(rows: Sequence[Row]) -> list[Row]:
    return next(([row] for row in reversed(rows) if _POSTCODE.search(row.text) and tells_address(folded(row.text))), [])


def _is_other(row: Row) -> bool:
    """Say whether a row is a price, a heading or a number, not counting what stands behind the address on it."""
    text = _plain(row)
    is_named = tells_registered(folded(text)) or _REGISTERED.search(text)
    is_noise = tells_noise(folded(_FLOOR.sub("", text)))
    return not text or bool(is_named) or is_noise or bool(_ENDS.search(text))


def _is_address(row: Row) -> bool:
    """Say whether a row tells an address by more than a bare number."""
    plain = folded(_plain(row))
    return tells_address(plain) and tells_address(_BARE_NUMBER.sub("", plain))


def _may_go_on(row: Row) -> bool:
    """Say whether a row may be the next one of an address: here a bare postcode is enough."""
    text = _plain(row)
    return tells_address(folded(text)) or bool(_POSTCODE.search(text))


def _is_numbered(row: Row) -> bool:
    """Say whether a row begins with the number of a house, its street being no word that we know."""
    return bool(_NUMBERED.match(_plain(row))) and not _is_other(row)


def _is_priced(row: Row) -> bool:
    return any(amount.is_money for cell in row.cells for amount in amounts_in(cell.text))


def _is_place(row: Row) -> bool:
    """Say whether a row without a street may go on with an address: a few words, hardly a digit."""
    text = _plain(row)
    return sum(c.isalpha() for c in text) >= 3 and len(text.split()) <= 5 and not re.search(r"\d{3}|:", text)


def _plain(row: Row) -> str:
    parts = columns_of(row)
    kept = parts[0] if len(parts) > 1 and tells_address(folded(parts[0].text)) else row
    text = _LABEL.sub("", " ".join(cell.text for cell in kept.cells))
    return re.sub(r"\s+", " ", _TAIL.sub("", text)).strip(" *-=~_:;|<>'\"`^")
