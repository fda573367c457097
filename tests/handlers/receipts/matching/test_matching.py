"""The table of matching (MT-*), the rules around it (MAT-*), and what must hold for any receipts and lines."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.receipts.matching import Line, Receipt, decide, original_amount, pair_of
from handlers.receipts.matching.likeness import likeness
from handlers.receipts.merchants import merchant_key

MARCH_15 = date(2026, 3, 15)


def receipt(amount_minor: int, merchant: str | None = "Luna Cafe", day: int = 15, **values: Any) -> Receipt:
    given: dict[str, Any] = {"id": 1, "date": date(2026, 3, day), "currency": "USD", "amount_minor": amount_minor}
    return Receipt(**{**given, "merchant": merchant_key(merchant) if merchant else None, **values})


def line(amount_minor: int, text: str = "LUNA CAFE 0412", day: int = 15, **values: Any) -> Line:
    given: dict[str, Any] = {"id": 9, "date": date(2026, 3, day), "currency": "USD", "amount_minor": amount_minor}
    return Line(**{**given, "merchants": (merchant_key(text),) if text else (), **values})


def matches(receipts: list[Receipt], lines: list[Line], **known: Any) -> list[tuple[int, int]]:
    return [(pair.line.id, pair.receipt.id) for pair in decide(receipts, lines, **known).matched]


def test_mt_1_two_days_later_under_the_banks_spelling() -> None:
    assert matches([receipt(2623, "Trader Joe's")], [line(2623, "TRADER JOES 123", day=17)]) == [(9, 1)]


def test_mt_2_a_restaurant_with_a_tip_added() -> None:
    [pair] = decide([receipt(4000, is_restaurant=True)], [line(4800, day=16)]).matched
    assert (pair.how, pair.tip_minor) == ("tip", 800)


@pytest.mark.parametrize(
    "values", [{"is_restaurant": False}, {"is_restaurant": True, "has_tip": True}], ids=["no restaurant", "tip read"]
)
def test_mat_1_a_tip_is_added_in_restaurants_and_once_only(values: dict[str, Any]) -> None:
    assert pair_of(receipt(4000, **values), line(4800)) is None


def test_mat_1_a_tip_is_at_most_a_third_and_a_bit() -> None:
    assert pair_of(receipt(4000, is_restaurant=True), line(5400)) is not None
    assert pair_of(receipt(4000, is_restaurant=True), line(5401)) is None


def test_mt_3_two_equal_receipts_and_two_equal_lines_each_to_one_by_order() -> None:
    receipts = [receipt(500, id=2, minute=900), receipt(500, id=1, minute=540)]
    assert matches(receipts, [line(500, id=12), line(500, id=11)]) == [(11, 1), (12, 2)]


def test_mt_3_the_same_coffee_on_two_days_keeps_its_order() -> None:
    receipts = [receipt(500, id=1, day=16), receipt(500, id=2, day=17)]
    lines = [line(500, id=11, day=17), line(500, id=12, day=18)]
    assert sorted(matches(receipts, lines)) == [(11, 1), (12, 2)]


def test_mt_4_one_line_with_two_equal_receipts_is_asked() -> None:
    decided = decide([receipt(500, id=1), receipt(500, id=2)], [line(500)])
    assert decided.matched == ()
    [question] = decided.asked
    assert [pair.receipt.id for pair in question.pairs] == [1, 2]


def test_mat_2_two_equal_lines_for_one_receipt_are_asked() -> None:
    decided = decide([receipt(500)], [line(500, id=11), line(500, id=12)])
    assert decided.matched == ()
    assert {one.line.id for one in decided.asked} == {11, 12}


def test_mat_2_a_clear_winner_leaves_the_other_line_to_the_other_receipt() -> None:
    receipts = [receipt(500, id=1), receipt(500, "Bistro Sol", id=2)]
    lines = [line(500, id=11), line(500, "BISTRO SOL", id=12)]
    assert sorted(matches(receipts, lines)) == [(11, 1), (12, 2)]


def test_mt_7_an_amount_abroad_is_matched_by_what_the_line_prints() -> None:
    text = "LA BOULE PARIS 18.00 EUR"
    abroad = line(1962, "LA BOULE", original=original_amount(text, "USD"))
    [pair] = decide([receipt(1800, "La Boule", currency="EUR")], [abroad]).matched
    assert pair.how == "original"
    assert pair_of(receipt(1801, "La Boule", currency="EUR"), abroad) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("LA BOULE PARIS 18.00 EUR @ 1.09", (1800, "EUR")),
        ("SUSHI TOKYO JPY 1,480", (1480, "JPY")),
        ("HOTEL BERLIN EUR 1.234", (123, "EUR")),
        ("MARKT 18,50 EUR", (1850, "EUR")),
        ("STORE 123 USD 18.00", None),
        ("EUR 5.00 AND GBP 6.00", None),
        ("THE 300 CLUB", None),
    ],
)
def test_mat_1_original_amounts_as_banks_print_them(text: str, found: tuple[int, str] | None) -> None:
    assert original_amount(text, "USD") == found


def test_sm_6_total_with_cash_back_is_what_the_bank_took() -> None:
    [pair] = decide([receipt(2623, cash_back_minor=2000)], [line(4623)]).matched
    assert pair.how == "cash_back"


def test_mat_1_a_refund_is_matched_with_the_opposite_sign() -> None:
    assert matches([receipt(-900, kind="refund")], [line(-900)]) == [(9, 1)]
    assert matches([receipt(900, kind="refund")], [line(-900)]) == [(9, 1)]
    decided = decide([receipt(900)], [line(-900)])
    assert (decided.matched, len(decided.asked)) == ((), 1), "a purchase is no refund until the person says so"
    assert pair_of(receipt(-900, kind="refund"), line(900)) is None


@pytest.mark.parametrize(("days", "fits"), [(-2, False), (-1, True), (0, True), (5, True), (6, False)])
def test_mat_1_the_window_of_days(days: int, fits: bool) -> None:
    pair = pair_of(receipt(500), line(500, date=MARCH_15 + timedelta(days=days)))
    assert (pair is not None) is fits


def test_mat_1_the_day_of_authorization_counts_too() -> None:
    assert pair_of(receipt(500), line(500, day=25, authorized=MARCH_15)) is not None


def test_mat_1_another_currency_is_another_purchase() -> None:
    assert pair_of(receipt(500), line(500, currency="CAD")) is None


def test_mat_2_the_cards_digits_speak_for_and_against() -> None:
    same = pair_of(receipt(500, last4="4421"), line(500, last4="4421"))
    other = pair_of(receipt(500, last4="4421"), line(500, last4="9999"))
    unknown = pair_of(receipt(500), line(500, last4="4421"))
    assert same is not None
    assert other is not None
    assert unknown is not None
    assert same.score > unknown.score > other.score
    assert decide([receipt(500, last4="4421")], [line(500, last4="9999")]).matched == ()


def test_mat_2_strangers_with_the_same_amount_are_asked_not_matched() -> None:
    decided = decide([receipt(500)], [line(500, "HARDWARE WORLD")])
    assert (decided.matched, len(decided.asked)) == ((), 1)


def test_mat_2_a_learnt_alias_makes_strangers_one() -> None:
    aliases = {(merchant_key("SQ *JPM HOLDINGS"), merchant_key("Luna Cafe"))}
    assert matches([receipt(500)], [line(500, "SQ *JPM HOLDINGS")], aliases=aliases) == [(9, 1)]


def test_mat_4_what_the_person_settled_is_not_decided_again() -> None:
    decided = decide([receipt(500)], [line(500)], refused={(9, 1)})
    assert (decided.matched, decided.asked) == ((), ())


@pytest.mark.parametrize(
    ("on_line", "on_receipt", "least", "most"),
    [
        ("traderjoes", "traderjoes", 1, 1),
        ("bluebottlecof", "bluebottlecoffee", 0.9, 0.99),
        ("lunacafesanjose", "lunacafe", 0.8, 0.99),
        ("starbuckscofee", "starbuckscoffee", 0.75, 1),
        ("shell", "lunacafe", 0, 0),
        ("bp", "bpost", 0, 0),
    ],
)
def test_mat_2_likeness(on_line: str, on_receipt: str, least: float, most: float) -> None:
    assert least <= likeness(on_line, on_receipt) <= most


# -- for any receipts and lines ----------------------------------------------------------------------------------------

DAYS = st.integers(10, 20).map(lambda day: date(2026, 3, day))
NAMES = st.sampled_from(["lunacafe", "bistrosol", "shell", None])
AMOUNTS = st.sampled_from([400, 500, 520, 600])
RECEIPTS = st.lists(
    st.builds(
        Receipt, st.integers(1, 10**6), DAYS, AMOUNTS, st.just("USD"), NAMES, is_restaurant=st.booleans(),
        minute=st.integers(0, 3),
    ),
    max_size=8, unique_by=lambda one: one.id,
)  # fmt: skip
LINES = st.lists(
    st.builds(Line, st.integers(1, 10**6), DAYS, AMOUNTS, st.just("USD"), NAMES.map(lambda n: (n,) if n else ())),
    max_size=8,
    unique_by=lambda one: one.id,
)


@given(receipts=RECEIPTS, lines=LINES)
def test_mat_3_any_matching_is_one_to_one_and_of_candidates(receipts: list[Receipt], lines: list[Line]) -> None:
    decided = decide(receipts, lines)
    for of in (lambda p: p.line.id, lambda p: p.receipt.id):
        assert max(Counter(map(of, decided.matched)).values(), default=1) == 1
    matched = {pair.line.id for pair in decided.matched}, {pair.receipt.id for pair in decided.matched}
    assert all(pair_of(pair.receipt, pair.line) == pair for pair in decided.matched)
    for question in decided.asked:
        assert question.line.id not in matched[0]
        assert not {pair.receipt.id for pair in question.pairs} & matched[1]


@given(receipts=RECEIPTS, lines=LINES, seed=st.randoms())
def test_mat_3_the_order_in_which_things_arrive_decides_nothing(
    receipts: list[Receipt], lines: list[Line], seed: Any
) -> None:
    expected = sorted((p.line.id, p.receipt.id) for p in decide(receipts, lines).matched)
    shuffled = seed.sample(receipts, len(receipts)), seed.sample(lines, len(lines))
    assert sorted((p.line.id, p.receipt.id) for p in decide(*shuffled).matched) == expected


@given(receipts=RECEIPTS, lines=LINES)
def test_mat_4_refusing_every_match_leaves_none_of_them(receipts: list[Receipt], lines: list[Line]) -> None:
    refused = {(pair.line.id, pair.receipt.id) for pair in decide(receipts, lines).matched}
    assert not refused & {(p.line.id, p.receipt.id) for p in decide(receipts, lines, refused=refused).matched}
