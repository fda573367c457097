"""INSERT ... ON CONFLICT for both dialects, as one statement object.

SQLAlchemy keeps the clause in its dialects. Both write the same SQL for the parts we use, so SQLite's construct serves
both: the hook below compiles it for PostgreSQL, whose dialect is imported only where it is used.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import Insert as SqliteInsert
from sqlalchemy.ext.compiler import compiles


class Upsert(SqliteInsert):
    """An insert that may state what happens on conflict."""

    inherit_cache = True


@compiles(Upsert, "postgresql")
def _on_postgresql(statement: Upsert, compiler: Any, **options: Any) -> str:
    from sqlalchemy.dialects.postgresql import Insert as PostgresInsert

    twin = PostgresInsert(statement.table)
    twin.__dict__.update(statement.__dict__)
    clause: Any = twin._post_values_clause
    if clause is not None and not hasattr(clause, "constraint_target"):
        clause.constraint_target = None
    return str(compiler.visit_insert(twin, **options))


def upsert(table: sa.Table) -> Upsert:
    """Start an insert with `on_conflict_do_nothing` and `on_conflict_do_update`."""
    return Upsert(table)
