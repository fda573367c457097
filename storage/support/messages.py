"""The public conversation of a ticket: what its person wrote and what was sent to them. No note is ever in here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from storage.blobs import blob
from storage.schema import Id, Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

message = sa.Table(
    "support_message",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED"), nullable=False),
    sa.Column("ticket_id", sa.BigInteger, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
    sa.Column("operator_id", sa.BigInteger),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("files", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("source"),
    sa.Index("ix_support_message_ticket", "ticket_id", "id"),
    sa.Index("ix_support_message_person", "person_id"),
    one_of("author", "person", "staff"),
    one_of("state", "received", "waiting", "handed", "refused"),
    sa.CheckConstraint("author <> 'person' OR operator_id IS NULL", name="person_is_no_operator"),
)


@dataclass(frozen=True, slots=True)
class PublicMessage:
    """A message that both sides may read. `files` are blobs; `state` is what became of one of ours."""

    id: int
    ticket_id: int
    author: str
    text: str
    files: tuple[int, ...]
    channel: str
    state: str
    at: datetime


def add(
    work: Work, person_id: int, ticket_id: int, *, author: str, operator_id: int | None, channel: str, text: str,
    files: Sequence[int], source: str,
) -> int | None:  # fmt: skip
    """Add a message and return its id; None for one that was there (its source is unique)."""
    row = {
        "id": work.new_id(), "person_id": person_id, "ticket_id": ticket_id, "author": author, "channel": channel,
        "operator_id": operator_id, "body": work.seal.seal(text.encode()), "files": json.dumps(list(files)),
        "state": "received" if author == "person" else "waiting", "source": source, "at": work.now,
    }  # fmt: skip
    insert = upsert(message).values(row).on_conflict_do_nothing(index_elements=["source"])
    made = work.claim(insert.returning(message.c.id)).first()
    if made is not None and files:
        work.claim(blob.update().where(blob.c.id.in_(files)).values(delete_after=None))
    return None if made is None else int(made.id)


def load(work: Work, message_id: int) -> PublicMessage | None:
    """Return a message."""
    row = work.row(sa.select(message).where(message.c.id == message_id))
    return None if row is None else _public(work, row)


def of_ticket(work: Work, ticket_id: int, limit: int = 20) -> list[PublicMessage]:
    """Return the last public messages of a ticket, oldest first."""
    newest = sa.select(message).where(message.c.ticket_id == ticket_id).order_by(message.c.id.desc()).limit(limit)
    return [_public(work, row) for row in reversed(work.rows(newest))]


def _public(work: Work, row: sa.Row[tuple[object, ...]]) -> PublicMessage:
    text, files = work.seal.open(row.body).decode(), tuple(json.loads(row.files))
    return PublicMessage(row.id, row.ticket_id, row.author, text, files, row.channel, row.state, row.at)


def reword(work: Work, message_id: int, text: str) -> None:
    """Change the words of a message that its author changed."""
    work.claim(message.update().where(message.c.id == message_id).values(body=work.seal.seal(text.encode())))


def settle(work: Work, message_id: int, state: str) -> bool:
    """Note once what became of a message of ours; False when that is known already. What was handed may be refused."""
    before = ("waiting", "handed") if state == "refused" else ("waiting",)
    mine = (message.c.id == message_id, message.c.state.in_(before))
    return work.claim(message.update().where(*mine).values(state=state)).rowcount == 1
