"""How fast texts leave, and what one person may cost."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.calls import Again, Refused
from bot.core.calls.channels import SendSms
from bot.core.clock import FixedClock
from jobs.campaigns import campaigns, day_of, until_tomorrow
from jobs.pace import Pace, segments_of
from storage.segments import Spent
from tests.jobs.plant import NOW, Vendor, notices, notify, plant, sms


def _text(body: str = "hello", to: str = "+14155550123") -> SendSms:
    return SendSms(to, body, 600)


def test_segments_are_what_the_carrier_counts() -> None:
    assert [segments_of(_text(b)) for b in ("a", "a" * 160, "a" * 161, "a" * 307)] == [1, 1, 2, 3]
    assert segments_of(SendSms("+14155550123", "", 600, ["https://x.example/1.png"])) == 3


def test_sms_18_replies_go_before_notices_before_nudges() -> None:
    clock = FixedClock(NOW)
    pace = Pace(clock, segments_per_second=1.0)
    sent = dict.fromkeys(("nudge", "notice", "reply"), 0)
    for purpose in sent:
        while pace.judge(_text(), purpose, Spent()) is None:
            sent[purpose] += 1
    assert sent == {"nudge": 20, "notice": 20, "reply": 20}


def test_sms_18_a_backlog_leaves_at_the_senders_speed() -> None:
    clock = FixedClock(NOW)
    pace = Pace(clock, segments_per_second=1.0)
    waits = [held.retry_after for _ in range(200) if isinstance(held := pace.judge(_text(), "reply", Spent()), Again)]
    seconds = [wait.total_seconds() for wait in waits if wait is not None]
    assert len(seconds) == 140
    assert seconds == sorted(seconds)
    assert seconds[-1] - seconds[0] == pytest.approx(139, abs=0.01)


def test_sms_18_the_bucket_refills() -> None:
    clock = FixedClock(NOW)
    pace = Pace(clock, segments_per_second=1.0)
    while pace.judge(_text(), "reply", Spent()) is None:
        pass
    clock.advance(timedelta(seconds=2))
    assert pace.judge(_text(), "reply", Spent()) is None


def test_sms_48_a_person_costs_at_most_150_segments_a_day() -> None:
    pace = Pace(FixedClock(NOW))
    assert pace.judge(_text(), "reply", Spent(person=149)) is None
    assert pace.judge(_text(), "reply", Spent(person=150)) == Refused("cost_guard", "150 segments today")


def test_sms_48_other_countries_are_refused() -> None:
    outcome = Pace(FixedClock(NOW)).judge(_text(to="+4930123456"), "reply", Spent())
    assert isinstance(outcome, Refused)
    assert outcome.code == "country"


def test_sms_48_the_tenant_costs_no_more_than_its_days_worth() -> None:
    pace = Pace(FixedClock(NOW), tenant_daily=100)
    assert pace.judge(_text(), "notice", Spent(tenant=99)) is None
    assert pace.judge(_text(), "reply", Spent(tenant=100)) == Refused(
        "tenant_cost_guard", "100 segments today, to everybody"
    )
    assert pace.judge(_text(), "code", Spent(tenant=100)) is None


@pytest.mark.parametrize(("name", "cap"), [("sole_proprietor", 1000), ("low_volume", 2000), ("standard", 10_000)])
def test_sms_18_each_registration_has_its_carriers_cap(name: str, cap: int) -> None:
    assert campaigns()[name].cap == cap
    assert campaigns()["toll_free"].cap is None


@pytest.mark.parametrize(("purpose", "share"), [("nudge", 0.6), ("offer", 0.6), ("notice", 0.9), ("reply", 1.0)])
def test_sms_18_the_less_urgent_leave_the_carriers_day_to_the_more_urgent(purpose: str, share: float) -> None:
    pace = Pace(FixedClock(NOW), carriers_cap=1000)
    assert pace.judge(_text(), purpose, Spent(carriers=int(1000 * share) - 1)) is None
    held = pace.judge(_text(), purpose, Spent(carriers=int(1000 * share)))
    assert held == Again("daily cap", retry_after=timedelta(hours=14), whole_vendor=False)


@pytest.mark.parametrize(
    ("now", "began", "lasts"),
    [
        ("2026-11-21T07:59", "2026-11-20T08:00", timedelta(minutes=1)),
        ("2026-11-21T08:00", "2026-11-21T08:00", timedelta(hours=24)),
        ("2026-11-01T07:30", "2026-11-01T07:00", timedelta(hours=24, minutes=30)),
        ("2027-03-14T08:30", "2027-03-14T08:00", timedelta(hours=22, minutes=30)),
    ],
)
def test_sms_18_the_carriers_day_is_pacific_also_when_the_clocks_change(now: str, began: str, lasts: timedelta) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert day_of(moment) == datetime.fromisoformat(began).replace(tzinfo=UTC)
    assert until_tomorrow(moment) == lasts


def test_sms_18_a_full_queue_at_the_carrier_stops_the_bucket() -> None:
    clock = FixedClock(NOW)
    pace = Pace(clock)
    pace.pause(timedelta(minutes=1))
    assert pace.judge(_text(), "reply", Spent()) == Again("paced", timedelta(minutes=1), whole_vendor=False)
    clock.advance(timedelta(minutes=1))
    assert pace.judge(_text(), "reply", Spent()) is None


def _replies(vendor: Vendor) -> int:
    return len(vendor.asked)


async def test_sms_18_a_full_day_holds_texts_until_tomorrow_also_over_a_restart(tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    for handles in (["+14155550101", "+14155550102"], ["+14155550103"]):
        vendor = sms()
        pace = Pace(clock, carriers_cap=3)
        async with plant(tmp_path, vendor, register=notices, pace=pace, clock=clock) as made:
            for handle in handles:
                await made.text("hi", handle=handle)
                await made.settle()
            if len(handles) == 1:
                assert _replies(vendor) == 0
                assert [row.attempts for row in await made.rows("ready")] == [0, 0]
                assert (await made.alerts()).count("sms_daily_cap") == 1
            else:
                assert _replies(vendor) == 1, "the introduction takes two segments"


async def test_sms_48_a_tenant_at_its_cap_is_told_once_and_codes_still_leave(tmp_path: Path) -> None:
    vendor = sms()
    pace = Pace(FixedClock(NOW), tenant_daily=2)
    async with plant(tmp_path, vendor, register=notices, pace=pace) as made:
        for n in range(4):
            await made.text("hi", handle=f"+1415555010{n}")
            await made.settle()
        assert _replies(vendor) == 1
        assert {row.error.partition(":")[0] for row in await made.rows("dead")} == {"tenant_cost_guard"}
        assert (await made.alerts()).count("sms_cost_guard") == 1
        await notify(made, (await made.rows())[0].person_id, "123456", purpose="code")
        await made.settle()
        assert _replies(vendor) == 2


async def test_sms_48_segments_are_counted_and_guarded_in_the_worker(tmp_path: Path) -> None:
    vendor = sms()
    async with plant(tmp_path, vendor, register=notices, pace=Pace(FixedClock(NOW), daily=4)) as made:
        await made.text("hi")
        await made.settle()
        for _ in range(6):
            await notify(made, (await made.rows())[0].person_id, "a" * 120)
        await made.settle()
        dead = await made.rows("dead")
        assert len(vendor.asked) <= 4
        assert {row.error.partition(":")[0] for row in dead} == {"cost_guard"}


async def test_sms_18_a_paced_text_waits_without_using_up_its_tries(tmp_path: Path) -> None:
    vendor = sms()
    clock_pace = Pace(FixedClock(NOW), segments_per_second=0.2)
    async with plant(tmp_path, vendor, register=notices, pace=clock_pace) as made:
        clock_pace._bucket._clock = made.clock
        await made.text("hi")
        await made.settle()
        person = (await made.rows())[0].person_id
        await notify(made, person, *[f"text {n}" for n in range(20)])
        await made.settle()
        assert len(vendor.asked) < 15
        assert {row.attempts for row in await made.rows("ready")} == {0}
        await made.wait(timedelta(minutes=10))
        bodies = [call.body for call in vendor.asked if "text" in call.body]
        assert [b.rpartition("text ")[2] for b in bodies] == [str(n) for n in range(20)]
