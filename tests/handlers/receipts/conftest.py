"""The unit of work that all these tests run on, with SQLite and with PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.work import Work
from tests.storage.receipts.kit import open_books


@pytest.fixture
def work(database: str) -> Iterator[Work]:
    """A unit of work with two persons."""
    with open_books(database) as opened:
        yield opened
