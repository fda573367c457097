"""Whose mail is taken for a person: their own addresses, and those that they allowed (rule EML-2)."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from storage.receipts.columns import digest, note, owner
from storage.schema import Moment, metadata
from storage.upsert import upsert
from storage.work import Work

MOST = 100

mail_sender = sa.Table(
    "mail_sender",
    metadata,
    owner(primary_key=True),
    sa.Column("address_hash", sa.LargeBinary, primary_key=True),
    sa.Column("address", sa.LargeBinary, nullable=False),
    sa.Column("own", sa.Boolean, nullable=False),
    sa.Column("at", Moment, nullable=False),
)


@dataclass(frozen=True, slots=True)
class Sender:
    """An address whose mail is taken; `own` is one that the person writes from."""

    address: str
    own: bool


def allow(work: Work, person_id: int, address: str, *, own: bool) -> bool:
    """Take mail from an address from now on; False when the person allowed too many."""
    if len(of_person(work, person_id)) >= MOST:
        return False
    address = address.strip().lower()
    work.claim(
        upsert(mail_sender)
        .values(
            person_id=person_id, address_hash=digest(work, person_id, "sender", address),
            address=work.seal.seal(address.encode()), own=own, at=work.now,
        )
        .on_conflict_do_update(index_elements=["person_id", "address_hash"], set_={"own": own})
    )  # fmt: skip
    note(work, person_id, "mail.allow", f"person:{person_id}", own=own)
    return True


def is_allowed(work: Work, person_id: int, address: str) -> bool:
    """Tell whether mail from an address is taken."""
    hashed = digest(work, person_id, "sender", address.strip().lower())
    mine = (mail_sender.c.person_id == person_id, mail_sender.c.address_hash == hashed)
    return work.row(sa.select(mail_sender.c.own).where(*mine)) is not None


def of_person(work: Work, person_id: int) -> list[Sender]:
    """Return the addresses that a person allowed, oldest first."""
    mine = sa.select(mail_sender).where(mail_sender.c.person_id == person_id).order_by(mail_sender.c.at)
    return [Sender(work.seal.open(row.address).decode(), row.own) for row in work.rows(mine)]


def forbid(work: Work, person_id: int, address: str) -> bool:
    """Take no more mail from an address; tell whether it was allowed."""
    hashed = digest(work, person_id, "sender", address.strip().lower())
    mine = (mail_sender.c.person_id == person_id, mail_sender.c.address_hash == hashed)
    gone = work.claim(mail_sender.delete().where(*mine)).rowcount == 1
    if gone:
        note(work, person_id, "mail.forbid", f"person:{person_id}")
    return gone
