"""One API per test, on SQLite; tests of what differs by database ask for both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot.web.api.kit import Town, open_town
from tests.databases import prepared_database


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Town]:
    with prepared_database("sqlite", tmp_path) as url:
        async with open_town(url) as opened:
            yield opened


@pytest.fixture
async def both(database: str) -> AsyncIterator[Town]:
    """The API on SQLite and on PostgreSQL."""
    async with open_town(database) as opened:
        yield opened
