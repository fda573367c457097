"""Copies of one stranger's file, made in a limited child process: a broken or hostile file costs that file only."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from integrations.child import Bounds, ChildFailed, run
from integrations.pictures.kinds import kind_of

MOST_BYTES = 10 * 1024 * 1024
COPIED = frozenset({"jpeg", "png", "webp", "gif", "heic", "pdf"})
BOUNDS = Bounds(memory=1_200_000_000, seconds=20)

_WORK = Path(__file__).with_name("decoding.py")


@dataclass(frozen=True, slots=True)
class Copies:
    """The copies (JPEG) with the original's hash, or `trouble`: unreadable, too_large, unsupported, no_signature."""

    sha256: str
    pictures: tuple[bytes, ...] = ()
    taken_at: str | None = None
    trouble: str | None = None


async def copies(
    data: bytes, work: Literal["decode", "view", "signature"], bounds: Bounds = BOUNDS, **limits: Any
) -> Copies:
    """Make the copies of one file that `work` (a function of `decoding`) makes."""
    sha256 = hashlib.sha256(data).hexdigest()
    if len(data) > MOST_BYTES:
        return Copies(sha256, trouble="too_large")
    kind = kind_of(data)
    if kind not in COPIED:
        return Copies(sha256, trouble="unsupported")
    try:
        head, made = await run(_WORK, work, ({"kind": kind, **limits}, [data]), bounds)
    except ChildFailed as failure:
        return Copies(sha256, trouble="unreadable" if failure.code == "crash" else "too_large")
    return Copies(sha256, tuple(made), head.get("taken_at"), head.get("trouble"))
