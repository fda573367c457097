"""What is measured, each a server process of its own: echoes, Parley in its ways to answer, and peers if installed."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp

import psutil

from tests.bench.bot_api import BotApi
from tests.bench.load import Crowd
from tests.bench.script import SECRET, TOKEN
from tests.databases import has_postgres, postgres_database

START_SECONDS = 60.0
REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Subject:
    """A server to measure. `by_api`: replies are awaited at the local Bot API, which takes `api_seconds` a call."""

    name: str
    module: str
    arguments: tuple[str, ...] = ()
    by_api: bool = False
    checks: bool = True
    postgres: bool = False
    api_seconds: float = 0.0
    needs: tuple[str, ...] = ()
    senders: tuple[int, ...] = ()

    def missing(self) -> str | None:
        """Say what this machine lacks to run it, or None."""
        for name in self.needs:
            if importlib.util.find_spec(name) is None:
                return f"{name} is not installed"
        if self.postgres and not has_postgres():
            return "no PostgreSQL server answers"
        return None


ECHO = Subject("echo", "tests.bench.echo", checks=False)
ECHO_UVLOOP = Subject("echo uvloop+orjson", "tests.bench.echo", ("--uvloop",), checks=False)
PARLEY = Subject("parley", "tests.bench.serve")
PARLEY_API = Subject("parley by API", "tests.bench.serve", ("--api",), by_api=True)
PARLEY_PG = Subject("parley on PostgreSQL", "tests.bench.serve", postgres=True)
OBSERVED = Subject("parley observed", "tests.bench.observed")
PTB = Subject("python-telegram-bot", "tests.bench.peer_telegram_bot", by_api=True, needs=("telegram.ext",))
PTB_SLOW = Subject(
    "python-telegram-bot, API 50 ms",
    "tests.bench.peer_telegram_bot",
    by_api=True,
    api_seconds=0.05,
    needs=("telegram.ext",),
    senders=(64,),
)
ASYNCPG = Subject("asyncpg, transaction a message", "tests.bench.peer_asyncpg", postgres=True, needs=("asyncpg",))
ROUND = (ECHO, PARLEY, ECHO_UVLOOP, PARLEY_API, PTB, PARLEY_PG, ASYNCPG)
ONCE = (PTB_SLOW,)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Server:
    """The process of a subject, with its data in a folder (or a database) of its own."""

    def __init__(self, subject: Subject, api: BotApi, *, program: tuple[str, ...] = ()) -> None:
        self.subject, self.api = subject, api
        self.program = program or ("-m", subject.module, *subject.arguments)
        self.folder = Path(mkdtemp(prefix="parley-bench-", dir=os.environ.get("BENCH_TMP")))
        self._stack = ExitStack()
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.database = f"sqlite:///{self.folder}/bench.db"
        if subject.postgres:
            self.database = self._stack.enter_context(postgres_database())
        self.log = self.folder / "stderr.log"
        self.port = 0
        self._process: psutil.Popen | None = None

    async def __aenter__(self) -> Server:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop(signal.SIGKILL)
        self._stack.close()

    async def start(self, extra: dict[str, str] | None = None) -> float:
        """Start it and return after how many seconds it listened."""
        self.api.seconds = self.subject.api_seconds
        self.port = free_port()
        env = {**os.environ, **self._settings(), **(extra or {})}
        env.pop("PYTHONDONTWRITEBYTECODE", None)  # a second start finds its bytecode, as it does where it is installed
        started = time.perf_counter()
        with self.log.open("ab") as log:
            self._process = psutil.Popen(
                [sys.executable, *self.program], env=env, cwd=REPOSITORY, stdout=subprocess.DEVNULL, stderr=log
            )
        while not _listens(self.port):
            if self._process.poll() is not None or time.perf_counter() - started > START_SECONDS:
                self.stop(signal.SIGKILL)
                raise RuntimeError(f"{self.subject.name} did not start: {self.log.read_text()[-2000:]}")
            await asyncio.sleep(0.004)
        return time.perf_counter() - started

    def _settings(self) -> dict[str, str]:
        return {
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "DATA_DIR": str(self.folder),
            "DATABASE_URL": self.database,
            "TELEGRAM_API_BASE": self.api.base,
            "TELEGRAM_BOT_TOKEN": TOKEN,
            "TELEGRAM_WEBHOOK_SECRET": SECRET,
        }

    def crowd(self, persons: int) -> Crowd:
        """Return a crowd in front of it."""
        return Crowd(self.port, persons, self.api if self.subject.by_api else None, self.subject.checks)

    @property
    def cpu_seconds(self) -> float:
        """Processor time of the process with all its threads so far."""
        assert self._process is not None
        times = self._process.cpu_times()
        return float(times.user + times.system)

    @property
    def rss_mib(self) -> float:
        """Resident memory, its children included."""
        assert self._process is not None
        family = [self._process, *self._process.children(recursive=True)]
        return float(sum(p.memory_info().rss for p in family)) / 2**20

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End the process; its data stay until the server is left."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.send_signal(how)
        try:
            self._process.wait(10)
        except psutil.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
