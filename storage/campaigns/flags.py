"""Flags: switches of operators with a kind and a life; no flag ever says what somebody paid for (OR-3).

A kill switch is obeyed by billing under the name of a feature or a category; the others by whoever asks `is_on`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.schema import Moment, metadata, one_of
from storage.switches import turn_switch
from storage.upsert import upsert
from storage.work import Work

LIVES: dict[str, timedelta | None] = {
    "release": timedelta(days=40), "operational": timedelta(days=7), "kill_switch": None,
}  # fmt: skip

flag = sa.Table(
    "flag",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("since", Moment, nullable=False),
    sa.Column("at", Moment, nullable=False),
    one_of("kind", *LIVES),
    one_of("value", "on", "off"),
)


def switch_of(name: str, kind: str) -> str:
    """Return the switch that everybody reads."""
    return f"feature.{name}" if kind == "kill_switch" else f"flag.{name}"


def put(work: Work, name: str, kind: str, value: str, *, actor: str) -> None:
    """Set a flag; its life began when it was set first."""
    insert = upsert(flag).values(name=name, kind=kind, value=value, actor=actor, since=work.now, at=work.now)
    kept = {"value": value, "actor": actor, "at": work.now}
    work.claim(insert.on_conflict_do_update(index_elements=["name"], set_=kept))
    turn_switch(work, switch_of(name, kind), value, actor=actor)


def load(work: Work, name: str) -> sa.Row[Any] | None:
    """Return a flag."""
    return work.row(sa.select(flag).where(flag.c.name == name))


def everything(work: Work) -> list[sa.Row[Any]]:
    """Return all flags."""
    return work.rows(sa.select(flag).order_by(flag.c.name))


def drop(work: Work, name: str, kind: str, *, actor: str) -> None:
    """Retire a flag; what it switched off is on again."""
    work.claim(flag.delete().where(flag.c.name == name))
    turn_switch(work, switch_of(name, kind), "on" if kind == "kill_switch" else "off", actor=actor)


def ends_at(row: sa.Row[Any]) -> datetime | None:
    """Return when a flag is overdue; None for one that may stay."""
    life = LIVES[row.kind]
    return None if life is None else row.since + life
