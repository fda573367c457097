"""How many cases came how far since a moment: counts for operators, without anything of a person (rule OPS-4).

Groups under five are merged, so that no line points at somebody; what is still under five is told as that.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.ids import Ids
from handlers.appeals import records
from storage.appeals.cases import case
from storage.appeals.payments import payment
from storage.appeals.refunds import refund
from storage.appeals.status_log import status_log
from storage.people import address
from storage.work import Work

SMALLEST = 5
_FEW = f"under {SMALLEST}"
_STEPS = (
    ("reviewed", "stage", "review"), ("paid", "stage", "paid"), ("mailed", "stage", "submitted"),
    ("delivered", "letter", "delivered"), ("returned", "letter", "returned"), ("decided", "stage", "decided"),
)  # fmt: skip


def counts(work: Work, since: datetime) -> list[str]:
    """Return the lines of the report."""
    first = Ids.floor(since)
    fresh = case.c.id >= first
    told = {
        "started": _number(work, fresh),
        "city known": _number(work, fresh, case.c.city_id.is_not(None)),
        "number accepted": _number(work, fresh, case.c.number_hash.is_not(None)),
        "priced": _rows(work, sa.select(sa.func.count(sa.distinct(payment.c.case_id))).where(payment.c.id >= first)),
        **{name: _reached(work, since, axis, now) for name, axis, now in _STEPS},
    }
    names = {city.city_id: city.name for city in records.registry_of(work).cities.values()}
    by_city = _grouped(work, case.c.city_id, fresh)
    groups = {
        "by city": {names.get(city, "no record") if city else "not known": n for city, n in by_city.items()},
        "by channel": _by_channel(work, first),
        "by class": _grouped(work, payment.c.mail_class, payment.c.id >= first),
        "informed": _logged(work, since, "stage", "informed", status_log.c.reason),
        "refunded": _grouped(work, refund.c.reason, refund.c.id >= first),
        "outcome": _logged(work, since, "outcome", None, status_log.c.now),
    }
    lines = [f"appeals: {', '.join(f'{name} {_told(n)}' for name, n in told.items())}"]
    return lines + [f"{name}: {merged(found)}" for name, found in groups.items() if found]


def merged(found: Mapping[str, int]) -> str:
    """Write groups with their sizes, the greater first; those under five are one."""
    large = sorted(((n, name) for name, n in found.items() if n >= SMALLEST), key=lambda one: (-one[0], one[1]))
    rest = sum(n for n in found.values() if n < SMALLEST)
    return ", ".join([*(f"{name} {n}" for n, name in large), *([f"others {_told(rest)}"] if rest else [])])


def _told(count: int) -> str:
    return str(count) if count >= SMALLEST or count == 0 else _FEW


def _rows(work: Work, statement: sa.Select[Any]) -> int:
    row = work.row(statement)
    return int(row[0] or 0) if row is not None else 0


def _number(work: Work, *where: sa.ColumnElement[bool]) -> int:
    return _rows(work, sa.select(sa.func.count()).select_from(case).where(*where))


def _reached(work: Work, since: datetime, axis: str, now: str) -> int:
    """Count the cases that came somewhere, each once."""
    log = status_log.c
    return _rows(
        work,
        sa.select(sa.func.count(sa.distinct(log.case_id))).where(log.at >= since, log.axis == axis, log.now == now),
    )


def _grouped(work: Work, column: sa.Column[Any], *where: sa.ColumnElement[bool]) -> dict[str, int]:
    rows = work.rows(sa.select(column.label("word"), sa.func.count().label("many")).where(*where).group_by(column))
    return {row.word: row.many for row in rows}


def _logged(work: Work, since: datetime, axis: str, now: str | None, column: sa.Column[Any]) -> dict[str, int]:
    where = [status_log.c.at >= since, status_log.c.axis == axis, column.is_not(None)]
    return _grouped(work, column, *where, *([status_log.c.now == now] if now else []))


def _by_channel(work: Work, first: int) -> dict[str, int]:
    """Count fresh cases by the channel on which their person was heard last."""
    latest = (
        sa.select(address.c.channel)
        .where(address.c.person_id == case.c.person_id)
        .order_by(address.c.last_in_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    heard = sa.select(latest.label("channel")).where(case.c.id >= first).subquery()
    rows = work.rows(sa.select(heard.c.channel, sa.func.count().label("many")).group_by(heard.c.channel))
    return {row.channel or "none": row.many for row in rows}
