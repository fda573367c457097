"""One writing connection, to SQLite or to PostgreSQL, with the few verbs that a batch of turns needs.

`query_many` and `write_many` run one hot statement for many parameter sets: a loop on SQLite, one statement over all
of them on PostgreSQL. BEGIN and COMMIT go to the driver connection, because SQLAlchemy's own would not see the hot
statements (rule DB-11). Nothing but this module knows which database it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa

from storage.checkpoints import Checkpointer
from storage.hot import Hot, Params, Row

Values = Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""The parameters of a statement, or one set for each time it is to run."""


class Session(Protocol):
    """A connection inside which batches run, one after the other."""

    concurrent_writers: bool

    def begin(self) -> None:
        """Open a writing transaction."""

    def commit(self) -> None:
        """Make the batch durable; may run in another thread than the rest."""

    def rollback(self) -> None:
        """Undo the batch."""

    def hold(self, person_ids: Sequence[int]) -> None:
        """Lock persons, given in ascending order, until the batch ends."""

    def query_many(self, hot: Hot, params: Sequence[Params]) -> list[list[Row]]:
        """Run a hot statement for each parameter set and return the rows of each (of a claim: one or none)."""

    def write_many(self, hot: Hot, params: Sequence[Params]) -> None:
        """Run a hot statement for each parameter set, ignoring rows."""

    def execute(self, statement: sa.Executable, params: Values | None = None) -> sa.CursorResult[Any]:
        """Run any statement through SQLAlchemy."""

    def savepoint(self) -> None:
        """Open a savepoint."""

    def release(self) -> None:
        """Keep what was done since the savepoint."""

    def back_to_savepoint(self) -> None:
        """Undo what was done since the savepoint, and close it."""

    def close(self) -> None:
        """Give the connection back."""


class _Connected:
    """What both kinds of session do alike."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._connect()

    def _connect(self) -> None:
        self._connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        self._driver: Any = self._connection.connection.dbapi_connection

    def execute(self, statement: sa.Executable, params: Values | None = None) -> sa.CursorResult[Any]:
        return self._connection.execute(statement, params)

    def commit(self) -> None:
        self._driver.execute("COMMIT")

    def savepoint(self) -> None:
        self._driver.execute("SAVEPOINT turn")

    def release(self) -> None:
        self._driver.execute("RELEASE SAVEPOINT turn")

    def back_to_savepoint(self) -> None:
        self._driver.execute("ROLLBACK TO SAVEPOINT turn")
        self.release()

    def close(self) -> None:
        self._connection.close()


class SqliteSession(_Connected):
    """The one writer of a SQLite file; a batch holds the file's write lock, so persons need none."""

    concurrent_writers = False

    def __init__(self, engine: sa.Engine, checkpointer: Checkpointer | None = None) -> None:
        super().__init__(engine)
        self._checkpointer = checkpointer

    def begin(self) -> None:
        self._driver.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        super().commit()
        if self._checkpointer is not None:
            self._checkpointer.committed(self._driver)

    def close(self) -> None:
        if self._checkpointer is not None:
            self._checkpointer.close()
        super().close()

    def rollback(self) -> None:
        if self._driver.in_transaction:
            self._driver.execute("ROLLBACK")

    def hold(self, person_ids: Sequence[int]) -> None:
        return

    def query_many(self, hot: Hot, params: Sequence[Params]) -> list[list[Row]]:
        run, sql, values = self._driver.cursor().execute, hot.sqlite, hot.values
        if hot.claims is not None:
            return [[()] if run(sql, values(one)).rowcount else [] for one in params]
        return [run(sql, values(one)).fetchall() for one in params]

    def write_many(self, hot: Hot, params: Sequence[Params]) -> None:
        self._driver.executemany(hot.sqlite, map(hot.values, params))


class PostgresSession(_Connected):
    """One of several writers: a batch locks the persons it touches, in ascending order."""

    concurrent_writers = True

    def begin(self) -> None:
        """Open a transaction; a connection that the server cut off is replaced first."""
        if self._driver.closed:
            self._connection.invalidate()
            self._connection.close()
            self._connect()
        self._driver.execute("BEGIN")

    def rollback(self) -> None:
        if not self._driver.closed:
            self._driver.execute("ROLLBACK")

    def close(self) -> None:
        if self._driver.closed:
            self._connection.invalidate()
        super().close()

    def hold(self, person_ids: Sequence[int]) -> None:
        self._driver.execute(
            "SELECT id FROM person WHERE id = ANY(%s) ORDER BY id FOR UPDATE", (list(person_ids),)
        ).fetchall()

    def query_many(self, hot: Hot, params: Sequence[Params]) -> list[list[Row]]:
        if len(params) == 1:
            return [self._driver.execute(hot.postgres, params[0]).fetchall()]
        rows = self._driver.execute(hot.row_set.sql, hot.row_set.packed(params)).fetchall()
        if hot.claims is not None:
            claimed, name = set(rows), hot.claims.name
            return [[row] if (row := (one[name],)) in claimed else [] for one in params]
        found: list[list[Row]] = [[] for _ in params]
        for nth, *row in rows:
            found[nth].append(tuple(row))
        return found

    def write_many(self, hot: Hot, params: Sequence[Params]) -> None:
        if len(params) == 1:
            self._driver.execute(hot.postgres, params[0])
        elif hot.row_set.fits(params):
            self._driver.execute(hot.row_set.sql, hot.row_set.packed(params))
        else:
            with self._driver.cursor() as cursor:
                cursor.executemany(hot.postgres, params)
