"""A plan that Stripe will cancel at an instant, as its portal and newer billing mode set it (SB-9, SB-14, SB-17)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.billing import subscriptions
from tests.handlers.billing.plan_world import Shop, open_shop
from tests.handlers.billing.test_plan_changes import staff, who
from tests.handlers.billing.test_plan_disputes import intent_of

SOON, LATER = datetime(2026, 3, 20, 12, tzinfo=UTC), datetime(2026, 4, 20, 12, tzinfo=UTC)
"""Within the first period, which ends on 2 April, and within the second one."""


async def set_at(shop: Shop, at: datetime | None) -> None:
    """Let Stripe's portal set an instant, and its event arrive twice."""
    wanted = "" if at is None else int(at.timestamp())
    shop.fake.subscriptions.update({"cancel_at": wanted}, (await shop.row()).gateway_ref)
    news = shop.news()
    await shop.deliver(news)
    await shop.deliver(news)


def told(shop: Shop, text: str) -> int:
    return sum(text in one.text for one in shop.me.messages)


@pytest.mark.parametrize(("at", "day"), [(SOON, "20 Mar"), (LATER, "20 Apr")])
async def test_a_plan_that_ends_at_an_instant_is_told_once_and_runs_until_then(
    tmp_path: Path, at: datetime, day: str
) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        await set_at(shop, at)
        assert told(shop, f"Confirmed: Basic ends {day}") == 1
        assert await shop.log() == ["created", "cancel_scheduled"]
        assert f"Basic ends {day}" in (await shop.say("cancel plan"))[0]
        await shop.wait(seconds=(at - shop.h.clock.now()).total_seconds() - 60)
        assert await shop.plan() == "You are on the Basic plan"
        shop.stripe.down = True
        await shop.hold(at - shop.h.clock.now())
        assert await shop.plan() == "You are on the Free plan", "also while nothing can be looked at"
        shop.stripe.down = False
        await shop.wait(hours=2)
        assert (await shop.row()).state == "ended"
        assert told(shop, f"Confirmed: Basic ends {day}") == 2, "once by itself, once when asked"


@pytest.mark.parametrize("by", ["the person", "stripe"])
async def test_keep_plan_takes_an_instant_back_and_so_does_stripe(tmp_path: Path, by: str) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        await set_at(shop, SOON)
        if by == "stripe":
            await set_at(shop, None)
        else:
            await shop.say("keep plan")
            await shop.deliver()
        (at_stripe,) = shop.fake.subscriptions.shelf
        assert at_stripe["cancel_at"] is None
        assert await shop.log() == ["created", "cancel_scheduled", "cancel_undone"]
        assert told(shop, "Basic goes on") == 1
        await shop.wait(days=40)
        assert (await shop.row()).state == "active"


async def test_another_instant_is_told_and_the_same_day_by_another_name_is_not(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        await set_at(shop, SOON)
        await set_at(shop, LATER)
        assert (told(shop, "ends 20 Mar"), told(shop, "ends 20 Apr")) == (1, 1)
        period_end = (await shop.row()).period_end
        await set_at(shop, period_end)
        shop.fake.subscriptions.update({"cancel_at_period_end": True}, (await shop.row()).gateway_ref)
        await shop.deliver()
        assert told(shop, "ends 2 Apr") == 1


async def test_id_13_what_renews_once_more_before_its_instant_still_charges(tmp_path: Path) -> None:
    """Whoever has their data deleted leaves such a plan at once; one that ends with its period is left alone."""
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        me = await who(shop)
        for at, charges in ((SOON, 0), (LATER, 1)):
            await set_at(shop, at)
            assert len(await shop.h.writers.run(lambda work: subscriptions.renewing_of(work, me))) == charges


async def test_py_9_a_dispute_holds_back_what_would_renew_before_its_instant(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        await set_at(shop, LATER)
        shop.fake.dispute(intent_of(shop))
        await shop.wait(days=40)
        assert (await shop.row()).state == "ended"
        assert len([one for one in shop.fake.invoices.shelf if one["status"] == "paid"]) == 1


async def test_staff_are_shown_the_instant(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        await set_at(shop, LATER)
        assert "until 2026-04-20 (ends then)" in await staff(shop, "sub show", str(await who(shop)))


@pytest.mark.parametrize("state", ["trial", "grace"])
async def test_an_instant_ends_a_trial_and_a_grace_too(tmp_path: Path, state: str) -> None:
    async with open_shop(tmp_path, trial=state == "trial") as shop:
        await shop.buy()
        at = SOON.replace(day=7)
        if state == "grace":
            shop.fake.subscriptions.card(shop.customer, "card_declined")
            await shop.wait(days=32)
            at = SOON.replace(month=4, day=7)
        await set_at(shop, at)
        assert (await shop.row()).state == state
        assert await shop.plan() != "You are on the Free plan"
        shop.stripe.down = True
        await shop.hold(at - shop.h.clock.now())
        assert await shop.plan() == "You are on the Free plan"
