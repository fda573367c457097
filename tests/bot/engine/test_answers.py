"""SMS-40: numbered choices take the digit, the word, a unique prefix and the digit in words; and several at once."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.engine.answers import Ambiguous, Match, Option, match_choice, match_choices
from tests.rows import each

REASONS: list[Option] = [
    ("sign", "The sign was missing or hidden", ("sign", "señal")),
    ("meter", "The meter was broken", ("meter", "parking meter")),
    ("paid", "I had paid", ("paid", "paid already")),
    ("medical", "Medical emergency", ()),
    ("stolen", "My car was stolen", ()),
    ("other", "Something else", ("other",)),
]
CONFIRM: list[Option] = [("yes", "Yes, send it", ("send", "yes")), ("no", "No, change it", ("no",))]
POST: list[Option] = [("1", "Certified $9", ()), ("2", "Standard $4", ("cheap", "regular mail"))]
MANY = "x" * 5000


@each(
    ("text", "value"),
    [
        ("1", "sign"), ("2.", "meter"), (" 3 ", "paid"), ("#2", "meter"), ("no. 2", "meter"), ("(4)", "medical"),
        ("2️⃣", "meter"),
        ("two", "meter"), ("Two.", "meter"), ("second", "meter"), ("2nd", "meter"), ("the second one", "meter"),
        ("dos", "meter"),
        ("segunda", "meter"), ("option 3", "paid"), ("I'll take 3 please", "paid"), ("number four", "medical"),
        ("last", "other"), ("the last one", "other"), ("último", "other"), ("opción 1", "sign"),
        ("sign", "sign"), ("SIGN!", "sign"), ("Meter", "meter"), ("the meter was broken", "meter"), ("señal", "sign"),
        ("Medical emergency.", "medical"), ("medical", "medical"), ("med", "medical"), ("some", "other"),
        ("i had", "paid"),
        ("broken", "meter"), ("hidden", "sign"), ("stolen car", "stolen"), ("emergency", "medical"),
        ("metre", "meter"), ("metter", "meter"), ("mteer", "meter"), ("othre", "other"),
    ],
)  # fmt: skip
def test_sms_40_one_choice(text: str, value: str) -> None:
    assert match_choice(text, REASONS) == Match(value)
    assert match_choices(text, REASONS) == (value,)


@each(
    "text",
    [
        "", " ", "0", "7", "99", "-", "?", "banana", "seven", "two hundred", "was",
        "I parked there at 2 and left at 5",
        "sing a song", "123456789", "2026", "900000417", "22", "meters away from the curb and the sign", MANY,
    ],
)  # fmt: skip
def test_sms_40_what_fits_none(text: str) -> None:
    assert match_choice(text, REASONS) is None
    assert match_choices(text, REASONS) is None


@pytest.mark.parametrize(
    ("text", "values"), [("m", ("meter", "medical", "stolen")), ("the", None), ("1 2", ("sign", "meter"))]
)
def test_sms_40_what_fits_several_is_told_apart(text: str, values: tuple[str, ...] | None) -> None:
    match = match_choice(text, REASONS)
    assert match_choices(text, REASONS) is None
    if values:
        assert match == Ambiguous(values)
    else:
        assert not isinstance(match, Match)


@each(
    ("text", "values"),
    [
        ("1 and 3", ("sign", "paid")), ("1,3", ("sign", "paid")), ("1, 2 and 4", ("sign", "meter", "medical")),
        ("one, two & four", ("sign", "meter", "medical")), ("1 2", ("sign", "meter")), ("3 1", ("paid", "sign")),
        ("sign and meter", ("sign", "meter")), ("the sign; I had paid", ("sign", "paid")), ("1 y 2", ("sign", "meter")),
        ("uno y dos", ("sign", "meter")), ("1️⃣ 3️⃣", ("sign", "paid")), ("the first and the last", ("sign", "other")),
        ("2", ("meter",)), ("all", tuple(value for value, _, _ in REASONS)),
        ("todas", tuple(value for value, _, _ in REASONS)),
        ("1 1 1", ("sign",)), ("meter, meter", ("meter",)),
    ],
)  # fmt: skip
def test_sms_40_several_choices(text: str, values: tuple[str, ...]) -> None:
    assert match_choices(text, REASONS, many=True) == values


GROUNDS: list[Option] = [
    ("meter_broken", "Meter did not work", ("meter broken",)),
    ("paid", "I had paid", ("paid",)),
    ("not_owner", "Sold, rented or not mine", ("not owner",)),
    ("sign_missing", "Sign missing, hidden or contradictory", ("sign missing",)),
]


@each(
    ("text", "values"),
    [
        ("the meter did not work", ("meter_broken",)), ("my meter did not work", ("meter_broken",)),
        ("meter did not work", ("meter_broken",)), ("did not work", ("meter_broken",)),
        ("meter not work", ("meter_broken",)), ("meter sold not", None), ("not mine", ("not_owner",)),
        ("the sign was not there", None), ("I had paid, not mine", ("paid", "not_owner")),
        ("1 3", ("meter_broken", "not_owner")),
        ("paid 3", ("paid", "not_owner")),
    ],
)  # fmt: skip
def test_words_of_one_answer_are_not_each_a_choice(text: str, values: tuple[str, ...] | None) -> None:
    assert match_choices(text, GROUNDS, many=True) == values


@pytest.mark.parametrize(
    "text", ["1 and 9", "sign and banana", "both", "1 and the officer was rude", "", MANY, "and", "1, 2, 77"]
)
def test_sms_40_several_need_every_part_to_fit(text: str) -> None:
    assert match_choices(text, REASONS, many=True) is None


@pytest.mark.parametrize("text", ["both", "both of them", "ambos", "all"])
def test_both_means_two(text: str) -> None:
    assert match_choices(text, CONFIRM, many=True) == ("yes", "no")


@each(
    ("text", "value"),
    [
        ("yes", "yes"), ("Y", "yes"), ("yep", "yes"), ("ok", "yes"), ("sure!", "yes"), ("sí", "yes"), ("vale", "yes"),
        ("👍", "yes"),
        ("send", "yes"), ("SEND", "yes"), ("no", "no"), ("nope", "no"), ("no thanks", "no"), ("1", "yes"), ("2", "no"),
        ("change", "no"), ("yes, send it", "yes"),
    ],
)  # fmt: skip
def test_yes_and_no_in_any_wording_fit_a_choice_that_is_one(text: str, value: str) -> None:
    assert match_choice(text, CONFIRM) == Match(value)


@pytest.mark.parametrize("text", ["ok", "yes", "no", "sure"])
def test_ux_7_yes_is_no_answer_where_no_choice_means_it(text: str) -> None:
    assert match_choice(text, POST) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", "1"), ("certified", "1"), ("cert", "1"), ("cheap", "2"), ("regular", "2"), ("the cheap one", "2")],
)
def test_a_digit_is_the_place_of_a_choice_not_its_price(text: str, value: str) -> None:
    assert match_choice(text, POST) == Match(value)


@pytest.mark.parametrize("text", ["9", "4", "$9"])
def test_a_price_is_no_place(text: str) -> None:
    assert not isinstance(match_choice(text, POST), Match) or text == "$9"


def test_no_choices_no_match() -> None:
    assert match_choice("1", []) is None
    assert match_choices("all", [], many=True) in (None, ())


@given(text=st.text(max_size=120), many=st.booleans(), choices=st.sampled_from([REASONS, CONFIRM, POST]))
def test_any_text_is_read_without_trouble(text: str, many: bool, choices: Sequence[Option]) -> None:
    values = {value for value, _, _ in choices}
    found = match_choices(text, choices, many=many)
    assert found is None or (set(found) <= values and len(set(found)) == len(found) >= 1)
    assert many or found is None or len(found) == 1


@given(number=st.integers(1, 6), dress=st.sampled_from(["{}", " {} ", "{}.", "({})", "#{}", "option {}", "{} please"]))
def test_sms_40_any_digit_in_any_dress(number: int, dress: str) -> None:
    assert match_choice(dress.format(number), REASONS) == Match(REASONS[number - 1][0])
