"""A coupon on a plan: shown in the terms, set aside with the OK, promoted at the tap (CP-6, CP-7, A65 to A71)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.calls.promotions import MakePromotion
from bot.core.calls.subscriptions import OpenPlanCheckout
from handlers.billing.coupons.typed import folded
from storage.billing.coupons import codes
from storage.billing.coupons.codes import Terms
from storage.billing.coupons.uses import use
from storage.billing.purchases import purchase
from tests.handlers.billing.plan_world import Shop, open_shop


async def make(shop: Shop, code: str, bps: int = 2000, **terms: Any) -> None:
    """Make a percent code."""
    kept = Terms("percent", starts_at=shop.h.clock.now(), bps=bps, **terms)
    await shop.h.writers.run(lambda work: codes.add(work, code, kept, creator="test"))


async def uses(shop: Shop) -> list[tuple[str, int]]:
    """Return state and discount of every use, oldest first."""
    return [(row.state, row.discount_minor) for row in await shop.rows(sa.select(use).order_by(use.c.id))]


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as opened:
        await make(opened, "SPRING20")
        yield opened


async def linked(shop: Shop, code: str = "SPRING20", offer: str = "Basic, $9.00 a month") -> str:
    """Go as far as our link, with a code told before; return the terms."""
    await shop.say(f"coupon {code}")
    terms = await shop.choose(offer)
    assert "https://parley.example/p/" in (await shop.say("ok"))[0]
    return terms


async def test_cp_6_py_1_the_total_is_shown_and_is_what_stripe_takes(shop: Shop) -> None:
    assert "SPRING20 takes $1.80 off: $7.20 now, then $9.00 a month" in await linked(shop)
    assert await uses(shop) == [("reserved", 180)]
    assert shop.h.calls == [], "nothing is asked of Stripe before the tap"
    session = str(await shop.tap())
    made, opened = shop.h.calls
    assert isinstance(made, MakePromotion)
    assert isinstance(opened, OpenPlanCheckout)
    assert (made.name, made.amount_off_minor, made.currency) == ("SPRING20", 180, "USD")
    assert opened.promotion_code
    assert shop.fake.checkout.find(session)["amount_total"] == 720
    shop.fake.pay(session)
    await shop.deliver()
    assert await uses(shop) == [("redeemed", 180)]
    assert await shop.plan() == "You are on the Basic plan"
    assert await shop.alerts() == []


async def test_cp_6_a_code_told_at_the_terms_shows_them_anew_before_anything_is_bought(shop: Shop) -> None:
    assert "$9.00 a month" in await shop.choose()
    await shop.say("coupon spring 20")
    said = " ".join(await shop.say("ok"))
    if "/p/" not in said:
        assert "$7.20 now" in said
        await shop.say("ok")
    assert await uses(shop) == [("reserved", 180)]


async def test_cp_6_when_stripe_is_down_the_link_stays_good_and_one_coupon_is_made(shop: Shop) -> None:
    await linked(shop)
    shop.stripe.down = True
    assert await shop.tap() is None
    assert await uses(shop) == [("reserved", 180)]
    shop.stripe.down = False
    assert await shop.tap() is not None
    assert [type(call) for call in shop.h.calls] == [MakePromotion, MakePromotion, OpenPlanCheckout]
    assert len(shop.fake.promotions.coupons) == 1


async def test_a68_a_link_that_nobody_taps_gives_the_use_back(shop: Shop) -> None:
    await linked(shop)
    await shop.wait(hours=25)
    assert await uses(shop) == [("released", 180)]
    (row,) = await shop.rows(sa.select(purchase))
    assert row.state == "expired"
    assert "$7.20 now" in await shop.choose(), "the code waits for the next try"


@pytest.mark.parametrize("told", [True, False])
async def test_a68_a_session_that_expires_gives_the_use_back_also_when_its_event_is_lost(
    shop: Shop, told: bool
) -> None:
    await linked(shop)
    await shop.tap()
    if not told:
        shop.news = list  # type: ignore[method-assign]
    await shop.wait(hours=26)
    assert await uses(shop) == [("released", 180)]


async def test_cp_7_a_payment_that_takes_days_keeps_its_use(shop: Shop) -> None:
    await linked(shop)
    session = str(await shop.tap())
    shop.fake.pay(session, "us_bank_account")
    await shop.deliver()
    assert [row.state for row in await shop.rows(sa.select(purchase))] == ["processing"]
    await shop.wait(hours=30)
    assert await uses(shop) == [("reserved", 180)]
    await shop.wait(days=4, minutes=1)
    assert await uses(shop) == [("redeemed", 180)]


async def test_cp_7_a_new_choice_takes_the_use_along(shop: Shop) -> None:
    await linked(shop)
    await shop.tap()
    assert "SPRING20 takes $5.80 off: $23.20 now" in await shop.choose("Pro, $29.00 a month")
    assert "/p/" in (await shop.say("ok"))[0]
    assert await uses(shop) == [("released", 180), ("reserved", 580)]


async def test_a69_a_code_is_once_for_a_person(shop: Shop) -> None:
    await linked(shop)
    shop.fake.pay(str(await shop.tap()))
    await shop.deliver()
    assert await shop.say("coupon SPRING20") == ["This code is already used."]


async def test_a67_the_last_use_goes_to_whoever_said_ok_first(shop: Shop) -> None:
    """What another person took between the terms and the OK shows the terms anew, at the full price."""
    await make(shop, "ONLY", 5000, max_uses=1)
    await shop.say("coupon only")
    assert "ONLY takes $4.50 off" in await shop.choose()

    def take(work: Any) -> None:
        found = codes.find(work, "ONLY", folded("ONLY"))
        assert found is not None
        assert codes.take(work, found.id)

    await shop.h.writers.run(take)
    said = "\n".join(await shop.say("ok"))
    assert "This code is already used." in said
    assert "Basic: $9.00 a month" in said
    assert await uses(shop) == []
    await shop.say("ok")
    assert await uses(shop) == []
    await shop.tap()
    (call,) = shop.h.calls
    assert isinstance(call, OpenPlanCheckout)
    assert call.promotion_code is None


async def test_a65_a66_what_is_said_of_a_code_that_does_not_count_here(shop: Shop) -> None:
    await make(shop, "LETTERS", products=("letter",))
    await shop.say("coupon LETTERS")
    await shop.say("plans")
    said = "\n".join(await shop.say("Basic, $9.00 a month"))
    assert "Basic: $9.00 a month" in said
    assert "not" in said.splitlines()[0]
    assert await uses(shop) == []


async def test_a71_a_code_over_all_of_it_takes_no_money_and_begins_the_plan(shop: Shop) -> None:
    await make(shop, "GIFT", 10_000)
    assert "$0.00 now, then $9.00 a month" in await linked(shop, "GIFT")
    shop.fake.pay(str(await shop.tap()))
    await shop.deliver()
    assert await uses(shop) == [("redeemed", 900)]
    assert await shop.alerts() == []
    assert await shop.plan() == "You are on the Basic plan"


async def test_in_a_trial_no_code_counts_and_it_waits_for_a_payment(tmp_path: Path) -> None:
    async with open_shop(tmp_path, trial=True) as shop:
        await make(shop, "SPRING20")
        assert "free for 14 days" in await linked(shop)
        assert await uses(shop) == []
        assert "Code SPRING20" in (await shop.say("coupon"))[0]
