"""Every request that comes in at a fake's door, in the form that contract checkers read.

`{"method", "url", "headers", "body", "provider"}`; a multipart body is given decoded, its files as name, type and
size. Credentials are masked: the check needs to see that they were there, nobody needs to read them. With the
environment variable `PARLEY_FAKE_RECORDINGS` (or an argument) the requests also go to a file of JSON lines; when it
names a folder, each process writes a file of its own there, and requests alike in shape once, so that a whole test run
can be checked at its end.
"""

from __future__ import annotations

import json
import os
import re
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiohttp import web

from integrations.fakes.kit.form import read_form
from integrations.fakes.kit.shape import shape

RECORDINGS_VARIABLE = "PARLEY_FAKE_RECORDINGS"
_IN_MEMORY = 20_000
_SECRET_HEADERS = {"authorization", "x-api-key"}
_written: set[tuple[Path, int]] = set()
"""Shapes that this process wrote, by the file's path."""


class Recorder:
    """Keeps the requests made to one provider."""

    def __init__(self, provider: str, path: Path | None = None) -> None:
        chosen = path or os.environ.get(RECORDINGS_VARIABLE)
        self.provider, self.path = provider, Path(chosen) if chosen else None
        self.recordings: deque[dict[str, Any]] = deque(maxlen=_IN_MEMORY)

    def record(self, request: web.BaseRequest, body: bytes, operation: str) -> None:
        """Keep one request."""
        self.keep(
            {
                "method": request.method,
                "url": str(request.url),
                "headers": {name: _masked(name, value) for name, value in request.headers.items()},
                "body": _body(request.headers.get("Content-Type", ""), body),
                "provider": self.provider,
                "operation": operation,
            }
        )

    def keep(self, row: dict[str, Any]) -> None:
        """Keep a request that is in contract form already."""
        self.recordings.append(row)
        if self.path:
            write_recording(self.path, row)


def write_recording(path: Path, row: Mapping[str, Any]) -> None:
    """Append a request to a file, or to this process's file in a folder unless one alike in shape is there."""
    if path.is_dir():
        path = path / f"{os.getpid()}.jsonl"
        known = path, hash(shape(row))
        if known in _written:
            return
        _written.add(known)
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _masked(name: str, value: str) -> str:
    if name.lower() not in _SECRET_HEADERS:
        return value
    return re.sub(r"\S+$", "***", value)


def _body(content_type: str, body: bytes) -> Any:
    if not content_type.lower().startswith("multipart/"):
        return body.decode("utf-8", "replace")
    form = read_form(content_type, body)
    files = {
        name: {"filename": file.filename, "content_type": file.content_type, "size": len(file.data)}
        for name, file in form.files.items()
    }
    return {**form.flat(), **files}
