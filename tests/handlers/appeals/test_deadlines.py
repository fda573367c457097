"""Deadlines and mail days: rules DL-1 to DL-11, the rows DLX-1 to DLX-14, AC-30 to AC-42."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.appeals.city import City, DeadlineRule
from handlers.appeals.clocks import CaseDates, city_rules, last_day
from handlers.appeals.deadlines import MailClass, MailTimes, Plan, plan
from handlers.appeals.registry import packaged_registry
from tests.rows import each

REGISTRY = packaged_registry()
SF, LA, SD = "us-ca-san_francisco", "us-ca-los_angeles", "us-ca-san_diego"
STANDARD, CERTIFIED = MailClass.STANDARD, MailClass.CERTIFIED


def dated(city: str | City, at: str | datetime, paid_at: datetime | None = None, **dates: str | int) -> Plan:
    """Plan a case of a city at a local (or, with an offset, absolute) time."""
    record = REGISTRY.cities[city] if isinstance(city, str) else city
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    moment = moment if moment.tzinfo else moment.replace(tzinfo=record.zone)
    days = {name: date.fromisoformat(value) for name, value in dates.items() if isinstance(value, str)}
    level = dates.get("level", 1)
    assert isinstance(level, int)
    return plan(city_rules(REGISTRY, record), CaseDates(level=level, **days), now=moment, paid_at=paid_at)


def mail_by(planned: Plan, mail_class: MailClass) -> str | None:
    entry = planned.of(mail_class)
    return entry.mail_by.isoformat() if entry else None


ROWS = [
    ("DLX-1", SF, {"issued": "2026-11-16"}, "2026-12-07", "2026-11-25", "2026-11-25"),
    ("DLX-3", SF, {"issued": "2026-11-16", "notice_mailed": "2026-11-20"}, "2026-12-07", "2026-11-25", "2026-11-25"),
    ("DLX-4", LA, {"issued": "2026-10-20", "notice_mailed": "2026-11-20"}, "2026-12-04", "2026-11-24", "2026-11-24"),
    ("DLX-5", SD, {"issued": "2026-11-09"}, "2026-11-30", "2026-11-18", "2026-11-25"),
    ("DLX-6", "us-ny-new_york", {"issued": "2026-11-10"}, "2026-12-10", "2026-12-01", "2026-12-01"),
    ("DLX-7", "us-ma-boston", {"issued": "2026-12-04"}, "2026-12-25", "2026-12-15", "2026-12-15"),
    ("DLX-8", "us-dc-washington", {"issued": "2026-12-03"}, "2027-01-02", "2026-12-21", "2026-12-21"),
    ("DLX-9", "us-ga-atlanta", {"issued": "2026-11-16"}, "2026-11-30", "2026-11-17", "2026-11-17"),
    ("DLX-10", "us-il-chicago", {"issued": "2026-11-18"}, "2026-11-25", "2026-11-16", "2026-11-16"),
    ("DLX-11", "us-tx-austin", {"issued": "2026-11-16"}, "2026-12-14", None, None),
    ("DLX-12", SF, {"issued": "2028-02-09"}, "2028-03-01", "2028-02-18", "2028-02-18"),
    ("DLX-13", "us-ca-oakland", {"issued": "2027-06-14"}, "2027-07-05", "2027-06-23", "2027-06-23"),
    ("DLX-14", SF, {"decision_mailed": "2027-02-16", "level": 2}, "2027-03-09", None, None),
]


@pytest.mark.parametrize(
    ("city", "dates", "deadline", "standard", "certified"), [pytest.param(*row[1:], id=row[0]) for row in ROWS]
)
def test_dlx_rows(
    city: str, dates: dict[str, str | int], deadline: str, standard: str | None, certified: str | None
) -> None:
    planned = dated(city, "2026-11-21T10:00", None, **dates)
    assert planned.deadline == date.fromisoformat(deadline)
    assert (mail_by(planned, STANDARD), mail_by(planned, CERTIFIED)) == (standard, certified)


def test_dlx_2_the_last_evening_is_open_but_too_late_for_mail() -> None:
    planned = dated(SF, "2026-12-08T07:30+00:00", issued="2026-11-16")
    assert (planned.days_left, planned.is_past) == (0, False)
    assert planned.offered == ()


def test_dlx_4_ac_37_the_second_clock_is_used_when_the_first_is_past() -> None:
    planned = dated(LA, "2026-11-21T10:00", issued="2026-10-20", notice_mailed="2026-11-20")
    assert [clock.last_day for clock in planned.clocks] == [date(2026, 11, 10), date(2026, 12, 4)]
    assert planned.rule_id == "ca-notice"


def test_dl_3_a_past_clock_says_that_a_notice_may_open_another() -> None:
    planned = dated(LA, "2026-11-21T10:00", issued="2026-10-20")
    assert planned.is_past
    assert planned.waits_for_notice
    assert not dated("us-ma-boston", "2026-11-21T10:00", issued="2026-10-20").waits_for_notice


def test_dl_3_an_unconfirmed_clock_never_outlasts_a_confirmed_one() -> None:
    city = REGISTRY.cities[SF]
    longer = DeadlineRule(id="x", role="contest", days=60, basis="issue_date", status="unconfirmed")
    planned = dated(
        city.model_copy(update={"deadlines": (*city.deadlines, longer)}), "2026-11-21T10:00", issued="2026-11-16"
    )
    assert planned.rule_id == "ca-issue"


def test_ac_38_dl_2_the_agencys_longer_text_is_only_shown() -> None:
    planned = dated(SF, "2026-11-21T10:00", issued="2026-10-01", notice_mailed="2026-11-20")
    assert planned.deadline == date(2026, 12, 4)
    assert [clock.rule_id for clock in planned.information] == ["sf-notice-agency"]


@pytest.mark.parametrize(
    ("city", "deadline"), [("us-pa-philadelphia", date(2026, 12, 1)), ("us-mn-minneapolis", date(2026, 12, 16))]
)
def test_dl_4_unknown_service_or_entry_counts_from_the_issue_date(city: str, deadline: date) -> None:
    assert dated(city, "2026-11-21T10:00", issued="2026-11-16").deadline == deadline


def test_dl_4_a_ticket_that_was_mailed_counts_only_when_its_date_is_stated() -> None:
    assert dated("us-wa-seattle", "2026-11-21T10:00", issued="2026-11-16").rule_id == "sea-issue"


def test_ac_34_without_an_issue_date_no_days_are_counted() -> None:
    planned = dated(SF, "2026-11-21T10:00", notice_mailed="2026-11-20")
    assert (planned.deadline, planned.days_left, planned.classes) == (None, None, ())


def test_dl_5_no_weekend_or_holiday_extends() -> None:
    assert dated("us-ma-boston", "2026-12-05T10:00", issued="2026-12-04").deadline == date(2026, 12, 25)


def test_dl_6_only_a_confirmed_city_calendar_lengthens_a_business_clock() -> None:
    austin = REGISTRY.cities["us-tx-austin"]
    for status, expected in (("unconfirmed", date(2026, 12, 14)), ("confirmed", date(2026, 12, 15))):
        calendar = austin.holiday_calendar.model_copy(update={"value": (date(2026, 11, 26),), "status": status})
        city = austin.model_copy(update={"holiday_calendar": calendar})
        assert dated(city, "2026-11-16T10:00", issued="2026-11-16").deadline == expected


@pytest.mark.parametrize(
    ("at", "order_day"),
    [
        ("2026-11-20T16:59:59", "2026-11-20"),
        ("2026-11-20T17:00:00", "2026-11-23"),
        ("2026-11-21T09:00", "2026-11-23"),
        ("2026-11-25T17:00", "2026-11-27"),
        ("2026-12-24T18:00", "2026-12-28"),
    ],
)
def test_dl_8_the_order_day_closes_at_five(at: str, order_day: str) -> None:
    assert dated(SF, at, issued="2026-11-16").order_day == date.fromisoformat(order_day)


def test_dl_8_planned_arrival_counts_from_the_order_day() -> None:
    entry = dated(SF, "2026-11-18T10:40", issued="2026-11-16").of(CERTIFIED)
    assert entry is not None
    assert entry.planned_arrival == date(2026, 11, 30)


def test_dl_8_a_postmark_does_not_make_a_letter_arrive_sooner() -> None:
    planned = dated(SD, "2026-11-16T10:00", issued="2026-11-09")
    arrivals = {entry.planned_arrival for entry in planned.classes}
    assert arrivals == {date(2026, 11, 25)}


def test_ac_40_only_certified_is_left_where_a_postmark_counts() -> None:
    planned = dated(SD, "2026-11-19T10:00", issued="2026-11-09")
    assert [entry.mail_class for entry in planned.offered] == [CERTIFIED]


@pytest.mark.parametrize(("paid", "in_time"), [("16:59", True), ("17:01", False)])
def test_ac_41_payment_before_the_cutoff_keeps_its_order_day(paid: str, in_time: bool) -> None:
    zone = ZoneInfo("America/Los_Angeles")
    paid_at = datetime.combine(date(2026, 11, 25), time.fromisoformat(paid), zone)
    planned = dated(SF, paid_at + timedelta(minutes=10), paid_at, issued="2026-11-16")
    assert bool(planned.offered) is in_time


def test_ac_41_a_claim_on_a_later_day_is_late_although_it_was_paid_in_time() -> None:
    paid_at = datetime(2026, 11, 25, 16, 0, tzinfo=ZoneInfo("America/Los_Angeles"))
    assert dated(SF, paid_at + timedelta(days=1), paid_at, issued="2026-11-16").offered == ()


def test_ac_41_the_pay_link_ends_at_five_on_the_mail_by_day() -> None:
    closes = dated(SF, "2026-11-21T10:00", issued="2026-11-16").order_closes(STANDARD)
    assert closes == datetime(2026, 11, 26, 1, 0, tzinfo=UTC)


def test_ac_42_the_holiday_is_skipped_on_the_friday_before_thanksgiving_week() -> None:
    planned = dated(SF, "2026-11-20T10:00", issued="2026-11-16")
    assert mail_by(planned, STANDARD) == "2026-11-25"
    assert planned.order_day == date(2026, 11, 20)


@pytest.mark.parametrize(("at", "left", "past"), [("2026-12-07T23:59:59", 0, False), ("2026-12-08T00:00", -1, True)])
def test_ac_30_ac_31_the_last_day_is_open_until_midnight(at: str, left: int, past: bool) -> None:
    planned = dated(SF, at, issued="2026-11-16")
    assert (planned.days_left, planned.is_past) == (left, past)


DST_DAYS = [date(2026, 11, 1), date(2027, 3, 14), date(2026, 12, 7)]


@each("city_id", sorted(REGISTRY.cities))
@each("deadline", DST_DAYS)
def test_ac_32_never_5_no_hour_of_the_deadline_day_is_past(city_id: str, deadline: date) -> None:
    city = REGISTRY.cities[city_id]
    rules = [rule for rule in city.deadlines if rule.role == "contest" and rule.basis != "delinquent_notice_mailed"]
    days = next((rule for rule in rules if rule.days and rule.unit == "calendar"), None)
    issued = deadline - timedelta(days=days.days or 0) if days else deadline
    hours = (datetime.combine(deadline, time(0), UTC) + timedelta(hours=hour) for hour in range(-2, 40))
    inside = [hour for hour in hours if hour.astimezone(city.zone).date() == deadline]
    assert len(inside) in (23, 24, 25)
    for hour in inside:
        planned = dated(city, hour, issued=issued.isoformat())
        if planned.deadline == deadline:
            assert planned.days_left == 0
            assert not planned.is_past


def test_ac_33_days_are_the_citys_not_the_servers() -> None:
    planned = dated("us-ny-new_york", "2026-11-21T03:30+00:00", issued="2026-11-10")
    assert planned.today == date(2026, 11, 20)
    assert planned.timezone == "America/New_York"


def test_dl_9_an_unconfirmed_deadline_keeps_its_status() -> None:
    assert dated("us-mi-detroit", "2026-11-21T10:00", issued="2026-11-16").status == "unconfirmed"


def test_dl_10_the_shorter_window_plans_level_two() -> None:
    assert REGISTRY.windows(REGISTRY.cities[SF], 2) == (21, 25)
    planned = dated("us-ca-sacramento", "2027-02-18T10:00", decision_mailed="2027-02-16", level=2)
    assert planned.deadline == date(2027, 3, 9)
    assert mail_by(planned, STANDARD) == "2027-02-26"


def test_dl_7_the_times_are_settings() -> None:
    rules = city_rules(REGISTRY, REGISTRY.cities[SF])
    now = datetime(2026, 11, 17, 20, tzinfo=UTC)
    planned = plan(rules, CaseDates(issued=date(2026, 11, 16)), now=now, times=MailTimes(print_days=1, transit_days=3))
    assert mail_by(planned, STANDARD) == "2026-12-01"


def test_dl_11_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        plan(city_rules(REGISTRY, REGISTRY.cities[SF]), CaseDates(), now=datetime(2026, 11, 17))  # noqa: DTZ001


@given(st.dates(date(2026, 1, 1), date(2028, 11, 1)), st.sampled_from(sorted(REGISTRY.cities)), st.integers(0, 60 * 24))
def test_dl_1_days_left_is_a_difference_of_civil_dates(issued: date, city_id: str, hours: int) -> None:
    city = REGISTRY.cities[city_id]
    moment = datetime.combine(issued, time(12), UTC) + timedelta(hours=hours)
    planned = dated(city, moment, issued=issued.isoformat())
    if planned.deadline is not None:
        assert planned.days_left == (planned.deadline - moment.astimezone(city.zone).date()).days
    assert all(entry.mail_by <= planned.deadline for entry in planned.classes if planned.deadline)


def test_a_rule_without_days_has_no_last_day() -> None:
    rule = next(iter(REGISTRY.cities["us-md-baltimore"].deadlines))
    with pytest.raises(ValueError, match="bal-trial"):
        last_day(date(2026, 11, 16), rule, frozenset())
