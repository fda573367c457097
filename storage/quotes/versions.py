"""Versions of a quote: what was offered, with the rates of that day; none is changed once it is written (QT-2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
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
    """A line: the fields of its calculator, and its price by the rates of the version.

    `text` names it for its author, `named` for the customer, who reads `details` below it.
    """

    kind: str
    fields: dict[str, Any]
    text: str
    quantity: int
    unit_minor: int
    amount_minor: int
    offered: str = ""
    details: Sequence[str] = ()

    @property
    def named(self) -> str:
        """How a customer reads it; items of before this was kept have their one text."""
        return self.offered or self.text


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who a version was offered to, as it is printed."""

    block: Sequence[str] = ()
    payment_days: int | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """What a version says. `rates` are those of each calculator at that time; `seller` is our block on paper.

    `buyer` is noted when it is offered first; None before, and for what was offered before that was kept.
    """

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
    buyer: Buyer | None = None


_COLUMNS = ("currency", "subtotal_minor", "discount_minor", "tax_minor", "total_minor")


def add(work: Work, person_id: int, quote_id: int, made: Version) -> None:
    """Store a version; two of one number cannot be."""
    columns = {name: getattr(made, name) for name in _COLUMNS}
    row = {"quote_id": quote_id, "number": made.number, "person_id": person_id, "at": work.now}
    work.claim(version.insert().values(**row, **columns, body=_sealed(work, made)))


def _sealed(work: Work, made: Version) -> bytes:
    kept = {name: value for name, value in asdict(made).items() if name not in (*_COLUMNS, "number")}
    return work.seal.seal(orjson.dumps(kept))


def load(work: Work, quote_id: int, number: int) -> Version | None:
    """Return a version."""
    row = work.row(sa.select(version).where(version.c.quote_id == quote_id, version.c.number == number))
    if row is None:
        return None
    body = orjson.loads(work.seal.open(row.body))
    items = tuple(Item(**one) for one in body.pop("items"))
    columns = {name: getattr(row, name) for name in _COLUMNS}
    buyer = body.pop("buyer", None)
    return Version(
        number=row.number, items=items, seller=tuple(body.pop("seller")), buyer=Buyer(**buyer) if buyer else None,
        **columns, **body,
    )  # fmt: skip


def made_at(work: Work, quote_id: int, number: int) -> datetime:
    """Return when a version was made; raise LookupError for none."""
    row = work.row(sa.select(version.c.at).where(version.c.quote_id == quote_id, version.c.number == number))
    if row is None:
        raise LookupError("no such version")
    found: datetime = row.at
    return found


def lock(work: Work, quote_id: int, found: Version, buyer: Buyer) -> None:
    """Note when a version was first offered, and to whom: from then on it stands as it is."""
    mine = (version.c.quote_id == quote_id, version.c.number == found.number, version.c.locked_at.is_(None))
    body = _sealed(work, replace(found, buyer=buyer))
    work.claim(version.update().where(*mine).values(locked_at=work.now, body=body))


def was_offered(work: Work, quote_id: int) -> bool:
    """Tell whether any version was sent before."""
    mine = (version.c.quote_id == quote_id, version.c.locked_at.is_not(None))
    return work.row(sa.select(version.c.number).where(*mine).limit(1)) is not None
