"""Deletion of one's data with a plan that renews, and of whoever is under 13 (ID-12, ID-13)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.core.calls import Refused
from bot.core.calls.stars import EditStarSubscription
from bot.core.calls.subscriptions import EndNow
from bot.core.events import Event
from bot.core.settings import Settings
from storage.audit import audit
from storage.billing.orders import order
from storage.billing.purchases import purchase
from storage.billing.subscriptions import subscription
from storage.billing.suspensions import suspend
from storage.links import link
from storage.people import address, person
from storage.transcript import transcript
from tests.handlers.billing.plan_world import Shop, open_shop
from tests.handlers.billing.stars.kit import Telegram

ALL = Settings(parley_mode="demo")


async def _erased(shop: Shop) -> bool:
    return {row.body for row in await shop.rows(sa.select(transcript.c.body))} == {None}


async def _acts(shop: Shop) -> list[str]:
    rows = await shop.rows(sa.select(audit.c.action).where(audit.c.action.like("privacy.%")).order_by(audit.c.id))
    return [row.action for row in rows]


async def test_id_13_a_plan_that_renews_ends_at_its_vendor_before_its_person_is_gone(tmp_path: Path) -> None:
    async with open_shop(tmp_path, services=ALL) as shop:
        await shop.buy()
        said = "\n".join(await shop.say("delete my data"))
        assert "Your Basic plan ends with it, without money back." in said
        await shop.say("delete")
        await shop.wait(hours=23)
        assert (await shop.row()).state == "active", "there is a day to think better of it"
        end = shop.h.world[EndNow]
        shop.h.world[EndNow] = lambda call, harness: Refused("gave_up")
        told = await shop.wait(hours=2)
        assert not await _erased(shop), "nobody is charged who cannot be reached any more"
        assert [one.text for one in told] == [], "what is tried again is no news"
        shop.h.world[EndNow] = end
        await shop.wait(minutes=31)
        assert [one["status"] for one in shop.fake.subscriptions.shelf] == ["canceled"]
        assert (await shop.row()).state == "ended"
        assert await _erased(shop)
        await shop.wait(days=40)
        assert len(list(shop.fake.invoices.shelf)) == 1


async def test_id_13_a_plan_that_is_set_to_end_or_was_given_keeps_nobody(tmp_path: Path) -> None:
    async with open_shop(tmp_path, services=ALL) as shop:
        await shop.buy()
        await shop.say("cancel plan")
        await shop.say("ok")
        assert "ends with it" not in "\n".join(await shop.say("delete my data"))
        await shop.say("delete")
        await shop.wait(hours=24, minutes=1)
        assert await _erased(shop)
        await shop.wait(days=32)
        assert (await shop.row()).state == "ended"


async def test_id_13_neither_debt_nor_suspension_blocks_a_deletion(tmp_path: Path) -> None:
    async with open_shop(tmp_path, services=ALL) as shop:
        await shop.buy()
        shop.fake.subscriptions.card(shop.customer, "card_declined")
        await shop.wait(days=33)
        assert (await shop.row()).state == "grace"
        me = (await shop.rows(sa.select(person.c.id)))[0].id
        await shop.h.writers.run(lambda work: suspend(work, me, reason="a test of it", actor="ann"))
        await shop.say("delete my data")
        await shop.say("delete")
        await shop.wait(hours=24, minutes=31)
        assert await _erased(shop)
        assert [one["status"] for one in shop.fake.subscriptions.shelf] == ["canceled"]
        assert [row.state for row in await shop.rows(sa.select(subscription.c.state))] == ["ended"]


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_id_12_who_is_under_13_is_refused_and_deleted_after_a_day(channel: str, tmp_path: Path) -> None:
    async with open_shop(tmp_path, channel=channel, services=ALL) as shop:
        await shop.say("12.50 lunch")
        (said,) = await shop.say("I'm 11")
        assert "under 13" in said or "13 or older" in said
        await shop.wait(hours=20)
        for words in ("keep my data", "hello", "I'm 12"):
            (said,) = await shop.say(words)
            assert "under 13" in said or "13 or older" in said, words
        assert not await _erased(shop)
        await shop.wait(hours=4, minutes=1)
        assert await _erased(shop), "what they say meanwhile puts nothing off"
        assert await _acts(shop) == ["privacy.delete.child", "privacy.delete.done"]
        await shop.say("hello")
        assert len(await shop.rows(sa.select(person.c.id))) == 2, "whoever writes now is new"
        assert len(await shop.rows(sa.select(address.c.id))) == 2


async def test_id_12_an_age_that_was_corrected_in_time_keeps_everything(tmp_path: Path) -> None:
    async with open_shop(tmp_path, services=ALL) as shop:
        await shop.say("I'm 12")
        await shop.say("I'm 21")
        await shop.wait(hours=25)
        assert not await _erased(shop)
        assert await _acts(shop) == ["privacy.delete.child", "privacy.delete.kept"]
        await shop.say("I'm 12")
        await shop.wait(hours=25)
        assert await _erased(shop), "said once more it counts once more"


async def _stars(shop: Shop, telegram: Telegram, charge_id: str) -> None:
    """Let Telegram tell of a charge of the newest invoice, for thirty days."""
    call, me = telegram.invoices[-1], shop.me.handle
    told = {
        "charge_id": charge_id, "currency": "XTR", "amount_minor": call.stars, "payload": call.payload, "handle": me,
        "expires": int((shop.h.clock.now() + timedelta(days=30)).timestamp()), "user_id": int(me.rpartition(":")[2]),
    }  # fmt: skip
    await shop.h.happen(Event("stars", charge_id, "paid", told))


async def test_id_13_ts_4_a_plan_for_stars_stops_renewing_before_its_person_is_gone(tmp_path: Path) -> None:
    """Telegram charges on until it is told with the first charge, and after the deletion nobody could tell it."""
    async with open_shop(tmp_path, channel="telegram", services=ALL) as shop:
        telegram = Telegram()
        shop.h.world |= telegram.world()
        await shop.say("plans")
        await shop.me.tap("Basic")
        await _stars(shop, telegram, "stx1")
        await shop.wait(days=29)
        await _stars(shop, telegram, "stx2")
        said = "\n".join(await shop.say("delete my data"))
        assert "Your Basic plan ends with it, without money back." in said
        await shop.say("delete")
        edit = shop.h.world[EditStarSubscription]
        shop.h.world[EditStarSubscription] = lambda call, harness: Refused("gave_up")
        await shop.wait(hours=25)
        assert not await _erased(shop), "nobody is charged who cannot be reached any more"
        shop.h.world[EditStarSubscription] = edit
        await shop.wait(hours=1)
        user = int(shop.me.handle.rpartition(":")[2])
        assert {(one.user_id, one.charge_id, one.is_canceled) for one in telegram.edits} == {(user, "stx1", True)}
        assert await _erased(shop)
        assert (await shop.row()).state == "ended"
        assert telegram.refunds == []
        assert (await shop.log())[-1] == "canceled"
        edits, said_then = len(telegram.edits), len(shop.me.messages)
        await shop.wait(days=40)
        assert (len(telegram.edits), telegram.refunds) == (edits, [])
        assert [one.text for one in shop.me.messages[said_then:]] == []
        assert "You are on the Free plan" in await shop.plan()


@pytest.mark.parametrize("writes", [False, True], ids=["silent", "came back"])
async def test_ts_4_a_charge_that_telegram_takes_after_a_deletion_goes_back_once_and_gives_nothing(
    tmp_path: Path, writes: bool
) -> None:
    """Telegram had confirmed the end of the renewal and charged all the same."""
    async with open_shop(tmp_path, channel="telegram", services=ALL) as shop:
        telegram = Telegram()
        shop.h.world |= telegram.world()
        await shop.say("plans")
        await shop.me.tap("Basic")
        await _stars(shop, telegram, "stx1")
        await shop.say("delete my data")
        await shop.say("delete")
        await shop.wait(hours=26)
        assert await _erased(shop)
        if writes:
            await shop.say("hello")
        telegram.edits.clear()
        for name in ("stx2", "stx2", "stx3"):
            await _stars(shop, telegram, name)
        user = int(shop.me.handle.rpartition(":")[2])
        assert [(one.user_id, one.charge_id) for one in telegram.refunds] == [(user, "stx2"), (user, "stx3")]
        assert {(one.user_id, one.charge_id, one.is_canceled) for one in telegram.edits} == {(user, "stx1", True)}
        assert [row.state for row in await shop.rows(sa.select(subscription.c.state))] == ["ended"]
        assert "stars_after_deletion" in await shop.alerts()
        assert await shop.plan() == "You are on the Free plan"


async def test_id_13_what_could_still_be_paid_is_closed_when_its_person_is_gone(tmp_path: Path) -> None:
    async with open_shop(tmp_path, services=ALL) as shop:
        await shop.say("delete my data")
        await shop.say("delete")
        await shop.wait(hours=23)
        await shop.say("pack 1")
        await shop.choose()
        await shop.say("ok")
        session = await shop.tap()
        await shop.wait(hours=1, minutes=16)
        assert await _erased(shop)
        assert [row.state for row in await shop.rows(sa.select(purchase.c.state))] == ["expired"]
        assert [row.state for row in await shop.rows(sa.select(order.c.state))] == ["expired"]
        assert session is not None
        assert shop.fake.checkout.retrieve({}, session)["status"] == "expired"
        await shop.tap()
        assert [row.state for row in await shop.rows(sa.select(subscription.c.state))] == []
        live = sa.select(link.c.hash).where(link.c.kind == "p", link.c.revoked_at.is_(None))
        assert await shop.rows(live) == []


async def test_id_13_a_payment_on_its_way_is_waited_for_and_its_plan_ended_first(tmp_path: Path) -> None:
    async with open_shop(tmp_path, services=ALL) as shop:
        await shop.choose("Basic, $90.00 a year")
        await shop.say("ok")
        session = await shop.tap()
        assert session is not None
        shop.fake.pay(session, "us_bank_account")
        await shop.deliver()
        await shop.say("delete my data")
        await shop.say("delete")
        await shop.wait(hours=24, minutes=1)
        assert not await _erased(shop)
        shop.fake.settle(session)
        await shop.deliver()
        await shop.wait(days=2)
        assert await _erased(shop)
        assert [one["status"] for one in shop.fake.subscriptions.shelf] == ["canceled"]


async def test_or_4_five_pay_links_an_hour_whatever_they_are_for(tmp_path: Path) -> None:
    async with open_shop(tmp_path, services=ALL) as shop:
        for _ in range(3):
            assert "/p/" in "\n".join(await shop.say("pack 1"))
        for _ in range(2):
            await shop.choose()
            assert "/p/" in "\n".join(await shop.say("ok"))
        assert "/p/" not in "\n".join(await shop.say("pack 2"))
        await shop.wait(hours=1, minutes=1)
        assert "/p/" in "\n".join(await shop.say("pack 2"))
