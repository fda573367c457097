"""What operators ask for that takes longer than a turn: exports and checks of the audit, and reports.

Exports and long checks run in child processes. A child reads the database by itself and sends finished files through
its pipe, one at a time; each is stored here in a commit of its own, with a date of deletion. Reports are aggregated by
the database on a reading connection. Every night the chain is checked, and owners are told its last number and hash:
the anchor that a later check must meet (AU-5).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.calls.office import (
    AuditExported,
    AuditVerified,
    ExportAudit,
    OfficeFile,
    ReadReport,
    ReportRead,
    VerifyAudit,
)
from bot.core.calls.outcome import Again, Done, Outcome, Refused
from bot.core.clock import Clock
from bot.core.errors import Refusal
from bot.core.ids import Ids
from bot.core.ports import Attempt, LookUp, Perform
from bot.core.seal import Seal, parse_keys
from integrations.child import Bounds, ChildFailed, Message
from integrations.streaming import stream
from jobs.audit_sealing import AuditSealing
from storage.alerts import alert, raise_alert
from storage.audit import link
from storage.audit.chain import Head
from storage.audit.verifying import verify
from storage.blobs import blob
from storage.database import Database, Writers
from storage.work import Work

MAKING = "handlers.audit.making"
"""The module that the child loads; this room does not import it."""
BOUNDS = Bounds(memory=1_500_000_000, seconds=600)
KEPT = timedelta(days=1)
SHORT, PIECE = 2_000, 100
"""A chain of at most so many entries is checked here, some at a time: a child takes longer to start."""
_TYPES = {"csv": "text/csv", "jsonl": "application/x-ndjson"}

Report = Callable[[sa.Connection, ReadReport], tuple[ReportRead, bytes]]
"""Reads a report; returns it with its table as CSV. Raises Refusal for a set or days that there are not."""


class Office:
    """The adapter for calls of operators."""

    vendor = "office"

    def __init__(
        self,
        database: Database,
        writers: Writers,
        *,
        clock: Clock,
        ids: Ids,
        keys: str,
        report: Report,
        bounds: Bounds = BOUNDS,
    ) -> None:
        self._database, self._writers, self._clock, self._ids = database, writers, clock, ids
        self._keys, self._report, self._bounds = keys, report, bounds
        self._seal = Seal(parse_keys(keys))  # of its own: files are sealed in another thread
        self._room = asyncio.Semaphore(1)
        self.calls: Mapping[type, Perform] = {
            ExportAudit: self._export, VerifyAudit: self._verify, ReadReport: self._read,
        }  # fmt: skip
        self.look_ups: Mapping[type, LookUp] = {}

    async def close(self) -> None:
        """Hold nothing open."""

    async def _child(self, work: str, **request: Any) -> AsyncGenerator[Message, None]:
        whole = {"url": self._database.url, "keys": self._keys, "now": self._clock.now().isoformat(), **request}
        async with self._room, aclosing(stream(MAKING, work, (whole, []), self._bounds)) as messages:
            async for message in messages:
                yield message

    async def _export(self, call: ExportAudit, attempt: Attempt) -> Outcome:
        await AuditSealing(self._database, self._writers).run()
        files, count = list[OfficeFile](), 0
        try:
            async with aclosing(self._child("export", order=asdict(call))) as messages:
                async for head, (content,) in messages:
                    kept = await self._keep(call.person_id, content, _TYPES[call.kind])
                    files.append(OfficeFile(kept, head["name"], len(content)))
                    count += head["count"]
        except ChildFailed as failure:
            return Again(f"child: {failure}", whole_vendor=False)
        return Done(AuditExported(count, files))

    async def _keep(self, person_id: int, data: bytes, media_type: str) -> int:
        blob_id, sealed = self._ids.next(), await asyncio.to_thread(self._seal.seal, data)

        def keep(work: Work) -> None:
            row = {"id": blob_id, "person_id": person_id, "media_type": media_type, "size": len(data)}
            work.write(blob.insert(), {**row, "data": sealed, "at": work.now, "delete_after": work.now + KEPT})

        await self._writers.run(keep, key=person_id)
        return blob_id

    async def _verify(self, call: VerifyAudit, attempt: Attempt) -> Outcome:
        try:
            return Done(await self.check())
        except ChildFailed as failure:
            return Again(f"child: {failure}", whole_vendor=False)

    async def check(self) -> AuditVerified:
        """Seal what waits, check the chain against the last anchor, and return the verdict; raise ChildFailed."""
        await AuditSealing(self._database, self._writers).run()
        anchor, length = await self._database.read(lambda c: (last_anchor(c), _length(c)))
        if length > SHORT:
            return await self._check_in_child(anchor)
        head = None if anchor is None else Head(*anchor)
        found = await self._database.read(lambda c: verify(lambda s: list(c.execute(s)), anchor=head, piece=PIECE))
        return AuditVerified(found.count, found.end.seq, found.end.hash, found.damaged, found.why)

    async def _check_in_child(self, anchor: tuple[int, str] | None) -> AuditVerified:
        async with aclosing(self._child("check", anchor=anchor)) as messages:
            async for head, _ in messages:
                end = head["end"]
                return AuditVerified(head["count"], end["seq"], end["hash"], head["damaged"], head["why"])
        raise ChildFailed("crash", "no verdict")

    async def nightly(self) -> None:
        """Seal even what is late, check the chain, and tell owners where it ends, or where it is damaged."""
        await AuditSealing(self._database, self._writers).seal_late()
        found, known = await self.check(), await self._database.read(last_anchor)
        if found.damaged is not None or (found.seq, found.hash) != known:
            await self._writers.run(lambda work: _tell(work, found))

    async def _read(self, call: ReadReport, attempt: Attempt) -> Outcome:
        try:
            read, table = await self._database.read(lambda connection: self._report(connection, call))
        except Refusal as refusal:
            return Refused("no_report", refusal.key)
        if not call.csv:
            return Done(read)
        kept = attempt.files.put(table, "text/csv")
        file = OfficeFile(kept, f"{call.name}-{call.first}.csv", len(table))
        return Done(ReportRead(read.title, read.lines, read.bars, file))


def last_anchor(connection: sa.Connection) -> tuple[int, str] | None:
    """Return the last number and hash that owners were told of."""
    anchors = (alert.c.key >= "audit_anchor:", alert.c.key < "audit_anchor;")
    newest = sa.select(alert.c.details).where(*anchors).order_by(alert.c.key.desc()).limit(1)
    details = connection.execute(newest).scalar()
    if details is None:
        return None
    found = json.loads(details)
    return int(found["seq"]), str(found["hash"])


def _length(connection: sa.Connection) -> int:
    ends = connection.execute(sa.select(sa.func.min(link.c.seq), sa.func.max(link.c.seq))).one()
    return int(ends[1] or 0) - int(ends[0] or 0)


def _tell(work: Work, found: AuditVerified) -> None:
    if found.damaged is not None:
        details = {"seq": found.damaged, "why": found.why}
        raise_alert(work, kind="audit_damaged", key=f"audit_damaged:{work.now:%Y-%m-%d}", details=details)
    elif found.seq:
        told = {"seq": found.seq, "hash": found.hash}
        raise_alert(work, kind="audit_anchor", key=f"audit_anchor:{work.now:%Y-%m-%d}", details=told)
