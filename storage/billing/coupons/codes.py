"""Codes with their terms, one row each; `taken` counts the uses that are reserved or redeemed (CP-1, CP-7, CP-9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.billing.columns import key
from storage.schema import Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

KINDS = ("percent", "amount", "grant")
ACTIVE, OFF = "active", "off"

batch = sa.Table(
    "coupon_batch",
    metadata,
    key(),
    sa.Column("prefix", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("creator", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.CheckConstraint("size > 0", name="size_positive"),
)

coupon = sa.Table(
    "coupon",
    metadata,
    key(),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("folded", sa.Text),
    sa.Column("batch_id", sa.ForeignKey("coupon_batch.id")),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("bps", sa.Integer),
    sa.Column("amount_minor", sa.BigInteger),
    sa.Column("currency", sa.Text),
    sa.Column("feature", sa.Text),
    sa.Column("quantity", sa.BigInteger),
    sa.Column("most_off_minor", sa.BigInteger),
    sa.Column("least_price_minor", sa.BigInteger),
    sa.Column("products", sa.Text, nullable=False),
    sa.Column("plans", sa.Text, nullable=False),
    sa.Column("channels", sa.Text, nullable=False),
    sa.Column("starts_at", Moment, nullable=False),
    sa.Column("ends_at", Moment),
    sa.Column("max_uses", sa.Integer),
    sa.Column("max_per_person", sa.Integer, nullable=False),
    sa.Column("first_purchase", sa.Boolean, nullable=False),
    sa.Column("assigned_to", sa.BigInteger),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("creator", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("taken", sa.Integer, nullable=False),
    sa.Index("uq_coupon_code", "code", unique=True),
    sa.Index("uq_coupon_folded", "folded", unique=True),
    sa.Index("ix_coupon_batch", "batch_id"),
    sa.Index("ix_coupon_assigned", "assigned_to"),
    one_of("kind", *KINDS),
    one_of("status", ACTIVE, OFF),
    sa.CheckConstraint("(kind = 'percent') = (bps IS NOT NULL)", name="percent_stated"),
    sa.CheckConstraint("bps IS NULL OR (bps > 0 AND bps <= 10000)", name="percent_in_range"),
    sa.CheckConstraint("(kind = 'amount') = (amount_minor IS NOT NULL)", name="amount_stated"),
    sa.CheckConstraint("amount_minor IS NULL OR (amount_minor > 0 AND currency IS NOT NULL)", name="amount_positive"),
    sa.CheckConstraint("(kind = 'grant') = (feature IS NOT NULL AND quantity IS NOT NULL)", name="grant_stated"),
    sa.CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name="ends"),
    sa.CheckConstraint("max_uses IS NULL OR max_uses > 0", name="uses_positive"),
    sa.CheckConstraint("max_per_person > 0", name="per_person_positive"),
    sa.CheckConstraint("taken >= 0", name="taken_positive"),
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a code gives, to whom and until when. Scopes that are empty are open; `max_uses` of None is unlimited."""

    kind: str
    starts_at: datetime
    bps: int | None = None
    amount_minor: int | None = None
    currency: str | None = None
    feature: str | None = None
    quantity: int | None = None
    most_off_minor: int | None = None
    least_price_minor: int | None = None
    products: tuple[str, ...] = ()
    plans: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    ends_at: datetime | None = None
    max_uses: int | None = None
    max_per_person: int = 1
    first_purchase: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True)
class Coupon:
    """A code as it stands."""

    id: int
    code: str
    terms: Terms
    status: str = ACTIVE
    assigned_to: int | None = None
    taken: int = 0
    batch_id: int | None = None
    creator: str = ""


_WORDS = ("products", "plans", "channels")
_PLAIN = (
    "kind", "starts_at", "bps", "amount_minor", "currency", "feature", "quantity", "most_off_minor",
    "least_price_minor", "ends_at", "max_uses", "max_per_person", "first_purchase", "name",
)  # fmt: skip


def _coupon(row: sa.Row[Any]) -> Coupon:
    stated: dict[str, Any] = {name: getattr(row, name) for name in _PLAIN}
    stated |= {name: tuple(getattr(row, name).split()) for name in _WORDS}
    return Coupon(row.id, row.code, Terms(**stated), row.status, row.assigned_to, row.taken, row.batch_id, row.creator)


def _row(work: Work, code: str, terms: Terms, *, creator: str) -> dict[str, Any]:
    words = {name: " ".join(getattr(terms, name)) for name in _WORDS}
    plain = {name: getattr(terms, name) for name in _PLAIN}
    own = {"id": work.new_id(), "code": code, "folded": None, "batch_id": None, "assigned_to": None}
    return own | plain | words | {"status": ACTIVE, "creator": creator, "at": work.now, "taken": 0}


def add(work: Work, code: str, terms: Terms, *, creator: str) -> int | None:
    """Store a named code and return its id; None when the code is taken."""
    row = _row(work, code, terms, creator=creator)
    made = work.claim(upsert(coupon).values(row).on_conflict_do_nothing().returning(coupon.c.id)).first()
    return None if made is None else int(made.id)


def add_batch(work: Work, prefix: str, terms: Terms, *, size: int, creator: str) -> int:
    """Store the head of a batch and return its id."""
    batch_id = work.new_id()
    row = {"id": batch_id, "prefix": prefix, "name": terms.name, "size": size, "creator": creator, "at": work.now}
    work.claim(batch.insert().values(row))
    return batch_id


def add_generated(work: Work, batch_id: int, codes: Iterable[tuple[str, str]], terms: Terms, *, creator: str) -> None:
    """Store generated codes, each with the form under which misread letters find it; those that are taken are left."""
    rows = [
        _row(work, code, terms, creator=creator) | {"folded": folded, "batch_id": batch_id} for code, folded in codes
    ]
    work.claim_all(upsert(coupon).on_conflict_do_nothing(), rows)


def find(work: Work, code: str, folded: str) -> Coupon | None:
    """Return a code as it is typed, else the generated one that misread letters mean (CP-4)."""
    row = work.row(sa.select(coupon).where(coupon.c.code == code))
    row = row or work.row(sa.select(coupon).where(coupon.c.folded == folded))
    return None if row is None else _coupon(row)


def load(work: Work, coupon_id: int) -> Coupon | None:
    """Return a coupon."""
    row = work.row(sa.select(coupon).where(coupon.c.id == coupon_id))
    return None if row is None else _coupon(row)


def codes_of(work: Work, batch_id: int) -> list[Coupon]:
    """Return the codes of a batch in the order of their making."""
    return [
        _coupon(row) for row in work.rows(sa.select(coupon).where(coupon.c.batch_id == batch_id).order_by(coupon.c.id))
    ]


def newest(work: Work, limit: int) -> list[Coupon]:
    """Return the named codes made last."""
    named = sa.select(coupon).where(coupon.c.batch_id.is_(None)).order_by(coupon.c.id.desc())
    return [_coupon(row) for row in work.rows(named.limit(limit))]


def batches(work: Work, limit: int) -> Sequence[sa.Row[Any]]:
    """Return the batches made last."""
    return work.rows(sa.select(batch).order_by(batch.c.id.desc()).limit(limit))


def load_batch(work: Work, batch_id: int) -> sa.Row[Any] | None:
    """Return the head of a batch."""
    return work.row(sa.select(batch).where(batch.c.id == batch_id))


def take(work: Work, coupon_id: int) -> bool:
    """Count one more use in one conditional statement; False when the code is off or used up."""
    room = sa.or_(coupon.c.max_uses.is_(None), coupon.c.taken < coupon.c.max_uses)
    mine = (coupon.c.id == coupon_id, coupon.c.status == ACTIVE, room)
    return work.claim(coupon.update().where(*mine).values(taken=coupon.c.taken + 1)).rowcount == 1


def count(work: Work, coupon_id: int, change: int) -> None:
    """Count a use that came late, or one that went back."""
    work.claim(coupon.update().where(coupon.c.id == coupon_id).values(taken=coupon.c.taken + change))


def switch_off(work: Work, where: sa.ColumnElement[bool]) -> int:
    """Switch off what is still on and return how many that were."""
    done = work.claim(coupon.update().where(coupon.c.status == ACTIVE, where).values(status=OFF))
    return done.rowcount


def coded(code: str) -> sa.ColumnElement[bool]:
    """Mean one code."""
    return coupon.c.code == code


def beginning(prefix: str) -> sa.ColumnElement[bool]:
    """Mean the codes that begin with letters and digits."""
    return sa.and_(coupon.c.code >= prefix, coupon.c.code < prefix[:-1] + chr(ord(prefix[-1]) + 1))


def in_batch(batch_id: int) -> sa.ColumnElement[bool]:
    """Mean the codes of a batch."""
    return coupon.c.batch_id == batch_id


def assign(work: Work, coupon_id: int, person_id: int) -> bool:
    """Give a code that nobody has to one person; False when somebody has it or it is off."""
    free = (coupon.c.id == coupon_id, coupon.c.assigned_to.is_(None), coupon.c.status == ACTIVE)
    return work.claim(coupon.update().where(*free).values(assigned_to=person_id)).rowcount == 1
