"""Nothing proactive leaves outside the window, and nothing is lost."""

import csv
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import bot.core.quiet
from bot.core.quiet import Hours, Window, answers, place_of, place_of_state, place_of_zip, telegram_hours
from bot.core.quiet.holidays import is_holiday
from tests.effort import short
from tests.rows import each

_TABLE = Path(bot.core.quiet.__file__).with_name("states.csv").read_text("utf-8")
STEP = timedelta(hours=short(5, whole=1))
_ROWS = list(csv.DictReader(_TABLE.splitlines()))


def _utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "number", "city", "opening"),
    [
        pytest.param("2026-03-10 13:59", "+15125550100", None, "2026-03-10 14:00", id="TX-before"),
        pytest.param("2026-03-11 01:00", "+15125550100", None, "2026-03-11 14:00", id="TX-20:00-is-too-late"),
        pytest.param("2026-03-15 16:59", "+15125550100", None, "2026-03-15 17:00", id="TX-sunday"),
        pytest.param("2026-03-14 13:30", "+14015550100", None, "2026-03-14 14:00", id="RI-saturday"),
        pytest.param("2026-03-07 13:30", "+12125550100", None, "2026-03-07 14:00", id="NY-before-dst"),
        pytest.param("2026-03-09 13:30", "+12125550100", None, "2026-03-09 13:30", id="NY-after-dst"),
        pytest.param("2026-07-06 15:30", "+16025550100", None, "2026-07-06 16:00", id="AZ-no-dst"),
        pytest.param("2026-07-06 15:30", "+13035550100", None, "2026-07-06 15:30", id="CO-send"),
        pytest.param("2026-03-10 13:30", "+18505550100", None, "2026-03-10 14:00", id="FL-two-zones"),
        pytest.param("2026-03-10 18:30", "+19075550100", None, "2026-03-10 18:30", id="AK-two-zones"),
        pytest.param("2026-03-15 07:00", "+12055550100", None, "2026-03-16 14:00", id="AL-no-sunday"),
        pytest.param("2026-03-15 20:00", "+12055550100", None, "2026-03-16 14:00", id="AL-no-sunday-noon"),
        pytest.param("2026-03-10 15:59", "+18335550100", None, "2026-03-10 16:00", id="toll-free"),
        pytest.param("2026-03-10 13:59", "+15125550100", "Seattle", "2026-03-10 16:00", id="stated-city"),
    ],
)
def test_sms_13_table(now: str, number: str, city: str | None, opening: str) -> None:
    assert Hours(place_of(number, city=city)).next_opening(_utc(now)) == _utc(opening)


def test_sms_13_a_reply_leaves_at_any_hour() -> None:
    assert answers(_utc("2026-03-11 05:00"), _utc("2026-03-11 04:59"))
    assert not answers(_utc("2026-03-11 05:10:01"), _utc("2026-03-11 05:00"))
    assert not answers(_utc("2026-03-11 05:00"), None)


@pytest.mark.parametrize("row", _ROWS, ids=[row["state"] for row in _ROWS])
def test_sms_13_every_hour_of_two_years(row: dict[str, str]) -> None:
    """Every fifth hour, so each hour of the week comes round every fifth week; `make fuzz` takes every one."""
    number = f"+1{row['area_codes'].split()[0]}5550100"
    hours = Hours(place_of(number))
    zones = [ZoneInfo(zone) for zone in hours.place.zones]
    now, end, seen = _utc("2026-01-01 00:00"), _utc("2028-01-01 00:00"), set[datetime]()
    while now < end:
        opening = hours.next_opening(now)
        assert opening is not None
        assert now <= opening <= now + timedelta(days=4)
        assert (opening == now) is all(_allowed(row, now.astimezone(zone)) for zone in zones), now
        if opening not in seen:
            assert all(_allowed(row, opening.astimezone(zone)) for zone in zones), (now, opening)
            seen.add(opening)
        now += STEP


def _allowed(row: dict[str, str], local: datetime) -> bool:
    """The rule, written a second time: default window and state window, half-open."""
    free = local.weekday() == 6 or is_holiday(local.date())
    text = row["sun"] if free else row["sat"] if local.weekday() == 5 else row["mon_fri"]
    if text == "none":
        return False
    first, last = (_minutes(part) for part in text.split("-"))
    minute = local.hour * 60 + local.minute
    return max(first, 720 if free else 540) <= minute < min(last, 1200)


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute or 0)


@pytest.mark.parametrize(
    "number", ["+18005550100", "+15005550100", "+442071838750", "+16475550100", "telegram", "+1512555"]
)
def test_unknown_numbers_get_the_careful_hours(number: str) -> None:
    hours = Hours(place_of(number))
    assert hours.place.state is None
    assert not hours.is_open(_utc("2026-03-10 15:59"))
    assert hours.is_open(_utc("2026-03-10 16:00"))
    assert not hours.is_open(_utc("2026-03-11 00:00"))
    assert not hours.is_open(_utc("2026-03-15 18:59"))
    assert hours.is_open(_utc("2026-03-15 19:00"))


@each(
    "day",
    ["2026-01-01", "2026-01-19", "2026-02-16", "2026-05-25", "2026-06-19", "2026-07-03", "2026-07-04", "2026-09-07",
     "2026-10-12", "2026-11-11", "2026-11-26", "2026-12-25", "2027-07-05", "2027-12-24", "2027-12-31"],
)  # fmt: skip
def test_federal_holidays_use_the_sunday_window(day: str) -> None:
    assert is_holiday(date.fromisoformat(day))
    hours = Hours(place_of("+12125550100"))
    ten = datetime.fromisoformat(f"{day} 10:00").replace(tzinfo=ZoneInfo("America/New_York"))
    assert not hours.is_open(ten.astimezone(UTC))
    assert hours.is_open((ten + timedelta(hours=2)).astimezone(UTC))


def test_an_ordinary_monday_is_no_holiday() -> None:
    assert not is_holiday(date(2026, 7, 6))


def test_sms_34_deferred_messages_are_spread_over_half_an_hour() -> None:
    hours, now = Hours(place_of("+15125550100")), _utc("2026-03-11 03:00")
    releases = [hours.release(now, f"sms:+1512555{n:04}") for n in range(10_000)]
    opening = _utc("2026-03-11 14:00")
    assert all(at is not None and opening <= at < opening + timedelta(minutes=30) for at in releases)
    per_minute = Counter((at - opening) // timedelta(minutes=1) for at in releases if at)
    assert max(per_minute.values()) <= 2 * 10_000 / 30


def test_sms_34_the_spread_is_stable() -> None:
    hours = Hours(place_of("+15125550100"))
    assert hours.release(_utc("2026-03-11 03:00"), "a") == hours.release(_utc("2026-03-11 09:00"), "a")


def test_sms_35_nothing_is_released_in_the_last_ten_minutes() -> None:
    hours = Hours(place_of("+15125550100"))
    assert hours.release(_utc("2026-03-11 00:49:59"), "a") == _utc("2026-03-11 00:49:59")
    late = hours.release(_utc("2026-03-11 00:50"), "a")
    assert late is not None
    assert late >= _utc("2026-03-11 14:00")


def test_sms_35_validity_never_reaches_beyond_closing() -> None:
    hours = Hours(place_of("+15125550100"))
    assert hours.validity(_utc("2026-03-11 00:30"), timedelta(hours=4)) == timedelta(minutes=30)
    assert hours.validity(_utc("2026-03-10 15:00"), timedelta(minutes=10)) == timedelta(minutes=10)
    assert hours.validity(_utc("2026-03-11 02:00"), timedelta(hours=1)) == timedelta()


def test_sms_37_a_changed_city_moves_the_opening() -> None:
    now = _utc("2026-03-10 13:30")
    assert Hours(place_of("+12125550100")).is_open(now)
    assert not Hours(place_of("+12125550100", city="Portland, OR")).is_open(now)
    assert not Hours(place_of("+12125550100", zip_code="94110-1234")).is_open(now)
    assert not Hours(place_of("+12125550100", state="CA")).is_open(now)


def test_state_of_a_case_keeps_the_area_codes_zone_within_that_state() -> None:
    assert place_of("+15125550100", state="TX").zones == ("America/Chicago",)
    assert set(place_of("+12125550100", state="TX").zones) == {"America/Chicago", "America/Denver"}
    assert place_of_state("ZZ") is None


@pytest.mark.parametrize(
    ("zip_code", "state", "zone"),
    [
        ("10001", "NY", "America/New_York"),
        ("60601", "IL", "America/Chicago"),
        ("79901", "TX", "America/Denver"),
        ("32501", "FL", "America/Chicago"),
        ("37203", "TN", "America/Chicago"),
        ("00901", "PR", "America/Puerto_Rico"),
        ("96813", "HI", "Pacific/Honolulu"),
    ],
)
def test_zip_tells_state_and_zone(zip_code: str, state: str, zone: str) -> None:
    place = place_of_zip(zip_code)
    assert place is not None
    assert (place.state, place.zones) == (state, (zone,))


def test_own_quiet_time_is_respected_and_may_wrap() -> None:
    evening = Hours(place_of("+15125550100"), quiet=(time(20), time(18)))
    assert evening.next_opening(_utc("2026-03-10 15:00")) == _utc("2026-03-10 23:00")
    midday = Hours(place_of("+15125550100"), quiet=(time(12), time(13)))
    assert not midday.is_open(_utc("2026-03-10 17:30"))
    assert midday.next_opening(_utc("2026-03-10 17:30")) == _utc("2026-03-10 18:00")


def test_quiet_time_that_leaves_nothing_has_no_opening() -> None:
    assert Hours(place_of("+15125550100"), quiet=(time(6), time(23))).next_opening(_utc("2026-03-10 15:00")) is None


def test_operator_window_is_intersected_with_the_states() -> None:
    wide = Hours(place_of("+14015550100"), Window((time(0), time(23)), (time(0), time(23))))
    assert wide.next_opening(_utc("2026-03-10 05:00")) == _utc("2026-03-10 13:00")
    assert not wide.is_open(_utc("2026-03-10 22:00"))


def test_sms_38_telegram_uses_the_persons_zone() -> None:
    hours = telegram_hours("America/Los_Angeles")
    assert hours.next_opening(_utc("2026-03-10 14:00")) == _utc("2026-03-10 15:00")
    assert hours.is_open(_utc("2026-03-16 04:59"))
    assert not hours.is_open(_utc("2026-03-16 05:00"))
    unknown = telegram_hours(None)
    assert unknown.next_opening(_utc("2026-03-10 12:00")) == _utc("2026-03-10 15:00")


def test_sms_13_every_listed_area_code_is_known() -> None:
    codes = [code for row in _ROWS for code in row["area_codes"].split()]
    assert len(_ROWS) == 54
    assert len(codes) == len(set(codes))
    assert all(place_of(f"+1{code}5550100").state for code in codes)
