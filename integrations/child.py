"""Run one piece of work in a child process of its own, with bounded memory, processor time and wall time.

Pictures and documents of strangers are decoded by large native libraries. A crash, a bomb or an endless loop there
must cost one attempt, never the server. The child starts from nothing: an empty environment (no keys), no inherited
files, limits set before the first byte is read. A request and its answer are one JSON object and some byte strings,
and travel through pipes: nothing of a person touches the disk.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import resource
import struct
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

Message = tuple[dict[str, Any], list[bytes]]
"""One request or answer: a JSON object and the byte strings that belong to it."""

Work = Callable[[dict[str, Any], list[bytes]], Message]

ROOT = Path(__file__).resolve().parents[1]
_START = """\
import sys
sys.path.insert(0, {root!r})
from integrations.child import _answer
_answer({source!r}, {work!r}, {memory})
"""
OUT_OF_MEMORY = 77


class ChildFailed(Exception):
    """The work gave no answer; `code` is timeout, memory or crash."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a child may use: address space in bytes, and seconds on the wall clock (also the processor's limit)."""

    memory: int
    seconds: float


async def run(source: Path, work: str, request: Message, bounds: Bounds) -> Message:
    """Call function `work` of the file `source` in a fresh child and return its answer; raise ChildFailed."""
    start = _START.format(root=str(ROOT), source=str(source), work=work, memory=bounds.memory)
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-X", "utf8", "-c", start, str(int(bounds.seconds) + 1),
        stdin=pipe, stdout=pipe, stderr=pipe, env=ENVIRONMENT, close_fds=True,
    )  # fmt: skip
    try:
        out, errors = await asyncio.wait_for(process.communicate(frame(*request)), bounds.seconds)
    except TimeoutError:
        raise ChildFailed("timeout", f"after {bounds.seconds:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return _read_answer(process.returncode or 0, out, errors)


# One thread and one heap: the limit on address space would otherwise count the stacks and arenas of idle threads.
ENVIRONMENT = {"RAYON_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1", "OMP_NUM_THREADS": "1"}


def _read_answer(code: int, out: bytes, errors: bytes) -> Message:
    if code == 0:
        try:
            return unframe(out)
        except (ValueError, struct.error) as error:
            raise ChildFailed("crash", "unreadable answer") from error
    if code == OUT_OF_MEMORY or b"MemoryError" in errors or b"memory allocation of" in errors:
        raise ChildFailed("memory")
    last = errors.decode("utf-8", "replace").strip().splitlines()[-1:]
    # The type of an exception may be told; its message may quote a person's document.
    raise ChildFailed("crash", f"exit {code} {last[0].split(':')[0] if last else ''}".strip())


def frame(head: dict[str, Any], blobs: Sequence[bytes]) -> bytes:
    """Write a message: the sizes of its parts, its head as JSON, its byte strings."""
    text = json.dumps(head).encode()
    sizes = struct.pack(f">II{len(blobs)}Q", len(text), len(blobs), *map(len, blobs))
    return b"".join([sizes, text, *blobs])


def unframe(data: bytes) -> Message:
    """Read a whole message; raise ValueError or struct.error when it is none."""
    text_size, count = struct.unpack_from(">II", data)
    sizes = struct.unpack_from(f">{count}Q", data, 8)
    at = 8 + 8 * count
    head = json.loads(data[at : at + text_size])
    at += text_size
    blobs = []
    for size in sizes:
        blobs.append(data[at : at + size])
        at += size
    if at != len(data):
        raise ValueError("the sizes do not add up")
    return head, blobs


def _answer(source: str, work: str, memory: int) -> None:
    """Serve one request; this is the child's whole life."""
    seconds = int(sys.argv[-1])
    limit(memory)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    answers: BinaryIO = sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints must not mix with the answer
    try:
        head, blobs = load_work(source, work)(*unframe(sys.stdin.buffer.read()))
    except MemoryError:
        sys.exit(OUT_OF_MEMORY)
    answers.write(frame(head, blobs))
    answers.flush()


def limit(memory: int) -> None:
    """Bound this process: address space in bytes, no file written, no dump of its memory left behind."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def load_work(source: str, work: str) -> Work:
    """Load the file by its path: importing its package would load the adapter too, which the child does not need."""
    spec = importlib.util.spec_from_file_location("work", source)
    if spec is None or spec.loader is None:
        raise ImportError(source)
    module = importlib.util.module_from_spec(spec)
    sys.modules["work"] = module
    spec.loader.exec_module(module)
    function: Work = getattr(module, work)
    return function
