"""The work of a process of its own: writing an export, or checking the chain; the database comes through its pipe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from bot.core.clock import SystemClock
from bot.core.seal import Seal, parse_keys
from handlers.audit.question import wanted_from
from handlers.audit.writing import parts
from storage.audit.chain import Head
from storage.audit.search import stream
from storage.audit.verifying import verify
from storage.database import Database
from storage.snapshot import snapshot

Message = tuple[dict[str, Any], list[bytes]]


def export(request: dict[str, Any], blobs: list[bytes]) -> Iterator[Message]:
    """Give each finished file with its name and the number of its entries."""
    kind, now = request["order"]["kind"], datetime.fromisoformat(request["now"])
    wanted = wanted_from(request["order"]["wanted"], now)
    with snapshot(Database(request["url"]), Seal(parse_keys(request["keys"])), SystemClock()) as work:
        for number, (content, count) in enumerate(parts(kind, stream(work, wanted)), 1):
            yield {"name": f"audit-{number}.{kind}", "count": count}, [content]


def check(request: dict[str, Any], blobs: list[bytes]) -> Iterator[Message]:
    """Give the verdict on the chain."""
    anchor = Head(*request["anchor"]) if request["anchor"] else None
    with snapshot(Database(request["url"]), Seal(parse_keys(request["keys"])), SystemClock()) as work:
        found = verify(work.rows, anchor=anchor)
    yield asdict(found), []
