"""What a person typed: the code that counts for their next payment, and wrong ones, for the guess limiter (CP-2)."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from storage.billing.columns import key, owner
from storage.schema import Moment, metadata
from storage.upsert import upsert
from storage.work import Work

guess = sa.Table(
    "coupon_guess",
    metadata,
    key(),
    owner(),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_coupon_guess_person", "person_id", "at"),
)

choice = sa.Table(
    "coupon_choice",
    metadata,
    owner(primary_key=True),
    sa.Column("coupon_id", sa.BigInteger, nullable=False),
    sa.Column("at", Moment, nullable=False),
)


def missed(work: Work, person_id: int, within: timedelta) -> None:
    """Note a wrong code; older ones that no longer count go."""
    work.claim(guess.delete().where(guess.c.person_id == person_id, guess.c.at <= work.now - within))
    work.claim(guess.insert().values(id=work.new_id(), person_id=person_id, at=work.now))


def misses(work: Work, person_id: int, within: timedelta) -> int:
    """Return how many wrong codes a person typed lately."""
    mine = (guess.c.person_id == person_id, guess.c.at > work.now - within)
    return len(work.rows(sa.select(guess.c.id).where(*mine)))


def choose(work: Work, person_id: int, coupon_id: int) -> None:
    """Let a code count for the person's next payment, instead of any other."""
    insert = upsert(choice).values(person_id=person_id, coupon_id=coupon_id, at=work.now)
    new = {"coupon_id": insert.excluded.coupon_id, "at": insert.excluded.at}
    work.claim(insert.on_conflict_do_update(index_elements=["person_id"], set_=new))


def chosen(work: Work, person_id: int) -> int | None:
    """Return the coupon that counts for the person's next payment."""
    row = work.row(sa.select(choice.c.coupon_id).where(choice.c.person_id == person_id))
    return None if row is None else int(row.coupon_id)


def drop(work: Work, person_id: int, coupon_id: int | None = None) -> bool:
    """Let no code count any more, or not this one; False when none did."""
    mine = [choice.c.person_id == person_id, *([choice.c.coupon_id == coupon_id] if coupon_id is not None else [])]
    return work.claim(choice.delete().where(*mine)).rowcount == 1
