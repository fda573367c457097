"""Pages: a stable order, a cursor that says where the last page ended, 1 to 100 rows (rules API-5, SEA-3).

A cursor is opaque to callers. It holds nothing but the place, so one of another person's books leads nowhere new.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Annotated, TypeVar

from pydantic import Field

from bot.core.errors import Problem
from handlers.receipts.api.values import Taken, row_id
from storage.receipts.search import LARGEST_PAGE, After

T = TypeVar("T")
USUAL = 20
Limit = Annotated[int, Field(ge=1, le=LARGEST_PAGE, description="Rows of a page.")]
Cursor = Annotated[str, Field(max_length=80, description="`next` of the page before.")]


class Paging(Taken):
    """What every list takes."""

    limit: Limit = USUAL
    cursor: Cursor | None = None


def cursor_of(*parts: object) -> str:
    """Return the cursor of a place."""
    return base64.urlsafe_b64encode(":".join(map(str, parts)).encode()).decode().rstrip("=")


def _parts(cursor: str, count: int) -> list[str]:
    try:
        parts = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").split(":")
    except (binascii.Error, UnicodeError, ValueError):
        parts = []
    if len(parts) != count or not cursor.isascii():
        raise bad_cursor()
    return parts


def bad_cursor() -> Problem:
    """Return what is said of a cursor that we did not give."""
    return Problem(400, "invalid", "This is no cursor of ours.", field="cursor")


def after_of(cursor: str | None) -> After | None:
    """Return the place in a list of transactions."""
    if cursor is None:
        return None
    day, number = _parts(cursor, 2)
    try:
        return After(date.fromisoformat(day), row_id(number))
    except ValueError:
        raise bad_cursor() from None


def id_of(cursor: str | None) -> int | None:
    """Return the place in a list that is ordered by id."""
    return None if cursor is None else row_id(_parts(cursor, 1)[0])


def slice_of(rows: Iterable[T], paging: Paging, key: Callable[[T], int]) -> tuple[Sequence[T], str | None]:
    """Return one page of a short list whose rows keep their order, and the cursor of the next.

    A row that is gone by then was the mark: the page begins at the first row whose id is larger, or anew.
    """
    found, after = list(rows), id_of(paging.cursor)
    if after is not None:
        ids = [key(one) for one in found]
        start = ids.index(after) + 1 if after in ids else sum(one <= after for one in ids)
        found = found[start:]
    page = found[: paging.limit]
    return page, cursor_of(key(page[-1])) if len(found) > len(page) else None
