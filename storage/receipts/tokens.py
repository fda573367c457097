"""Personal tokens of the HTTP API: made in the chat, shown once, kept as a keyed hash (rule API-1).

A token may read, or read and write; it opens some of SCOPES, from everywhere or from named networks alone (OR-2). It
expires, can be dropped, and tells when it was last used. Its number is the person's own and is never given again, so
`TOKEN DROP 2` means the same token whatever was dropped before.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.receipts.columns import key, note, owner
from storage.schema import Moment, metadata
from storage.work import Work

PREFIX = "plt_"
SHOWN = len(PREFIX) + 4
"""So many characters of a token are kept in plain, by which its person knows it again."""
LENGTH = len(PREFIX) + 22
MOST = 10
BOOKS = "receipts"
SCOPES = (BOOKS, "cases", "usage")
"""What a token may open; of the last two it can only read."""
LIFE = timedelta(days=365)
NOTED_EVERY = timedelta(minutes=1)
"""How exact the last use is: a token that is used all the time is written down once a minute."""

token = sa.Table(
    "api_token",
    metadata,
    key(),
    owner(),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("prefix", sa.Text, nullable=False),
    sa.Column("name", sa.LargeBinary, nullable=False),
    sa.Column("writes", sa.Boolean, nullable=False),
    sa.Column("scopes", sa.Text, nullable=False, server_default=BOOKS),
    sa.Column("networks", sa.LargeBinary),
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("dropped_at", Moment),
    sa.Column("used_at", Moment),
    sa.Index("uq_api_token_number", "person_id", "number", unique=True),
    sa.Index("uq_api_token_hash", "hash", unique=True),
)


@dataclass(frozen=True, slots=True)
class Token:
    """A token as its person sees it; the secret itself is in no row."""

    id: int
    person_id: int
    number: int
    prefix: str
    name: str
    writes: bool
    expires_at: datetime
    used_at: datetime | None
    scopes: tuple[str, ...] = (BOOKS,)
    networks: tuple[str, ...] = ()

    def takes(self, source: str) -> bool:
        """Tell whether a request may come from an address; every one may, unless networks are named."""
        if not self.networks:
            return True
        try:
            address = ipaddress.ip_address(source)
        except ValueError:
            return False
        inner = getattr(address, "ipv4_mapped", None) or address
        return any(inner in ipaddress.ip_network(one) for one in self.networks)


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token at its making: the only time that `secret` is known."""

    secret: str
    token: Token


def make(
    work: Work,
    person_id: int,
    *,
    name: str,
    writes: bool,
    life: timedelta = LIFE,
    scopes: tuple[str, ...] = (BOOKS,),
    networks: tuple[str, ...] = (),
) -> NewToken | None:
    """Store a new token and return it; None when the person has as many as one may."""
    if len(of_person(work, person_id)) >= MOST:
        return None
    secret = PREFIX + work.ids.token()
    row = work.row(sa.select(sa.func.max(token.c.number).label("last")).where(token.c.person_id == person_id))
    number = ((row.last if row is not None else None) or 0) + 1
    made = Token(
        work.new_id(), person_id, number, secret[:SHOWN], name, writes, work.now + life, None, scopes, networks
    )
    kept = work.seal.seal(" ".join(networks).encode()) if networks else None
    work.claim(
        token.insert().values(
            id=made.id, person_id=person_id, number=number, hash=_hash(work, secret), prefix=made.prefix,
            name=work.seal.seal(name.encode()), writes=writes, made_at=work.now, expires_at=made.expires_at,
            scopes=" ".join(scopes), networks=kept,
        )
    )  # fmt: skip
    note(
        work,
        person_id,
        "token.create",
        f"token:{made.id}",
        writes=writes,
        expires=made.expires_at,
        scopes=" ".join(scopes),
        bound=bool(networks),
    )
    return NewToken(secret, made)


def of_person(work: Work, person_id: int) -> list[Token]:
    """Return a person's tokens that still open something, oldest first."""
    mine = sa.select(token).where(token.c.person_id == person_id, *_open(work)).order_by(token.c.number)
    return [_opened(work, row) for row in work.rows(mine)]


def drop(work: Work, person_id: int, number: int) -> bool:
    """Make a token useless from now on; tell whether it was there."""
    row = work.row(sa.select(token.c.id).where(token.c.person_id == person_id, token.c.number == number, *_open(work)))
    if row is None:
        return False
    work.claim(token.update().where(token.c.person_id == person_id, token.c.id == row.id).values(dropped_at=work.now))
    note(work, person_id, "token.drop", f"token:{row.id}")
    return True


def holder(work: Work, secret: str) -> Token | None:
    """Return the token that a request shows, None for one that opens nothing (any more)."""
    if not secret.startswith(PREFIX) or len(secret) != LENGTH:
        return None
    row = work.row(sa.select(token).where(token.c.hash == _hash(work, secret), *_open(work)))
    return None if row is None else _opened(work, row)


def is_open(work: Work, person_id: int, token_id: int) -> bool:
    """Tell whether a token still opens something."""
    mine = (token.c.person_id == person_id, token.c.id == token_id, *_open(work))
    return work.row(sa.select(token.c.id).where(*mine)) is not None


def note_use(work: Work, person_id: int, token_id: int) -> None:
    """Write down that a token was used now."""
    work.claim(token.update().where(token.c.person_id == person_id, token.c.id == token_id).values(used_at=work.now))


def _open(work: Work) -> tuple[sa.ColumnElement[bool], ...]:
    return (token.c.dropped_at.is_(None), token.c.expires_at > work.now)


def _hash(work: Work, secret: str) -> bytes:
    return work.seal.digest("api token", secret)


def _opened(work: Work, row: sa.Row[Any]) -> Token:
    name = work.seal.open(row.name).decode()
    networks = tuple(work.seal.open(row.networks).decode().split()) if row.networks is not None else ()
    return Token(
        row.id, row.person_id, row.number, row.prefix, name, row.writes, row.expires_at, row.used_at,
        tuple(row.scopes.split()), networks,
    )  # fmt: skip
