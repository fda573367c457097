"""Passes: random tokens that prove a person to a page, kept as keyed hashes (rules API-1, EML-14, SEC-R8).

A pass is of one kind and one person. Those to verify an address and to sign in are good once, for a quarter of an hour;
a session is good for half an hour from then; one that ends mails is good as long as such a mail lies around.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.seal import Seal
from storage import audit
from storage.schema import Moment, metadata, one_of
from storage.work import Work

LIVES = {
    "verify": timedelta(minutes=15),
    "sign_in": timedelta(minutes=15),
    "session": timedelta(minutes=30),
    "mails_off": timedelta(days=90),
}

entry_pass = sa.Table(
    "entry_pass",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column(
        "person_id", sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED"), nullable=False,
        autoincrement=False,
    ),
    sa.Column("address_id", sa.BigInteger),
    sa.Column("about", sa.LargeBinary),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("used_at", Moment),
    sa.Index("ix_entry_pass_person", "person_id", "kind"),
    sa.Index("ix_entry_pass_expires", "expires_at"),
    one_of("kind", *LIVES),
)  # fmt: skip


def issue(work: Work, person_id: int, kind: str, *, address_id: int | None = None, about: bytes | None = None) -> str:
    """Store a pass and return its token; of those to sign in with, the newest alone is good."""
    if kind == "sign_in":
        mine = (entry_pass.c.person_id == person_id, entry_pass.c.kind == kind, entry_pass.c.used_at.is_(None))
        work.claim(entry_pass.delete().where(*mine))
    token = work.ids.token()
    work.claim(
        entry_pass.insert().values(
            hash=_hash(work.seal, kind, token), kind=kind, person_id=person_id, address_id=address_id, about=about,
            expires_at=work.now + LIVES[kind],
        )
    )  # fmt: skip
    audit.record(work, actor=f"person:{person_id}", action=f"pass.{kind}", obj=f"person:{person_id}")
    return token


def find(connection: sa.Connection, seal: Seal, kind: str, token: str, now: datetime) -> sa.Row[Any] | None:
    """Return the pass of a token; None when it is unknown, of another kind, used or too old."""
    return connection.execute(sa.select(entry_pass).where(*_good(seal, kind, token, now))).first()


def redeem(work: Work, kind: str, token: str) -> sa.Row[Any] | None:
    """Use a pass up and return it; None when it is not good (any more)."""
    good = _good(work.seal, kind, token, work.now)
    return work.claim(entry_pass.update().where(*good).values(used_at=work.now).returning(*entry_pass.c)).first()


def expired(connection: sa.Connection, now: datetime, limit: int) -> list[sa.Row[Any]]:
    """Return (person_id, hash as id) of passes that are good no more."""
    search = sa.select(entry_pass.c.person_id, entry_pass.c.hash.label("id")).where(entry_pass.c.expires_at <= now)
    return list(connection.execute(search.limit(limit)))


def drop(work: Work, person_id: int, hashed: bytes) -> None:
    """Delete a pass."""
    work.claim(entry_pass.delete().where(entry_pass.c.person_id == person_id, entry_pass.c.hash == hashed))


def erase(work: Work, person_id: int) -> None:
    """Delete every pass of a person."""
    work.claim(entry_pass.delete().where(entry_pass.c.person_id == person_id))


def _good(seal: Seal, kind: str, token: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    hashed = entry_pass.c.hash == _hash(seal, kind, token)
    return (hashed, entry_pass.c.used_at.is_(None), entry_pass.c.expires_at > now)


def _hash(seal: Seal, kind: str, token: str) -> bytes:
    return seal.digest(f"pass {kind}", token)
