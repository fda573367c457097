"""Booking coach turns: taken before the call, settled after it, given back if nothing came of it (rules LI-1 to LI-3).

What a person may still say today is counted in the ledger of turns, so that no deleted project or message gives any of
it back. A turn is taken by one statement that refuses what would pass a cap. The spend of the whole house is one row a
UTC day; the booking that takes it past a threshold raises the alert in the same commit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import sqlalchemy as sa

from bot.core.model_prices import NANO_PER_USD
from storage.alerts import raise_alert
from storage.coaching.columns import OF_PERSON
from storage.coaching.turns import spend, turn
from storage.schema import word
from storage.upsert import upsert
from storage.work import Work

ALERTS = {1: "coach_spend_warning", 2: "coach_spend_degraded", 3: "coach_spend_stopped"}
"""What operators hear of, by the level that was reached."""
Refusal = Literal["messages", "money"]


@dataclass(frozen=True, slots=True)
class Caps:
    """What one person may use in a local day: messages, and nano-USD."""

    messages: int
    nano_usd: int


@dataclass(frozen=True, slots=True)
class Booked:
    """A turn as it stands in the ledger."""

    id: int
    person_id: int
    project_id: int | None
    state: str
    reserved_nano: int
    utc_day: date
    body: bytes | None
    at: datetime


def reserve(
    work: Work, *, person_id: int, project_id: int | None, operation: str, day: date, nano_usd: int, caps: Caps
) -> int | Refusal:
    """Take one message and the most that it can cost; return the new turn's id, or which cap refuses it."""
    utc_day = work.now.date()
    values: dict[str, Any] = {
        "id": work.new_id(), "person_id": person_id, "project_id": project_id, "operation": operation, "day": day,
        "utc_day": utc_day, "state": "waiting", "counts": True, "reserved_nano": nano_usd, "spent_nano": 0,
        "at": work.now,
    }  # fmt: skip
    given = {f"new_{name}": value for name, value in values.items()}
    given |= {"most_messages": caps.messages, "most_nano": caps.nano_usd}
    taken = work.claim(_TAKE, given).first()
    if taken is None:
        return "messages" if used_today(work, person_id, day) >= caps.messages else "money"
    _book(work, utc_day, reserved=nano_usd, spent=0)
    return int(taken.id)


_WHOLE = turn.c.reserved_nano + turn.c.spent_nano
_TAKEN = (
    "id", "person_id", "project_id", "operation", "day", "utc_day", "state", "counts", "reserved_nano", "spent_nano",
    "at",
)  # fmt: skip
_NEW = {name: sa.bindparam(f"new_{name}", type_=turn.c[name].type) for name in _TAKEN}
_OF_DAY = (turn.c.person_id == _NEW["person_id"], turn.c.day == _NEW["day"])
_COUNTED = sa.select(sa.func.count()).where(*_OF_DAY, turn.c.counts).scalar_subquery()
_SPENT = sa.select(sa.func.coalesce(sa.func.sum(_WHOLE), 0)).where(*_OF_DAY).scalar_subquery()
_TAKE = (
    upsert(turn)
    .from_select(
        list(_TAKEN),
        sa.select(*(value.label(name) for name, value in _NEW.items())).where(
            sa.bindparam("most_messages", type_=sa.BigInteger) > _COUNTED,
            _SPENT + _NEW["reserved_nano"] <= sa.bindparam("most_nano", type_=sa.BigInteger),
        ),
    )
    .returning(turn.c.id)
)


def used_today(work: Work, person_id: int, day: date) -> int:
    """Return how many messages of a local day count."""
    found = sa.select(sa.func.count()).where(turn.c.person_id == person_id, turn.c.day == day, turn.c.counts)
    row = work.row(found)
    return int(row[0]) if row is not None else 0


_TODAY = sa.select(spend.c.spent_nano, spend.c.reserved_nano).where(
    spend.c.utc_day == sa.bindparam("today", type_=spend.c.utc_day.type)
)


def spent_today(work: Work) -> tuple[int, int]:
    """Return what the house spent this UTC day, and what is reserved beside it, in nano-USD."""
    row = work.row(_TODAY, {"today": work.now.date()})
    return (int(row.spent_nano), int(row.reserved_nano)) if row is not None else (0, 0)


def _of(row: sa.Row[Any] | None) -> Booked | None:
    if row is None:
        return None
    return Booked(
        row.id, row.person_id, row.project_id, row.state, row.reserved_nano, row.utc_day, row.body, row.at
    )  # fmt: skip


def open_turn(work: Work, person_id: int, state: Literal["waiting", "running"]) -> Booked | None:
    """Return the turn of a person that waits or runs, if there is one."""
    return _of(work.row(sa.select(turn).where(turn.c.person_id == person_id, turn.c.state == word(state))))


def booked(work: Work, person_id: int, turn_id: int) -> Booked | None:
    """Return a person's turn."""
    return _of(work.row(_BOOKED, {"of_person": person_id, "of_turn": turn_id}))


_BOOKED = sa.select(turn).where(
    turn.c.person_id == OF_PERSON, turn.c.id == sa.bindparam("of_turn", type_=turn.c.id.type)
)


def start(work: Work, turn_id: int, *, reserve_nano: int, before: Booked, deadline: datetime, body: bytes) -> None:
    """Let a waiting turn run until `deadline`, now that it is known what its call can cost at most."""
    work.write_one(
        turn.update()
        .where(turn.c.id == turn_id, turn.c.state == word("waiting"))
        .values(state="running", reserved_nano=reserve_nano, deadline_at=deadline, body=body)
    )
    _book(work, before.utc_day, reserved=reserve_nano - before.reserved_nano, spent=0)


def settle(
    work: Work, of: Booked, *, state: Literal["answered", "fallback", "released"], nano_usd: int,
    thresholds: Sequence[int],
) -> None:  # fmt: skip
    """Put what a turn cost in place of what was reserved; only an answered one counts as a message (rule LI-2)."""
    work.write_one(
        turn.update()
        .where(turn.c.id == of.id, turn.c.settled_at.is_(None))
        .values(
            state=state,
            counts=state == "answered",
            reserved_nano=0,
            spent_nano=turn.c.spent_nano + nano_usd,
            settled_at=work.now,
            body=None,
        )
    )
    _book(work, of.utc_day, reserved=-of.reserved_nano, spent=nano_usd)
    _watch(work, of.utc_day, thresholds)


def add_cost(work: Work, of: Booked, nano_usd: int, thresholds: Sequence[int]) -> None:
    """Add what came after a turn was settled, such as a summary."""
    work.write(turn.update().where(turn.c.id == of.id).values(spent_nano=turn.c.spent_nano + nano_usd))
    day = work.now.date()
    _book(work, day, reserved=0, spent=nano_usd)
    _watch(work, day, thresholds)


def overdue(work: Work, person_id: int) -> Booked | None:
    """Return a person's running turn whose deadline passed, as after a crash that took its result."""
    return _of(
        work.row(
            sa.select(turn).where(
                turn.c.person_id == person_id, turn.c.state == word("running"), turn.c.deadline_at <= work.now
            )
        )
    )


def _book(work: Work, day: date, *, reserved: int, spent: int) -> None:
    """Change the house's row of a day, at the end of the batch: no two writers wait for each other in a circle."""
    insert = upsert(spend)
    work.write(
        insert.values(utc_day=day, reserved_nano=max(reserved, 0), spent_nano=spent, level=0).on_conflict_do_update(
            index_elements=["utc_day"],
            set_={"reserved_nano": spend.c.reserved_nano + reserved, "spent_nano": spend.c.spent_nano + spent},
        )
    )


def _watch(work: Work, day: date, thresholds: Sequence[int]) -> None:
    """Raise the alert of each threshold that a day's spend passed, once: the row remembers its level (rule LI-3)."""
    for level, threshold in enumerate(thresholds, 1):
        passed = (spend.c.utc_day == day, spend.c.spent_nano >= threshold, spend.c.level < level)
        usd = f"{threshold / NANO_PER_USD:.2f}"
        raise_alert(work, kind=ALERTS[level], key=f"{ALERTS[level]}:{day}", details={"usd": usd}, when=passed)
        work.write(spend.update().where(*passed).values(level=level))
