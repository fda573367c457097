"""A plan's charge that somebody gave back at Stripe itself: our rows, BILLING and the figures know it (PY-8, RP-1)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from storage.reports import paying, selling
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


async def refunds(shop: Shop) -> tuple[int, int]:
    """Return how many refunds the figures of payments count, and what went back."""
    now = shop.h.clock.now() + timedelta(seconds=1)
    span = During(now - timedelta(days=90), now, now.date(), now.date())
    rows = await shop.h.database.read(lambda c: paying.asked(c, span))
    return sum(one.refunds for one in rows), sum(one.refunded_minor for one in rows)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
async def test_parts_of_a_plans_charge_that_were_refunded_at_stripe_are_known_whatever_their_order(
    tmp_path: Path, order: tuple[int, int]
) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        intent = intent_of(shop)
        for amount in (100, 250):
            shop.fake.payments.create_refund({"payment_intent": intent, "amount": amount})
        told = [one for one in shop.news() if one["type"] == "charge.refunded"]
        for _ in range(2):
            for number in order:
                charge = {**told[number]["data"]["object"], "amount_refunded": (100, 350)[number]}
                await shop.deliver([{**told[number], "data": {"object": charge}}])
                await shop.wait(minutes=1)
        assert "$9.00 partly refunded DEMO-0001" in (await shop.say("billing"))[0]
        assert (await stays(shop), await refunds(shop)) == (550, (1, 350))
        assert set(await shop.alerts()) == {"plan_refunded_in_part"}
        said = [one.text for one in shop.me.messages if "was given back" in one.text]
        assert [text.partition(" was")[0].rpartition(" ")[2] for text in said] == (
            ["$1.00", "$2.50"] if order == (0, 1) else ["$3.50"]
        )
        await shop.h.vendor("stripe", "customer.subscription.updated", next(iter(shop.fake.subscriptions.shelf)))
        assert (await stays(shop), await refunds(shop)) == (550, (1, 350)), "a later look keeps it so"
        shop.fake.payments.create_refund({"payment_intent": intent})
        await shop.deliver()
        await shop.wait(minutes=1)
        assert (await stays(shop), await refunds(shop)) == (0, (1, 900))
        assert "$9.00 refunded DEMO-0001" in (await shop.say("billing"))[0]
        assert "$5.50 was given back" in "".join(one.text for one in shop.me.messages)


@pytest.mark.parametrize("amount", [{"amount": 100}, {}], ids=["in part", "whole"])
async def test_a_refund_that_is_known_before_its_plan_is_recorded_with_it(
    tmp_path: Path, amount: dict[str, int]
) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.choose()
        await shop.say("ok")
        shop.fake.pay(str(await shop.tap()))
        shop.fake.payments.create_refund({"payment_intent": intent_of(shop), **amount})
        (told,) = [one for one in shop.news() if one["type"] == "charge.refunded"]
        await shop.deliver([told])
        await shop.wait(minutes=5)
        assert (await stays(shop), await refunds(shop)) == ((800, (1, 100)) if amount else (0, (1, 900)))


async def test_a_charge_of_another_shop_in_the_account_changes_nothing(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        thing = {"object": "charge", "id": "ch_9", "payment_intent": "pi_9", "refunded": True, "amount_refunded": 900}
        for intent in ("pi_9", {"id": "pi_9"}, None):
            await shop.h.vendor("stripe", "charge.refunded", thing | {"payment_intent": intent, "livemode": False})
        assert (await shop.alerts(), await stays(shop)) == ([], 900)
