"""Versions of a quote: what was offered, with the rates of that day; none is changed once it is written (QT-2)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import orjson
import sqlalchemy as sa

from storage.billing.columns import owner
from storage.schema import Moment, metadata
from storage.work import Work

version = sa.Table(
    "quote_version",
    metadata,
    sa.Column("quote_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    owner(),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("subtotal_minor", sa.BigInteger, nullable=False),
    sa.Column("discount_minor", sa.BigInteger, nullable=False),
    sa.Column("tax_minor", sa.BigInteger, nullable=False),
    sa.Column("total_minor", sa.BigInteger, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("locked_at", Moment),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_quote_version_person", "person_id", "quote_id"),
    sa.CheckConstraint("subtotal_minor >= discount_minor AND discount_minor >= 0", name="discount_within"),
)


@dataclass(frozen=True, slots=True)
class Item:
    """A line: the fields of its calculator, and its price by the rates of the version."""

    kind: str
    fields: dict[str, Any]
    text: str
    quantity: int
    unit_minor: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Version:
    """What a version says. `rates` are those of each calculator at that time; `seller` is our block on paper."""

    number: int
    items: tuple[Item, ...]
    currency: str
    subtotal_minor: int
    discount_bps: int
    discount_minor: int
    tax_bps: int
    tax_minor: int
    total_minor: int
    rates: dict[str, Any] = field(default_factory=dict)
    seller: tuple[str, ...] = ()
    organisation: int = 0


_COLUMNS = ("currency", "subtotal_minor", "discount_minor", "tax_minor", "total_minor")


def add(work: Work, person_id: int, quote_id: int, made: Version) -> None:
    """Store a version; two of one number cannot be."""
    values = asdict(made)
    columns = {name: values[name] for name in _COLUMNS}
    body = work.seal.seal(orjson.dumps({k: v for k, v in values.items() if k not in columns and k != "number"}))
    row = {"quote_id": quote_id, "number": made.number, "person_id": person_id, "body": body, "at": work.now}
    work.claim(version.insert().values(**row, **columns))


def load(work: Work, quote_id: int, number: int) -> Version | None:
    """Return a version."""
    row = work.row(sa.select(version).where(version.c.quote_id == quote_id, version.c.number == number))
    if row is None:
        return None
    body = orjson.loads(work.seal.open(row.body))
    items = tuple(Item(**one) for one in body.pop("items"))
    columns = {name: getattr(row, name) for name in _COLUMNS}
    return Version(number=row.number, items=items, seller=tuple(body.pop("seller")), **columns, **body)


def lock(work: Work, quote_id: int, number: int) -> None:
    """Note when a version was first offered: from then on it stands as it is."""
    mine = (version.c.quote_id == quote_id, version.c.number == number, version.c.locked_at.is_(None))
    work.claim(version.update().where(*mine).values(locked_at=work.now))


def was_offered(work: Work, quote_id: int) -> bool:
    """Tell whether any version was sent before."""
    mine = (version.c.quote_id == quote_id, version.c.locked_at.is_not(None))
    return work.row(sa.select(version.c.number).where(*mine).limit(1)) is not None
