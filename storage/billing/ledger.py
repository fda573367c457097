"""Booking quota: reserved before slow work, settled after it, each under an operation of the caller's (LG-2 to LG-5).

An operation is one row, so that a retry books nothing twice; what it took of which grant stands in entries that are
only ever added. `taken` of a grant is always what is committed of it and what open reservations hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from storage.billing import grants
from storage.billing.columns import key, owner
from storage.billing.grants import Grant
from storage.schema import Moment, metadata, one_of, partial_index, word
from storage.upsert import upsert
from storage.work import Work

Answer = Literal["granted", "refused", "operation_conflict"]
Parts = list[tuple[int, int]]
"""What was taken: (grant, amount), in the order in which grants are used up."""

operation = sa.Table(
    "quota_operation",
    metadata,
    owner(primary_key=True),
    sa.Column("feature", sa.Text, primary_key=True),
    sa.Column("operation", sa.Text, primary_key=True),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("used", sa.BigInteger, nullable=False),
    sa.Column("overdrawn", sa.BigInteger, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("settled_at", Moment),
    partial_index("ix_quota_operation_open", "person_id", "expires_at", where="state = 'reserved'"),
    one_of("state", "reserved", "committed", "released", "expired"),
    sa.CheckConstraint("amount > 0", name="amount_positive"),
    sa.CheckConstraint("overdrawn >= 0 AND overdrawn <= used", name="overdrawn_of_used"),
)

entry = sa.Table(
    "quota_entry",
    metadata,
    key(),
    owner(),
    sa.Column("feature", sa.Text, nullable=False),
    sa.Column("grant_id", sa.BigInteger, nullable=False),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("uq_quota_entry_once", "person_id", "feature", "operation", "kind", "grant_id", unique=True),
    one_of("kind", "reserve", "commit", "release", "adjust", "revoke", "expire"),
    sa.CheckConstraint("amount > 0", name="amount_positive"),
)


@dataclass(frozen=True, slots=True)
class Settled:
    """How an operation ended: what was used, and how much of it no grant could give."""

    used: int
    overdrawn: int


def reserve(work: Work, person_id: int, plan: Grant, *, operation_id: str, amount: int, hold: timedelta) -> Answer:
    """Set an amount aside, all of it or nothing; the same operation again gets its first answer (LG-2, LG-3).

    `plan` is what the plan gives in this period. A refusal books nothing, and may be asked for again.
    """
    expire_overdue(work, person_id)
    if not _begin(work, person_id, plan.feature, operation_id, amount, hold):
        known = _load(work, person_id, plan.feature, operation_id)
        return "granted" if known is not None and known.amount == amount else "operation_conflict"
    grants.give(work, person_id, plan)
    parts = _take(work, person_id, plan, amount, whole=True)
    if not parts:
        work.claim(operation.delete().where(*_is(person_id, plan.feature, operation_id)))
        return "refused"
    _note(work, person_id, plan.feature, operation_id, "reserve", parts)
    return "granted"


def settle(work: Work, person_id: int, plan: Grant, *, operation_id: str, used: int) -> Settled | None:
    """Commit what was really used and put the rest back; None when there is nothing to settle (any more).

    What comes after the reservation expired is taken anew; what is then missing is overdrawn, and a later period is
    never charged for it (LG-5).
    """
    known = _load(work, person_id, plan.feature, operation_id)
    if known is None or known.state in ("committed", "released"):
        return None
    if known.state == "reserved" and known.expires_at <= work.now:
        _expire(work, person_id, plan.feature, operation_id)
        return settle(work, person_id, plan, operation_id=operation_id, used=used)
    if not _end(work, person_id, known, used):
        return settle(work, person_id, plan, operation_id=operation_id, used=used)
    held = _held(work, person_id, plan.feature, operation_id) if known.state == "reserved" else []
    kept, rest = _split(held, used)
    _put_back(work, person_id, plan.feature, operation_id, "release", rest)
    missing = used - sum(amount for _, amount in kept)
    if missing:
        kept = _summed(kept + _take(work, person_id, _still(plan, known.at), missing, whole=False))
    _note(work, person_id, plan.feature, operation_id, "commit", kept)
    overdrawn = used - sum(amount for _, amount in kept)
    if overdrawn:
        mine = _is(person_id, plan.feature, operation_id)
        work.claim(operation.update().where(*mine).values(overdrawn=overdrawn))
    return Settled(used, overdrawn)


def expire_overdue(work: Work, person_id: int) -> None:
    """Give back what was reserved and never settled; done whenever somebody asks, so that no job is needed (A28)."""
    waits = (operation.c.person_id == person_id, operation.c.state == word("reserved"))
    overdue = sa.select(operation.c.feature, operation.c.operation).where(*waits, operation.c.expires_at <= work.now)
    for row in work.rows(overdue):
        _expire(work, person_id, row.feature, row.operation)


def revoke(work: Work, person_id: int, feature: str, operation_id: str, parts: Parts) -> None:
    """Note what grants lost that nobody had used (PY-5)."""
    _note(work, person_id, feature, operation_id, "revoke", [part for part in parts if part[1]])


def _is(person_id: int, feature: str, operation_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    mine = operation.c.person_id == person_id
    return mine, operation.c.feature == feature, operation.c.operation == operation_id


def _load(work: Work, person_id: int, feature: str, operation_id: str) -> sa.Row[Any] | None:
    return work.row(sa.select(operation).where(*_is(person_id, feature, operation_id)))


def _begin(work: Work, person_id: int, feature: str, operation_id: str, amount: int, hold: timedelta) -> bool:
    row = work.claim(
        upsert(operation)
        .values(
            person_id=person_id, feature=feature, operation=operation_id, amount=amount, used=0, overdrawn=0,
            state="reserved", at=work.now, expires_at=work.now + hold,
        )
        .on_conflict_do_nothing()
        .returning(operation.c.amount)
    ).first()  # fmt: skip
    return row is not None


def _end(work: Work, person_id: int, known: sa.Row[Any], used: int) -> bool:
    """Settle an operation in the state in which it was read; False when another did something to it meanwhile."""
    state = "committed" if used else "released"
    mine = (*_is(person_id, known.feature, known.operation), operation.c.state == known.state)
    return work.claim(operation.update().where(*mine).values(state=state, used=used, settled_at=work.now)).rowcount == 1


def _expire(work: Work, person_id: int, feature: str, operation_id: str) -> None:
    mine = (*_is(person_id, feature, operation_id), operation.c.state == word("reserved"))
    if work.claim(operation.update().where(*mine).values(state="expired")).rowcount == 1:
        held = _held(work, person_id, feature, operation_id)
        _put_back(work, person_id, feature, operation_id, "expire", held)


def _held(work: Work, person_id: int, feature: str, operation_id: str) -> Parts:
    """Return what an operation reserved, in the order in which it was taken."""
    mine = (entry.c.person_id == person_id, entry.c.feature == feature, entry.c.operation == operation_id)
    rows = work.rows(
        sa.select(entry.c.grant_id, entry.c.amount).where(*mine, entry.c.kind == "reserve").order_by(entry.c.id)
    )
    return [(int(row.grant_id), int(row.amount)) for row in rows]


def _take(work: Work, person_id: int, plan: Grant, amount: int, *, whole: bool) -> Parts:
    """Take an amount of the live grants in their order; nothing when `whole` and there is not enough.

    Another process may take at the same time: then a conditional update changes nothing, and all is read anew.
    """
    while True:
        wanted = _wanted(work, person_id, plan, amount)
        if whole and sum(part for _, part, _ in wanted) < amount:
            return []
        taken: Parts = []
        for grant_id, part, most in wanted:
            if not grants.take(work, grant_id, part, most=most):
                break
            taken.append((grant_id, part))
        if len(taken) == len(wanted):
            return taken
        for grant_id, part in taken:
            grants.put_back(work, grant_id, part)


def _wanted(work: Work, person_id: int, plan: Grant, amount: int) -> list[tuple[int, int, int | None]]:
    """Return (grant, amount, its size) by which an amount could be taken now; a plan that is over gives nothing."""
    found, left = [], amount
    for one in usable(grants.live(work, person_id), plan, work.now):
        part = left if one.amount is None else min(left, one.amount - one.taken)
        if part > 0:
            found.append((one.id, part, one.amount))
            left -= part
    return found


def usable(live: Iterable[Grant], plan: Grant, now: datetime) -> list[Grant]:
    """Return the grants that count for a feature now, the plan's with the size that it has now (LG-7, RS-9)."""
    this = (plan.source_ref, plan.period_key)
    found = []
    for one in live:
        if one.feature != plan.feature or not one.is_live(now):
            continue
        if one.source != "plan":
            found.append(one)
        elif (one.source_ref, one.period_key) == this:
            found.append(_sized(one, plan))
    return found


def _sized(one: Grant, plan: Grant) -> Grant:
    return Grant(
        one.feature, one.source, one.source_ref, one.period_key, one.effective_at, one.expires_at, plan.amount,
        plan.unlimited, one.taken, one.id,
    )  # fmt: skip


def _still(plan: Grant, began: datetime) -> Grant:
    """Return the plan's grant for something that began earlier: none of a later period."""
    if began >= plan.effective_at:
        return plan
    return Grant(plan.feature, "plan", "", "", plan.effective_at, plan.expires_at, 0)


def _split(held: Parts, used: int) -> tuple[Parts, Parts]:
    kept: Parts = []
    rest: Parts = []
    for grant_id, amount in held:
        part = min(amount, used)
        used -= part
        kept += [(grant_id, part)] if part else []
        rest += [(grant_id, amount - part)] if amount > part else []
    return kept, rest


def _summed(parts: Parts) -> Parts:
    sums: dict[int, int] = {}
    for grant_id, amount in parts:
        sums[grant_id] = sums.get(grant_id, 0) + amount
    return list(sums.items())


def _put_back(work: Work, person_id: int, feature: str, operation_id: str, kind: str, parts: Parts) -> None:
    for grant_id, amount in parts:
        grants.put_back(work, grant_id, amount)
    _note(work, person_id, feature, operation_id, kind, parts)


def _note(work: Work, person_id: int, feature: str, operation_id: str, kind: str, parts: Parts) -> None:
    common = {"person_id": person_id, "feature": feature, "operation": operation_id, "kind": kind, "at": work.now}
    rows = [{**common, "id": work.new_id(), "grant_id": one, "amount": amount} for one, amount in parts]
    work.claim_all(entry.insert(), rows)
