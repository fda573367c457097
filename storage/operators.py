"""Operators: who may run the business, how they prove it, and what their wrong tries cost.

The TOTP secret is sealed. The last accepted step is stored, so a code counts once (rule TF-2). Failures and locks live
in the row and survive a restart (rule TF-3). An operator is active from the first right code on (rule TF-4).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage import backup_codes
from storage.people import address
from storage.schema import Moment, metadata, one_of
from storage.work import Work

ROLES = ("owner", "admin", "support", "support_viewer", "marketing", "finance")
IN_FORCE, KNOWN = ("open", "active"), ("open", "active", "joined")

operator = sa.Table(
    "operator",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("person_id", sa.BigInteger),
    sa.Column("telegram", sa.LargeBinary),
    sa.Column("invite", sa.LargeBinary),
    sa.Column("invited_until", Moment),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    sa.Column("last_step", sa.BigInteger, nullable=False),
    sa.Column("unlocked_at", Moment),
    sa.Column("session_until", Moment),
    sa.Column("used_at", Moment),
    sa.Column("pending", sa.LargeBinary),
    sa.Column("picture", sa.BigInteger),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("locks", sa.Integer, nullable=False),
    sa.Column("day", sa.Integer, nullable=False),
    sa.Column("day_failures", sa.Integer, nullable=False),
    sa.Column("locked_until", Moment),
    sa.Column("held", sa.Boolean, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("name"),
    sa.UniqueConstraint("person_id"),
    sa.UniqueConstraint("telegram"),
    sa.UniqueConstraint("invite"),
    sa.Index("ix_operator_state", "state"),
    one_of("role", *ROLES),
    one_of("state", "open", "invited", "joined", "active", "disabled"),
)
"""`open` is the demo's operator: any phone that knows the code may take it. `joined` is somebody whose identity is
bound and who has no factor yet. `held` is undone on the host only.

The unlocked period began at `unlocked_at` and ends at `session_until`. `pending` is the sealed secret of an enrolment
that no code has confirmed (empty for one who is invited and has none yet), `picture` the message that shows it.
"""

_FRESH: dict[str, Any] = {
    "last_step": 0, "unlocked_at": None, "session_until": None, "pending": None, "picture": None, "failures": 0,
    "locks": 0, "day": 0, "day_failures": 0, "locked_until": None, "held": False,
}  # fmt: skip
_LOCKS = {name: _FRESH[name] for name in ("failures", "locks", "day", "day_failures", "locked_until", "held")}


def telegram_hash(work: Work, user_id: str) -> bytes:
    """Return the keyed hash under which a Telegram user is invited."""
    return work.seal.digest("operator telegram", user_id)


def invite_hash(work: Work, token: str) -> bytes:
    """Return the keyed hash of an invitation."""
    return work.seal.digest("operator invite", token)


def enroll(
    work: Work,
    *,
    name: str,
    role: str,
    state: str,
    secret: str,
    telegram: str | None = None,
    invite: str | None = None,
    invited_until: datetime | None = None,
) -> int:
    """Insert an operator, or give one of this name a new secret, which kills the old one; return the id.

    Backup codes of the old secret die with it (rule TF-4).
    """
    values: dict[str, Any] = {
        "role": role,
        "state": state,
        "person_id": None,
        "telegram": telegram_hash(work, telegram) if telegram else None,
        "invite": invite_hash(work, invite) if invite else None,
        "invited_until": invited_until,
        "secret": work.seal.seal(secret.encode()),
        **_FRESH,
    }
    known = by_name(work, name)
    if known is not None:
        backup_codes.forget(work, int(known.id))
        work.claim(operator.update().where(operator.c.id == known.id).values(values))
        return int(known.id)
    new_id = work.ids.next()
    work.claim(operator.insert().values(id=new_id, name=name, at=work.now, **values))
    return new_id


def secret_of(work: Work, row: sa.Row[Any]) -> str:
    """Return an operator's TOTP secret."""
    return work.seal.open(row.secret).decode()


def by_name(work: Work, name: str) -> sa.Row[Any] | None:
    """Return the operator of a name."""
    return work.row(sa.select(operator).where(operator.c.name == name))


def acting(work: Work, operator_id: int) -> sa.Row[Any] | None:
    """Return an operator that may act."""
    return work.row(sa.select(operator).where(operator.c.id == operator_id, operator.c.state.in_(["open", "active"])))


def by_person(work: Work, person_id: int) -> sa.Row[Any] | None:
    """Return the operator that a person is, also one who has no factor yet."""
    return work.row(sa.select(operator).where(operator.c.person_id == person_id, operator.c.state.in_(KNOWN)))


def another_owns(work: Work, operator_id: int) -> bool:
    """Tell whether somebody else owns this, and hold all owners until the commit.

    Of two that demote each other at once, from whichever process, the second finds nobody else (A109).
    """
    owners = sa.select(operator.c.id).where(operator.c.role == "owner", operator.c.state.in_(IN_FORCE))
    found = work.rows(owners.order_by(operator.c.id).with_for_update())
    return any(int(row.id) != operator_id for row in found)


def by_id(work: Work, operator_id: int) -> sa.Row[Any] | None:
    """Return an operator."""
    return work.row(sa.select(operator).where(operator.c.id == operator_id))


def candidate(work: Work, *, telegram: str, invite: str) -> sa.Row[Any] | None:
    """Return the operator whom a person may become: invited by Telegram id or by token, or the demo's open one."""
    invited = sa.and_(operator.c.state == "invited", operator.c.invited_until > work.now, operator.c.pending.is_(None))
    row = work.row(sa.select(operator).where(invited, operator.c.telegram == telegram_hash(work, telegram)))
    if row is None and invite:
        row = work.row(
            sa.select(operator).where(
                invited, operator.c.telegram.is_(None), operator.c.invite == invite_hash(work, invite)
            )
        )
    return row or work.row(sa.select(operator).where(operator.c.state == "open").order_by(operator.c.id).limit(1))


def invited_by_token(work: Work, token: str) -> sa.Row[Any] | None:
    """Return whom a token invites to join from the chat (rule TF-1); `pending` marks that they have no secret yet."""
    return work.row(
        sa.select(operator).where(
            operator.c.state == "invited",
            operator.c.invited_until > work.now,
            operator.c.pending.is_not(None),
            operator.c.invite == invite_hash(work, token),
        )
    )


def join(work: Work, operator_id: int, person_id: int) -> bool:
    """Bind whoever is invited to a person, once; False when somebody else was faster (rule TF-1)."""
    waiting = (operator.c.id == operator_id, operator.c.state == "invited")
    bound = {"person_id": person_id, "state": "joined", "invite": None, "invited_until": None, "pending": None}
    return work.claim(operator.update().where(*waiting).values(bound)).rowcount == 1


def in_force(work: Work) -> list[sa.Row[Any]]:
    """Return the operators that may act, oldest first."""
    return work.rows(sa.select(operator).where(operator.c.state.in_(IN_FORCE)).order_by(operator.c.id))


def everyone(work: Work) -> list[sa.Row[Any]]:
    """Return all operators, oldest first."""
    return work.rows(sa.select(operator).order_by(operator.c.id))


def use_step(work: Work, operator_id: int, step: int) -> bool:
    """Accept a TOTP step once; False for one that is not newer than the last accepted (rule TF-2)."""
    used = work.claim(
        operator.update().where(operator.c.id == operator_id, operator.c.last_step < step).values(last_step=step)
    )
    return used.rowcount == 1


def change(work: Work, operator_id: int, **values: Any) -> None:
    """Change columns of an operator."""
    work.claim(operator.update().where(operator.c.id == operator_id).values(**values))


def release(work: Work, name: str) -> bool:
    """Undo all locks of an operator; False when there is none of this name."""
    return work.claim(operator.update().where(operator.c.name == name).values(_LOCKS)).rowcount == 1


def disable(work: Work, name: str) -> bool:
    """Take an operator's power away at once; False when there is none of this name."""
    return (
        work.claim(
            operator.update()
            .where(operator.c.name == name)
            .values(
                state="disabled",
                session_until=None,
                unlocked_at=None,
                person_id=None,
                telegram=None,
                invite=None,
                pending=None,
            )
        ).rowcount
        == 1
    )


def chats(work: Work, *roles: str) -> list[sa.Row[Any]]:
    """Return the Telegram addresses of the operators in force (id, sealed handle, person, operator), of some roles."""
    columns = (address.c.id, address.c.handle, address.c.person_id, operator.c.id.label("operator_id"))
    return work.rows(
        sa.select(*columns)
        .join(operator, operator.c.person_id == address.c.person_id)
        .where(
            operator.c.state.in_(IN_FORCE),
            operator.c.role.in_(roles or ROLES),
            address.c.channel == "telegram",
            address.c.state == "active",
        )
        .order_by(address.c.id)
    )
