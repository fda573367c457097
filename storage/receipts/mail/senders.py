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
    sa.Column("verified_at", Moment),
    sa.Column("muted_at", Moment),
    sa.Column("copies_at", Moment),  # since when copies of notices are wanted
)


@dataclass(frozen=True, slots=True)
class Sender:
    """An address whose mail is taken; `own` is one that the person writes from, `verified` one that proved it."""

    address: str
    own: bool
    verified: bool = False
    muted: bool = False


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
    return [
        Sender(
            work.seal.open(row.address).decode(), row.own, row.verified_at is not None, row.muted_at is not None
        )
        for row in work.rows(mine)
    ]  # fmt: skip


def address_hash(work: Work, person_id: int, address: str) -> bytes:
    """Return the hash under which an address of a person is found."""
    return digest(work, person_id, "sender", address.strip().lower())


def verify(work: Work, person_id: int, hashed: bytes) -> str | None:
    """Note that an address proved to be the person's own, and return it; None when it is not on their list any more."""
    mine = (mail_sender.c.person_id == person_id, mail_sender.c.address_hash == hashed)
    row = work.claim(
        mail_sender.update()
        .where(*mine)
        .values(own=True, verified_at=work.now, muted_at=None)
        .returning(mail_sender.c.address)
    ).first()
    if row is None:
        return None
    note(work, person_id, "mail.verify", f"person:{person_id}")
    return work.seal.open(row.address).decode()


def mute(work: Work, person_id: int, *, muted: bool) -> bool:
    """End our mails to a person, or begin them again; tell whether they have an address for them."""
    mine = (mail_sender.c.person_id == person_id, mail_sender.c.verified_at.is_not(None))
    at = work.now if muted else None
    changed = work.claim(mail_sender.update().where(*mine).values(muted_at=at)).rowcount > 0
    if changed:
        note(work, person_id, "mail.mute" if muted else "mail.unmute", f"person:{person_id}")
    return changed


def want_copies(work: Work, person_id: int, *, wanted: bool) -> bool:
    """Begin copies of notices at the proven addresses, or end them; tell whether the person has one."""
    mine = (mail_sender.c.person_id == person_id, mail_sender.c.verified_at.is_not(None))
    at = work.now if wanted else None
    changed = work.claim(mail_sender.update().where(*mine).values(copies_at=at)).rowcount > 0
    if changed:
        note(work, person_id, "mail.copies" if wanted else "mail.no_copies", f"person:{person_id}")
    return changed


def for_copies(work: Work, person_id: int) -> str | None:
    """Return the address that copies go to; None for whoever did not ask for them, or wants no mails at all."""
    return _newest(work, person_id, mail_sender.c.copies_at.is_not(None))


def for_mails(work: Work, person_id: int) -> str | None:
    """Return the address that our mails go to: the last that was verified, unless the person wants none."""
    return _newest(work, person_id)


def _newest(work: Work, person_id: int, *more: sa.ColumnElement[bool]) -> str | None:
    mine = (
        mail_sender.c.person_id == person_id,
        mail_sender.c.verified_at.is_not(None),
        mail_sender.c.muted_at.is_(None),
        *more,
    )
    row = work.row(sa.select(mail_sender.c.address).where(*mine).order_by(mail_sender.c.verified_at.desc()).limit(1))
    return None if row is None else work.seal.open(row.address).decode()


def forbid(work: Work, person_id: int, address: str) -> bool:
    """Take no more mail from an address; tell whether it was allowed."""
    hashed = digest(work, person_id, "sender", address.strip().lower())
    mine = (mail_sender.c.person_id == person_id, mail_sender.c.address_hash == hashed)
    gone = work.claim(mail_sender.delete().where(*mine)).rowcount == 1
    if gone:
        note(work, person_id, "mail.forbid", f"person:{person_id}")
    return gone
