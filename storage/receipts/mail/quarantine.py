"""Mails that wait for their person's word, and mails that were taken, each once (rules EML-2, EML-3, EML-4)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.blobs import blob
from storage.receipts.columns import digest, key, note, owner
from storage.schema import Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

WHY = ("sender", "failed", "unproven")
STATES = ("waiting", "kept", "dropped")
MOST_WAITING = 20
"""Mails that may wait for one person; a flood beyond it is counted, not kept."""

LIFE = timedelta(days=30)
"""How long a mail waits, with its bytes and its draft (SEC-R7)."""

mail_quarantine = sa.Table(
    "mail_quarantine",
    metadata,
    key(),
    owner(),
    sa.Column("message_hash", sa.LargeBinary, nullable=False),
    sa.Column("sender", sa.LargeBinary, nullable=False),
    sa.Column("own", sa.Boolean, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("blob_id", sa.BigInteger, nullable=False),
    sa.Column("draft", sa.LargeBinary),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("uq_mail_quarantine_message", "person_id", "message_hash", unique=True),
    sa.Index("ix_mail_quarantine_state", "person_id", "state", "id"),
    sa.Index("ix_mail_quarantine_at", "at"),
    one_of("why", *WHY),
    one_of("state", *STATES),
)

mail_seen = sa.Table(
    "mail_seen",
    metadata,
    owner(primary_key=True),
    sa.Column("message_hash", sa.LargeBinary, primary_key=True),
    sa.Column("at", Moment, nullable=False),
)


def claim_message(work: Work, person_id: int, message_id: str) -> bool:
    """Note that a mail is taken; False when one of this id was taken for this person before."""
    row = work.claim(
        upsert(mail_seen)
        .values(person_id=person_id, message_hash=digest(work, person_id, "message", message_id), at=work.now)
        .on_conflict_do_nothing()
        .returning(mail_seen.c.person_id)
    ).first()
    return row is not None


def is_seen(work: Work, person_id: int, message_id: str) -> bool:
    """Tell whether a mail of this id was taken for this person."""
    hashed = digest(work, person_id, "message", message_id)
    mine = (mail_seen.c.person_id == person_id, mail_seen.c.message_hash == hashed)
    return work.row(sa.select(mail_seen.c.at).where(*mine)) is not None


def hold(
    work: Work, person_id: int, *, message_id: str, sender: str, own: bool, why: str, blob_id: int,
    draft: bytes | None = None,
) -> int | None:  # fmt: skip
    """Put a mail aside, with the draft that it becomes when it is kept; None when it waits already or too many do."""
    if len(waiting(work, person_id)) >= MOST_WAITING:
        return None
    row = work.claim(
        upsert(mail_quarantine)
        .values(
            id=work.new_id(), person_id=person_id, message_hash=digest(work, person_id, "message", message_id),
            sender=work.seal.seal(sender.encode()), own=own, why=why, blob_id=blob_id,
            draft=work.seal.seal(draft) if draft else None, state="waiting", at=work.now,
        )
        .on_conflict_do_nothing()
        .returning(mail_quarantine.c.id)
    ).first()  # fmt: skip
    if row is not None:
        note(work, person_id, "mail.hold", f"mail:{row.id}", why=why)
    return None if row is None else int(row.id)


def waiting(work: Work, person_id: int) -> list[sa.Row[Any]]:
    """Return the mails that wait for a person's word, oldest first."""
    mine = (mail_quarantine.c.person_id == person_id, mail_quarantine.c.state == "waiting")
    lives = mail_quarantine.c.at > work.now - LIFE
    return work.rows(sa.select(mail_quarantine).where(*mine, lives).order_by(mail_quarantine.c.id))


def old(connection: sa.Connection, now: datetime, limit: int) -> list[sa.Row[Any]]:
    """Return (person_id, id) of mails that were put aside too long ago."""
    search = sa.select(mail_quarantine.c.person_id, mail_quarantine.c.id).where(mail_quarantine.c.at <= now - LIFE)
    return list(connection.execute(search.limit(limit)))


def erase(work: Work, person_id: int, held_id: int) -> None:
    """Forget a mail that was put aside, with its bytes if nobody kept them."""
    mine = (mail_quarantine.c.person_id == person_id, mail_quarantine.c.id == held_id)
    row = work.row(sa.select(mail_quarantine.c.blob_id, mail_quarantine.c.state).where(*mine))
    if row is None:
        return
    if row.state == "waiting":
        work.claim(blob.delete().where(blob.c.id == row.blob_id, blob.c.person_id == person_id))
        note(work, person_id, "mail.expired", f"mail:{held_id}")
    work.claim(mail_quarantine.delete().where(*mine))


def decide(work: Work, person_id: int, held_id: int, state: str) -> sa.Row[Any] | None:
    """Keep or drop a mail that waits and return it; None when it waits no more. A dropped one's bytes go at once."""
    row = work.claim(
        mail_quarantine.update()
        .where(
            mail_quarantine.c.person_id == person_id,
            mail_quarantine.c.id == held_id,
            mail_quarantine.c.state == "waiting",
        )
        .values(state=state, draft=None)
        .returning(*mail_quarantine.c)
    ).first()
    if row is None:
        return None
    note(work, person_id, f"mail.{state}", f"mail:{held_id}")
    if state == "dropped":
        work.claim(blob.delete().where(blob.c.id == row.blob_id, blob.c.person_id == person_id))
    return row
