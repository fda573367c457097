"""Every statement is counted under its name, and a slow one is logged without its parameters (PERF-1)."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from bot.core.clock import FixedClock
from bot.core.ids import Ids
from bot.core.seal import Seal
from bot.web.metrics import Metrics
from bot.web.scrape import page
from storage import addresses, audit, statements, switches
from storage.database import Database, Writers
from storage.receipts import search
from storage.receipts.search import Filter
from storage.statements import STATEMENTS, Statements
from storage.work import Work
from tests.databases import know_all_tables
from tests.storage.receipts.kit import ANN, NOW, open_books

know_all_tables()


@pytest.fixture
def work(database: str) -> Iterator[Work]:
    with open_books(database) as opened:
        yield opened


def _count(name: str) -> int:
    return next((tally.count for known, tally in STATEMENTS if known == name), 0)


def test_perf_1_a_statement_bears_the_name_of_the_function_that_asks(work: Work) -> None:
    before = _count("receipts.search.page")
    search.page(work, ANN, Filter(words=("joe",)))
    search.page(work, ANN, Filter())
    assert _count("receipts.search.page") == before + 2


async def test_perf_1_hot_buffered_and_reading_statements_are_counted_too(database: str) -> None:
    opened, clock = Database(database), FixedClock(NOW)
    writers = Writers(opened, clock=clock, ids=Ids(clock), seal=Seal([bytes(32)]))
    writers.start()

    def change(work: Work) -> None:
        audit.record(work, actor="a", action="b")
        addresses.set_state(work, 7, "active")

    names = ("add audit", "update address", "read storage.switches.all_switches")
    before = [_count(name) for name in names]
    await writers.run(change)
    await opened.read(switches.all_switches)
    await writers.stop()
    await opened.close()
    assert [_count(name) for name in names] == [count + 1 for count in before]


def test_perf_1_a_slow_statement_is_logged_with_name_time_and_rows_only(
    work: Work, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(statements, "SLOW_SECONDS", -1.0)
    with caplog.at_level(logging.WARNING, "parley.statements"):
        search.page(work, ANN, Filter(merchant_key="secretmerchant", currency="XTS"))
    (line,) = [one for one in caplog.records if one.name == "parley.statements"]
    found = vars(line)
    assert (found["statement"], found["rows"]) == ("receipts.search.page", 0)
    assert found["ms"] >= 0
    assert "secret" not in repr(found)
    assert "XTS" not in repr(found)


def test_perf_1_at_a_tenth_of_a_second_a_statement_is_slow() -> None:
    noted = Statements()
    for ago in (0.2, 0.05):
        noted.note("x", statements.tick() - ago, 1)
    ((name, tally),) = noted
    assert (name, tally.count, tally.slow) == ("x", 2, 1)
    assert tally.seconds > 0.25


def test_perf_1_metrics_count_statements_by_name(work: Work) -> None:
    switches.switch_value(work, "x")
    shown = page(Metrics(clock=FixedClock(NOW))).decode()
    assert 'parley_db_statements_total{statement="switches.switch_value"}' in shown
    assert 'parley_db_slow_statements_total{statement="switches.switch_value"}' in shown
