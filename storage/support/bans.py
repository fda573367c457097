"""Persons from whom staff take no words: told so, or kept from seeing it, each with the reason (TB-7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.schema import Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

BAN, SHADOW = "ban", "shadow"

ban = sa.Table(
    "support_ban",
    metadata,
    sa.Column(
        "person_id", sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED"), primary_key=True,
        autoincrement=False,
    ),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("reason", sa.LargeBinary, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    one_of("kind", BAN, SHADOW),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ban:
    """How a person is banned, why, by whom, since when."""

    kind: str
    reason: str
    actor: str
    at: datetime


def put(work: Work, person_id: int, kind: str, *, reason: str, actor: str) -> None:
    """Ban a person, or change the ban that there is."""
    row = {"person_id": person_id, "kind": kind, "reason": work.seal.seal(reason.encode()), "actor": actor}
    changes = {name: value for name, value in row.items() if name != "person_id"} | {"at": work.now}
    insert = upsert(ban).values(row | {"at": work.now})
    work.claim(insert.on_conflict_do_update(index_elements=["person_id"], set_=changes))


def lift(work: Work, person_id: int) -> bool:
    """End a ban; False when there is none."""
    return work.claim(ban.delete().where(ban.c.person_id == person_id)).rowcount == 1


def of_person(work: Work, person_id: int) -> Ban | None:
    """Return a person's ban."""
    row = work.row(sa.select(ban).where(ban.c.person_id == person_id))
    return None if row is None else Ban(row.kind, work.seal.open(row.reason).decode(), row.actor, row.at)


def kind_of(work: Work, person_id: int) -> str:
    """Return how a person is banned; an empty text for whom staff hear."""
    row = work.row(sa.select(ban.c.kind).where(ban.c.person_id == person_id))
    return "" if row is None else str(row.kind)
