"""A few kills of real servers under load; `make torture` makes two hundred on each database."""

from __future__ import annotations

import pytest

from tests.crash.torture import torture
from tests.databases import need_postgres


async def test_a_server_killed_under_load_on_sqlite_loses_nothing() -> None:
    verdict = await torture("sqlite", kills=2, seed=5, lively=5)
    assert not verdict.problems
    assert verdict.letters == verdict.paid > 0


@pytest.mark.postgres
async def test_two_workers_killed_under_load_on_postgres_lose_nothing() -> None:
    need_postgres()
    verdict = await torture("postgres", kills=2, seed=6, lively=5)
    assert not verdict.problems
    assert verdict.letters == verdict.paid > 0
