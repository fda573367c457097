"""The topic of a person in the staff's forum: one row each, so that two first messages make one topic (TB-1, A88)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.schema import Moment, metadata
from storage.upsert import upsert
from storage.work import Work

topic = sa.Table(
    "support_topic",
    metadata,
    sa.Column(
        "person_id", sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED"), primary_key=True,
        autoincrement=False,
    ),
    sa.Column("chat_id", sa.BigInteger, nullable=False),
    sa.Column("thread_id", sa.BigInteger),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("asked", sa.BigInteger),  # the call that is under way: one at a time, so that the order stays
    sa.Column("losses", sa.Integer, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("chat_id", "thread_id"),
)  # fmt: skip


def ensure(work: Work, person_id: int, chat_id: int, title: str) -> tuple[sa.Row[Any], bool]:
    """Return a person's topic in a group, and whether this made its row; another group begins anew."""
    blank = {"thread_id": None, "title": title, "asked": None, "losses": 0, "at": work.now}
    row = {"person_id": person_id, "chat_id": chat_id, **blank}
    insert = upsert(topic).values(row).on_conflict_do_nothing(index_elements=["person_id"])
    is_new = work.claim(insert.returning(topic.c.person_id)).first() is not None
    found = of_person(work, person_id)
    assert found is not None  # noqa: S101 - it was just made, or was there
    if found.chat_id != chat_id:
        change(work, person_id, chat_id=chat_id, **blank)
        found, is_new = of_person(work, person_id), True
        assert found is not None  # noqa: S101
    return found, is_new


def of_person(work: Work, person_id: int) -> sa.Row[Any] | None:
    """Return a person's topic."""
    return work.row(sa.select(topic).where(topic.c.person_id == person_id))


def of_thread(work: Work, chat_id: int, thread_id: int) -> sa.Row[Any] | None:
    """Return the topic of a thread."""
    return work.row(sa.select(topic).where(topic.c.chat_id == chat_id, topic.c.thread_id == thread_id))


def change(work: Work, person_id: int, **values: Any) -> None:
    """Change columns of a topic."""
    work.claim(topic.update().where(topic.c.person_id == person_id).values(values))
