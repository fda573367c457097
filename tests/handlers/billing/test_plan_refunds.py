"""A plan's charge that somebody gave back at Stripe itself: our rows, BILLING and the figures know it (PY-8, RP-1)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from storage.reports import selling
from storage.reports.during import During
from tests.handlers.billing.plan_world import Shop, open_shop
from tests.handlers.billing.test_plan_disputes import intent_of


async def stays(shop: Shop) -> int:
    """Return the revenue of plans."""
    now = shop.h.clock.now() + timedelta(seconds=1)
    span = During(now - timedelta(days=90), now, now.date(), now.date())
    money = await shop.h.database.read(lambda c: selling.invoices_money(c, span))
    return sum(one.paid_minor - one.refunded_minor for one in money)


@pytest.mark.parametrize("backwards", [False, True])
async def test_a_plans_charge_that_was_refunded_at_stripe_is_known_once_whatever_its_events(
    tmp_path: Path, backwards: bool
) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        assert await stays(shop) == 900
        shop.fake.payments.create_refund({"payment_intent": intent_of(shop)})
        news = shop.news()
        for _ in range(2):
            await shop.deliver(news[::-1] if backwards else news)
            await shop.wait(minutes=1)
        assert "$9.00 refunded DEMO-0001" in (await shop.say("billing"))[0]
        assert await stays(shop) == 0
        assert sum("$9.00 was given back" in one.text for one in shop.me.messages) == 1
        assert await shop.alerts() == ["foreign_refund"]
        assert (await shop.row()).state == "active", "the plan itself is ended by whoever wants that"
        for one in shop.fake.subscriptions.shelf:
            await shop.h.vendor("stripe", "customer.subscription.updated", one)
        assert await stays(shop) == 0, "a later look keeps it so"


async def test_a_part_of_a_plans_charge_that_was_refunded_is_put_before_staff(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        shop.fake.payments.create_refund({"payment_intent": intent_of(shop), "amount": 100})
        await shop.deliver()
        await shop.wait(minutes=1)
        assert await shop.alerts() == ["plan_refunded_in_part"]
        assert await stays(shop) == 900


async def test_a_charge_of_another_shop_in_the_account_changes_nothing(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        thing = {"object": "charge", "id": "ch_9", "payment_intent": "pi_9", "refunded": True, "amount_refunded": 900}
        for intent in ("pi_9", {"id": "pi_9"}, None):
            await shop.h.vendor("stripe", "charge.refunded", thing | {"payment_intent": intent, "livemode": False})
        assert (await shop.alerts(), await stays(shop)) == ([], 900)
