"""`main.py try citation`: one JSON object in, one out."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.clock import FixedClock
from handlers.appeals.trial import check
from tests.rows import each

CLOCK = FixedClock(datetime(2026, 11, 21, 18, tzinfo=UTC))
SF_NUMBER, NY_NUMBER = "900000417", "1490000021"

ROWS = [
    ("DLX-1", "sf", SF_NUMBER, "2026-11-16", None, "2026-11-18", "2026-12-07", "2026-11-25", True, None),
    ("DLX-2", "sf", SF_NUMBER, "2026-11-16", None, "2026-12-08T07:30Z", "2026-12-07", "2026-11-25", False,
     "too_late_for_mail"),
    ("AC-31", "sf", SF_NUMBER, "2026-11-16", None, "2026-12-08T08:00Z", "2026-12-07", "2026-11-25", False,
     "past_deadline"),
    ("DLX-3", "sf", SF_NUMBER, "2026-11-16", "2026-11-20", "2026-11-21", "2026-12-07", "2026-11-25", True, None),
    ("DLX-4", "Los Angeles", NY_NUMBER, "2026-10-20", "2026-11-20", "2026-11-21", "2026-12-04", "2026-11-24", False,
     "record_not_usable"),
    ("DLX-5", "San Diego", "12345678", "2026-11-09", None, "2026-11-16", "2026-11-30", "2026-11-18", False,
     "record_not_usable"),
    ("DLX-6", "nyc", NY_NUMBER, "2026-11-10", None, "2026-11-21", "2026-12-10", "2026-12-01", True, None),
    ("DLX-7", "Boston", "12345678", "2026-12-04", None, "2026-12-07", "2026-12-25", "2026-12-15", True, None),
    ("DLX-8", "Washington DC", "123456789", "2026-12-03", None, "2026-12-07", "2027-01-02", "2026-12-21", True, None),
    ("DLX-9", "Atlanta", NY_NUMBER, "2026-11-16", None, "2026-11-17", "2026-11-30", "2026-11-17", True, None),
    ("DLX-10", "Chicago", NY_NUMBER, "2026-11-18", None, "2026-11-18", "2026-11-25", "2026-11-16", False,
     "record_not_usable"),
    ("DLX-11", "Austin", "12345678", "2026-11-16", None, "2026-11-18", "2026-12-14", None, False, "upl_blocked"),
    ("DLX-12", "us-ca-san_francisco", SF_NUMBER, "2028-02-09", None, "2028-02-10", "2028-03-01", "2028-02-18", True,
     None),
    ("DLX-13", "Oakland", "12345678", "2027-06-14", None, "2027-06-16", "2027-07-05", "2027-06-23", True, None),
    ("AC-18", "Denver", "12345678", "2026-11-16", None, "2026-11-18", "2026-12-06", None, False, "no_letter_route"),
    ("AC-19", "Portland, OR", "HA123456", "2026-11-16", None, "2026-11-18", "2026-12-16", None, False,
     "no_letter_route"),
    ("AC-39", "sf", SF_NUMBER, "2026-11-16", None, "2026-11-27", "2026-12-07", "2026-11-25", False,
     "too_late_for_mail"),
    ("AC-41", "sf", SF_NUMBER, "2026-11-16", None, "2026-11-25T17:01", "2026-12-07", "2026-11-25", False,
     "too_late_for_mail"),
    ("AC-41-before", "sf", SF_NUMBER, "2026-11-16", None, "2026-11-25T16:59", "2026-12-07", "2026-11-25", True, None),
    ("AC-34", "sf", SF_NUMBER, None, None, "2026-11-18", None, None, False, "deadline_unknown"),
    ("AC-35", "sf", SF_NUMBER, "2026-11-19", None, "2026-11-18", None, None, False, "deadline_unknown"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("city", "number", "issued", "notice", "today", "deadline", "mail_by", "may_mail", "reason"),
    [pytest.param(*row[1:], id=row[0]) for row in ROWS],
)
def test_rows(
    *,
    city: str,
    number: str,
    issued: str | None,
    notice: str | None,
    today: str,
    deadline: str | None,
    mail_by: str | None,
    may_mail: bool,
    reason: str | None,
) -> None:
    asked = {"city": city, "number": number, "issued": issued, "notice": notice, "today": today}
    told = check(asked)
    assert (told["deadline"], told["mail_by"], told["may_mail"], told["reason"]) == (
        deadline,
        mail_by,
        may_mail,
        reason,
    )
    assert told["valid"] is True


def test_dlx_5_certified_is_given_beside_standard() -> None:
    asked = {"city": "San Diego", "number": "12345678", "issued": "2026-11-09", "today": "2026-11-19"}
    told = check(asked)
    assert (told["mail_by_certified"], told["classes"]) == ("2026-11-25", ["certified"])


@pytest.mark.parametrize("city", ["Fresno", "Modesto, CA"])
def test_ac_17_a_californian_city_without_a_record_gets_dates_and_no_letter(city: str) -> None:
    told = check({"city": city, "number": "12345678", "issued": "2026-11-16", "today": "2026-11-18"})
    assert (told["deadline"], told["mail_by"], told["may_mail"]) == ("2026-12-07", None, False)
    assert told["reason"] == "unknown_city"


@pytest.mark.parametrize("city", ["Gotham", "", None, "Miami Beach"])
def test_g1_an_unknown_city_parses_nothing(city: str | None) -> None:
    told = check({"city": city, "number": SF_NUMBER, "issued": "2026-11-16", "today": "2026-11-18"})
    assert (told["valid"], told["normalized"], told["deadline"]) == (False, None, None)
    assert told["reason"] == "unknown_city"


def test_ac_16_an_ambiguous_city_lists_candidates() -> None:
    told = check({"city": "Washington", "number": SF_NUMBER})
    assert told["reason"] == "city_ambiguous"
    assert told["candidates"] == ["Washington, DC", "Washington State, WA"]


def test_ac_2_a_number_of_another_shape_is_not_valid() -> None:
    told = check({"city": "nyc", "number": SF_NUMBER, "issued": "2026-11-16", "today": "2026-11-18"})
    assert (told["valid"], told["may_mail"], told["reason"]) == (False, False, "number_rejected")


def test_ac_4_too_many_confusions_are_not_valid() -> None:
    told = check({"city": "sf", "number": "9OO OOO 4I7", "issued": "2026-11-16", "today": "2026-11-18"})
    assert (told["valid"], told["normalized"], told["reason"]) == (False, None, "too_many_confusions")


def test_num_4_two_confusions_are_valid_and_to_be_confirmed() -> None:
    told = check({"city": "sf", "number": "9OO 000 417", "issued": "2026-11-16", "today": "2026-11-18"})
    assert (told["valid"], told["normalized"], told["needs_confirm"]) == (True, SF_NUMBER, True)
    assert told["substitutions"] == [
        {"position": 1, "read": "O", "means": "0"},
        {"position": 2, "read": "O", "means": "0"},
    ]


def test_num_5_an_unconfirmed_format_is_valid_and_to_be_confirmed() -> None:
    told = check({"city": "Oakland", "number": "12345678", "issued": "2026-11-16", "today": "2026-11-18"})
    assert (told["valid"], told["needs_confirm"], told["strength"], told["may_mail"]) == (
        True,
        True,
        "unconfirmed",
        True,
    )


@pytest.mark.parametrize("number", ["hello", "12", "9" * 40, "", None])
def test_ac_6_what_is_no_number_is_not_valid(number: str | None) -> None:
    told = check({"city": "sf", "number": number, "issued": "2026-11-16", "today": "2026-11-18"})
    assert (told["valid"], told["may_mail"], told["reason"]) == (False, False, "not_a_number")


def test_a_number_may_come_as_a_json_number() -> None:
    assert check({"city": "sf", "number": 900000417}, CLOCK)["normalized"] == SF_NUMBER


def test_without_today_the_clock_decides() -> None:
    told = check({"city": "sf", "number": SF_NUMBER, "issued": "2026-11-16"}, CLOCK)
    assert (told["today"], told["days_left"]) == ("2026-11-21", 16)


def test_ac_22_the_papers_that_a_city_wants_are_listed() -> None:
    told = check({"city": "Atlanta", "number": NY_NUMBER, "issued": "2026-11-16", "today": "2026-11-16"})
    assert told["requires"] == ["atl-form", "atl-ticket"]


@each(
    "request_",
    [
        None,
        [],
        "sf",
        {"city": 1},
        {"city": "sf", "number": True},
        {"city": "sf", "number": 1.5},
        {"city": "sf", "number": ["9"]},
        {"city": "sf", "issued": "2026-02-30"},
        {"city": "sf", "issued": "soon"},
        {"city": "sf", "notice": {}},
        {"city": "sf", "today": "x"},
        {"city": "sf", "today": "0001-01-01"},
        {"city": "sf", "today": "9999-12-31T23:00Z"},
    ],
)
def test_a_bad_request_is_told_not_raised(request_: object) -> None:
    told = check(request_, CLOCK)
    assert (told["valid"], told["may_mail"], told["reason"]) == (False, False, "bad_request")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
FIELDS = st.sampled_from(["sf", "nyc", "fresno", "Houston", "2026-11-16", "2026-11-21T10:00Z", SF_NUMBER]) | JSON


@given(st.dictionaries(st.sampled_from(["city", "number", "issued", "notice", "today"]), FIELDS))
def test_every_request_gets_an_answer_that_is_json(asked: dict[str, object]) -> None:
    told = check(asked, CLOCK)
    assert json.loads(json.dumps(told)) == told
    assert {"valid", "normalized", "deadline", "mail_by", "may_mail", "reason"} <= set(told)
    assert told["may_mail"] is (told["reason"] is None)
