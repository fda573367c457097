"""Citation numbers: rules NUM-1 to NUM-9."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.appeals.citation_text import normalise
from handlers.appeals.numbers import NumberCheck, NumberStatus, check_number, last_four
from handlers.appeals.registry import packaged_registry
from tests.rows import each

CITIES = packaged_registry().cities
TODAY = date(2026, 11, 21)
EXAMPLES = Path(__file__).parents[3] / "../shared/domain/citation-examples.json"
SF, NY, LA = "us-ca-san_francisco", "us-ny-new_york", "us-ca-los_angeles"
BALTIMORE, HOUSTON, OAKLAND, VEGAS = "us-md-baltimore", "us-tx-houston", "us-ca-oakland", "us-nv-las_vegas"


def check(city_id: str, text: str, **given: object) -> NumberCheck:
    return check_number(CITIES[city_id], text, today=TODAY, **given)  # type: ignore[arg-type]


@each(
    "text",
    [
        "900000417",
        "Ticket no.: 9 000 004 17",
        "９００-０００-４１７",
        "٩٠٠٠٠٠٤١٧",
        "#900000417",
        "cit#900000417",
        "№ 900000417",
        "No900000417",
        "900–000–417",
        "900,000,417",
        "900.000.417",
        "900\n000\n417",
        "Ticket:\n900 000 417\n",
        "9 0 0 0 0 0 4 1 7",
        "my number is 900000417 and the plate is 7ABC123, thanks",
        "SFMTA 900000417",
        "SUMMONS/CITATION NUMBER: 900000417.",
        "900000417 (I think it starts with 9), issued 11/16/2026 at 2:05 pm",
        "CITATION NO. 900000417 DATE 11/16/2026 PLATE 7ABC123 METER 912-345678 FINE $108.00 PHONE 415-701-3000",
        "badge 900000999 ticket 900000417",
        "900000417 900000417",
    ],
)
def test_ac_7_the_number_is_found_and_normalised(text: str) -> None:
    found = check(SF, text)
    assert (found.status, found.normalized, found.strength) == (NumberStatus.OK, "900000417", "measured")
    assert not found.needs_confirm


def test_ac_2_another_citys_number_is_asked_again_and_the_city_stays() -> None:
    found = check(NY, "900000417")
    assert (found.city_id, found.status, found.reason) == (NY, NumberStatus.ASK_AGAIN, "no_match")


def test_ac_4_six_confusions_ask_to_retype() -> None:
    found = check(SF, "9OO OOO 4I7")
    assert (found.status, found.normalized, found.reason) == (NumberStatus.ASK_AGAIN, None, "too_many_confusions")


@pytest.mark.parametrize(
    ("text", "number", "count"),
    [("9OO 000 417", "900000417", 2), ("9000004l7", "900000417", 1), ("9000004|7", "900000417", 1),
     ("90O0004S7", "900000457", 2), ("9Z0000B17", "920000817", 2), ("it is 9000004I7", "900000417", 1)],
)  # fmt: skip
def test_num_4_confusions_are_echoed_and_confirmed(text: str, number: str, count: int) -> None:
    found = check(SF, text)
    assert (found.status, found.normalized) == (NumberStatus.NEEDS_CONFIRM, number)
    assert len(found.substitutions) == count
    assert found.confirmed().status is NumberStatus.USER_CONFIRMED


def test_num_4_a_substitution_tells_where_and_what() -> None:
    assert [(s.position, s.read, s.means) for s in check(SF, "9OO000417").substitutions] == [
        (1, "O", "0"),
        (2, "O", "0"),
    ]


def test_ac_5_no_substitution_in_a_city_with_letters() -> None:
    found = check(HOUSTON, "HX12345O")
    assert found.substitutions == ()
    assert found.status is NumberStatus.ASK_AGAIN


@each("text", ["hello", "12", "9" * 40, "", "PARKING", "12/34"])
@each("city_id", sorted(CITIES))
def test_ac_6_not_a_number(city_id: str, text: str) -> None:
    assert check(city_id, text).status is NumberStatus.NOT_A_NUMBER


def test_ac_6_the_hint_comes_along() -> None:
    assert check(SF, "hello").hint == "9 digits, starts with 9"


def test_ac_8_a_leading_zero_is_kept() -> None:
    assert check("us-ca-sacramento", "012345678").normalized == "012345678"
    assert check(BALTIMORE, "0 1234 5678").normalized == "012345678"


def test_ac_9_the_senders_own_phone_number_is_asked_about() -> None:
    found = check(NY, "2125550142", own_phone="+12125550142")
    assert (found.status, found.reason) == (NumberStatus.NEEDS_CONFIRM, "looks_like_own_phone")


def test_ac_11_baltimore_six_digits_are_confirmed() -> None:
    found = check(BALTIMORE, "123456")
    assert (found.status, found.reason, found.strength) == (NumberStatus.NEEDS_CONFIRM, "weak_format", "weak")
    assert found.confirmed().accepted


def test_ac_12_a_second_miss_is_rejected_until_an_operator_approves() -> None:
    again = check(SF, "1490000021", earlier=("1490000022",))
    assert again.status is NumberStatus.REJECTED
    assert not again.accepted
    assert again.approved().accepted


@pytest.mark.parametrize(
    "text", ["tickets 900000417 and 900000418", "citations: 900000417, 900000418", "ticket 900000417 & 900000418"]
)
def test_num_9_a_label_goes_for_every_number_of_a_list(text: str) -> None:
    assert check(SF, text).candidates == ("900000417", "900000418")


def test_ac_13_two_tickets_ask_which() -> None:
    found = check(SF, "900000417 or 900000418?")
    assert (found.status, found.candidates) == (NumberStatus.SEVERAL, ("900000417", "900000418"))


@pytest.mark.parametrize("text", ["1234567", "no. 123456-7"])
def test_num_5_the_same_unusual_number_twice_is_taken_as_typed(text: str) -> None:
    assert check(OAKLAND, text).status is NumberStatus.ASK_AGAIN
    assert check(OAKLAND, text, earlier=("1234567",)).status is NumberStatus.UNUSUAL
    assert check(OAKLAND, text, earlier=("7654321",)).status is NumberStatus.ASK_AGAIN


@pytest.mark.parametrize(
    ("city_id", "text", "reason"),
    [(SF, "700000417", "weak_format"), (OAKLAND, "12345678", "unconfirmed_format"),
     ("us-ca-san_jose", "SJ123456", "format_unknown"), ("us-tx-austin", "12345678", "format_unknown")],
)  # fmt: skip
def test_num_5_weak_formats_ask_whether_it_is_exactly_as_printed(city_id: str, text: str, reason: str) -> None:
    found = check(city_id, text)
    assert (found.status, found.reason, found.needs_confirm) == (NumberStatus.NEEDS_CONFIRM, reason, True)


@each(
    ("city_id", "text", "reason"),
    [
        (NY, "(212) 555-0142", "looks_like_phone"),
        (NY, "212-555-0142", "looks_like_phone"),
        (NY, "+1 212 555 0142", "looks_like_phone"),
        (SF, "94110-1234", "looks_like_zip"),
        (BALTIMORE, "11162026", "looks_like_date"),
        (BALTIMORE, "20261116", "looks_like_date"),
        (VEGAS, "11/16/2026", "looks_like_date"),
        (SF, "permit 900000417", "looks_like_permit"),
        (SF, "meter no 900000417", "looks_like_meter"),
        (SF, "badge #900000417", "looks_like_badge"),
        (SF, "notice number 900000417", "looks_like_notice"),
        ("us-wa-seattle", "plate ABC1234", "looks_like_plate"),
    ],
)
def test_num_6_look_alikes_are_asked_about(city_id: str, text: str, reason: str) -> None:
    found = check(city_id, text)
    assert (found.status, found.reason) == (NumberStatus.NEEDS_CONFIRM, reason)


def test_num_6_a_look_alike_steps_back_behind_a_number() -> None:
    assert check(NY, "summons 1490000021, call 212-555-0142").normalized == "1490000021"


def test_num_6_eight_digits_that_are_no_near_date_are_taken() -> None:
    assert check(BALTIMORE, "11161999").status is NumberStatus.OK


@pytest.mark.parametrize(
    ("city_id", "text", "number"),
    [(HOUSTON, "hx 123 456", "HX123456"), ("us-or-portland", "HA 123456", "HA123456"),
     ("us-mi-detroit", "J-1234567", "J1234567"), (HOUSTON, "my ticket is P-1234567", "P1234567")],
)  # fmt: skip
def test_num_3_a_letter_prefix_joins_its_digits(city_id: str, text: str, number: str) -> None:
    assert check(city_id, text).normalized == number


def test_num_2_labels_and_separators_drop_and_zeros_stay() -> None:
    assert normalise("Citation number: #0012-34/56.7") == "001234567"


def test_num_7_masked_form() -> None:
    assert last_four("900000417") == "...0417"


@pytest.mark.shared
def test_num_8_ac_3_real_numbers_are_accepted_for_their_city_only() -> None:
    if not EXAMPLES.exists():
        pytest.skip("shared/domain/citation-examples.json is not beside the checkout")
    rows = json.loads(EXAMPLES.read_text())
    for city_id, least in ((SF, 1.0), (LA, 1.0), (NY, 1.0), (BALTIMORE, 0.97)):
        own = [row["number"] for row in rows if row["city"] == city_id]
        results = [check(city_id, number) for number in own]
        taken = [found.accepted or found.needs_confirm for found in results]
        assert sum(taken) >= least * len(own), city_id
        assert all(found.city_id == city_id for found in results)
        if city_id != BALTIMORE:
            assert all(found.status is NumberStatus.OK for found in results), city_id
    assert all(not check(SF, row["number"]).accepted for row in rows if row["city"] in (NY, LA, BALTIMORE))


@given(st.text(max_size=200))
def test_any_text_gets_an_answer(text: str) -> None:
    for city_id in (SF, NY, HOUSTON, VEGAS, "us-ca-san_jose"):
        found = check(city_id, text)
        assert found.normalized is None or 5 <= len(found.normalized) <= 12


@given(st.from_regex(r"9[0-9]{8}", fullmatch=True), st.sampled_from(["", " ", "-", ".", "–", "  "]), st.integers(1, 8))
def test_num_2_any_grouping_of_a_san_francisco_number_is_accepted(number: str, separator: str, at: int) -> None:
    found = check(SF, f"ticket {number[:at]}{separator}{number[at:]}")
    assert found.normalized == number
