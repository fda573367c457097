"""Customers of those who quote: contacts of their owner, no accounts here (QT-9). Sealed, found by the keyed name."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import orjson
import sqlalchemy as sa

from bot.core.fold import fold
from storage.billing.columns import key, owner
from storage.schema import Moment, metadata
from storage.upsert import upsert
from storage.work import Work

contact = sa.Table(
    "quote_contact",
    metadata,
    key(),
    owner(),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("person_id", "hash"),
)


@dataclass(frozen=True, slots=True)
class Contact:
    """A customer; payment days are from the invoice on, the credit limit is in minor units."""

    name: str
    company: str = ""
    address: str = ""
    tax_id: str = ""
    payment_days: int | None = None
    credit_limit_minor: int | None = None

    @property
    def block(self) -> list[str]:
        """How documents name it, line by line; its tax id stands below under its own name."""
        return [line for line in (self.company, self.name, self.address) if line]


def _hash(work: Work, name: str) -> bytes:
    return work.seal.digest("quote contact", fold(name))


def put(work: Work, person_id: int, made: Contact) -> int:
    """Store a contact under its name, in place of an earlier one of that name, and return its id."""
    body = work.seal.seal(orjson.dumps(asdict(made)))
    row = {"id": work.new_id(), "person_id": person_id, "hash": _hash(work, made.name), "body": body}
    insert = upsert(contact).values(**row, at=work.now)
    kept = insert.on_conflict_do_update(index_elements=["person_id", "hash"], set_={"body": body, "at": work.now})
    return int(work.claim(kept.returning(contact.c.id)).one()[0])


def named(work: Work, person_id: int, name: str) -> tuple[int, Contact] | None:
    """Return the contact of a name."""
    mine = (contact.c.person_id == person_id, contact.c.hash == _hash(work, name))
    row = work.row(sa.select(contact.c.id, contact.c.body).where(*mine))
    return None if row is None else (int(row.id), Contact(**orjson.loads(work.seal.open(row.body))))


def load(work: Work, person_id: int, contact_id: int) -> Contact | None:
    """Return a contact of a person."""
    row = work.row(sa.select(contact.c.body).where(contact.c.person_id == person_id, contact.c.id == contact_id))
    return None if row is None else Contact(**orjson.loads(work.seal.open(row.body)))


def of_person(work: Work, person_id: int, limit: int = 20) -> list[Contact]:
    """Return a person's contacts, newest first."""
    mine = contact.c.person_id == person_id
    rows = work.rows(sa.select(contact.c.body).where(mine).order_by(contact.c.at.desc()).limit(limit))
    return [Contact(**orjson.loads(work.seal.open(row.body))) for row in rows]
