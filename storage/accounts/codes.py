"""Codes that a person types to prove an address: six digits, ten minutes, one use, five wrong tries (ID-4, TF-1).

A code is kept as keyed hash only. Of a purpose a person has one live code: a new one ends the one before. The code of
a link is answered from another address, whose owner is not known beforehand, so no two live ones may be alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.limits import limits
from storage.schema import Id, Moment, metadata, one_of, partial_index, word
from storage.upsert import upsert
from storage.work import Work

LIFE = timedelta(minutes=10)
MOST_TRIES, DIGITS = 5, 6
PURPOSES = ("link", "export", "delete")
_LIVE = "used_at IS NULL AND ended_at IS NULL"

person_code = sa.Table(
    "person_code",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.BigInteger, nullable=False),
    sa.Column("address_id", sa.BigInteger, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.Column("token_hash", sa.LargeBinary),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("used_at", Moment),
    sa.Column("ended_at", Moment),
    sa.Column("answered_from", sa.BigInteger),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_person_code_person", "person_id", "purpose", "at"),
    partial_index("uq_person_code_live", "person_id", "purpose", where=_LIVE, unique=True),
    partial_index("uq_person_code_hash", "hash", where=f"purpose = 'link' AND {_LIVE}", unique=True),
    partial_index("ix_person_code_overdue", "expires_at", where=f"purpose = 'link' AND {_LIVE}"),
    partial_index("ix_person_code_token", "token_hash", where="token_hash IS NOT NULL"),
    one_of("purpose", *PURPOSES),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A code as its person sees it, this once: digits to type, and a token for a link that starts a chat."""

    id: int
    digits: str
    token: str


def issue(work: Work, person_id: int, purpose: str, *, address_id: int) -> Shown | None:
    """Make a code and end the live one before; None after five of a purpose within an hour (OR-4)."""
    mine = (person_code.c.person_id == person_id, person_code.c.purpose == purpose)
    recent = work.rows(sa.select(person_code.c.id).where(*mine, person_code.c.at > work.now - timedelta(hours=1)))
    if len(recent) >= limits().link_codes_an_hour:
        return None
    live = (person_code.c.used_at.is_(None), person_code.c.ended_at.is_(None))
    work.claim(person_code.update().where(*mine, *live).values(ended_at=work.now))
    _end_overdue(work)
    while True:
        shown = Shown(work.new_id(), work.ids.digits(DIGITS), work.ids.token())
        made = work.claim(
            upsert(person_code)
            .values(
                id=shown.id, person_id=person_id, address_id=address_id, purpose=purpose, tries=0, at=work.now,
                hash=_hash(work, purpose, shown.digits), token_hash=_hash(work, "token", shown.token),
                expires_at=work.now + LIFE,
            )
            .on_conflict_do_nothing()
            .returning(person_code.c.id)
        ).first()  # fmt: skip
        if made is not None:
            return shown


def _end_overdue(work: Work) -> None:
    """Give the digits of codes that are past their life free for others."""
    past = (
        person_code.c.purpose == word("link"),
        person_code.c.expires_at <= work.now,
        person_code.c.ended_at.is_(None),
    )
    work.claim(person_code.update().where(*past, person_code.c.used_at.is_(None)).values(ended_at=work.now))


def answer(work: Work, given: str, *, address_id: int, token: bool = False) -> sa.Row[Any] | None:
    """Use up the live link code that was sent from an address; None when no such code lives."""
    hashed = _hash(work, "token" if token else "link", given)
    bears = person_code.c.token_hash == hashed if token else person_code.c.hash == hashed
    return work.claim(
        person_code.update()
        .where(bears, person_code.c.purpose == "link", *_good(work))
        .values(used_at=work.now, answered_from=address_id)
        .returning(*person_code.c)
    ).first()


def kill(work: Work, given: str) -> None:
    """End the link code of these digits: whoever sent them has guessed too often (A02)."""
    hashed = _hash(work, "link", given)
    work.claim(
        person_code.update().where(person_code.c.hash == hashed, *_good(work)).values(ended_at=work.now)
    )  # fmt: skip


def prove(work: Work, person_id: int, purpose: str, given: str) -> bool:
    """Use up a person's own code; a wrong one counts, the fifth ends it."""
    mine = (person_code.c.person_id == person_id, person_code.c.purpose == purpose, *_good(work))
    right = person_code.c.hash == _hash(work, purpose, given)
    if work.claim(person_code.update().where(*mine, right).values(used_at=work.now)).rowcount == 1:
        return True
    tries = person_code.c.tries + 1
    over = sa.case((tries >= MOST_TRIES, sa.literal(work.now, Moment)), else_=person_code.c.ended_at)
    work.claim(person_code.update().where(*mine).values(tries=tries, ended_at=over))
    return False


def load(work: Work, code_id: int) -> sa.Row[Any] | None:
    """Return a code's row."""
    return work.row(sa.select(person_code).where(person_code.c.id == code_id))


def erase(work: Work, person_id: int) -> None:
    """Delete every code of a person."""
    work.claim(person_code.delete().where(person_code.c.person_id == person_id))


def _good(work: Work) -> tuple[sa.ColumnElement[bool], ...]:
    return person_code.c.used_at.is_(None), person_code.c.ended_at.is_(None), person_code.c.expires_at > work.now


def _hash(work: Work, purpose: str, secret: str) -> bytes:
    return work.seal.digest(f"person code {purpose}", secret)
