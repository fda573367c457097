"""The unit of work that all these tests run on, with SQLite and with PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.work import Work
from tests.storage.coaching.kit import open_coaching, put_projects


@pytest.fixture
def work(database: str) -> Iterator[Work]:
    """A unit of work with two persons, each with an active project."""
    with open_coaching(database) as opened:
        put_projects(opened)
        opened.keep()
        yield opened
