"""What all tests share: a clock that stands still, and a database of each kind."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.core.clock import FixedClock
from tests import thrift
from tests.databases import database_url, drop_databases, prepared_database
from tests.recordings import pytest_configure, pytest_sessionfinish, pytest_terminal_summary
from tests.thrift import pytest_collection_finish

__all__ = ["pytest_collection_finish", "pytest_configure", "pytest_sessionfinish", "pytest_terminal_summary"]

_IN_MEMORY = Path("/dev/shm")  # noqa: S108 - the folder is the operating system's
_ENOUGH_BYTES = 3 * 2**30

if _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK) and shutil.disk_usage(_IN_MEMORY).free > _ENOUGH_BYTES:
    # A test that ends in an fsync waits for the disk longer than for anything else, and none of them pulls the plug.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(_IN_MEMORY))

thrift.begin()

FRIDAY = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
"""A working day, 10:00 in San Francisco."""

_SETTINGS = ("DATABASE_URL", "PUBLIC_URL", "PARLEY_MODE", "SECRET_KEYS", "DATA_DIR", "HOST", "PORT")
_VENDORS = ("TELEGRAM_", "TWILIO_", "STRIPE_", "LOB_", "ANTHROPIC_", "SPEECH_", "PLAID_")


@pytest.fixture(autouse=True, scope="session")
def _no_settings_from_outside() -> None:
    """Keep the settings of whoever runs the tests out of them."""
    for name in list(os.environ):
        if name in _SETTINGS or name.startswith(_VENDORS):
            del os.environ[name]


@pytest.fixture(autouse=True, scope="session")
def _no_database_left() -> Iterator[None]:
    """Drop the PostgreSQL databases of this worker in the end."""
    yield
    drop_databases()


@pytest.fixture
def clock() -> FixedClock:
    """A clock that stands still on a working day."""
    return FixedClock(FRIDAY)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_kind(request: pytest.FixtureRequest) -> str:
    """The kinds of database, one after the other."""
    return str(request.param)


@pytest.fixture
def empty_database(database_kind: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without any table."""
    with database_url(database_kind, tmp_path) as url:
        yield url


@pytest.fixture
def database(database_kind: str, tmp_path: Path) -> Iterator[str]:
    """The URL of a database with this release's tables."""
    with prepared_database(database_kind, tmp_path) as url:
        yield url
