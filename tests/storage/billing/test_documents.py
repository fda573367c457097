"""Numbers of documents: gap-free whoever draws at once, given back by what fails, never given twice (PY-7, A76)."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from storage.billing import documents
from storage.work import Work
from tests.storage.billing.kit import ANN, Books

VALUES: dict[str, Any] = {"kind": "receipt", "currency": "USD", "total_minor": 500, "snapshot": b"x"}


def issue(work: Work, source: str, series: str = "R", year: str = "2026") -> int:
    row = documents.add(work, ANN, series=series, fiscal_year=year, source=source, **VALUES)
    return int(row.number)


def test_a76_twenty_at_once_get_twenty_consecutive_numbers(database: str) -> None:
    books = Books(database)
    drawn = books.at_once([lambda n=n: books.do(lambda work: issue(work, f"order:{n}")) for n in range(20)])  # type: ignore[misc]
    assert sorted(drawn) == list(range(1, 21))
    assert books.do(lambda work: issue(work, "order:3", year="2027")) == drawn[3]
    assert books.do(lambda work: issue(work, "order:30", year="2027")) == 1


def test_py_7_what_fails_gives_its_number_back(database: str) -> None:
    books = Books(database)

    def fails(work: Work) -> None:
        issue(work, "order:2")
        raise ZeroDivisionError

    assert books.do(lambda work: issue(work, "order:1")) == 1
    with pytest.raises(ZeroDivisionError):
        books.do(fails)
    assert [books.do(lambda work, n=n: issue(work, n)) for n in ("order:3", "order:3", "order:4")] == [2, 2, 3]  # type: ignore[misc]
    labels = books.do(lambda work: [documents.label(row) for row in documents.of_person(work, ANN, 10)])
    assert sorted(labels) == ["R-2026-000001", "R-2026-000002", "R-2026-000003"]
    assert books.do(lambda work: documents.by_label(work, ANN, "r-2026-000002").source) == "order:3"  # type: ignore[union-attr]
    assert books.do(lambda work: documents.by_label(work, ANN + 1, "R-2026-000002")) is None
    assert books.do(lambda work: [documents.by_label(work, ANN, one) for one in ("", "R-1", "R-2026-x")]) == [None] * 3


def test_py_7_a_credit_note_names_its_document(database: str) -> None:
    with pytest.raises(sa.exc.IntegrityError):
        Books(database).do(
            lambda work: documents.add(
                work, ANN, series="C", fiscal_year="2026", source="refund:1", **(VALUES | {"kind": "credit_note"})
            )
        )
