"""`/healthz` and `/readyz`: each check broken in turn, and nobody's outage but our own (rule OBS-1)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from bot.web.health import STALE_SECONDS, Health
from storage.database import Database
from tests.databases import prepared_database
from tests.simulation.services import full_town


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    with prepared_database("sqlite", tmp_path) as url:
        opened = Database(url)
        yield opened
        await opened.close()


async def ready(health: Health) -> tuple[int, dict[str, Any]]:
    import json

    answer = await health.ready(make_mocked_request("GET", "/readyz"))
    return answer.status, json.loads(answer.text or "{}")


async def test_obs_1_all_is_well(database: Database, tmp_path: Path) -> None:
    status, told = await ready(Health(database, tmp_path, lambda: 0.0))
    checks = {"database": True, "migrations": True, "delivery": True, "disk": True}
    assert (status, told) == (200, {"status": "ok", "checks": checks})


async def _behind(database: Database) -> None:
    engine = database.engine()
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0000'")
    engine.dispose()


async def _gone(database: Database) -> None:
    await database.close()
    database.path.write_bytes(b"this is no database at all" * 100)


@pytest.mark.parametrize(
    ("broken", "names"),
    [(_behind, {"migrations"}), (_gone, {"database", "migrations"})],
)
async def test_obs_1_a_broken_database_fails(
    broken: Callable[[Database], Any], names: set[str], database: Database, tmp_path: Path
) -> None:
    await broken(database)
    status, told = await ready(Health(database, tmp_path, lambda: 0.0))
    assert status == 503
    assert {name for name, good in told["checks"].items() if not good} == names


async def test_obs_1_a_worker_that_stopped_fails(database: Database, tmp_path: Path) -> None:
    assert (await ready(Health(database, tmp_path, lambda: STALE_SECONDS - 1)))[0] == 200
    status, told = await ready(Health(database, tmp_path, lambda: STALE_SECONDS + 1))
    assert (status, told["checks"]["delivery"]) == (503, False)


async def test_obs_1_a_full_disk_fails(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    monkeypatch.setattr("shutil.disk_usage", lambda folder: SimpleNamespace(total=100, used=99, free=1))
    status, told = await ready(Health(database, tmp_path, lambda: 0.0))
    assert (status, told["checks"]["disk"]) == (503, False)


async def test_obs_1_a_vendors_outage_fails_nothing_and_nothing_personal_is_shown(tmp_path: Path) -> None:
    import aiohttp

    async with full_town(tmp_path) as world:
        for fake in world.vendors.all.values():
            fake.faults.add("status_before", "*", times=None, status=503)
        await world.phone().say("my name is Canary")
        await world.rest()
        await world.app.ticker.serve()
        async with aiohttp.ClientSession() as http:
            for path in ("/healthz", "/readyz"):
                async with http.get(world.url + path) as answer:
                    text = await answer.text()
                    assert answer.status == 200
                    assert "Canary" not in text
                    assert "4155550123" not in text
