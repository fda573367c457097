"""Finding entries (AU-6): every filter, pages of twenty, by an index on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from storage.audit import link, record
from storage.audit.search import PAGE, Wanted, _found, page, stream
from storage.plans import _explain, _scans
from storage.work import Work
from tests.storage.audit.kit import NOW, Ledger, opened

HOUR = timedelta(hours=1)


@pytest.fixture
async def ledger(database: str) -> AsyncIterator[Ledger]:
    async with opened(database) as made:
        yield made


async def _fill(ledger: Ledger) -> None:
    acts = (("ann", "ticket.assign", "ticket:1"), ("bob", "ticket.view", "ticket:2"), ("ann", "login.failed", None))
    for actor, action, target in acts:
        await ledger.writers.run(
            lambda work, a=actor, b=action, c=target: record(work, actor=a, action=b, obj=c, why="too_slow")
        )
        ledger.clock.advance(HOUR)
    await ledger.seal_all()


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), [3, 2, 1]),
        (Wanted(who="ann"), [3, 1]),
        (Wanted(action="ticket.a"), [1]),
        (Wanted(category="ticket"), [2, 1]),
        (Wanted(target="ticket:2"), [2]),
        (Wanted(since=NOW + HOUR / 2), [3, 2]),
        (Wanted(until=NOW + HOUR / 2), [1]),
        (Wanted(outcome="failed"), [3]),
        (Wanted(text="SLOW"), [3, 2, 1]),
        (Wanted(text="too%slow"), []),
        (Wanted(who="ann", category="ticket"), [1]),
    ],
)
async def test_au_6_every_filter(ledger: Ledger, wanted: Wanted, found: list[int]) -> None:
    await _fill(ledger)
    rows = await ledger.writers.run(lambda work: page(work, wanted))
    assert [row.seq for row in rows] == found
    assert [row.seq for row in await ledger.writers.run(lambda work: list(stream(work, wanted, piece=2)))] == found[
        ::-1
    ]


async def test_au_6_pages_hold_twenty_and_tell_of_more(ledger: Ledger) -> None:
    await ledger.write(*[f"a.{n}" for n in range(PAGE + 5)])
    await ledger.seal_all()
    first, second = [await ledger.writers.run(lambda work, n=n: page(work, Wanted(), n)) for n in (1, 2)]
    assert [len(first), len(second)] == [PAGE + 1, 5]
    assert first[-1].seq == second[0].seq


def test_au_6_words_and_outcomes_alone_are_looked_for_in_thirty_days() -> None:
    for wanted in (Wanted(text="abc"), Wanted(outcome="failed")):
        assert wanted.bounded(NOW).since == NOW - timedelta(days=30)
    for wanted in (Wanted(), Wanted(text="abc", who="ann"), Wanted(text="abc", since=NOW)):
        assert wanted.bounded(NOW) == wanted


@pytest.mark.parametrize(
    "wanted",
    [Wanted(who="a"), Wanted(action="a"), Wanted(target="a"), Wanted(since=NOW), Wanted(text="abc").bounded(NOW)],
)
async def test_perf_2_no_question_reads_all_of_the_audit(ledger: Ledger, wanted: Wanted) -> None:
    def steps(work: Work) -> list[str]:
        connection = work._session._connection  # type: ignore[attr-defined]
        plan = _explain(connection, _found(wanted).order_by(link.c.entry_id.desc()).limit(PAGE))
        return _scans(connection.dialect.name, plan, ends_early=False)

    assert await ledger.writers.run(steps) == []
