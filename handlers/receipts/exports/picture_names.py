"""EXP-3: the names of pictures in exports: `2026-03-15_trader-joes_R7K2.jpg`, further pages `..._R7K2_2.jpg`.

A name has ASCII letters, digits, `-` and `_` only, no path parts, and depends on nothing but its own entry, so that it
is the same in every export. Should two entries without a code ever come to the same name, the later one gets a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import count

from handlers.receipts.exports.ledger import Entry, Ledger
from handlers.receipts.exports.plain_text import slug

_EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/heic": "heic",
    "image/heif": "heif",
    "image/tiff": "tiff",
    "application/pdf": "pdf",
    "text/html": "html",
    "text/plain": "txt",
    "message/rfc822": "eml",
}
_UNSAFE = re.compile(r"[^A-Za-z0-9-]+")
_LONGEST_CODE = 24


def picture_names(ledger: Ledger) -> Mapping[str, tuple[str, ...]]:
    """Return the file names of each entry's pictures, in their order, by the entry's id."""
    names: dict[str, tuple[str, ...]] = {}
    taken: set[str] = set()
    for entry in ledger.entries:
        if entry.pictures:
            names[entry.id] = _entry_names(entry, taken)
    return names


def _entry_names(entry: Entry, taken: set[str]) -> tuple[str, ...]:
    stem = f"{entry.date.isoformat()}_{slug(entry.merchant) or 'receipt'}_{_code(entry)}"
    found = []
    for page, picture in enumerate(entry.pictures, 1):
        extension = _EXTENSIONS.get(picture.media_type.partition(";")[0].strip().lower(), "bin")
        name = next(free for free in _numbered(stem, page, extension) if free.lower() not in taken)
        taken.add(name.lower())
        found.append(name)
    return tuple(found)


def _numbered(stem: str, page: int, extension: str) -> Iterator[str]:
    if page == 1:
        yield f"{stem}.{extension}"
    yield from (f"{stem}_{number}.{extension}" for number in count(max(page, 2)))


def _code(entry: Entry) -> str:
    return _UNSAFE.sub("", entry.receipt_code)[:_LONGEST_CODE] or _UNSAFE.sub("", entry.id)[-_LONGEST_CODE:] or "0"


def picture_name(day: date | None, merchant: str | None, code: str, *, media_type: str, page: int = 1) -> str:
    """Return the name of one picture by itself, as exports call it."""
    stem = "_".join(part for part in (day.isoformat() if day else "", slug(merchant or "") or "receipt", code) if part)
    extension = _EXTENSIONS.get(media_type.partition(";")[0].strip().lower(), "bin")
    return next(_numbered(stem, page, extension))
