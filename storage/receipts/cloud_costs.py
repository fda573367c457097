"""What cloud readings cost a person and the whole house, by day: reserved before, settled after (rule SEC-R6).

Costs are millionths of a US dollar. A reservation is taken in one statement that refuses what would pass the cap, so
that any number of processes may try; one whose process died stays taken until the day is over.
"""

from __future__ import annotations

from storage.people import usage
from storage.upsert import upsert
from storage.work import Work

KIND = "cloud_reading"
HOUSE = 0
"""Stands for everybody together."""
_DAY_US = 86_400_000_000


def today(work: Work) -> int:
    """Return the day (UTC) that costs of this moment count for."""
    return work.now_us // _DAY_US


def reserve(work: Work, person_id: int, cost: int, *, person_cap: int, house_cap: int) -> bool:
    """Take a cost from today's room of the person and of the house; tell whether both had it."""
    day = today(work)
    if not _take(work, person_id, day, cost, person_cap):
        return False
    if _take(work, HOUSE, day, cost, house_cap):
        return True
    _add(work, person_id, day, -cost)
    return False


def settle(work: Work, person_id: int, day: int, *, reserved: int, cost: int) -> None:
    """Put what was really spent in place of a reservation."""
    if cost != reserved:
        for one in (person_id, HOUSE):
            _add(work, one, day, cost - reserved)


def _take(work: Work, person_id: int, day: int, cost: int, cap: int) -> bool:
    if cost > cap:
        return False
    insert = upsert(usage)
    row = work.claim(
        insert.values(person_id=person_id, kind=KIND, period=day, used=cost)
        .on_conflict_do_update(
            index_elements=["person_id", "kind", "period"],
            set_={"used": usage.c.used + insert.excluded.used},
            where=usage.c.used + insert.excluded.used <= cap,
        )
        .returning(usage.c.used)
    ).first()
    return row is not None


def _add(work: Work, person_id: int, day: int, cost: int) -> None:
    mine = (usage.c.person_id == person_id, usage.c.kind == KIND, usage.c.period == day)
    work.claim(usage.update().where(*mine).values(used=usage.c.used + cost))
