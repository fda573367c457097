"""What a person saved, one act for each confirmation, so that UNDO takes it back as a whole (rule PP-6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from storage.coaching.columns import OF_PERSON, OF_PROJECT, key, mine, of_project, owner, project_id
from storage.schema import Moment, metadata, one_of
from storage.work import Work

UNDO_FOR = timedelta(days=30)
KINDS = ("save", "tick", "skip", "reopen", "drop", "plan")

act = sa.Table(
    "coach_act",
    metadata,
    key(),
    owner(),
    project_id(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("before", sa.LargeBinary, nullable=False),  # sealed JSON: what the act changed, as it was
    sa.Column("at", Moment, nullable=False),
    sa.Column("undone_at", Moment),
    of_project(),
    sa.Index("ix_coach_act_project", "person_id", "project_id", "id"),
    one_of("kind", *KINDS),
)


def add(work: Work, person_id: int, project_id: int, *, act_id: int, kind: str, changes: list[dict[str, Any]]) -> None:
    """Note an act with what it changed, in order; its id was made beforehand, for its rows name it."""
    row = {"id": act_id, "person_id": person_id, "project_id": project_id, "kind": kind, "at": work.now}
    work.claim(act.insert().values(**row, before=work.seal.seal(orjson.dumps(changes))))


_NEWEST = (
    sa.select(act)
    .where(
        act.c.person_id == OF_PERSON, act.c.project_id == OF_PROJECT, act.c.undone_at.is_(None),
        act.c.at > sa.bindparam("since", type_=Moment),
    )
    .order_by(act.c.id.desc())
    .limit(1)
)  # fmt: skip


def newest(work: Work, person_id: int, project_id: int) -> sa.Row[Any] | None:
    """Return the newest act of the last 30 days that was not taken back."""
    return work.row(_NEWEST, mine(person_id, project_id) | {"since": work.now - UNDO_FOR})


def changes(work: Work, row: sa.Row[Any]) -> list[dict[str, Any]]:
    """Return what an act changed, in the order in which it did."""
    found: list[dict[str, Any]] = orjson.loads(work.seal.open(row.before))
    return found


def undone(work: Work, person_id: int, act_id: int) -> bool:
    """Mark an act as taken back; False when it was already."""
    marked = work.claim(
        act.update()
        .where(act.c.person_id == person_id, act.c.id == act_id, act.c.undone_at.is_(None))
        .values(undone_at=work.now)
    )
    return marked.rowcount == 1
