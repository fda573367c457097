"""A child process that stays: for work whose start costs more than the work, such as loading the models of a reader.

The same rules hold as in `integrations.child`: nothing inherited, memory and processor time bounded, no file written.
The child has no network either. Requests are served one at a time, in the order in which they were made. A request that
ends in trouble ends the child with it; the next one starts a new child.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import resource
import signal
import struct
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, BinaryIO

from integrations.child import ENVIRONMENT, OUT_OF_MEMORY, ROOT, Bounds, ChildFailed, Message, frame, limit, load_work
from integrations.child import unframe as unframe_whole

_START = """\
import sys
sys.path.insert(0, {root!r})
from integrations.resident import serve
serve({source!r}, {work!r}, {memory}, {seconds})
"""
_COUNTS = struct.Struct(">II")
_MOST_BLOBS = 64


class Resident:
    """Calls one function of a file in a child that is started by the first request and ended after idle time.

    `bounds.seconds` is for one request, on the wall clock and of processor time. `queue_seconds` is how long a request
    waits for those before it. A cancelled request ends the child too: its answer would be taken for the next one's.
    """

    def __init__(
        self, source: Path, work: str, bounds: Bounds, *, idle_seconds: float = 600, queue_seconds: float = 100
    ) -> None:
        self._start = _START.format(
            root=str(ROOT), source=str(source), work=work, memory=bounds.memory, seconds=math.ceil(bounds.seconds)
        )
        self._bounds, self._idle_seconds, self._queue_seconds = bounds, idle_seconds, queue_seconds
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._dying: set[asyncio.Future[int]] = set()
        self._closed = False

    @property
    def pid(self) -> int | None:
        """The process id of the child while it lives."""
        process = self._process
        return process.pid if process is not None and process.returncode is None else None

    async def ask(self, request: Message) -> Message:
        """Return the work's answer; raise ChildFailed: timeout, memory, crash, busy (the queue), closed."""
        async with self._next():
            process = await self._alive()
            try:
                async with asyncio.timeout(self._bounds.seconds):
                    return _checked(await _exchange(process, request))
            except TimeoutError:
                await self._end()
                raise ChildFailed("timeout", f"after {self._bounds.seconds:g} s") from None
            except (asyncio.IncompleteReadError, OSError, ValueError, struct.error):
                raise _cause(await self._end()) from None
            except asyncio.CancelledError:
                await self._end()
                raise

    async def close(self) -> None:
        """End the child; requests that wait or are made later fail with `closed`."""
        self._closed = True
        await self._end()
        await asyncio.gather(*self._dying)

    @contextlib.asynccontextmanager
    async def _next(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._queue_seconds):
                await self._turn.acquire()
        except TimeoutError:
            raise ChildFailed("busy", f"{self._queue_seconds:g} s in the queue") from None
        try:
            if self._rest:
                self._rest.cancel()
            if self._closed:
                raise ChildFailed("closed")
            yield
        finally:
            if not self._closed:
                self._rest = asyncio.get_running_loop().call_later(self._idle_seconds, self._kill)
            self._turn.release()

    async def _alive(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            pipe = asyncio.subprocess.PIPE
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-I", "-X", "utf8", "-c", self._start,
                stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, env=ENVIRONMENT, close_fds=True,
            )  # fmt: skip
        return self._process

    def _kill(self) -> None:
        """End an idle child; the next request starts another at once, whether this one is gone by then or not."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        dying = asyncio.ensure_future(process.wait())
        self._dying.add(dying)
        dying.add_done_callback(self._dying.discard)

    async def _end(self) -> int:
        """Kill the child, wait until it is gone, and return how it ended."""
        if self._rest:
            self._rest.cancel()
        process, self._process = self._process, None
        if process is None:
            return 0
        if process.stdin:
            process.stdin.close()
        # A child that died by itself has told why; one that closed its pipe is about to.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.2 if process.stdout and process.stdout.at_eof() else 0):
                return await process.wait()
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        return await asyncio.shield(process.wait())


async def _exchange(process: asyncio.subprocess.Process, request: Message) -> Message:
    if process.stdin is None or process.stdout is None:
        raise ChildFailed("crash", "no pipes")
    process.stdin.write(frame(*request))
    await process.stdin.drain()
    counts = await process.stdout.readexactly(_COUNTS.size)
    rest = _rest_of(counts, sizes := await process.stdout.readexactly(8 * _blobs(counts)))
    return unframe_whole(counts + sizes + await process.stdout.readexactly(rest))


def _blobs(counts: bytes) -> int:
    _, blobs = _COUNTS.unpack(counts)
    if blobs > _MOST_BLOBS:
        raise ValueError("no message begins like this")
    return int(blobs)


def _rest_of(counts: bytes, sizes: bytes) -> int:
    return int(_COUNTS.unpack(counts)[0] + sum(struct.unpack(f">{len(sizes) // 8}Q", sizes)))


def _checked(answer: Message) -> Message:
    if crashed := answer[0].get("crashed"):
        raise ChildFailed("crash", str(crashed))
    return answer


def _cause(code: int) -> ChildFailed:
    if code == OUT_OF_MEMORY:
        return ChildFailed("memory")
    return (
        ChildFailed("timeout", "of the processor") if code == -signal.SIGXCPU else ChildFailed("crash", f"exit {code}")
    )


# -- in the child ------------------------------------------------------------------------------------------------------


def serve(source: str, work: str, memory: int, seconds: int) -> None:
    """Serve requests until the pipe ends; this is the child's whole life."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not mix with the answers
    limit(memory)
    sys.addaudithook(_no_network)
    function = load_work(source, work)
    while (request := _read(sys.stdin.buffer)) is not None:
        allow(seconds)
        try:
            head, blobs = function(*request)
        except MemoryError:
            sys.exit(OUT_OF_MEMORY)
        except Exception as error:
            # The type of an exception may be told; its message may quote a person's document.
            head, blobs = {"crashed": type(error).__name__}, []
        answers.write(frame(head, blobs))
        answers.flush()


def allow(seconds: int) -> None:
    """Let this process use so many seconds more of the processor; past them it is killed (SIGXCPU)."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(used.ru_utime + used.ru_stime) + seconds, hard))


def _no_network(event: str, _arguments: tuple[Any, ...]) -> None:
    if event.startswith("socket."):
        raise PermissionError("this process has no network")


def _read(requests: BinaryIO) -> Message | None:
    counts = requests.read(_COUNTS.size)
    if len(counts) < _COUNTS.size:
        return None
    sizes = requests.read(8 * _blobs(counts))
    return unframe_whole(counts + sizes + requests.read(_rest_of(counts, sizes)))
