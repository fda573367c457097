"""Private links: a random token, kept as a keyed hash, of one kind, for one thing, expiring, revocable (OPS-3)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.seal import Seal
from storage.schema import Moment, metadata, one_of, partial_index
from storage.work import Work

link = sa.Table(
    "link",
    metadata,
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("person_id", sa.BigInteger),
    sa.Column("target", sa.BigInteger, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("revoked_at", Moment),
    sa.Index("ix_link_target", "target"),
    partial_index("ix_link_person", "person_id", where="person_id IS NOT NULL"),
    one_of("kind", "p", "d"),
)


def make_link(work: Work, *, kind: str, target: int, name: str, expires: datetime, person_id: int | None) -> str:
    """Store a link to a payment (`p`) or a blob (`d`) and return its token."""
    token = work.ids.token()
    work.write(
        link.insert(),
        {
            "hash": work.seal.digest(f"link:{kind}", token),
            "kind": kind,
            "target": target,
            "name": name,
            "expires_at": expires,
            "person_id": person_id,
        },
    )
    return token


def revoke_links(work: Work, *, kind: str, target: int) -> None:
    """Make every link of a kind to a thing useless."""
    work.write(link.update().where(link.c.kind == kind, link.c.target == target).values(revoked_at=work.now))


def follow_link(connection: sa.Connection, seal: Seal, *, kind: str, token: str, now: datetime) -> sa.Row[Any] | None:
    """Return what a token leads to; None when it is unknown, of another kind, expired or revoked."""
    statement = sa.select(link).where(
        link.c.hash == seal.digest(f"link:{kind}", token), link.c.expires_at > now, link.c.revoked_at.is_(None)
    )
    return connection.execute(statement).first()
