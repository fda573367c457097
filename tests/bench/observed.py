"""Parley with two windows for the benchmark: how large its batches are, and a reader that aggregates meanwhile.

`GET /bench/batches` tells jobs and batches so far; `POST /bench/read` starts the reader, which counts and sums
the whole transcript in SQL again and again, as a report of an operator would.
"""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from aiohttp import web

import bot.engine
from bot.assembly.app import App
from bot.assembly.serving import run, until_stopped
from bot.core.settings import read_settings
from bot.engine.registry import Registry
from storage.transcript import transcript
from tests.bench.conversation import register

PAUSE_SECONDS = 0.02
_report = sa.select(
    transcript.c.direction,
    sa.func.count(),
    sa.func.sum(sa.func.length(transcript.c.body)),
    sa.func.max(transcript.c.at),
).group_by(transcript.c.direction)


def _read(connection: sa.Connection) -> list[sa.Row[Any]]:
    return list(connection.execute(_report))


async def main() -> None:
    """Serve until stopped."""
    registry = Registry()
    registry.add_texts(Path(bot.engine.__file__).parent / "texts")
    register(registry)
    key = base64.urlsafe_b64encode(b"b" * 32).decode()
    app = App.build(read_settings(secret_keys=key, log_level="ERROR"), registry=registry)
    app.polls = False
    reading: list[asyncio.Task[None]] = []

    async def read_on() -> None:
        while True:
            await app.database.read(_read)
            await asyncio.sleep(PAUSE_SECONDS)

    async def start_reading(request: web.Request) -> web.Response:
        reading.append(asyncio.create_task(read_on()))
        return web.Response()

    async def batches(request: web.Request) -> web.Response:
        writers = app.writers._writers
        return web.json_response({"jobs": sum(w.jobs for w in writers), "batches": sum(w.batches for w in writers)})

    app.site.router.add_post("/bench/read", start_reading)
    app.site.router.add_get("/bench/batches", batches)
    await app.start()
    await until_stopped()
    for task in reading:
        task.cancel()
    await app.stop()


if __name__ == "__main__":
    run(main())
