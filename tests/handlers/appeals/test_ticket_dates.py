"""Dates typed by people: AC-34 to AC-36."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.appeals.ticket_dates import DateStatus, read_date
from tests.rows import each

TODAY = date(2026, 11, 21)


@each(
    "text",
    ["11/16", "11-16", "11.16", "11 16", "Nov 16", "nov16", "Nov. 16", "nov 16th 2026", "16 november", "16nov",
     "16th of November", "2026-11-16", "2026/11/16", "2026-11-16T14:05:00", "11-16-26", "11/16/2026", "16-Nov-2026",
     "Mon Nov 16", "monday, november 16, 2026 2:05pm", "issued on 11/16 at 2:05pm", "16 de noviembre", "Nov 16 '26",
     "１１/１６", "5 days ago", "Nov 16 20:05", "ticket 900000417 from 11/16"],
)  # fmt: skip
def test_a_clear_date_is_taken(text: str) -> None:
    reading = read_date(text, TODAY)
    assert (reading.status, reading.day) == (DateStatus.OK, date(2026, 11, 16))


@each(
    ("text", "day", "reason", "alternatives"),
    [
        ("2/11", date(2026, 2, 11), "ambiguous", (date(2026, 11, 2),)),
        ("11/10", date(2026, 11, 10), "ambiguous", (date(2026, 10, 11),)),
        ("11/10/2026", date(2026, 11, 10), "ambiguous", (date(2026, 10, 11),)),
        ("11/22", date(2025, 11, 22), "year_inferred", ()),
        ("May 5", date(2026, 5, 5), "year_inferred", ()),
        ("16/11", date(2026, 11, 16), "day_first", ()),
        ("2/29", date(2024, 2, 29), "year_inferred", ()),
        ("11162026", date(2026, 11, 16), "compact", ()),
        ("111626", date(2026, 11, 16), "compact", ()),
        ("last friday", date(2026, 11, 20), "weekday", (date(2026, 11, 13),)),
        ("saturday", date(2026, 11, 14), "weekday", (date(2026, 11, 21),)),
        ("a week ago", date(2026, 11, 14), "about", ()),
        ("Tue Nov 16, 2026", date(2026, 11, 16), "weekday_differs", ()),
    ],
)
def test_ac_36_a_doubtful_date_is_offered_for_confirmation(
    text: str, day: date, reason: str, alternatives: tuple[date, ...]
) -> None:
    reading = read_date(text, TODAY)
    assert (reading.status, reading.day, reading.reason) == (DateStatus.NEEDS_CONFIRM, day, reason)
    assert reading.alternatives == alternatives


@each(
    ("text", "reason"),
    [("11/22/2026", "future"), ("tomorrow", "future"), ("2019-05-05", "too_old"), ("11/20/2021", "too_old"),
     ("2/30", "no_such_date"), ("2026-02-30", "no_such_date"), ("13/45", "no_such_date"), ("hello", "not_a_date"),
     ("", "not_a_date"), ("16", "not_a_date"), ("2026", "not_a_date"), ("900000417", "not_a_date"),
     ("11/14 and 11/16", "several_dates"), ("Nov 16 or 17", "several_dates")],
)  # fmt: skip
def test_ac_35_the_future_the_distant_past_and_nonsense_are_asked_again(text: str, reason: str) -> None:
    reading = read_date(text, TODAY)
    assert (reading.status, reading.day, reading.reason) == (DateStatus.ASK_AGAIN, None, reason)


@pytest.mark.parametrize(("text", "day"), [("yesterday", 20), ("ayer", 20), ("today", 21), ("anteayer", 19)])
def test_relative_days(text: str, day: int) -> None:
    assert read_date(text, TODAY).day == date(2026, 11, day)


def test_five_years_ago_to_the_day_is_still_accepted() -> None:
    assert read_date("2021-11-21", TODAY).status is DateStatus.OK
    assert read_date("2021-11-20", TODAY).reason == "too_old"


def test_a_notice_is_not_mailed_before_the_ticket() -> None:
    assert read_date("11/13", TODAY, not_before=date(2026, 11, 16)).reason == "before_issue"


@given(st.dates(TODAY - timedelta(days=5 * 365), TODAY))
def test_an_iso_date_reads_as_itself(day: date) -> None:
    assert read_date(day.isoformat(), TODAY).day == day
    assert read_date(f"{day:%B} {day.day}, {day.year}", TODAY).day == day


@given(st.dates(TODAY - timedelta(days=364), TODAY), st.sampled_from(["{m}/{d}", "{m:02}-{d:02}", "{m}.{d}"]))
def test_ac_36_month_and_day_are_right_or_confirmed(day: date, form: str) -> None:
    reading = read_date(form.format(m=day.month, d=day.day), TODAY)
    assert reading.day == day
    if day.day <= 12 and day.day != day.month:
        assert reading.status is DateStatus.NEEDS_CONFIRM


@given(st.text(max_size=120))
def test_no_text_gives_a_future_date(text: str) -> None:
    day = read_date(text, TODAY).day
    assert day is None or date(2021, 11, 21) <= day <= TODAY
