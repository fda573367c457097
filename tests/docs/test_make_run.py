"""`make run` as a newcomer runs it: it starts, prints where the simulator is, answers there, and stops on SIGTERM.

The recipe is the Makefile's own; a folder in which `bin/python` is this interpreter stands in for `.venv`, so that
nothing is installed.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from tests.docs.pages import ROOT

PATIENCE = 60.0


@dataclass(slots=True)
class Started:
    """A demo that runs: what it printed, where its simulator is, and how long it took to answer there."""

    url: str
    printed: str
    status: int
    after: list[str] = field(default_factory=list)
    """What stood on standard error, once it stopped."""


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    python = tmp_path / "venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    (tmp_path / "venv" / ".run").touch()
    return tmp_path / "venv"


@asynccontextmanager
async def _running(venv: Path, data: Path) -> AsyncIterator[Started]:
    own = {"PORT": "0", "DATA_DIR": str(data), "PYTHONUNBUFFERED": "1"}
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG", "TMPDIR")}
    process = await asyncio.create_subprocess_exec(
        "make", "--no-print-directory", f"VENV={venv}", "run",
        cwd=ROOT, env={**kept, **own}, start_new_session=True,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        started = await asyncio.wait_for(_answered(process), PATIENCE)
        yield started
    finally:
        with suppress(ProcessLookupError):  # it ended by itself: what it said tells why
            os.killpg(process.pid, signal.SIGTERM)
        _, errors = await asyncio.wait_for(process.communicate(), PATIENCE)
    started.after = [line for line in errors.decode().splitlines() if not line.startswith("make: ***")]


async def _answered(process: asyncio.subprocess.Process) -> Started:
    assert process.stdout is not None
    assert process.stderr is not None
    printed, found = "", None
    while "Ctrl+C" not in printed:
        line = await process.stdout.readline()
        assert line, f"it ended: {(await process.stderr.read()).decode()}"
        printed += line.decode()
    found = re.search(r"Simulator\s+(http://\S+)", printed)
    assert found is not None, printed
    async with aiohttp.ClientSession() as session, session.get(found[1]) as answer:
        await answer.read()
        return Started(found[1], printed, answer.status)


async def test_make_run_prints_its_address_and_answers_there(venv: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    async with _running(venv, data) as started:
        pass
    assert started.status == 200
    assert "DEMO" in started.printed
    assert str(data) in started.printed
    assert started.after == []
    assert (data / "parley.db").exists()


async def test_a_second_start_finds_what_the_first_made(venv: Path, tmp_path: Path) -> None:
    """How much quicker it is stands in the bench (`--only start`)."""
    data = tmp_path / "data"
    async with _running(venv, data):
        made = {path.name: path.read_bytes() for path in data.glob("*.txt")}
        with closing(sqlite3.connect(data / "parley.db")) as database:
            schema = database.execute("PRAGMA schema_version").fetchone()
    async with _running(venv, data) as second:
        assert second.after == []
        assert {path.name: path.read_bytes() for path in data.glob("*.txt")} == made
        with closing(sqlite3.connect(data / "parley.db")) as database:
            assert database.execute("PRAGMA schema_version").fetchone() == schema
