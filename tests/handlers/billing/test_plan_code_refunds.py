"""A code on a plan is free again when all that was paid with it went back within a day, whichever way (CP-8)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.handlers.billing.plan_world import Shop, open_shop
from tests.handlers.billing.test_plan_changes import staff, who
from tests.handlers.billing.test_plan_codes import linked, make, uses
from tests.handlers.billing.test_plan_disputes import intent_of


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as opened:
        await make(opened, "SPRING20")
        await linked(opened)
        opened.fake.pay(str(await opened.tap()))
        yield opened


async def give_back(shop: Shop, **amount: int) -> None:
    """Let staff give money back at Stripe, and what follows happen."""
    shop.fake.payments.create_refund({"payment_intent": intent_of(shop), **amount})
    await shop.deliver()
    await shop.wait(minutes=1)


@pytest.mark.parametrize("ended", ["by nobody", "by the person", "by staff"])
async def test_cp_8_a_full_refund_of_a_plan_within_a_day_gives_the_use_back(shop: Shop, ended: str) -> None:
    await shop.deliver()
    assert await uses(shop) == [("redeemed", 180)]
    if ended == "by the person":
        await shop.say("cancel plan")
        await shop.say("now")
    elif ended == "by staff":
        await staff(shop, "sub cancel", f"{await who(shop)} now")
    await give_back(shop)
    assert await uses(shop) == [("released", 180)]
    assert "already used" not in (await shop.say("coupon spring20"))[0]


async def test_cp_8_a_refund_that_is_known_before_the_payment_gives_the_use_back_too(shop: Shop) -> None:
    shop.fake.payments.create_refund({"payment_intent": intent_of(shop)})
    await shop.deliver(shop.news()[::-1])
    await shop.deliver()
    await shop.wait(minutes=10)
    assert await uses(shop) == [("released", 180)]
    assert "$7.20 refunded" in (await shop.say("billing"))[0]


@pytest.mark.parametrize(("days", "amount"), [(0, {"amount": 719}), (2, {})], ids=["in part", "later"])
async def test_cp_8_a_partial_or_a_late_refund_of_a_plan_keeps_the_use(
    shop: Shop, days: int, amount: dict[str, int]
) -> None:
    await shop.deliver()
    await shop.wait(days=days)
    await give_back(shop, **amount)
    assert await uses(shop) == [("redeemed", 180)]


async def test_cp_8_the_money_of_a_later_invoice_keeps_the_use_of_the_first(shop: Shop) -> None:
    """An upgrade within the day has an invoice of its own, which no code paid."""
    await shop.deliver()
    await staff(shop, "sub change", f"{await who(shop)} pro month")
    await give_back(shop)
    assert "refunded" in (await shop.say("billing"))[0]
    assert await uses(shop) == [("redeemed", 180)]


def copied(shop: Shop, session: str) -> str:
    """Return another session of the same purchase, which Stripe still holds open."""
    shop.fake.checkout.shelf.put("cs_copy", {**shop.fake.checkout.find(session), "id": "cs_copy"})
    return "cs_copy"


async def test_cp_8_a_second_plan_that_goes_back_gives_its_use_back(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.choose()
        await shop.say("ok")
        first = copied(shop, str(await shop.tap()))
        await make(shop, "SPRING20")
        await linked(shop)
        shop.fake.pay(first)
        shop.fake.pay(str(await shop.tap()))
        await shop.deliver()
        assert "second_subscription" in await shop.alerts()
        assert await uses(shop) == [("released", 180)]


async def test_cp_8_what_was_paid_twice_for_one_purchase_keeps_its_use(tmp_path: Path) -> None:
    """Of two payments of one purchase one goes back; the plan that the other began has its discount."""
    async with open_shop(tmp_path) as shop:
        await make(shop, "SPRING20")
        await linked(shop)
        first = str(await shop.tap())
        shop.fake.pay(copied(shop, first))
        shop.fake.pay(first)
        await shop.deliver()
        assert await shop.alerts() == ["second_subscription"]
        assert await uses(shop) == [("redeemed", 180)]
