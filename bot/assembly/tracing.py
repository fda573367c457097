"""`trace ID`: one message's story from its intake to its delivery, without a word of what it said (rule OBS-4)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.inbox import inbox
from storage.outbox import outbox
from storage.schema import moment


def trace(connection: sa.Connection, wanted: int) -> list[str]:
    """Return the story around an inbox or an outbox row, oldest first; empty when there is no such row."""
    start = _start(connection, wanted)
    return [] if start is None else list(_story(connection, start, depth=0))


def _start(connection: sa.Connection, wanted: int) -> int | None:
    """Return the event with which the story began: calls lead back to the event that caused them."""
    row = connection.execute(sa.select(outbox.c.inbox_id).where(outbox.c.id == wanted)).first()
    event = int(row.inbox_id) if row is not None and row.inbox_id is not None else wanted
    for _ in range(50):
        found = connection.execute(sa.select(inbox.c.source, inbox.c.key).where(inbox.c.id == event)).first()
        if found is None:
            return None
        cause = _cause(connection, found)
        if cause is None:
            return event
        event = cause
    return event


def _cause(connection: sa.Connection, event: Any) -> int | None:
    if event.source not in ("call", "delivery") or not event.key.isdigit():
        return None
    row = connection.execute(sa.select(outbox.c.inbox_id).where(outbox.c.id == int(event.key))).first()
    return int(row.inbox_id) if row is not None and row.inbox_id is not None else None


def _story(connection: sa.Connection, inbox_id: int, *, depth: int) -> Iterator[str]:
    event = connection.execute(sa.select(inbox).where(inbox.c.id == inbox_id)).first()
    if event is None or depth > 20:
        return
    pad = "  " * depth
    error = f", {event.error}" if event.error else ""
    name = f"event {event.id} {event.source}:{event.kind}"
    yield f"{pad}{_at(moment(event.at))} {name} {event.state}, {event.attempts} failed{error}"
    rows = connection.execute(sa.select(outbox).where(outbox.c.inbox_id == inbox_id).order_by(outbox.c.id))
    for row in rows.all():
        yield f"{pad}  {_sent(row)}"
        ended = connection.execute(
            sa.select(inbox.c.id).where(inbox.c.source.in_(["call", "delivery"]), inbox.c.key == str(row.id))
        ).first()
        if ended is not None:
            yield from _story(connection, ended.id, depth=depth + 2)


def _sent(row: Any) -> str:
    words = [f"{_at(moment(row.at))} {row.kind} {row.id} {row.purpose} {row.state}, {row.attempts} tries"]
    if row.first_at:
        words.append(f"first at {_at(moment(row.first_at))}")
    words += [str(value) for value in (row.vendor_id, row.vendor_state, row.error) if value]
    return ", ".join(words)


def _at(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S.%f}"[:-3]
