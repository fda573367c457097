"""Backup codes of operators: ten at a time, kept as keyed hashes, each counted once (rule TF-5).

Codes of an enrolment that was not finished are `pending` and open nothing; finishing it kills the codes before them.
"""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa

from storage.schema import Moment, metadata, one_of
from storage.work import Work

backup_code = sa.Table(
    "backup_code",
    metadata,
    sa.Column("operator_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("used_at", Moment),
    one_of("state", "pending", "live"),
)


def _hash(work: Work, operator_id: int, code: str) -> bytes:
    return work.seal.digest("backup code", f"{operator_id} {code}")


def keep(work: Work, operator_id: int, codes: Iterable[str], *, state: str) -> None:
    """Store codes, in place of those of the same state; live ones replace all."""
    gone = backup_code.c.operator_id == operator_id
    work.claim(backup_code.delete().where(gone, backup_code.c.state.in_((state, "pending"))))
    row = {"operator_id": operator_id, "state": state, "at": work.now, "used_at": None}
    work.claim_all(backup_code.insert(), [{**row, "hash": _hash(work, operator_id, code)} for code in codes])


def confirm(work: Work, operator_id: int) -> None:
    """Let the pending codes count, and no others."""
    mine = backup_code.c.operator_id == operator_id
    work.claim(backup_code.delete().where(mine, backup_code.c.state == "live"))
    work.claim(backup_code.update().where(mine).values(state="live"))


def use(work: Work, operator_id: int, code: str) -> bool:
    """Use a code up; False for one that is unknown, pending or used."""
    mine = (backup_code.c.operator_id == operator_id, backup_code.c.hash == _hash(work, operator_id, code))
    free = (backup_code.c.state == "live", backup_code.c.used_at.is_(None))
    return work.claim(backup_code.update().where(*mine, *free).values(used_at=work.now)).rowcount == 1


def left(work: Work, operator_id: int) -> int:
    """Return how many codes still count."""
    free = (backup_code.c.state == "live", backup_code.c.used_at.is_(None))
    row = work.row(sa.select(sa.func.count()).where(backup_code.c.operator_id == operator_id, *free))
    return int(row[0]) if row is not None else 0


def forget(work: Work, operator_id: int) -> None:
    """Delete all codes of an operator."""
    work.claim(backup_code.delete().where(backup_code.c.operator_id == operator_id))
