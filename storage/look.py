"""Reading through the functions of a unit of work, without one: on a reader's connection, beside the writer.

The functions of `storage` that only read take a `Work`. A door that answers a question (the HTTP API) uses them on a
connection of the reading pool, so that no reader ever waits for a turn and no turn for a reader. A write through such a
unit of work is a mistake of ours and is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NoReturn

import sqlalchemy as sa

from bot.core.ids import Ids
from bot.core.seal import Seal
from storage.hot import Hot, Params, Row
from storage.session import Values
from storage.work import Work


def look(connection: sa.Connection, now: datetime, *, ids: Ids, seal: Seal) -> Work:
    """Return a unit of work that reads on this connection and cannot write."""
    return Work(_ReadOnly(connection), now, ids, seal)


class _ReadOnly:
    """A session of which only `execute` of a query works."""

    concurrent_writers = False

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def execute(self, statement: sa.Executable, params: Values | None = None) -> sa.CursorResult[Any]:
        if not isinstance(statement, sa.SelectBase):
            self.savepoint()
        return self._connection.execute(statement, params)

    def savepoint(self) -> NoReturn:
        raise TypeError("a reader writes nothing")

    def begin(self) -> None:
        self.savepoint()

    def commit(self) -> None:
        self.savepoint()

    def rollback(self) -> None:
        self.savepoint()

    def hold(self, person_ids: Sequence[int]) -> None:
        self.savepoint()

    def query_many(self, hot: Hot, params: Sequence[Params]) -> list[list[Row]]:
        self.savepoint()

    def write_many(self, hot: Hot, params: Sequence[Params]) -> None:
        self.savepoint()

    def release(self) -> None:
        self.savepoint()

    def back_to_savepoint(self) -> None:
        self.savepoint()

    def close(self) -> None:
        self.savepoint()
