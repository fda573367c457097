"""The night's look at staff: periods left open, acts nobody finished, members who are away, gifts that end (CM-7).

It ends what is over and reports the rest; it takes nobody's power away. The chain of the audit is checked where the
audit is kept.
"""

from __future__ import annotations

from datetime import timedelta

from storage import audit, operators, staff_actions
from storage.alerts import raise_alert
from storage.billing import overrides
from storage.database import Writers
from storage.work import Work

UNUSED, SOON, KEPT = timedelta(days=30), timedelta(days=7), timedelta(days=30)


class StaffNight:
    """Runs once a day; twice does no harm."""

    def __init__(self, writers: Writers) -> None:
        self._writers = writers

    async def run(self) -> None:
        """Look at all of it."""
        for part in (end_acts, forget_acts, end_periods, report_unused, report_overrides):
            await self._writers.run(part)


def end_acts(work: Work) -> int:
    """Expire what waits for a code or a colleague although its time is over, each with its entry (CM-5)."""
    ended = 0
    for row in staff_actions.overdue(work):
        if staff_actions.move(work, row.id, was=staff_actions.OPEN, to="expired"):
            ended += 1
            if row.kind == "act":
                audit.record(
                    work, actor=row.actor, action="staff.expired", obj=f"command:{row.command}", outcome="expired",
                    act=row.id,
                )  # fmt: skip
    return ended


def forget_acts(work: Work) -> int:
    """Delete acts that ended a month ago: their words may be about a person."""
    return staff_actions.forget(work, work.now - KEPT)


def end_periods(work: Work) -> int:
    """Empty unlocked periods that are over."""
    ended = [row for row in operators.everyone(work) if row.session_until is not None and row.session_until <= work.now]
    for row in ended:
        operators.change(work, row.id, unlocked_at=None, session_until=None)
    return len(ended)


def report_unused(work: Work) -> int:
    """Tell the owners of members who have not worked for 30 days, once a month each."""
    away = [row for row in operators.in_force(work) if work.now - (row.used_at or row.at) >= UNUSED]
    for row in away:
        since = row.used_at or row.at
        raise_alert(
            work, kind="staff_unused", key=f"staff_unused:{row.id}:{work.now:%Y-%m}",
            details={"member": row.name, "role": row.role, "since": f"{since:%Y-%m-%d}"},
        )  # fmt: skip
    return len(away)


def report_overrides(work: Work) -> int:
    """Tell how many overrides end within a week, once a day."""
    count = overrides.ending(work, SOON)
    if count:
        raise_alert(
            work,
            kind="overrides_end",
            key=f"overrides_end:{work.now:%Y-%m-%d}",
            details={"count": count, "within": "a week"},
        )
    return count
