"""Which message in the staff's topic is which message in the person's chat, unique both ways (TB-4)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.schema import Id, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

pair = sa.Table(
    "support_pair",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED"), nullable=False),
    sa.Column("message_id", sa.BigInteger, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("chat", sa.BigInteger, nullable=False),  # the group's id, or the id of the person's address
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("place", "chat", "number"),
    sa.Index("ix_support_pair_message", "message_id", "place"),
    sa.Index("ix_support_pair_person", "person_id"),
    one_of("place", "group", "person"),
)


def add(work: Work, person_id: int, message_id: int, *, place: str, chat: int, number: int) -> None:
    """Note under which number a message stands somewhere."""
    row = {"id": work.new_id(), "person_id": person_id, "message_id": message_id, "place": place}
    insert = upsert(pair).values(**row, chat=chat, number=number)
    work.claim(insert.on_conflict_do_nothing(index_elements=["place", "chat", "number"]))


def message_at(work: Work, place: str, chat: int, number: int) -> int | None:
    """Return which message stands there."""
    there = (pair.c.place == place, pair.c.chat == chat, pair.c.number == number)
    row = work.row(sa.select(pair.c.message_id).where(*there))
    return None if row is None else int(row.message_id)


def numbers(work: Work, message_id: int, place: str) -> list[sa.Row[Any]]:
    """Return where a message stands in a place, first shown first."""
    mine = (pair.c.message_id == message_id, pair.c.place == place)
    return work.rows(sa.select(pair).where(*mine).order_by(pair.c.number))
