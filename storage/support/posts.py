"""What is to be shown in a person's topic, in order: it waits here until Telegram numbered it (TB-1, TB-3).

After a topic was deleted its header and last messages are posted again before what waits: they have the rank 0.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata, one_of, partial_index
from storage.work import Work

KINDS = ("card", "header", "person", "staff", "note", "system")

post = sa.Table(
    "support_post",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED"), nullable=False),
    sa.Column("ticket_id", sa.BigInteger),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("files", sa.Text, nullable=False),
    sa.Column("buttons", sa.Text, nullable=False),
    sa.Column("message_id", sa.BigInteger),
    sa.Column("reply_to", sa.BigInteger),
    sa.Column("number", sa.BigInteger),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_support_post_person", "person_id", "id"),
    partial_index("ix_support_post_waiting", "person_id", "rank", "id", where="state = 'waiting'"),
    one_of("kind", *KINDS),
    one_of("state", "waiting", "sent", "failed", "gone"),
)


@dataclass(frozen=True, slots=True)
class Post:
    """One thing to be shown; `buttons` are labels with what they carry, `number` is Telegram's once it is shown."""

    id: int
    person_id: int
    ticket_id: int | None
    kind: str
    text: str
    files: tuple[int, ...]
    buttons: tuple[tuple[str, str], ...]
    message_id: int | None
    reply_to: int | None
    number: int | None


def add(
    work: Work, person_id: int, ticket_id: int | None, *, kind: str, text: str, files: Sequence[int] = (),
    buttons: Sequence[tuple[str, str]] = (), message_id: int | None = None, reply_to: int | None = None, rank: int = 1,
) -> None:  # fmt: skip
    """Let something be shown."""
    row = {"id": work.new_id(), "person_id": person_id, "ticket_id": ticket_id, "kind": kind, "rank": rank}
    told = {"body": work.seal.seal(text.encode()), "files": json.dumps(list(files)), "state": "waiting", "at": work.now}
    pressed = {"buttons": json.dumps([list(one) for one in buttons]), "message_id": message_id, "reply_to": reply_to}
    work.claim(post.insert().values(**row, **told, **pressed))


def _post(work: Work, row: sa.Row[Any]) -> Post:
    buttons = tuple((str(label), str(data)) for label, data in json.loads(row.buttons))
    return Post(
        row.id, row.person_id, row.ticket_id, row.kind, work.seal.open(row.body).decode(), tuple(json.loads(row.files)),
        buttons, row.message_id, row.reply_to, row.number,
    )  # fmt: skip


def first(work: Work, person_id: int) -> Post | None:
    """Return what is to be shown next."""
    mine = (post.c.person_id == person_id, post.c.state == sa.literal_column("'waiting'"))
    row = work.row(sa.select(post).where(*mine).order_by(post.c.rank, post.c.id).limit(1))
    return None if row is None else _post(work, row)


def waiting(work: Work, person_id: int) -> list[Post]:
    """Return all that is to be shown, in order."""
    mine = (post.c.person_id == person_id, post.c.state == sa.literal_column("'waiting'"))
    return [_post(work, row) for row in work.rows(sa.select(post).where(*mine).order_by(post.c.rank, post.c.id))]


def load(work: Work, post_id: int) -> Post | None:
    """Return one."""
    row = work.row(sa.select(post).where(post.c.id == post_id))
    return None if row is None else _post(work, row)


def shown(work: Work, person_id: int, kind: str) -> list[Post]:
    """Return what of a kind is shown now, newest first."""
    mine = (post.c.person_id == person_id, post.c.kind == kind, post.c.state == "sent")
    return [_post(work, row) for row in work.rows(sa.select(post).where(*mine).order_by(post.c.id.desc()).limit(20))]


def settle(work: Work, post_id: int, state: str, number: int | None = None) -> None:
    """Note what became of one."""
    work.claim(post.update().where(post.c.id == post_id).values(state=state, number=number))


def reword(work: Work, post_id: int, text: str) -> None:
    """Note that a post says something else now."""
    work.claim(post.update().where(post.c.id == post_id).values(body=work.seal.seal(text.encode())))


def lose(work: Work, person_id: int) -> None:
    """Note that all that was shown went with its topic."""
    work.claim(post.update().where(post.c.person_id == person_id, post.c.state == "sent").values(state="gone"))
