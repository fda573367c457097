"""The mail address of a person here (`word.token@domain`), found by the hash of its local part (rule EML-1).

One per person; a new one replaces the old one at once, and mail to the old one is nobody's.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from bot.core.seal import Seal
from storage.receipts.columns import note, owner
from storage.schema import Moment, metadata
from storage.upsert import upsert
from storage.work import Work

mail_address = sa.Table(
    "mail_address",
    metadata,
    owner(primary_key=True),
    sa.Column("local_hash", sa.LargeBinary, nullable=False),
    sa.Column("local", sa.LargeBinary, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("local_hash"),
)


def of_person(work: Work, person_id: int) -> str | None:
    """Return the local part of a person's address, None before they have one."""
    row = work.row(sa.select(mail_address.c.local).where(mail_address.c.person_id == person_id))
    return None if row is None else work.seal.open(row.local).decode()


def made_at(work: Work, person_id: int) -> datetime | None:
    """Return when a person's address was made."""
    row = work.row(sa.select(mail_address.c.at).where(mail_address.c.person_id == person_id))
    return None if row is None else row.at


def put(work: Work, person_id: int, local: str) -> None:
    """Give a person this local part in place of an earlier one."""
    values = {"local_hash": _hash(work.seal, local), "local": work.seal.seal(local.encode()), "at": work.now}
    work.claim(
        upsert(mail_address)
        .values(person_id=person_id, **values)
        .on_conflict_do_update(index_elements=["person_id"], set_=values)
    )
    note(work, person_id, "mail.address", f"person:{person_id}")


def owner_of(connection: sa.Connection, seal: Seal, local: str) -> int | None:
    """Return whose address a local part is; upper and lower case are the same."""
    statement = sa.select(mail_address.c.person_id).where(mail_address.c.local_hash == _hash(seal, local))
    row = connection.execute(statement).first()
    return None if row is None else int(row.person_id)


def _hash(seal: Seal, local: str) -> bytes:
    return seal.digest("mail address", local.strip().lower())
