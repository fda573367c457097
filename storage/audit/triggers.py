"""The database itself refuses to change the audit (AU-5, A94): no update, and no deletion but of closed segments.

The migration that brought the triggers has their text once more, because a migration never changes.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from storage.audit.chain import link, segment
from storage.audit.entries import audit

_CLOSED_ENTRY = (
    "EXISTS (SELECT 1 FROM audit_chain c JOIN audit_segment s ON c.seq <= s.last_seq WHERE c.entry_id = OLD.id)"
)
_CLOSED_LINK = (
    "EXISTS (SELECT 1 FROM audit_segment s WHERE OLD.seq <= s.last_seq) "
    "AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.id = OLD.entry_id)"
)
_NEVER = "1 = 0"
MAY_GO = {audit.name: _CLOSED_ENTRY, link.name: _CLOSED_LINK, segment.name: _NEVER}
"""What must hold of a row before it may be deleted, table by table."""


def for_sqlite(table: str) -> Iterator[str]:
    """Yield the statements for a table of SQLite."""
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    yield f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}"
    yield f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} WHEN NOT ({MAY_GO[table]}) {refuse}"


def for_postgres(table: str) -> Iterator[str]:
    """Yield the statements for a table of PostgreSQL."""
    refuse = f"RAISE EXCEPTION '{table} is append-only'"
    yield (
        f"CREATE OR REPLACE FUNCTION {table}_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' THEN IF {MAY_GO[table]} THEN RETURN OLD; END IF; END IF; {refuse}; END $$"
    )
    rows = f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_guard()"
    whole = f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION {table}_guard()"
    yield f"CREATE TRIGGER {table}_no_change {rows}"
    yield f"CREATE TRIGGER {table}_no_truncate {whole}"


for _table in (audit, link, segment):
    for _dialect, _statements in (("sqlite", for_sqlite), ("postgresql", for_postgres)):
        for _one in _statements(_table.name):
            sa.event.listen(_table, "after_create", sa.DDL(_one).execute_if(dialect=_dialect))  # type: ignore[no-untyped-call]
