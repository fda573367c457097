"""Charges that a bank disputes, whichever service took them: what is asked, until when, and what speaks for us (PY-9).

The evidence is frozen when the dispute opens, sealed, because what it is made of goes by and by. A person who disputed
one purchase is sold no more of its kind while that is open or after it was lost, unless staff allow it.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

OPEN, WON, LOST = "open", "won", "lost"

dispute = sa.Table(
    "dispute",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.BigInteger, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("ref", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("allowed", sa.Boolean, nullable=False),
    sa.Column("due_at", Moment),
    sa.Column("evidence", sa.LargeBinary),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("closed_at", Moment),
    sa.Index("ix_dispute_person", "person_id", "kind"),
    sa.Index("ix_dispute_state", "state", "due_at"),
    sa.Index("ix_dispute_label", "label"),
    sa.UniqueConstraint("kind", "subject"),
    one_of("state", OPEN, WON, LOST),
)
"""`kind` is what was sold ("letter", "pack"), `subject` the id of its payment or order, `label` the number that staff
type, `ref` the gateway's id."""


def add(work: Work, **values: Any) -> bool:
    """Note a dispute; False when it is known."""
    row = {"id": work.new_id(), "state": OPEN, "allowed": False, "opened_at": work.now} | values
    made = upsert(dispute).values(row).on_conflict_do_nothing().returning(dispute.c.id)
    return work.claim(made).first() is not None


def change(work: Work, dispute_id: int, **values: Any) -> None:
    """Change columns of a dispute."""
    work.claim(dispute.update().where(dispute.c.id == dispute_id).values(**values))


def close(work: Work, kind: str, subject: int, state: str) -> None:
    """Note how a dispute ended."""
    mine = (dispute.c.kind == kind, dispute.c.subject == subject)
    work.claim(dispute.update().where(*mine).values(state=state, closed_at=work.now))


def bars(work: Work, person_id: int, kind: str) -> bool:
    """Tell whether a person is sold no more of a kind, because a bank disputes or took back what they paid for it."""
    held = (dispute.c.state.in_((OPEN, LOST)), dispute.c.allowed.is_(False))
    mine = (dispute.c.person_id == person_id, dispute.c.kind == kind)
    return work.row(sa.select(dispute.c.id).where(*mine, *held).limit(1)) is not None


def of_subject(work: Work, kind: str, subject: int) -> sa.Row[Any] | None:
    """Return the dispute of a payment or an order."""
    return work.row(sa.select(dispute).where(dispute.c.kind == kind, dispute.c.subject == subject))


def named(work: Work, label: str) -> sa.Row[Any] | None:
    """Return the newest dispute of a number that staff typed."""
    return work.row(sa.select(dispute).where(dispute.c.label == label).order_by(dispute.c.id.desc()))


def listed(work: Work, limit: int) -> list[sa.Row[Any]]:
    """Return the open disputes, the one that is due first at the top; then the newest that ended."""
    open_ones = sa.select(dispute).where(dispute.c.state == OPEN).order_by(dispute.c.due_at, dispute.c.id)
    found = work.rows(open_ones.limit(limit))
    ended = sa.select(dispute).where(dispute.c.state.in_((WON, LOST))).order_by(dispute.c.id.desc())
    return found + (work.rows(ended.limit(limit - len(found))) if len(found) < limit else [])


def erase(work: Work, person_id: int) -> None:
    """Blank the evidence of a person's disputes; that there was one stays with the ledger of payments."""
    work.claim(dispute.update().where(dispute.c.person_id == person_id).values(evidence=None))
