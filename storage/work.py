"""The unit of work of one turn: reads at once, writes later.

A turn that raises has written nothing, because its writes only wait in a list. The exceptions are claims on something
that is not the person's own (a coupon, an invoice number): those must be seen at once, so they run immediately under
a savepoint that only such turns open.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa

from bot.core.events import Event
from bot.core.ids import Ids
from bot.core.seal import Seal
from storage.hot import Hot, Params
from storage.schema import micros
from storage.session import Session
from storage.statements import STATEMENTS, asker, tick

T = TypeVar("T")
Write = tuple[sa.Executable, Mapping[str, Any] | None, int | None]
Cause = tuple[int, Event, int | None]
"""What a turn answers: the row of the inbox, the event, and the address that it came from; the audit names them."""


class Work:
    """Reads through the connection, buffers writes, and makes claims; belongs to one job of one batch."""

    __slots__ = ("_claimed", "_floor", "_known", "_session", "cause", "cold", "hot", "ids", "now", "now_us", "seal")

    def __init__(self, session: Session, now: datetime, ids: Ids, seal: Seal) -> None:
        self._session, self.now, self.ids, self.seal = session, now, ids, seal
        self.now_us = micros(now)
        self._floor = ids.floor(now)
        self.hot: list[tuple[Hot, Params]] = []
        self.cold: list[Write] = []
        self.cause: Cause | None = None
        self._claimed = False
        self._known: dict[Hashable, Any] = {}

    def new_id(self) -> int:
        """Return a row id of this moment."""
        return self.ids.after(self._floor)

    def rows(self, statement: sa.Executable, params: Mapping[str, Any] | None = None) -> list[sa.Row[Any]]:
        """Return the rows of a read; what this turn buffered is not yet among them."""
        started = tick()
        found = list(self._session.execute(statement, params))
        STATEMENTS.note(asker(), started, len(found))
        return found

    def row(self, statement: sa.Executable, params: Mapping[str, Any] | None = None) -> sa.Row[Any] | None:
        """Return the first row of a read, or None."""
        started = tick()
        found = self._session.execute(statement, params).first()
        STATEMENTS.note(asker(), started, found is not None)
        return found

    def once(self, key: Hashable, read: Callable[[], T]) -> T:
        """Return what a read gives, made once in this turn; for what is asked at many places and seldom changes."""
        if key not in self._known:
            self._known[key] = read()
        found: T = self._known[key]
        return found

    def forget(self, key: Hashable) -> None:
        """Let what `once` keeps be read anew, because this turn changed it."""
        self._known.pop(key, None)

    def put(self, hot: Hot, params: Params) -> None:
        """Buffer a hot write."""
        self.hot.append((hot, params))

    def write(self, statement: sa.Executable, params: Mapping[str, Any] | None = None) -> None:
        """Buffer a write."""
        self.cold.append((statement, params, None))

    def write_one(self, statement: sa.Executable, params: Mapping[str, Any] | None = None) -> None:
        """Buffer a guarded update: the flush fails, and with it the turn, unless it changes exactly one row."""
        self.cold.append((statement, params, 1))

    def claim(self, statement: sa.Executable, params: Mapping[str, Any] | None = None) -> sa.CursorResult[Any]:
        """Run a write at once and return its result; undone if the turn raises."""
        if not self._claimed:
            self._session.savepoint()
            self._claimed = True
        started = tick()
        result = self._session.execute(statement, params)
        STATEMENTS.note(asker(), started, result.rowcount)
        return result

    def claim_all(self, statement: sa.Executable, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a write at once for each set of parameters, if there are any; undone if the turn raises."""
        if rows:
            if not self._claimed:
                self._session.savepoint()
                self._claimed = True
            started = tick()
            self._session.execute(statement, rows)
            STATEMENTS.note(asker(), started, len(rows), times=len(rows))

    def keep(self) -> None:
        """End the turn well: keep its claims (its buffered writes are flushed with the batch)."""
        if self._claimed:
            self._session.release()
            self._claimed = False

    def drop(self) -> None:
        """End the turn badly: forget its writes and undo its claims."""
        self.hot.clear()
        self.cold.clear()
        self.undo()

    def undo(self) -> None:
        """Undo the claims of a turn that failed."""
        self._known.clear()
        if self._claimed:
            self._session.back_to_savepoint()
            self._claimed = False
