"""Every kind of search and sum is answered from an index (RA-15, PERF-4); rows are found by id, not by person."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from storage.receipts import known, search, totals, transactions
from storage.receipts.search import After, Filter
from storage.receipts.totals import Span
from storage.work import Work
from tests.storage.receipts.kit import ANN, TODAY, spent

FILTERS = {
    "all": Filter(),
    "words": Filter(words=("joe", "deli")),
    "categories": Filter(categories=frozenset({0, 1, 2})),
    "words and categories": Filter(words=("joe",), categories=frozenset({0, 1})),
    "dates": Filter(start=date(2026, 1, 1), end=date(2026, 2, 1)),
    "amounts": Filter(least_milli=5, most_milli=9, currency="USD"),
    "flags": Filter(pictured=True, has_receipt=False, accounts=frozenset({1}), kinds=("refund",)),
    "merchant": Filter(merchant_key="joes"),
    "code": Filter(code="R7K2"),
}
LONG, SHORT = Span(date(2023, 3, 5), date(2026, 3, 5)), Span(date(2026, 3, 2), date(2026, 3, 9))


@pytest.fixture(params=["sqlite"])
def database_kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def plans(work: Work, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The steps of all that is read while a test runs."""
    steps: list[str] = []
    session: Any = work._session
    run = session.execute

    def explained(statement: Any, params: Any = None) -> Any:
        compiled = statement.compile(dialect=session._connection.dialect, compile_kwargs={"render_postcompile": True})
        values = {
            n: p(compiled.params[n]) for n, p in compiled._bind_processors.items() if compiled.params.get(n) is not None
        }
        bound = tuple({**compiled.params, **values}[name] for name in compiled.positiontup or ())
        steps.extend(row[3] for row in session._driver.execute(f"EXPLAIN QUERY PLAN {compiled}", bound))
        return run(statement, params)

    monkeypatch.setattr(session, "execute", explained)
    return steps


def _wrong(steps: list[str]) -> list[str]:
    assert steps
    return [one for one in steps if one.startswith(("SCAN ledger", "SCAN receipt"))]


@pytest.mark.parametrize("name", FILTERS)
def test_ra_15_perf_4_no_search_scans_a_table(work: Work, plans: list[str], name: str) -> None:
    search.page(work, ANN, FILTERS[name], after=After(TODAY, 5))
    search.sums(work, ANN, FILTERS[name])
    assert _wrong(plans) == []
    if "words" in name:
        assert any("ledger_word USING PRIMARY KEY (person_id=? AND word=?" in one for one in plans)


@pytest.mark.parametrize("span", [LONG, SHORT])
def test_ra_15_perf_4_no_sum_scans_a_table(work: Work, plans: list[str], span: Span) -> None:
    totals.by_category(work, ANN, span)
    totals.by_kind(work, ANN, span)
    totals.spent_by_month(work, ANN, span, frozenset({1}))
    totals.spent_by_day(work, ANN, span)
    totals.spent_by_category(work, ANN, span)
    totals.biggest(work, ANN, span, currency="USD", most_minor=5)
    assert _wrong(plans) == []
    assert any("ix_ledger_transaction_amount (person_id=? AND amount_minor=? AND" in one for one in plans)


def test_ra_15_rows_are_read_by_their_ids(work: Work, plans: list[str]) -> None:
    ids = transactions.add_all(work, ANN, [spent(n) for n in range(12)])
    plans.clear()
    assert len(transactions.load_all(work, ANN, ids)) == 12
    assert plans == ["SEARCH ledger_transaction USING INTEGER PRIMARY KEY (rowid=?)"]


def test_pr_40_known_merchants_are_found_by_index(work: Work, plans: list[str]) -> None:
    known.by_phone(work, ANN, ["4155550177", "4155550178"])
    known.by_merchant(work, ANN, ["joes", "luna"])
    assert _wrong(plans) == []
    for index in ("ix_receipt_phone", "ix_receipt_merchant"):
        assert any(f"{index} (person_id=? AND" in one for one in plans), plans


def test_perf_4_sums_come_from_few_rows_with_the_person_first_in_the_index(
    work: Work, plans: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    transactions.add_all(work, ANN, [spent(100, date(2024 + n % 2, 1 + n % 12, 1 + n % 28)) for n in range(600)])
    plans.clear()
    taken: list[int] = []
    rows = work.rows

    def counted(_: Work, *asked: Any) -> Any:
        got = rows(*asked)
        taken.append(len(got))
        return got

    monkeypatch.setattr(type(work), "rows", counted)
    span = Span(date(2024, 1, 1), date(2026, 1, 1))
    assert [(row.entries, row.amount_minor) for row in totals.by_category(work, ANN, span)] == [(600, 60_000)]
    assert [(row.entries, row.amount_minor) for row in search.sums(work, ANN, Filter(least_milli=1))] == [(600, 60_000)]
    assert sum(taken) <= 2, "the database adds up; no ledger is loaded to be added here"
    looked_up = [one for one in plans if " ledger_" in one]
    assert looked_up
    assert all("(person_id=?" in one for one in looked_up), looked_up
