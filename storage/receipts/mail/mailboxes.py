"""Mailboxes that a person connected: where they were read to, and whether they still let us in (EML-9 to EML-12).

The secret (an app password, or tokens) is a sealed blob. A mailbox is read by whoever claims its next round first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.blobs import blob
from storage.receipts.columns import digest, key, note, owner
from storage.schema import Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

KINDS = ("imap", "gmail")
STATES = ("good", "needs_login", "revoked")
MOST = 5

mailbox = sa.Table(
    "mailbox",
    metadata,
    key(),
    owner(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("address_hash", sa.LargeBinary, nullable=False),
    sa.Column("address", sa.LargeBinary, nullable=False),
    sa.Column("secret_blob", sa.BigInteger),
    sa.Column("cursor", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("next_at", Moment, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("uq_mailbox_address", "person_id", "kind", "address_hash", unique=True),
    sa.Index("ix_mailbox_next", "state", "next_at"),
    one_of("kind", *KINDS),
    one_of("state", *STATES),
)


mail_import = sa.Table(
    "mail_import",
    metadata,
    owner(primary_key=True),
    sa.Column("mailbox_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("receipt_id", sa.BigInteger, primary_key=True, autoincrement=False),
)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox; `cursor` is `uidvalidity:uid` for IMAP and a historyId for Gmail, empty before the first reading."""

    id: int
    kind: str
    address: str
    secret: int | None
    cursor: str
    state: str


def connect(work: Work, person_id: int, *, kind: str, address: str, secret: int, cursor: str = "") -> int | None:
    """Store a mailbox, or let one that is known in again, and return its id; None when the person has too many.

    A mailbox that comes back goes on where it was read to; its old secret is deleted.
    """
    address = address.strip().lower()
    hashed = digest(work, person_id, "mailbox", address)
    known = next((one for one in of_person(work, person_id) if (one.kind, one.address) == (kind, address)), None)
    if known is None and len(of_person(work, person_id)) >= MOST:
        return None
    if known is not None and known.secret is not None:
        _forget(work, person_id, known.secret)
    values = {"secret_blob": secret, "state": "good", "next_at": work.now}
    row = work.claim(
        upsert(mailbox)
        .values(
            id=work.new_id(), person_id=person_id, kind=kind, address_hash=hashed,
            address=work.seal.seal(address.encode()), cursor=cursor, at=work.now, **values,
        )
        .on_conflict_do_update(index_elements=["person_id", "kind", "address_hash"], set_=values)
        .returning(mailbox.c.id)
    ).one()  # fmt: skip
    note(work, person_id, "mailbox.link", f"mailbox:{row.id}", kind=kind)
    return int(row.id)


def of_person(work: Work, person_id: int) -> list[Mailbox]:
    """Return the mailboxes of a person, revoked ones too, oldest first."""
    rows = work.rows(sa.select(mailbox).where(mailbox.c.person_id == person_id).order_by(mailbox.c.id))
    return [_opened(work, row) for row in rows]


def load(work: Work, person_id: int, mailbox_id: int) -> Mailbox | None:
    """Return a mailbox of this person."""
    row = work.row(sa.select(mailbox).where(mailbox.c.person_id == person_id, mailbox.c.id == mailbox_id))
    return None if row is None else _opened(work, row)


def due(connection: sa.Connection, now: datetime, limit: int = 200) -> list[sa.Row[Any]]:
    """Return (id, person_id, next_at) of mailboxes whose next round has come, longest waiting first."""
    waits = (mailbox.c.state == "good", mailbox.c.next_at <= now)
    query = sa.select(mailbox.c.id, mailbox.c.person_id, mailbox.c.next_at).where(*waits)
    return list(connection.execute(query.order_by(mailbox.c.next_at).limit(limit)))


def claim_round(work: Work, person_id: int, mailbox_id: int, *, every: timedelta) -> bool:
    """Take the round that has come and set the next one; False when somebody else did (the lease of a round)."""
    mine = (mailbox.c.person_id == person_id, mailbox.c.id == mailbox_id, mailbox.c.state == "good")
    taken = work.claim(mailbox.update().where(*mine, mailbox.c.next_at <= work.now).values(next_at=work.now + every))
    return taken.rowcount == 1


def read_to(
    work: Work, person_id: int, mailbox_id: int, *, cursor: str, was: str, secret: int | None, soon: bool
) -> bool:
    """Keep where a mailbox was read to and a refreshed secret, unless another round went on meanwhile."""
    mine = (mailbox.c.person_id == person_id, mailbox.c.id == mailbox_id, mailbox.c.state == "good")
    known = load(work, person_id, mailbox_id)
    if known is None or known.state != "good":
        if secret is not None:
            _forget(work, person_id, secret)
        return False
    values: dict[str, Any] = {"cursor": cursor} if known.cursor == was else {}
    if secret is not None:
        values["secret_blob"] = secret
        if known.secret is not None:
            _forget(work, person_id, known.secret)
    if soon:
        values["next_at"] = work.now
    if values:
        work.claim(mailbox.update().where(*mine).values(**values))
    if secret is not None:
        note(work, person_id, "mailbox.refresh", f"mailbox:{mailbox_id}")
    return known.cursor == was


def shut_out(work: Work, person_id: int, mailbox_id: int) -> bool:
    """Note that a mailbox lets us in no more, and delete its secret; tell whether that is news."""
    return _close(work, person_id, mailbox_id, "needs_login")


def disconnect(work: Work, person_id: int, mailbox_id: int) -> bool:
    """Note that the person took a mailbox back; its secret is deleted by `forget_secret` after it was revoked."""
    return _close(work, person_id, mailbox_id, "revoked")


def _close(work: Work, person_id: int, mailbox_id: int, state: str) -> bool:
    mine = (mailbox.c.person_id == person_id, mailbox.c.id == mailbox_id, mailbox.c.state.not_in((state, "revoked")))
    changed = work.claim(mailbox.update().where(*mine).values(state=state)).rowcount == 1
    if changed:
        note(work, person_id, f"mailbox.{state}", f"mailbox:{mailbox_id}")
        if state == "needs_login":
            forget_secret(work, person_id, mailbox_id)
    return changed


def forget_secret(work: Work, person_id: int, mailbox_id: int) -> None:
    """Delete the secret of a mailbox."""
    known = load(work, person_id, mailbox_id)
    if known is None or known.secret is None:
        return
    _forget(work, person_id, known.secret)
    mine = (mailbox.c.person_id == person_id, mailbox.c.id == mailbox_id)
    work.claim(mailbox.update().where(*mine).values(secret_blob=None))
    note(work, person_id, "mailbox.unlink", f"mailbox:{mailbox_id}")


def note_import(work: Work, person_id: int, mailbox_id: int, receipt_id: int) -> None:
    """Remember that a receipt came from a mailbox, for the day when the person takes that back."""
    row = {"person_id": person_id, "mailbox_id": mailbox_id, "receipt_id": receipt_id}
    work.claim(upsert(mail_import).values(**row).on_conflict_do_nothing())


def imported(work: Work, person_id: int, mailbox_id: int) -> list[int]:
    """Return the receipts that came from a mailbox."""
    mine = (mail_import.c.person_id == person_id, mail_import.c.mailbox_id == mailbox_id)
    return [row.receipt_id for row in work.rows(sa.select(mail_import.c.receipt_id).where(*mine))]


def _forget(work: Work, person_id: int, blob_id: int) -> None:
    mine = sa.or_(blob.c.person_id == person_id, blob.c.person_id.is_(None))
    work.claim(blob.delete().where(blob.c.id == blob_id, mine))


def _opened(work: Work, row: sa.Row[Any]) -> Mailbox:
    address = work.seal.open(row.address).decode()
    return Mailbox(row.id, row.kind, address, row.secret_blob, row.cursor, row.state)
