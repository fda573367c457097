"""Answers that a model proposed to staff: one of the staff asked, sees it and decides; nobody else reads it (SP-5)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata, one_of
from storage.work import Work

draft = sa.Table(
    "support_draft",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED"), nullable=False),
    sa.Column("ticket_id", sa.BigInteger, nullable=False),
    sa.Column("operator_id", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_support_draft_person", "person_id"),
    one_of("state", "proposed", "sent", "edited", "discarded"),
)


def add(work: Work, ticket: sa.Row[Any], *, operator_id: int, text: str, model: str) -> int:
    """Keep what a model proposed and return its id."""
    new_id = work.new_id()
    row = {"id": new_id, "person_id": ticket.person_id, "ticket_id": ticket.id, "operator_id": operator_id}
    sealed = work.seal.seal(text.encode())
    work.claim(draft.insert().values(**row, body=sealed, model=model, state="proposed", at=work.now))
    return new_id


def load(work: Work, draft_id: int) -> sa.Row[Any] | None:
    """Return a draft."""
    return work.row(sa.select(draft).where(draft.c.id == draft_id))


def text_of(work: Work, row: sa.Row[Any]) -> str:
    """Return the words of a draft."""
    return work.seal.open(row.body).decode()


def decide(work: Work, draft_id: int, state: str) -> bool:
    """Decide once what becomes of a draft; False when that was decided already."""
    mine = (draft.c.id == draft_id, draft.c.state == "proposed")
    return work.claim(draft.update().where(*mine).values(state=state)).rowcount == 1
