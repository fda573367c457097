"""Two transactions at once, with no lock on the person: the indexes and the claims decide (PJ-1, PP-3, C01, C15).

On PostgreSQL both have read before either writes; on SQLite, which knows one writer, the second begins after the first.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.clock import FixedClock
from bot.core.ids import Ids
from bot.core.seal import Seal
from storage.coaching import decisions, projects, proposals
from storage.coaching.decisions import Decision
from storage.coaching.proposals import Proposal
from storage.database import Database
from storage.work import Work
from tests.storage.coaching.kit import ANN, NOW, PROJECT, TODAY, open_coaching, put_projects

PRICE = Decision("pricing", "USD 2900/month", "money_per_period", "$29 a month", 7, "explicit", "ok")


@pytest.fixture
def url(database: str) -> Iterator[str]:
    """A database in which Ann has an active project, for good."""
    with open_coaching(database) as work:
        put_projects(work)
        work.keep()
        work._session.commit()
        yield database
        work._session.begin()


def _race(url: str, read: Callable[[Work], Any], write: Callable[[Work], Any]) -> list[Any]:
    """Let two transactions read, then both write; return what each of them wrote."""
    together = threading.Barrier(2)

    def run(_: int) -> Any:
        session = Database(url).session()
        if not session.concurrent_writers:
            together.wait(timeout=30)
        session.begin()
        work = Work(session, NOW, Ids(FixedClock(NOW)), Seal([bytes(32)]))
        read(work)
        if session.concurrent_writers:
            together.wait(timeout=30)
        wrote = write(work)
        work.keep()
        session.commit()
        session.close()
        return wrote

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, range(2)))


def _in(url: str, act: Callable[[Work], Any]) -> Any:
    session = Database(url).session()
    session.begin()
    work = Work(session, NOW, Ids(FixedClock(NOW)), Seal([bytes(32)]))
    found = act(work)
    work.keep()
    session.commit()
    session.close()
    return found


def test_c01_of_two_starts_at_once_one_is_active(url: str) -> None:
    _in(url, lambda work: projects.move(work, ANN, PROJECT, was=("active",), to="paused"))
    started = _race(
        url,
        lambda work: projects.active(work, ANN),
        lambda work: projects.start(work, ANN, template_id="x", version=1, digest="d", started_on=TODAY) is not None,
    )
    assert sorted(started) == [False, True]
    query = sa.select(projects.project.c.status).where(projects.project.c.person_id == ANN)
    assert sorted(row.status for row in _in(url, lambda work: work.rows(query))) == ["active", "paused"]


def test_c15_of_two_presses_at_once_one_saves(url: str) -> None:
    one = _in(url, lambda work: proposals.open_one(work, ANN, PROJECT, Proposal("decision", "pricing", "USD 2900/month",
                                                                               "$29", 7)))  # fmt: skip

    def save(work: Work) -> bool:
        if not proposals.close(work, ANN, one, state="saved"):
            return False
        decisions.save(work, ANN, PROJECT, replace(PRICE, proposal_id=one), act_id=1)
        return True

    saved = _race(url, lambda work: proposals.pending(work, ANN, PROJECT), save)
    assert sorted(saved) == [False, True]
    assert [held.state for held in _in(url, lambda work: decisions.history(work, ANN, PROJECT))] == ["current"]
