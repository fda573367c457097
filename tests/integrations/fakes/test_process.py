"""The fakes as a process of their own: killed, started on the same books, moved in time."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from integrations.fakes.__main__ import main
from tests.integrations.fakes.test_stripe import FORM

ROOT = Path(__file__).parents[3]
HEADERS = {"Authorization": "Bearer sk_test_1", "Idempotency-Key": "checkout:81"}


@asynccontextmanager
async def process(data: Path) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, str]]]:
    arguments = ("-m", "integrations.fakes", "--stripe", "0", "--lob", "0", "--data", str(data))
    child = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE, env={**os.environ}
    )
    assert child.stdout is not None
    try:
        yield child, json.loads(await asyncio.wait_for(child.stdout.readline(), 30))
    finally:
        if child.returncode is None:
            child.terminate()
        await child.wait()


async def open_session(http: aiohttp.ClientSession, urls: dict[str, str]) -> dict[str, Any]:
    async with http.post(urls["stripe"] + "/v1/checkout/sessions", data=FORM, headers=HEADERS) as answer:
        assert answer.status == 200
        return dict(await answer.json())


async def test_a_killed_process_goes_on_with_its_books(tmp_path: Path) -> None:
    async with aiohttp.ClientSession() as http:
        async with process(tmp_path) as (child, urls):
            before = await open_session(http, urls)
            child.send_signal(signal.SIGKILL)
            await child.wait()
        async with process(tmp_path) as (child, urls):
            assert await open_session(http, urls) == before
            async with http.post(urls["stripe"] + "/_clock", json={"advance_seconds": 86_400}) as answer:
                assert answer.status == 200
            async with http.get(urls["stripe"] + "/_book?kind=session") as answer:
                rows = await answer.json()
            async with http.get(urls["lob"] + "/_desk") as answer:
                assert await answer.json() == {"letters": []}
            child.terminate()
            assert await child.wait() == 0
    assert [row["kind"] for row in rows] == ["session.created", "session.expired"]


def test_no_fake_named_says_how() -> None:
    with pytest.raises(SystemExit, match="--stripe 0"):
        main([])
