"""Letters: one row per printing, claimed before Lob is asked, moved forward by rank only (rules FUL-4, FUL-11)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata, one_of
from storage.work import Work

RANKS = {
    "queued": 0, "sending": 1, "accepted": 2, "rendered": 3, "mailed": 4, "in_transit": 4, "in_local_area": 5,
    "processed_for_delivery": 6, "re_routed": 7, "delivered": 8, "returned": 9,
}  # fmt: skip
"""A lower rank never overwrites a higher one."""

WITH_POST = tuple(status for status, rank in RANKS.items() if 2 <= rank <= 8)
"""What cannot be taken back any more; before it nothing was printed, after it the letter came back."""
SIDE_STATES = ("retry", "unknown", "blocked", "failed", "cancelled")
CLAIMABLE = ("queued", "retry")

letter = sa.Table(
    "appeal_letter",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("payment_id", sa.ForeignKey("appeal_payment.id"), nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("case_id", sa.ForeignKey("appeal_case.id"), nullable=False),
    sa.Column("draft_id", sa.ForeignKey("appeal_draft.id"), nullable=False),
    sa.Column("pdf_sha256", sa.Text, nullable=False),
    sa.Column("mail_class", sa.Text, nullable=False),
    sa.Column("recipient", sa.LargeBinary, nullable=False),
    sa.Column("sender", sa.LargeBinary, nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("token", sa.Text),
    sa.Column("claimed_at", Moment),
    sa.Column("first_attempt_at", Moment),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("lob_id", sa.Text),
    sa.Column("test_mode", sa.Boolean),
    sa.Column("tracking", sa.LargeBinary),
    sa.Column("expected_delivery", sa.Date),
    sa.Column("rank", sa.Integer, nullable=False),
    sa.Column("last_event", sa.Text),
    sa.Column("error_code", sa.Text),
    sa.Column("accepted_at", Moment),
    sa.Column("delivered_at", Moment),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("payment_id", "seq"),
    sa.UniqueConstraint("lob_id"),
    sa.Index("ix_appeal_letter_case", "case_id", "id"),
    sa.Index("ix_appeal_letter_status", "status", "id"),
    one_of("status", *RANKS, *SIDE_STATES),
)


def add(work: Work, payment_id: int, **values: Any) -> int:
    """Insert the next letter of a payment, queued, and return its id."""
    following = sa.select(sa.func.coalesce(sa.func.max(letter.c.seq), 0) + 1).where(letter.c.payment_id == payment_id)
    letter_id = work.ids.next()
    work.claim(
        letter.insert().values(
            id=letter_id, payment_id=payment_id, seq=following.scalar_subquery(), status="queued", rank=0, attempts=0,
            at=work.now, **values,
        )
    )  # fmt: skip
    return letter_id


def load(work: Work, letter_id: int) -> sa.Row[Any] | None:
    """Return a letter."""
    return work.row(sa.select(letter).where(letter.c.id == letter_id))


def by_lob_id(work: Work, lob_id: str) -> sa.Row[Any] | None:
    """Return the letter that Lob knows by this id."""
    return work.row(sa.select(letter).where(letter.c.lob_id == lob_id))


def newest(work: Work, payment_id: int) -> sa.Row[Any] | None:
    """Return the newest letter of a payment."""
    return work.row(sa.select(letter).where(letter.c.payment_id == payment_id).order_by(letter.c.seq.desc()).limit(1))


def of_case(work: Work, case_id: int) -> list[sa.Row[Any]]:
    """Return a case's letters, newest first."""
    return work.rows(sa.select(letter).where(letter.c.case_id == case_id).order_by(letter.c.id.desc()))


def in_status(work: Work, *statuses: str) -> list[sa.Row[Any]]:
    """Return all letters in some states, oldest first."""
    return work.rows(sa.select(letter).where(letter.c.status.in_(statuses)).order_by(letter.c.id))


def claim(work: Work, letter_id: int) -> sa.Row[Any] | None:
    """Claim a letter for sending, with a token, an attempt and a time; None when somebody else has it (rule FUL-4)."""
    return work.claim(
        letter.update()
        .where(letter.c.id == letter_id, letter.c.status.in_(CLAIMABLE))
        .values(
            status="sending",
            rank=RANKS["sending"],
            token=work.ids.token(),
            claimed_at=work.now,
            attempts=letter.c.attempts + 1,
            first_attempt_at=sa.func.coalesce(letter.c.first_attempt_at, sa.bindparam("now", work.now, Moment)),
        )
        .returning(letter)
    ).first()


def move(work: Work, letter_id: int, *, was: tuple[str, ...], to: str, **values: Any) -> bool:
    """Change the status if it still is one of `was`; tell whether it happened."""
    rank = {"rank": RANKS[to]} if to in RANKS else {}
    moved = work.claim(
        letter.update().where(letter.c.id == letter_id, letter.c.status.in_(was)).values(status=to, **rank, **values)
    )
    return moved.rowcount == 1


def advance(work: Work, letter_id: int, to: str, **values: Any) -> bool:
    """Move a letter forward to a status of higher rank; tell whether it happened."""
    moved = work.claim(
        letter.update()
        .where(letter.c.id == letter_id, letter.c.rank < RANKS[to], letter.c.status.not_in(["failed", "cancelled"]))
        .values(status=to, rank=RANKS[to], **values)
    )
    return moved.rowcount == 1


def change(work: Work, letter_id: int, **values: Any) -> None:
    """Change columns of a letter, never its status."""
    work.claim(letter.update().where(letter.c.id == letter_id).values(**values))
