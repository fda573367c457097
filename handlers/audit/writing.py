"""Entries as lines of a file: every column, CSV or JSON, cut into files of some megabytes (AU-6). Pure.

One file at a time is in memory, so that a hundred times the entries take no more of it. In CSV no cell can become a
formula; the JSON lines are the canonical form that was hashed, with the hashes beside it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from bot.core.cells import guarded
from storage.audit.chain import canonical, instant

PART_BYTES = 8_000_000
COLUMNS = (
    "seq", "at", "actor", "action", "class", "target", "diff", "outcome", "factor", "correlation", "origin",
    "prev_hash", "hash",
)  # fmt: skip


def parts(kind: str, rows: Iterable[Any], *, limit: int = PART_BYTES) -> Iterator[tuple[bytes, int]]:
    """Yield finished files, each with the number of its entries; at least one, which may hold none."""
    head, line = (_csv_line(COLUMNS), _as_csv) if kind == "csv" else (b"", _as_json)
    return _cut(head, map(line, rows), limit)


def _cut(head: bytes, lines: Iterable[bytes], limit: int) -> Iterator[tuple[bytes, int]]:
    out, count, any_yet = bytearray(head), 0, False
    for line in lines:
        if count and len(out) + len(line) > limit:
            yield bytes(out), count
            out, count, any_yet = bytearray(head), 0, True
        out += line
        count += 1
    if count or not any_yet:
        yield bytes(out), count


def _as_csv(row: Any) -> bytes:
    cells = (
        row.seq, instant(row.at), row.actor, row.action, row.risk, row.object, row.details, row.outcome, row.factor,
        row.correlation, row.origin, row.prev_hash, row.hash,
    )  # fmt: skip
    return _csv_line([guarded(one) if isinstance(one, str) else "" if one is None else one for one in cells])


def _csv_line(cells: Iterable[object]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().encode()


def _as_json(row: Any) -> bytes:
    hashes = orjson.dumps({"hash": row.hash, "prev_hash": row.prev_hash})
    return canonical(row.seq, row)[:-1] + b"," + hashes[1:] + b"\n"
