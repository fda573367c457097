"""A running demo for tests: on a folder of its own, with the stand-in service."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.assembly.demo import Demo
from bot.core.settings import Settings, read_settings
from tests.bot.assembly.standin import make_registry


def settings_for(folder: Path, **changes: Any) -> Settings:
    """Return demo settings that no environment file of the checkout touches."""
    return read_settings(**{"_env_file": None, "parley_mode": "demo", "data_dir": folder, "port": 0, **changes})


MORNING = datetime(2027, 3, 10, 18, 0, tzinfo=UTC)
"""A Wednesday, ten o'clock in California: no quiet hour holds a message back, whenever the tests run."""


@asynccontextmanager
async def morning_demo(folder: Path) -> AsyncIterator[Demo]:
    """Open a demo on that morning."""
    offset = (MORNING - datetime.now(UTC)).total_seconds()
    (folder / "clock.json").write_text(json.dumps({"offset_seconds": offset}))
    async with Demo.open(settings_for(folder), registry=make_registry()) as running:
        yield running


@pytest.fixture
async def demo(tmp_path: Path) -> AsyncIterator[Demo]:
    async with morning_demo(tmp_path) as running:
        yield running


@pytest.fixture
async def http(demo: Demo) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(demo.url) as session:
        yield session
