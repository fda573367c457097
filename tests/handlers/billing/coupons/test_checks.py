"""The checks in their order: whatever else is wrong too, the first failure answers (CP-2, CP-3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest

from handlers.billing.coupons.checks import NEUTRAL, SPOKEN, Asker, Failure, Purchase, failure
from storage.billing.coupons.codes import Coupon, Terms

NOW = datetime(2026, 3, 18, tzinfo=UTC)
DAY = timedelta(days=1)
GOOD = Coupon(1, "SPRING20", Terms("percent", NOW - DAY, bps=2000))
ANN = Asker(7, "sms", 0, has_bought=True)
LETTER = Purchase("letter.certified", "", 1995, "USD")

WRONG: dict[Failure, Callable[[Coupon], Coupon]] = {
    Failure.OFF: lambda one: replace(one, status="off"),
    Failure.NOT_STARTED: lambda one: replace(one, terms=replace(one.terms, starts_at=NOW + DAY)),
    Failure.ENDED: lambda one: replace(one, terms=replace(one.terms, ends_at=NOW)),
    Failure.SCOPE: lambda one: replace(one, terms=replace(one.terms, products=("pack",))),
    Failure.CURRENCY: lambda one: replace(one, terms=replace(one.terms, currency="EUR")),
    Failure.ASSIGNED: lambda one: replace(one, assigned_to=8),
    Failure.FIRST_PURCHASE: lambda one: replace(one, terms=replace(one.terms, first_purchase=True)),
    Failure.MINIMUM: lambda one: replace(one, terms=replace(one.terms, least_price_minor=1996)),
    Failure.PER_PERSON: lambda one: replace(one, terms=replace(one.terms, max_per_person=0)),
    Failure.USED_UP: lambda one: replace(one, terms=replace(one.terms, max_uses=3), taken=3),
}


def test_cp_2_a_good_code_counts_and_an_unknown_one_does_not() -> None:
    assert failure(GOOD, ANN, LETTER, NOW) is None
    assert failure(None, ANN, LETTER, NOW) is Failure.UNKNOWN


@pytest.mark.parametrize(("first", "second"), list(combinations(WRONG, 2)))
def test_cp_2_of_two_failures_the_earlier_answers(first: Failure, second: Failure) -> None:
    if {first, second} == {Failure.NOT_STARTED, Failure.ENDED}:
        return
    assert failure(WRONG[first](WRONG[second](GOOD)), ANN, LETTER, NOW) is first
    assert failure(WRONG[second](GOOD), ANN, LETTER, NOW) is second


@pytest.mark.parametrize(
    ("products", "plans", "what", "counts"),
    [
        (("letter",), (), LETTER, True),
        (("letter.standard",), (), LETTER, False),
        ((), ("pro",), replace(LETTER, product="plan.pro", plan="pro"), True),
        ((), ("pro",), replace(LETTER, product="plan.basic", plan="basic"), False),
        (("pack",), ("pro",), LETTER, False),
    ],
)
def test_cp_2_scope(products: tuple[str, ...], plans: tuple[str, ...], what: Purchase, counts: bool) -> None:
    of = replace(GOOD, terms=replace(GOOD.terms, products=products, plans=plans))
    assert (failure(of, ANN, what, NOW) is None) is counts
    assert failure(of, ANN, None, NOW) is None, "without a purchase only what holds for any is asked"


def test_cp_2_channels_count_without_a_purchase_too() -> None:
    on_telegram = replace(GOOD, terms=replace(GOOD.terms, channels=("telegram",)))
    assert failure(on_telegram, ANN, None, NOW) is Failure.SCOPE


def test_a66_cp_3_what_would_tell_of_other_codes_is_said_in_one_neutral_text() -> None:
    neutral = {Failure.UNKNOWN, Failure.OFF, Failure.NOT_STARTED, Failure.ASSIGNED}
    assert {SPOKEN.get(one, NEUTRAL) for one in neutral} == {NEUTRAL}
    assert {one for one in Failure if SPOKEN.get(one, NEUTRAL) == NEUTRAL} == {
        *neutral, Failure.CURRENCY, Failure.FIRST_PURCHASE,
    }  # fmt: skip
