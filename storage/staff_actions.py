"""Acts of staff that are on their way: a dry run that waits for its code, one that waits for a colleague, a button.

One row each, with who began it, a fingerprint of command, parameters and state, and an end. It leaves its state once,
so an act is done once however often it is confirmed (rules CM-3, CM-4).

    act     open -> executed | waiting -> executed;  open, waiting -> denied | expired
    button  open -> executed | expired
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata, one_of
from storage.work import Work

staff_action = sa.Table(
    "staff_action",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("operator_id", sa.BigInteger),
    sa.Column("command", sa.Text, nullable=False),
    sa.Column("argument", sa.LargeBinary, nullable=False),
    sa.Column("says", sa.LargeBinary),
    sa.Column("typed", sa.LargeBinary),
    sa.Column("token", sa.LargeBinary),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("approver", sa.Text),
    sa.Column("at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("ended_at", Moment),
    sa.UniqueConstraint("token"),
    sa.Index("ix_staff_action_actor", "actor", "typed", "id"),
    sa.Index("ix_staff_action_state", "state", "expires_at"),
    sa.Index("ix_staff_action_expires", "expires_at"),
    one_of("kind", "act", "button"),
    one_of("state", "open", "waiting", "executed", "denied", "expired"),
)

OPEN = ("open", "waiting")
Action = sa.Row[Any]


@dataclass(frozen=True, slots=True)
class Begun:
    """What is kept of an act when it begins; `typed` and `token` are kept as keyed hashes only."""

    kind: str
    actor: str
    operator_id: int | None
    command: str
    argument: str
    version: str
    expires_at: datetime
    says: str = ""
    typed: str = ""
    token: str = ""


def fingerprint(work: Work, actor: str, command: str, argument: str, version: str) -> bytes:
    """Return the keyed hash that binds actor, command, parameters and state together."""
    return work.seal.digest("staff action", "\0".join((actor, command, argument, version)))


def begin(work: Work, begun: Begun) -> int:
    """Keep an act and return its id."""
    new_id = work.new_id()
    work.claim(
        staff_action.insert().values(
            id=new_id, kind=begun.kind, actor=begun.actor, operator_id=begun.operator_id, command=begun.command,
            argument=work.seal.seal(begun.argument.encode()),
            says=work.seal.seal(begun.says.encode()) if begun.says else None,
            typed=typed_hash(work, begun.typed) if begun.typed else None,
            token=_token_hash(work, begun.token) if begun.token else None,
            version=begun.version,
            digest=fingerprint(work, begun.actor, begun.command, begun.argument, begun.version),
            state="open", at=work.now, expires_at=begun.expires_at,
        )
    )  # fmt: skip
    return new_id


def typed_hash(work: Work, typed: str) -> bytes:
    """Return the keyed hash of what must be typed, whatever its case and spaces."""
    return work.seal.digest("staff typed", " ".join(typed.split()).casefold())


def _token_hash(work: Work, token: str) -> bytes:
    return work.seal.digest("staff button", token)


def argument_of(work: Work, row: Action) -> str:
    """Return what followed the command."""
    return work.seal.open(row.argument).decode()


def says_of(work: Work, row: Action) -> str:
    """Return the dry run in words."""
    return work.seal.open(row.says).decode() if row.says else ""


def is_whole(work: Work, row: Action) -> bool:
    """Tell whether a row still is what was begun: nobody changed actor, command, parameters or version."""
    kept = fingerprint(work, row.actor, row.command, argument_of(work, row), row.version)
    return bool(kept == bytes(row.digest))


def load(work: Work, action_id: int) -> Action | None:
    """Return an act."""
    return work.row(sa.select(staff_action).where(staff_action.c.id == action_id))


def of_words(work: Work, actor: str, typed: str) -> Action | None:
    """Return the newest act of an actor that these words would confirm, in whatever state."""
    mine = (staff_action.c.actor == actor, staff_action.c.typed == typed_hash(work, typed))
    return work.row(sa.select(staff_action).where(*mine).order_by(staff_action.c.id.desc()).limit(1))


def of_token(work: Work, token: str) -> Action | None:
    """Return the button of a token."""
    return work.row(sa.select(staff_action).where(staff_action.c.token == _token_hash(work, token)))


def unfinished(work: Work, actor: str) -> list[Action]:
    """Return the dry runs of an actor that wait for a code."""
    mine = (staff_action.c.actor == actor, staff_action.c.typed.is_not(None), staff_action.c.state == "open")
    return work.rows(sa.select(staff_action).where(*mine))


def overdue(work: Work, limit: int = 200) -> list[Action]:
    """Return what waits although its time is over, oldest first."""
    late = (staff_action.c.state.in_(OPEN), staff_action.c.expires_at <= work.now)
    return work.rows(sa.select(staff_action).where(*late).order_by(staff_action.c.expires_at).limit(limit))


def forget(work: Work, before: datetime) -> int:
    """Delete what ended long ago: the audit keeps what was done, without its words."""
    ended = staff_action.c.state.not_in(OPEN)
    return work.claim(staff_action.delete().where(ended, staff_action.c.expires_at < before)).rowcount


def move(work: Work, action_id: int, *, was: tuple[str, ...], to: str, **values: Any) -> bool:
    """Move an act out of a state; False when it is no longer there."""
    ended = {} if to == "waiting" else {"ended_at": work.now}
    known = (staff_action.c.id == action_id, staff_action.c.state.in_(was))
    return work.claim(staff_action.update().where(*known).values(state=to, **ended, **values)).rowcount == 1
