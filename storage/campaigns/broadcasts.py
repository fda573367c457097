"""Broadcasts: what is to be told, to whom by which marks, and how far it got (BC-1). Texts are ours, not a person's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson
import sqlalchemy as sa

from storage.schema import Id, Moment, metadata, one_of
from storage.work import Work

STATES = ("draft", "freezing", "sending", "stopped", "done")
UNDER_WAY = ("freezing", "sending")

broadcast = sa.Table(
    "broadcast",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("cursor", sa.BigInteger, nullable=False),  # the last person who was looked at while freezing
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("sent_at", Moment),
    sa.Column("ended_at", Moment),
    sa.UniqueConstraint("number"),
    one_of("state", *STATES),
)


@dataclass(frozen=True, slots=True)
class Segment:
    """Who gets it; an empty mark asks nothing. Days are whole days without or with a message of theirs."""

    plan: str = ""
    channel: str = ""
    city: str = ""
    locale: str = ""
    active_days: int = 0
    silent_days: int = 0


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A broadcast as it is read; `texts` are by locale, English is everybody's."""

    id: int
    number: int
    state: str
    version: int
    cursor: int
    author: str
    sent_at: Any
    texts: dict[str, str] = field(default_factory=dict)
    segment: Segment = field(default_factory=Segment)

    @property
    def code(self) -> str:
        """How it is called."""
        return f"B-{self.number}"

    def text(self, locale: str) -> str:
        """Return what a person reads."""
        return self.texts.get(locale) or self.texts["en"]


def _body(texts: dict[str, str], segment: Segment) -> str:
    return orjson.dumps({"texts": texts, "segment": segment}).decode()


def _read(row: sa.Row[Any]) -> Broadcast:
    body = orjson.loads(row.body)
    segment = Segment(**body["segment"])
    return Broadcast(
        row.id, row.number, row.state, row.version, row.cursor, row.author, row.sent_at, body["texts"], segment
    )


def add(work: Work, *, author: str, texts: dict[str, str], segment: Segment) -> Broadcast:
    """Store a draft under the next number."""
    newest = work.row(sa.select(sa.func.max(broadcast.c.number)))
    number = (newest[0] or 0) + 1 if newest is not None else 1
    row = {"id": work.new_id(), "number": number, "body": _body(texts, segment), "author": author, "at": work.now}
    return _read(
        work.claim(broadcast.insert().values(**row, state="draft", version=1, cursor=0).returning(broadcast)).one()
    )


def of_number(work: Work, number: int) -> Broadcast | None:
    """Return the broadcast of a number."""
    row = work.row(sa.select(broadcast).where(broadcast.c.number == number))
    return None if row is None else _read(row)


def load(work: Work, broadcast_id: int) -> Broadcast | None:
    """Return a broadcast."""
    row = work.row(sa.select(broadcast).where(broadcast.c.id == broadcast_id))
    return None if row is None else _read(row)


def newest(work: Work, limit: int = 10) -> list[Broadcast]:
    """Return the last broadcasts."""
    return [_read(row) for row in work.rows(sa.select(broadcast).order_by(broadcast.c.number.desc()).limit(limit))]


def rewrite(work: Work, one: Broadcast, *, texts: dict[str, str], segment: Segment) -> bool:
    """Change a draft at the version that was read."""
    mine = (broadcast.c.id == one.id, broadcast.c.version == one.version, broadcast.c.state == "draft")
    values = {"body": _body(texts, segment), "version": one.version + 1}
    return work.claim(broadcast.update().where(*mine).values(values)).rowcount == 1


def move(work: Work, one: Broadcast, state: str, *, among: tuple[str, ...], **values: Any) -> bool:
    """Move a broadcast at the version that was read; False when it stands elsewhere by now."""
    mine = (broadcast.c.id == one.id, broadcast.c.version == one.version, broadcast.c.state.in_(among))
    return work.claim(broadcast.update().where(*mine).values(state=state, **values)).rowcount == 1
