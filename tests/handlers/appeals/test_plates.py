"""Plates in any order and clothes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.appeals.plates import LONGEST, Plate, read_plate
from handlers.appeals.registry import packaged_registry
from tests.rows import each

STATES = packaged_registry().place_names.states

SAME = [
    "8ABC123 CA", "CA 8ABC123", "8abc123 ca", "ca 8abc123", "8ABC123, CA", "CA, 8ABC123", "CA-8ABC123", "8ABC123-CA",
    "8ABC123/CA", "CA/8ABC123", "8ABC123 (CA)", "(CA) 8ABC123", "CA: 8ABC123", "8abc 123 ca", "CA 8ABC 123",
    "ca 8 abc 123", "8-ABC-123 CA", "California 8ABC123", "8ABC123 California", "california, 8abc-123",
    "plate 8ABC123 CA", "my plate is 8ABC123, state CA", "License plate: CA 8ABC123", "ca plate 8abc123",
    "8ABC123 - CA", "CA.8ABC123",
    "8ABC123\nCA", "CA\n8ABC123", "8ABC123_CA", "  ca   8abc123  ", "８ＡＢＣ１２３ ＣＡ", "C.A. 8ABC123", "CA•8ABC123",
]  # fmt: skip


@each("text", SAME)
def test_ux_6_a_plate_is_understood_with_its_state_before_or_behind(text: str) -> None:
    assert read_plate(text, STATES) == Plate("8ABC123", "CA")


@pytest.mark.parametrize("text", ["CA8ABC123", "ca8abc123", "8ABC123CA", "8abc123ca"])
def test_a_plate_that_is_stuck_to_its_state_is_shown_for_confirmation(text: str) -> None:
    assert read_plate(text, STATES) == Plate("8ABC123", "CA", certain=False)


@each(
    ("text", "plate", "state"),
    [
        ("New York ABC-1234", "ABC1234", "NY"),
        ("ABC 1234 new york", "ABC1234", "NY"),
        ("NY ABC1234", "ABC1234", "NY"),
        ("abc1234 nj", "ABC1234", "NJ"),
        ("DC AB1234", "AB1234", "DC"),
        ("AB1234 D.C.", "AB1234", "DC"),
        ("District of Columbia AB1234", "AB1234", "DC"),
        ("West Virginia 1AB234", "1AB234", "WV"),
        ("OK 8ABC123", "8ABC123", "OK"),
        ("8abc123 ok", "8ABC123", "OK"),
        ("8ABC123", "8ABC123", None),
        ("8abc 123", "8ABC123", None),
        ("TX 1", "TX1", None),
        ("CA CAT", "CAT", "CA"),
        ("NYC NY", "NYC", "NY"),
    ],
)
def test_plates_and_states(text: str, plate: str, state: str | None) -> None:
    assert read_plate(text, STATES) == Plate(plate, state)


@each(
    ("text", "plate", "state"),
    [
        ("Honda Civic 7ABC123", "7ABC123", None),
        ("blue 2019 Honda Civic, 7abc123, California", "7ABC123", "CA"),
        ("it's a Toyota RAV4 with plate KLM4521 NY", "KLM4521", "NY"),
        ("my car is a ford f150 TX plate LVR8823", "LVR8823", None),
    ],
)
def test_ux_6_a_plate_is_found_beside_its_car_and_shown_for_confirmation(
    text: str, plate: str, state: str | None
) -> None:
    assert read_plate(text, STATES) == Plate(plate, state, certain=False)


@each(
    "text", ["Dana O'Neil of Market Street", "1 Dr Carlton B Goodlett Pl, 94102", "7ABC123 or 8ABC124 I forgot which"]
)
def test_what_names_no_plate_or_two_is_asked_again(text: str) -> None:
    assert read_plate(text, STATES) is None


def test_a_small_word_in_front_is_no_state() -> None:
    assert read_plate("ok 8ABC123", STATES) == Plate("8ABC123")


@pytest.mark.parametrize(
    "text", ["", " ", "?", "I do not have it with me", "8ABC1234567 CA", "ünïcödé", "😀", "123456789"]
)
def test_what_is_no_plate_is_not_read(text: str) -> None:
    assert read_plate(text, STATES) is None


@given(
    st.from_regex(r"[A-Z0-9]{5,7}", fullmatch=True),
    st.sampled_from(sorted(set(STATES.values()))),
    st.booleans(),
)
def test_both_orders_mean_the_same(plate: str, state: str, lower: bool) -> None:
    one, other = f"{plate} {state}", f"{state} {plate}"
    if (plate[:2].casefold(),) in STATES or (plate[-2:].casefold(),) in STATES:
        return
    assert read_plate(one.lower() if lower else one, STATES) == Plate(plate, state)
    if not lower:
        assert read_plate(other, STATES) == Plate(plate, state)


@given(st.text(max_size=60))
def test_no_text_breaks_it_and_a_plate_is_short(text: str) -> None:
    found = read_plate(text, STATES)
    assert found is None or 2 <= len(found.plate) <= LONGEST
