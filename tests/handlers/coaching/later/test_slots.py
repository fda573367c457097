"""When something is due at a person's hour: pure (NG-1, NG-2, NG-5, C61, C63)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handlers.coaching.later.slots import NUDGE_DAYS, Rhythm, Slot, next_slot, nudge_at, opening
from tests.rows import each

UNHURRIED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NY = Rhythm("week", 0, 9, "America/New_York")
ZONES = ("America/New_York", "Europe/Berlin", "Asia/Tokyo", "Australia/Sydney", "America/Sao_Paulo", "Asia/Kathmandu",
    "Pacific/Auckland", "America/Los_Angeles", "Europe/London", "Pacific/Kiritimati")  # fmt: skip


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@each("now, last, due", [
    ("2026-03-02T13:59", None, "2026-03-02T14:00"),
    ("2026-03-02T14:00", None, "2026-03-09T13:00"),
    ("2026-03-02T14:00", "2026-03-02", "2026-03-09T13:00"),
    ("2026-10-26T13:00", "2026-10-26", "2026-11-02T14:00"),
    ("2026-03-09T20:00", "2026-03-02", "2026-03-09T20:00"),
    ("2026-03-10T14:00", "2026-03-02", "2026-03-16T13:00"),
])  # fmt: skip
def test_c63_a_weekly_check_in_keeps_its_local_hour_over_the_change_of_clocks(now: str, last: str, due: str) -> None:
    found = next_slot(NY, at(now), date.fromisoformat(last) if last else None)
    assert found is not None
    assert found.due == at(due)


@each("due, quiet, opens", [
    ("22:00", (21, 8), "2026-03-03T08:00"), ("21:00", (21, 8), "2026-03-03T08:00"), ("20:59", (21, 8), None),
    ("07:59", (21, 8), "2026-03-02T08:00"), ("08:00", (21, 8), None), ("13:00", (12, 14), "2026-03-02T14:00"),
    ("22:00", (0, 0), None), ("02:30", (1, 6), "2026-03-02T06:00"),
])  # fmt: skip
def test_c61_quiet_hours_put_it_off_to_their_end(due: str, quiet: tuple[int, int], opens: str | None) -> None:
    rhythm = Rhythm("day", 0, 9, "America/New_York", quiet)
    there = datetime.fromisoformat(f"2026-03-02T{due}").replace(tzinfo=ZoneInfo(rhythm.zone))
    found = opening(rhythm, there.astimezone(UTC)).astimezone(ZoneInfo(rhythm.zone))
    assert found.strftime("%Y-%m-%dT%H:%M") == (opens or f"2026-03-02T{due}")


def test_c62_nudges_come_after_1_3_7_and_14_days_and_then_none() -> None:
    sent = at("2026-03-02T14:00")
    found = [nudge_at(NY, sent, step) for step in range(5)]
    assert [one and one.isoformat() for one in found] == [
        "2026-03-03T14:00:00+00:00", "2026-03-05T14:00:00+00:00", "2026-03-09T13:00:00+00:00",
        "2026-03-16T13:00:00+00:00", None,
    ]  # fmt: skip
    assert NUDGE_DAYS == (1, 3, 7, 14)


def test_ng_5_who_moves_east_loses_no_check_in_and_who_moves_west_gets_none_twice() -> None:
    tokyo, angeles = Rhythm("week", 0, 9, "Asia/Tokyo"), Rhythm("week", 0, 9, "America/Los_Angeles")
    before = date(2026, 3, 2)
    assert next_slot(tokyo, at("2026-03-09T03:00"), before) == Slot(date(2026, 3, 9), at("2026-03-09T03:00"))
    assert next_slot(angeles, at("2026-03-09T03:00"), date(2026, 3, 9)) == Slot(
        date(2026, 3, 16), at("2026-03-16T16:00")
    )


@UNHURRIED
@given(
    zone=st.sampled_from(ZONES), every=st.sampled_from(["day", "week"]), weekday=st.integers(0, 6),
    hour=st.integers(0, 23), start=st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1)),  # noqa: DTZ001
)  # fmt: skip
def test_ng_5_a_run_of_check_ins_skips_no_day_and_keeps_its_hour_in_every_zone(
    zone: str, every: str, weekday: int, hour: int, start: datetime
) -> None:
    rhythm = Rhythm(every, weekday, hour, zone, (0, 0))
    now, last, days = start.replace(tzinfo=UTC), None, []
    for _ in range(30):
        slot = next_slot(rhythm, now, last)
        assert slot is not None
        assert slot.due >= now
        local = slot.due.astimezone(ZoneInfo(zone))
        assert local.date() == slot.day
        assert local.hour in (hour, hour + 1)  # an hour that the clocks skip is the next one
        now, last = slot.due, slot.day
        days.append(slot.day)
    step = timedelta(days=1 if every == "day" else 7)
    assert all(b - a == step for a, b in pairwise(days))


@UNHURRIED
@given(
    moves=st.lists(st.tuples(st.sampled_from(ZONES), st.integers(1, 30)), min_size=1, max_size=12),
    hour=st.integers(0, 23),
)
def test_ng_5_daily_check_ins_over_any_journey_are_of_different_days_in_order(
    moves: list[tuple[str, int]], hour: int
) -> None:
    now, last = at("2026-03-01T00:00"), date(2026, 2, 28)
    for zone, hours in moves:
        until = now + timedelta(hours=hours * 3)
        while True:
            slot = next_slot(Rhythm("day", 0, hour, zone), now, last)
            assert slot is not None
            if slot.due > until:
                break
            assert slot.day > last
            assert slot.day - last <= timedelta(days=2)
            now, last = slot.due, slot.day
        now = until
