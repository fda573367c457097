"""Statements on the path of every message: compiled once per dialect, then handed to the driver as text.

A whole turn costs 55 us of storage this way against 239 through a SQLAlchemy Connection. The statement object stays
available, so a test runs each one both ways and compares the rows.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.sql.compiler import SQLCompiler as Compiled

from storage.row_sets import RowSet

Params = dict[str, Any]
Row = tuple[Any, ...]

_SQLITE = sqlite.dialect(paramstyle="qmark")


class Hot:
    """One statement, whose values are all bind parameters, with its SQL for both drivers.

    `rank` orders the sets of a flush: parents before children. With `claims` it is an insert that may find its row
    there already, and answers with one row when it did insert, with none otherwise. The row holds the named column on
    PostgreSQL and nothing on SQLite, which is asked for the count instead: RETURNING costs it a third of the statement.
    """

    registry: list[Hot] = []  # noqa: RUF012

    def __init__(
        self,
        name: str,
        statement: sa.Executable,
        *,
        keys: list[str] | None = None,
        rank: int = 0,
        claims: sa.Column[Any] | None = None,
    ) -> None:
        self.name, self.statement, self.rank, self._keys = name, statement, rank, keys
        self.claims = claims
        Hot.registry.append(self)

    def _compile(self, statement: Any, dialect: sa.Dialect) -> Compiled:
        compiled: Compiled = statement.compile(dialect=dialect, column_keys=self._keys)
        constants = [name for name, bind in compiled.binds.items() if not bind.required]
        if constants:
            raise TypeError(f"{self.name} holds constants that the driver would not get: {constants}")
        return compiled

    @cached_property
    def _for_sqlite(self) -> Compiled:
        return self._compile(self.statement, _SQLITE)

    @cached_property
    def sqlite(self) -> str:
        """The SQL for sqlite3, with positional parameters: a named one costs a look-up and a copy of its name."""
        return str(self._for_sqlite)

    @cached_property
    def values(self) -> Callable[[Params], Row]:
        """Puts named parameters into the order of `sqlite`."""
        names = list(self._for_sqlite.positiontup or ())
        if len(names) == 1:
            return lambda params: (params[names[0]],)
        return itemgetter(*names)

    @cached_property
    def postgres(self) -> str:
        """The SQL for psycopg, with named parameters."""
        return str(self._for_postgres)

    @cached_property
    def row_set(self) -> RowSet:
        """The same for psycopg and many parameter sets at once."""
        return RowSet(self._for_postgres)

    @cached_property
    def _for_postgres(self) -> Compiled:
        from sqlalchemy.dialects import postgresql

        statement: Any = self.statement
        if self.claims is not None:
            statement = statement.returning(self.claims)
        return self._compile(statement, postgresql.psycopg.dialect())  # type: ignore[no-untyped-call]
