"""Periods of quotas: anchors of any day, Stars, months of a zone (LG-6, A31, A32)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.billing.periods import Period, calendar_month, month_after, stars, subscribed
from tests.rows import each

instants = st.datetimes(datetime(2020, 1, 1), datetime(2040, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001


def day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@each("anchor, starts", [
    ("2026-01-31", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]),
    ("2028-01-30", ["2028-01-30", "2028-02-29", "2028-03-30"]),
    ("2026-11-15", ["2026-11-15", "2026-12-15", "2027-01-15"]),
])  # fmt: skip
def test_a31_a32_months_are_counted_from_the_original_day(anchor: str, starts: list[str]) -> None:
    assert [f"{month_after(day(anchor), n):%Y-%m-%d}" for n in range(len(starts))] == starts
    for begins, following in pairwise(starts):
        last = subscribed(day(anchor), day(following) - timedelta(microseconds=1))
        assert (last.key, last.ends) == (begins, day(following))
        assert subscribed(day(anchor), day(following)).key == following


@settings(deadline=None)
@given(anchor=instants, now=instants)
def test_lg_6_every_instant_is_in_one_period_and_the_next_begins_where_it_ends(anchor: datetime, now: datetime) -> None:
    kinds: list[Callable[[datetime], Period]] = [
        lambda at: subscribed(anchor, at),
        lambda at: stars(anchor, at),
        lambda at: calendar_month("Asia/Tokyo", at),
    ]
    for of in kinds:
        found = of(now)
        assert found.starts <= now < found.ends
        assert of(found.ends).starts == found.ends
        assert of(found.starts) == found
        assert of(found.ends - timedelta(microseconds=1)) == found


def test_lg_6_stars_end_at_the_paid_instant() -> None:
    until = datetime(2026, 4, 10, 9, 30, tzinfo=UTC)
    found = stars(until, until - timedelta(days=1))
    assert (found.starts, found.ends) == (until - timedelta(days=30), until)
    assert stars(until, until).starts == until


@each("zone, now, key, ends", [
    ("America/Los_Angeles", "2026-04-01T06:59:59", "2026-03", "2026-04-01T07:00:00"),
    ("America/Los_Angeles", "2026-04-01T07:00:00", "2026-04", "2026-05-01T07:00:00"),
    ("Asia/Tokyo", "2026-03-31T15:00:00", "2026-04", "2026-04-30T15:00:00"),
    ("Europe/Berlin", "2026-10-31T22:59:59", "2026-10", "2026-10-31T23:00:00"),
    ("America/New_York", "2026-12-31T23:00:00", "2026-12", "2027-01-01T05:00:00"),
])  # fmt: skip
def test_lg_6_free_quota_begins_anew_with_the_month_of_the_persons_own_zone(
    zone: str, now: str, key: str, ends: str
) -> None:
    found = calendar_month(zone, day(now))
    assert (found.key, found.ends) == (key, day(ends))
