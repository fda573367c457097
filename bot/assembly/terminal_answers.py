"""What a command at the terminal would have done beside it in the chat, done at once: the audit checked, files written.

In the chat such a command is a turn, a call to the office and a second turn. Here the three follow one another. Files
go into a folder, readable by whoever runs this alone, under names that no older file has.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.office import AuditExported, AuditVerified, ExportAudit, OfficeFile, ReadReport, VerifyAudit
from bot.core.clock import Clock
from bot.core.errors import Refusal
from bot.core.seal import Seal
from bot.core.settings import Settings
from storage.database import Database
from storage.work import Work

AT_ONCE = (VerifyAudit, ExportAudit, ReadReport)
"""Calls that need no server."""
PIECE = 500


@dataclass(frozen=True, slots=True)
class TerminalOffice:
    """The office for one command: `opens` is a transaction of the session, `written` the files so far."""

    settings: Settings
    database: Database
    seal: Seal
    clock: Clock
    opens: Callable[[], AbstractContextManager[Work]]
    folder: Path
    written: list[Path] = field(default_factory=list)

    def perform(self, call: Any) -> Outcome:
        """Return what came of a call; raise LookupError for one that only the server makes."""
        match call:
            case VerifyAudit():
                return Done(self._verified())
            case ExportAudit():
                return Done(self._exported(call))
            case ReadReport():
                return self._read(call)
            case _:
                raise LookupError(type(call).__name__)

    def _sealed(self) -> None:
        """Give what waits its number, some at a time, as the server does."""
        from storage.audit import chain

        after: int | None = None
        while True:
            with self.opens() as work:
                sealed = chain.seal(work, after=after)
            if sealed is None:
                return
            after = sealed.last

    def _verified(self) -> AuditVerified:
        from jobs.office import last_anchor
        from storage.audit.chain import Head
        from storage.audit.verifying import verify

        self._sealed()
        with self.database.engine().connect() as connection:
            anchor = last_anchor(connection)
            found = verify(
                lambda s: list(connection.execute(s)), anchor=Head(*anchor) if anchor else None, piece=PIECE
            )  # fmt: skip
        return AuditVerified(found.count, found.end.seq, found.end.hash, found.damaged, found.why)

    def _exported(self, call: ExportAudit) -> AuditExported:
        from handlers.audit.question import wanted_from
        from handlers.audit.writing import parts
        from storage.audit.search import stream
        from storage.snapshot import snapshot

        self._sealed()
        wanted = wanted_from(call.wanted, self.clock.now())
        with snapshot(self.database, self.seal, self.clock) as work:
            found = list(self._kept(parts(call.kind, stream(work, wanted)), f"audit-{{n}}.{call.kind}"))
        return AuditExported(sum(count for _, count in found), [file for file, _ in found])

    def _kept(self, made: Iterable[tuple[bytes, int]], name: str) -> Iterator[tuple[OfficeFile, int]]:
        for number, (content, count) in enumerate(made, 1):
            yield self._write(name.format(n=number), content), count

    def _read(self, call: ReadReport) -> Outcome:
        from bot.assembly.reports import reader

        try:
            with self.database.engine().connect() as connection:
                read, table = reader(self.settings)(connection, call)
        except Refusal as refusal:
            return Refused("no_report", refusal.key)
        return Done(replace(read, file=self._write(f"{call.name}-{call.first}.csv", table)) if call.csv else read)

    def _write(self, name: str, content: bytes) -> OfficeFile:
        path = self.folder / f"{self.clock.now():%Y%m%dT%H%M%SZ}-{name}"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
        self.written.append(path)
        return OfficeFile(0, name, len(content))
