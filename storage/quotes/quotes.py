"""Quotes: one row each, with the version that counts now and what became of it; a number from a counter.

What a quote says stands in its versions. Every move is a conditional update, so that two at once make one (QT-4).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.billing.columns import key, owner
from storage.schema import Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

STATES = ("draft", "sent", "negotiated", "accepted", "declined", "expired", "paid")
OPEN = ("draft", "sent", "negotiated", "accepted")
OFFERED = ("sent", "negotiated")
FIRST_NUMBER = 1001

counter = sa.Table(
    "quote_counter",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.BigInteger, nullable=False),
)

quote = sa.Table(
    "quote",
    metadata,
    key(),
    owner(),
    sa.Column("number", sa.BigInteger, nullable=False),
    sa.Column("contact_id", sa.BigInteger),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("current", sa.Integer, nullable=False),  # the number of its newest version
    sa.Column("wished_bps", sa.Integer),  # a discount that waits for somebody's approval
    sa.Column("order_id", sa.BigInteger),
    sa.Column("link", sa.LargeBinary),  # where the order is paid
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("number"),
    sa.UniqueConstraint("source"),
    sa.Index("ix_quote_person", "person_id", "id"),
    one_of("state", *STATES),
)

Quote = sa.Row[Any]


def code(number: int) -> str:
    """Return how a quote is called."""
    return f"Q-{number}"


def add(work: Work, person_id: int, *, source: str, expires: datetime) -> tuple[int, int] | None:
    """Insert a quote whose first version follows; return its id and number, None for a source that opened one."""
    if work.row(sa.select(quote.c.id).where(quote.c.source == source)) is not None:
        return None
    taken = upsert(counter).values(name="quote", value=FIRST_NUMBER)
    moved = taken.on_conflict_do_update(index_elements=["name"], set_={"value": counter.c.value + 1})
    number = int(work.claim(moved.returning(counter.c.value)).one()[0])
    new_id = work.new_id()
    work.claim(
        quote.insert().values(
            id=new_id, person_id=person_id, number=number, state="draft", current=0, source=source,
            expires_at=expires, at=work.now,
        )
    )  # fmt: skip
    return new_id, number


def load(work: Work, quote_id: int) -> Quote | None:
    """Return a quote."""
    return work.row(sa.select(quote).where(quote.c.id == quote_id))


def of_number(work: Work, number: int) -> Quote | None:
    """Return the quote of a number, whoever asks; callers compare the person."""
    return work.row(sa.select(quote).where(quote.c.number == number))


def of_person(work: Work, person_id: int, limit: int = 10) -> list[Quote]:
    """Return a person's quotes, newest first."""
    return work.rows(sa.select(quote).where(quote.c.person_id == person_id).order_by(quote.c.id.desc()).limit(limit))


def move(work: Work, row: Quote, state: str, *, among: tuple[str, ...], **values: Any) -> bool:
    """Move a quote at the version that was read, out of one of some states; False when it stands elsewhere by now."""
    mine = (quote.c.id == row.id, quote.c.current == row.current, quote.c.state.in_(among))
    return work.claim(quote.update().where(*mine).values(state=state, **values)).rowcount == 1


def note(work: Work, quote_id: int, **values: Any) -> None:
    """Note a contact, an order or a wish."""
    work.claim(quote.update().where(quote.c.id == quote_id).values(**values))


def grant(work: Work, row: Quote, bps: int) -> bool:
    """Take the wish for a discount off, once, at the version for which it was made."""
    mine = (quote.c.id == row.id, quote.c.current == row.current, quote.c.wished_bps == bps)
    return work.claim(quote.update().where(*mine).values(wished_bps=None)).rowcount == 1
