"""Quiet hours by the state of an open case's address: after what was stated, before the area code (chat rules 4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.quiet import telegram_hours
from storage.appeals import cases
from storage.people import person
from storage.work import Work
from tests.jobs.plant import Plant, notices, notify, plant, sms

SPREAD = timedelta(minutes=30)


async def _someone(made: Plant, handle: str) -> int:
    await made.text("hi", handle=handle, channel="sms")
    await made.settle()
    found: int = (await made.rows())[-1].person_id
    return found


async def _case(made: Plant, who: int, state: str | None, stage: str = "submitted") -> None:
    def add(work: Work) -> None:
        cases.add(work, person_id=who, stage=stage, level=1, facts=work.seal.seal(b"{}"), return_state=state)

    await made.writers.run(add)


async def _due(made: Plant, who: int, asked: str) -> datetime:
    """Return when a notice made at this moment leaves; the moment itself when it leaves at once."""
    now = datetime.fromisoformat(asked).replace(tzinfo=UTC)
    made.clock.advance(now - made.clock.now())
    await notify(made, who, "news")
    await made.settle()
    waiting = await made.rows("ready")
    return datetime.fromtimestamp(waiting[0].due_at / 1e6, UTC) if waiting else now


@pytest.mark.parametrize(
    ("handle", "state", "stage", "asked", "earliest"),
    [
        pytest.param("+12125550123", "CA", "submitted", "2027-03-10T15:30", "2027-03-10T17:00", id="moved-west"),
        pytest.param("+14155550123", "NY", "ready", "2027-03-10T14:30", "2027-03-10T14:30", id="moved-east"),
        pytest.param("+18335550123", "CO", "intake", "2027-03-10T16:30", "2027-03-10T16:30", id="toll-free"),
        pytest.param("+12125550123", "TX", "decided", "2027-03-10T14:30", "2027-03-10T16:00", id="both-zones"),
        pytest.param("+15125550123", "TX", "submitted", "2027-03-10T15:30", "2027-03-10T15:30", id="same-state"),
        pytest.param("+12125550123", "CA", "closed", "2027-03-10T15:30", "2027-03-10T15:30", id="case-is-over"),
        pytest.param("+12125550123", "CA", "abandoned", "2027-03-10T15:30", "2027-03-10T15:30", id="abandoned"),
        pytest.param("+12125550123", None, "submitted", "2027-03-10T15:30", "2027-03-10T15:30", id="no-address-yet"),
        pytest.param("+12125550123", "AL", "submitted", "2027-03-14T18:00", "2027-03-15T14:00", id="none-on-sundays"),
    ],
)  # fmt: skip
async def test_sms_13_the_state_of_an_open_cases_address_decides_before_the_area_code(
    tmp_path: Path, handle: str, state: str | None, stage: str, asked: str, earliest: str
) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:
        who = await _someone(made, handle)
        await _case(made, who, state, stage)
        opens = datetime.fromisoformat(earliest).replace(tzinfo=UTC)
        assert opens <= await _due(made, who, asked) < opens + SPREAD


async def test_sms_13_what_the_person_stated_goes_first(tmp_path: Path) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:
        who = await _someone(made, "+12125550123")
        await _case(made, who, "CA")
        await made.writers.run(lambda work: work.write(person.update().values(place="Miami")))
        assert await _due(made, who, "2027-03-10T15:30") == datetime(2027, 3, 10, 15, 30, tzinfo=UTC)


async def test_sms_13_the_newest_open_case_and_only_ones_own_counts(tmp_path: Path) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:
        who, other = await _someone(made, "+12125550123"), await _someone(made, "+12125550124")
        await _case(made, who, "CA")
        await _case(made, who, "NY")
        await _case(made, other, "CA")
        assert await _due(made, who, "2027-03-10T15:30") == datetime(2027, 3, 10, 15, 30, tzinfo=UTC)


async def test_sms_37_an_address_given_meanwhile_moves_a_waiting_message(tmp_path: Path) -> None:
    async with plant(tmp_path, sms(), register=notices) as made:
        who = await _someone(made, "+12125550123")
        assert await _due(made, who, "2027-03-10T12:00") < datetime(2027, 3, 10, 14, 30, tzinfo=UTC)
        await _case(made, who, "CA")
        await made.wait(timedelta(hours=3))
        (waiting,) = await made.rows("ready")
        assert datetime.fromtimestamp(waiting.due_at / 1e6, UTC) >= datetime(2027, 3, 10, 17, tzinfo=UTC)


def test_sms_38_on_telegram_the_own_zone_goes_first_then_the_cases_state() -> None:
    early = datetime(2027, 3, 10, 15, 30, tzinfo=UTC)
    assert telegram_hours(None, state="NY").is_open(early)
    assert not telegram_hours(None, state="CA").is_open(early)
    assert not telegram_hours(None).is_open(early)
    assert telegram_hours("America/New_York", state="CA").is_open(early)
    assert not telegram_hours(None, state="XX").is_open(early)
