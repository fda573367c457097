"""CM-7: the night ends what is over and reports the rest, once."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from jobs.alerts import AlertTeller
from jobs.staff_night import StaffNight
from storage.alerts import alert, raise_alert
from storage.billing import overrides
from storage.billing.overrides import Override
from storage.staff_actions import staff_action
from tests.handlers.admin.desk import Desk, ann


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the desk keeps its database."""
    return tmp_path


async def _alerts(desk: Desk) -> list[tuple[str, dict[str, Any]]]:
    rows = await desk.database.read(lambda c: list(c.execute(sa.select(alert).order_by(alert.c.id))))
    return [(row.kind, json.loads(row.details)) for row in rows]


async def test_cm_7_periods_and_acts_that_are_over_are_ended_with_their_entry(folder: Path) -> None:
    async with Desk.staffed(folder) as desk:
        await ann(desk).say(f"/login {desk.code()}")
        await ann(desk).say("/purse pay 5")
        await StaffNight(desk.writers).run()
        assert (await desk.row()).session_until is not None, "not over yet"
        desk.clock.advance(timedelta(hours=1))
        for _ in range(2):
            await StaffNight(desk.writers).run()
        row = await desk.row()
        assert (row.session_until, row.unlocked_at) == (None, None)
        assert (await desk.trail("purse pay")) == ["requested", "challenged", "expired"]
        states = await desk.database.read(lambda c: [one.state for one in c.execute(sa.select(staff_action.c.state))])
        assert states == ["expired"]
        desk.clock.advance(timedelta(days=31))
        await StaffNight(desk.writers).run()
        count = sa.select(sa.func.count()).select_from(staff_action)
        assert await desk.database.read(lambda c: c.execute(count).scalar_one()) == 0


async def test_cm_7_who_is_away_for_thirty_days_is_told_to_the_owners_once_a_month(folder: Path) -> None:
    async with Desk.staffed(folder) as desk:
        await desk.member("sue", "5004", "support")
        desk.clock.advance(timedelta(days=29))
        await ann(desk).say(f"/login {desk.code()}")
        await StaffNight(desk.writers).run()
        assert await _alerts(desk) == []
        desk.clock.advance(timedelta(days=1))
        for _ in range(2):
            await StaffNight(desk.writers).run()
        assert [kind for kind, _ in await _alerts(desk)] == ["staff_unused"]
        assert (await _alerts(desk))[0][1]["member"] == "sue"


async def test_cm_7_overrides_that_end_within_a_week_are_counted(folder: Path) -> None:
    async with Desk.staffed(folder) as desk:
        await desk.phone("sms").say("hello")
        person = await desk.writers.run(lambda work: work.row(sa.text("SELECT min(person_id) FROM address"))[0])

        def give(work: Any) -> None:
            for days in (6, 8):
                until = work.now + timedelta(days=days)
                made = Override(work.new_id(), "data.api", "unlock", work.now, until)
                overrides.give(
                    work, person, made, kind="feature_unlock", reason="a test of the night", actor="operator:ann"
                )

        await desk.writers.run(give)
        for _ in range(2):
            await StaffNight(desk.writers).run()
        assert [(kind, details["count"]) for kind, details in await _alerts(desk)] == [("overrides_end", 1)]


async def test_cm_5_alerts_about_staff_reach_owners_alone_and_others_whom_they_concern(folder: Path) -> None:
    async with Desk.staffed(folder) as desk:
        await ann(desk).say(f"/login {desk.code()}")
        sue, mia = await desk.member("sue", "5004", "support"), await desk.member("mia", "5005", "marketing")
        for kind in ("staff_act", "disk_low"):
            await desk.writers.run(lambda work, kind=kind: raise_alert(work, kind=kind, key=kind, details={}))
        await AlertTeller(desk.database, desk.writers, desk.registry.catalogue).run()
        await desk.rest()
        assert ["staff_act" in phone.screen for phone in (ann(desk), sue, mia)] == [True, False, False]
        assert ["disk_low" in phone.screen for phone in (ann(desk), sue, mia)] == [True, True, False]
