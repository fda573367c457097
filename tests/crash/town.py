"""The town of the torture: server processes that are killed, vendors that are not, people who go on.

A small proxy stands before the servers: a request waits up to three seconds for a living one, as it would in the
network, and goes to either of two workers.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.crash.clock import JumpClock
from tests.crash.judge import Who
from tests.simulation.world import SECRETS, Vendors, make_vendors, point_telegram

ROOT = Path(__file__).parents[2]
HOLD_SECONDS = 3.0


class Proxy:
    """Passes connections on to a living server."""

    def __init__(self) -> None:
        self.ports: set[int] = set()
        self._server: asyncio.Server | None = None
        self._pipes: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def stop(self) -> None:
        """Close all."""
        assert self._server is not None
        self._server.close()
        for pipe in list(self._pipes):
            pipe.cancel()
        await asyncio.gather(*self._pipes, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._pipes.add(task)
        try:
            backend = await self._connect()
            if backend is not None:
                await self._pass(reader, writer, *backend)
        finally:
            writer.transport.abort()
            self._pipes.discard(task)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter] | None:
        loop = asyncio.get_running_loop()
        until = loop.time() + HOLD_SECONDS
        while loop.time() < until:
            for port in random.sample(sorted(self.ports), len(self.ports)):
                with contextlib.suppress(OSError):
                    return await asyncio.open_connection("127.0.0.1", port)
            await asyncio.sleep(0.05)
        return None

    async def _pass(self, reader: Any, writer: Any, behind: Any, before: Any) -> None:
        async def pump(source: Any, target: Any) -> None:
            with contextlib.suppress(OSError):
                while data := await source.read(65_536):
                    target.write(data)
                    await target.drain()

        both = [asyncio.ensure_future(pump(reader, before)), asyncio.ensure_future(pump(behind, writer))]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in both:
                one.cancel()
            await asyncio.gather(*both, return_exceptions=True)
            before.transport.abort()


@dataclass
class Server:
    """One server process, started again after every kill."""

    proxy: Proxy
    environment: dict[str, str]
    process: asyncio.subprocess.Process | None = None
    port: int | None = None
    starts: int = 0

    async def start(self) -> None:
        """Start the process; `wait_ready` tells when it serves."""
        self.starts += 1
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.crash.serve", cwd=ROOT, env=self.environment, stdout=asyncio.subprocess.PIPE
        )

    async def wait_ready(self) -> None:
        """Wait until its doors are open."""
        assert self.process is not None
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), 60)
        word, _, port = line.decode().strip().partition(" ")
        if word != "ready":
            raise RuntimeError(f"the server did not start: {line!r}")
        self.port = int(port)
        self.proxy.ports.add(self.port)

    async def kill(self) -> None:
        """SIGKILL."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()
        if self.port is not None:
            self.proxy.ports.discard(self.port)
            self.port = None


def _until_day(now: datetime) -> timedelta:
    """Return how far it is to the next Tuesday noon in San Francisco: at night proactive texts rightly wait."""
    day = now + timedelta(days=(1 - now.weekday()) % 7 or 7)
    return day.replace(hour=20, minute=0, second=0, microsecond=0) - now


@dataclass
class Town:
    """Servers, vendors, clock, and what everybody heard."""

    folder: Path
    database_url: str
    workers: int
    mutation: str = ""
    proxy: Proxy = field(default_factory=Proxy)
    servers: list[Server] = field(default_factory=list)
    heard: dict[Who, list[str]] = field(default_factory=lambda: defaultdict(list))
    _read: dict[str, int] = field(default_factory=lambda: {"telegram": 0, "twilio": 0})

    async def __aenter__(self) -> Town:
        await self.proxy.start()
        self.clock = JumpClock(self.folder / "clock.txt")
        self.clock.jump(_until_day(self.clock.now()))
        self.vendors: Vendors = make_vendors(self.clock, self.proxy.url)
        for fake in self.vendors.all.values():
            await fake.start()
            fake.run_in_background(0.2)
        await point_telegram(self.vendors, self.proxy.url)
        self.servers = [Server(self.proxy, self._environment()) for _ in range(self.workers)]
        for server in self.servers:
            await server.start()
        await asyncio.gather(*(server.wait_ready() for server in self.servers))
        return self

    async def __aexit__(self, *_: object) -> None:
        for server in self.servers:
            if server.process is not None and server.process.returncode is None:
                await server.kill()
        for fake in self.vendors.all.values():
            await fake.stop()
        await self.proxy.stop()

    def _environment(self) -> dict[str, str]:
        settings = {**SECRETS, **self.vendors.bases()}
        return {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            **{name.upper(): value for name, value in settings.items()},
            "PARLEY_MODE": "demo",
            "DATABASE_URL": self.database_url,
            "PUBLIC_URL": self.proxy.url,
            "PORT": "0",
            "DATA_DIR": str(self.folder),
            "CRASH_CLOCK": str(self.folder / "clock.txt"),
            "CRASH_MUTATION": self.mutation,
            "CRASH_LOG": os.environ.get("CRASH_LOG", "CRITICAL"),
        }

    def listen(self) -> None:
        """Read what came new into the books."""
        rows = self.vendors.twilio.book.rows
        for row in rows[self._read["twilio"] :]:
            value = row.get("value") if row.get("shelf") == "message" else None
            if value and str(value["direction"]).startswith("outbound"):
                self.heard["sms", value["to"]].append(value["body"])
        self._read["twilio"] = len(rows)
        rows = self.vendors.telegram.book.rows
        for row in rows[self._read["telegram"] :]:
            value = row.get("value") if row.get("shelf") == "message" else None
            if value and value["from"]["is_bot"]:
                self.heard["telegram", str(value["chat"]["id"])].append(value.get("text") or "")
        self._read["telegram"] = len(rows)
