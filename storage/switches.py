"""Small facts that operators or processes set and all processes obey: pauses, closures, cursors."""

from __future__ import annotations

import sqlalchemy as sa

from storage.schema import Moment, metadata
from storage.upsert import upsert
from storage.work import Work

switch = sa.Table(
    "switch",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
)


def turn_switch(work: Work, name: str, value: str, *, actor: str) -> None:
    """Set a switch."""
    insert = upsert(switch)
    work.write(
        insert.values(name=name, value=value, actor=actor, at=work.now).on_conflict_do_update(
            index_elements=["name"], set_={key: insert.excluded[key] for key in ("value", "actor", "at")}
        )
    )


def switch_value(work: Work, name: str) -> str | None:
    """Return a switch's value, or None when it was never set."""
    row = work.row(sa.select(switch.c.value).where(switch.c.name == name))
    return None if row is None else str(row.value)


def all_switches(connection: sa.Connection) -> dict[str, str]:
    """Return all switches."""
    return {row.name: row.value for row in connection.execute(sa.select(switch.c.name, switch.c.value))}
