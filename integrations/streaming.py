"""A child process that answers one request with several messages, one after the other.

For work of our own that is too much for the serving process: it reads the database and writes large files. The child
inherits nothing; what it needs to know, keys too, comes through its pipe. Memory, processor and wall time are bounded.
"""

from __future__ import annotations

import asyncio
import math
import os
import resource
import struct
import sys
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Any

from integrations.child import ENVIRONMENT, OUT_OF_MEMORY, ROOT, Bounds, ChildFailed, Message, frame, unframe

_START = """\
import sys
sys.path.insert(0, {root!r})
from integrations.streaming import _serve
_serve({module!r}, {work!r}, {memory}, {seconds})
"""
_SIZE = struct.Struct(">Q")
_LARGEST = 512 * 2**20

Work = Callable[[dict[str, Any], list[bytes]], Iterator[Message]]


async def stream(module: str, work: str, request: Message, bounds: Bounds) -> AsyncGenerator[Message, None]:
    """Call the generator `work` of a module in a fresh child and give its messages; raise ChildFailed."""
    start = _START.format(
        root=str(ROOT), module=module, work=work, memory=bounds.memory, seconds=math.ceil(bounds.seconds)
    )
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-X", "utf8", "-c", start,
        stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, env=ENVIRONMENT, close_fds=True,
    )  # fmt: skip
    deadline = asyncio.get_running_loop().time() + bounds.seconds
    try:
        async with asyncio.timeout_at(deadline):
            await _write(process, frame(*request))
        while True:
            async with asyncio.timeout_at(deadline):
                message = await _read(process)
            if message is None:
                break
            yield message
        async with asyncio.timeout_at(deadline):
            code = await process.wait()
        if code:
            raise ChildFailed("memory" if code == OUT_OF_MEMORY else "crash", f"exit {code}")
    except TimeoutError:
        raise ChildFailed("timeout", f"after {bounds.seconds:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _write(process: asyncio.subprocess.Process, data: bytes) -> None:
    assert process.stdin is not None  # noqa: S101
    try:
        process.stdin.write(data)
        await process.stdin.drain()
        process.stdin.close()
    except OSError:
        return  # the child has died: its exit tells how


async def _read(process: asyncio.subprocess.Process) -> Message | None:
    assert process.stdout is not None  # noqa: S101
    head = await process.stdout.read(_SIZE.size)
    if not head:
        return None
    try:
        if len(head) < _SIZE.size:
            head += await process.stdout.readexactly(_SIZE.size - len(head))
        (size,) = _SIZE.unpack(head)
        if size > _LARGEST:
            raise ValueError("no message is that large")
        return unframe(await process.stdout.readexactly(size))
    except (asyncio.IncompleteReadError, ValueError, struct.error) as error:
        raise ChildFailed("crash", "unreadable answer") from error


def _serve(module: str, work: str, memory: int, seconds: int) -> None:
    """Serve one request; this is the child's whole life."""
    import importlib

    os.nice(10)  # whoever serves people goes first
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    answers, sys.stdout = sys.stdout.buffer, sys.stderr
    try:
        function: Work = getattr(importlib.import_module(module), work)
        for head, blobs in function(*unframe(sys.stdin.buffer.read())):
            data = frame(head, blobs)
            answers.write(_SIZE.pack(len(data)))
            answers.write(data)
            answers.flush()
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
