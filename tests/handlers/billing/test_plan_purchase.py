"""Buying a plan: terms, consent, link, tap, session; nothing before Stripe's own word (SB-1 to SB-6, A39 to A47)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.calls import Refused
from bot.core.calls.stripe import RefundPayment
from bot.core.calls.subscriptions import EndNow
from bot.core.settings import Settings
from storage import addresses
from storage.billing import privacy, subscriptions
from storage.billing.orders import order
from storage.billing.purchases import purchase
from storage.erasure import erase
from storage.links import link
from storage.people import address, person
from tests.handlers.billing.plan_world import Shop, open_shop


async def test_sb_2_the_terms_stand_before_the_consent_and_the_consent_before_the_link(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        terms = await shop.choose()
        for said in ("Basic", "$9.00 a month", "no tax", "renews every month", "CANCEL PLAN", "OK"):
            assert said in terms
        assert await shop.rows(sa.select(purchase)) == []
        (said,) = await shop.say("ok")
        assert "https://parley.example/p/" in said
        (row,) = await shop.rows(sa.select(purchase))
        assert (row.wording, row.amount_minor, row.state) == ("plan-1", 900, "created")
        assert row.source.startswith("inbox:")
        assert shop.h.calls == [], "nothing is asked of Stripe before the tap"


async def test_sb_6_a_tap_makes_one_session_with_our_ids_only(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.choose()
        await shop.say("ok")
        first = await shop.tap()
        assert await shop.tap() == first
        (call,) = shop.h.calls
        assert call.metadata == {"purchase_id": call.reference.partition(":")[0]}
        assert "+1415" not in str(call)


async def test_a39_ten_copies_of_each_event_give_one_plan_and_one_message(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.choose()
        await shop.say("ok")
        shop.fake.pay(str(await shop.tap()))
        for _ in range(10):
            shop._told = 0
            await shop.deliver(shop.news())
        assert await shop.log() == ["created"]
        assert sum("You are on Basic now" in m.text for m in shop.me.messages) == 1
        assert await shop.plan() == "You are on the Basic plan"


async def test_a43_unpaid_is_nothing_and_the_later_money_a_plan_once(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy(method="us_bank_account")
        assert (await shop.row()).state == "pending"
        assert await shop.plan() == "You are on the Free plan"
        await shop.wait(days=4, minutes=1)
        assert (await shop.row()).state == "active"
        assert await shop.log() == ["created"]


async def test_a45_sb_3_neither_the_way_back_from_the_checkout_nor_words_give_a_plan(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.choose()
        await shop.say("ok")
        shop.fake.pay(str(await shop.tap()))
        await shop.tap()
        for words in ("I paid", "ok", "done", "activate basic"):
            await shop.say(words)
        assert await shop.row() is None
        assert await shop.plan() == "You are on the Free plan"
        await shop.deliver()
        assert (await shop.row()).state == "active", "Stripe's own word does"


@pytest.mark.parametrize("said", ["I'm 15", "I'm 11"])
async def test_id_12_whoever_says_to_be_a_minor_is_sold_nothing_and_what_waits_is_closed(
    said: str, tmp_path: Path
) -> None:
    """A plan that waits with its session, and a pack."""
    async with open_shop(tmp_path, services=Settings(parley_mode="demo")) as shop:
        await shop.choose()
        await shop.say("ok")
        session = await shop.tap()
        await shop.say("buy receipts")
        await shop.say(said)
        bought, ordered = await shop.rows(sa.select(purchase.c.state)), await shop.rows(sa.select(order.c.state))
        assert ([row.state for row in bought], [row.state for row in ordered]) == (["expired"], ["expired"])
        assert shop.fake.checkout.shelf[str(session)]["status"] == "expired"
        for words in ("plans", "Basic, $9.00 a month", "ok", "buy receipts"):
            await shop.say(words)
        assert len(await shop.rows(sa.select(purchase.c.id))) == len(await shop.rows(sa.select(order.c.id))) == 1


async def test_a46_a_second_plan_is_refused_before_any_checkout(tmp_path: Path) -> None:
    """Also at a link whose plan was given by somebody else between the OK and the tap."""
    async with open_shop(tmp_path) as shop:
        await shop.choose()
        await shop.say("ok")

        def give(work: Any) -> None:
            me = work.rows(sa.select(person.c.id))[0].id
            ends = shop.h.clock.now() + timedelta(days=9)
            subscriptions.add(work, me, plan="pro", version=1, state="active", gateway="comp", period_end=ends)

        await shop.h.writers.run(give)
        assert await shop.tap() is None
        assert "is a gift until" in (await shop.say("subscribe"))[0]
        assert len(shop.fake.checkout.shelf) == 0


async def test_a46_with_a_plan_of_stripe_only_a_change_of_it_is_offered(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        assert "You have Basic" in (await shop.say("subscribe"))[0]
        await shop.say("Pro, $29.00 a month")
        assert len(shop.fake.checkout.shelf) == 1


async def bought_twice(shop: Shop) -> None:
    """Pay two pages of one purchase, as a person does who had both open."""
    await shop.choose()
    await shop.say("ok")
    first = await shop.tap()
    stolen = shop.fake.checkout.find(str(first))
    shop.fake.checkout.shelf.put("cs_copy", {**stolen, "id": "cs_copy"})
    shop.fake.pay(str(first))
    shop.fake.pay("cs_copy")


def money(shop: Shop) -> list[tuple[int, str]]:
    """Return what the fake's book says went back, with its reason."""
    return [(one["amount"], one["reason"]) for one in shop.fake.payments.refunds]


async def test_sb_1_py_3_a_second_plan_that_was_paid_all_the_same_is_ended_and_its_money_given_back(
    tmp_path: Path,
) -> None:
    async with open_shop(tmp_path) as shop:
        await bought_twice(shop)
        events = shop.news()
        await shop.deliver(events)
        await shop.deliver()
        states = sorted(one["status"] for one in shop.fake.subscriptions.shelf)
        assert states == ["active", "canceled"]
        assert money(shop) == [(900, "duplicate")]
        (back,) = shop.fake.payments.refunds
        ended = next(one for one in shop.fake.subscriptions.shelf if one["status"] == "canceled")
        (of,) = [one for one in shop.fake.invoices.payments if one["invoice"] == ended["latest_invoice"]]
        assert back["payment_intent"] == of["payment"]["payment_intent"], "that of the second one"
        assert await shop.alerts() == ["second_subscription"]
        assert (await shop.plan()) == "You are on the Basic plan"
        told = [message.text for message in shop.me.messages]
        assert sum("A second plan was bought" in text for text in told) == 1
        assert sum("$9.00 of the second plan is on its way back" in text for text in told) == 1
        shown = " ".join(await shop.say("billing"))
        assert (shown.count("$9.00 paid"), shown.count("$9.00 refunded")) == (1, 1)
        await shop.deliver(events)
        for one in shop.fake.subscriptions.shelf:
            await shop.h.vendor("stripe", "customer.subscription.updated", one)
        assert (len(money(shop)), await shop.alerts()) == (1, ["second_subscription"])
        assert "$9.00 refunded" in " ".join(await shop.say("billing")), "a later look keeps it so"


async def test_sb_1_a_second_plan_that_several_looks_see_alive_is_ended_and_refunded_once(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        end = shop.h.world[EndNow]
        shop.h.world[EndNow] = lambda call, harness: Refused("gave_up")
        await bought_twice(shop)
        await shop.deliver()
        for one in [one for one in shop.fake.subscriptions.shelf if one["status"] == "active"]:
            await shop.h.vendor("stripe", "customer.subscription.updated", one)
        assert [one["status"] for one in shop.fake.subscriptions.shelf] == ["active", "active"]
        assert await shop.alerts() == ["second_subscription", "second_plan_not_ended"]
        shop.h.world[EndNow] = end
        for one in list(shop.fake.subscriptions.shelf):
            await shop.h.vendor("stripe", "customer.subscription.updated", one)
        await shop.deliver()
        assert sorted(one["status"] for one in shop.fake.subscriptions.shelf) == ["active", "canceled"]
        assert money(shop) == [(900, "duplicate")]


async def test_sb_1_py_3_a_second_plan_that_renewed_unseen_gives_every_month_back(tmp_path: Path) -> None:
    """Both were paid while we were down for two months; whichever we hear of first is the plan that stays."""
    async with open_shop(tmp_path) as shop:
        await bought_twice(shop)
        for _ in range(2):
            shop.h.clock.advance(timedelta(days=32))
            shop.fake.expire_due()
        await shop.deliver()
        await shop.deliver()
        (ended,) = [one for one in shop.fake.subscriptions.shelf if one["status"] == "canceled"]
        invoices = [one["id"] for one in shop.fake.invoices.shelf if shop.fake.invoices.of(one) == ended["id"]]
        intents = {
            one["payment"]["payment_intent"] for one in shop.fake.invoices.payments if one["invoice"] in invoices
        }
        assert len(invoices) == len(intents) == 3
        assert {one["payment_intent"] for one in shop.fake.payments.refunds} == intents
        assert money(shop) == [(900, "duplicate")] * 3
        assert await shop.alerts() == ["second_subscription"]


async def test_sb_1_py_3_what_was_paid_for_a_plan_before_the_other_began_stays(tmp_path: Path) -> None:
    """A plan stops for want of money, another is bought, then the old bill is paid: that alone goes back."""
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        (old,) = list(shop.fake.subscriptions.shelf)
        stopped = {**old, "status": "unpaid"}
        shop.fake.subscriptions.shelf.put(old["id"], stopped)
        await shop.h.vendor("stripe", "customer.subscription.updated", stopped)
        assert (await shop.row()).state == "suspended"
        await shop.wait(days=3)
        await shop.buy()
        assert await shop.plan() == "You are on the Basic plan"
        await shop.wait(days=1)
        shop.fake.subscriptions.shelf.put(old["id"], {**shop.fake.subscriptions.shelf[old["id"]], "status": "active"})
        lines = shop.fake.invoices.price_lines(old["items"]["data"][0]["price"], 0, 1)
        late = shop.fake.invoices.bill(old, lines, "subscription_cycle")
        shop.fake.subscriptions.shelf.put(
            old["id"], {**shop.fake.subscriptions.shelf[old["id"]], "latest_invoice": late["id"]}
        )
        await shop.deliver()
        (paid,) = [one for one in shop.fake.invoices.payments if one["invoice"] == late["id"]]
        assert [one["payment_intent"] for one in shop.fake.payments.refunds] == [paid["payment"]["payment_intent"]]
        assert (await shop.alerts())[0] == "second_subscription"


async def test_py_3_a_refund_of_a_second_plan_that_fails_is_put_before_staff(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await bought_twice(shop)
        await shop.deliver()
        (back,) = shop.fake.payments.refunds
        shop.fake.payments.set_refund(back["id"], "failed")
        await shop.deliver()
        assert await shop.alerts() == ["second_subscription", "second_plan_not_refunded"]
    (tmp_path / "b").mkdir()
    async with open_shop(tmp_path / "b") as shop:
        shop.h.world[RefundPayment] = lambda call, harness: Refused("charge_disputed")
        await bought_twice(shop)
        await shop.deliver()
        assert await shop.alerts() == ["second_subscription", "second_plan_not_refunded"]
        assert "on its way back" not in "".join(message.text for message in shop.me.messages)


async def test_py_8_billing_lists_the_invoices_of_plans_and_sends_their_page(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        heard: list[str] = []
        shop.h.registry.listeners.append(lambda turn, what, ids: heard.append(what))
        await shop.buy()
        assert heard == ["subscription.changed"]
        await shop.wait(days=31)
        newest, first, *_ = (await shop.say("billing"))[0].splitlines()
        assert (newest, first) == (
            "2 Apr Basic plan $9.00 paid DEMO-0002", "2 Mar Basic plan $9.00 paid DEMO-0001",
        )  # fmt: skip
        (page,) = await shop.say("invoice demo-0001")
        assert "Your invoice DEMO-0001" in page
        assert "/i/in_" in page
        stranger = shop.h.phone("sms", "+14155550199")
        assert "I know no document" in (await stranger.say("invoice DEMO-0001"))[0].text


async def test_a47_a_trial_is_once_for_a_number_also_after_deletion(tmp_path: Path) -> None:
    async with open_shop(tmp_path, trial=True) as shop:
        assert "free for 14 days" in await shop.choose()
        await shop.say("ok")
        shop.fake.pay(str(await shop.tap()), "none")
        await shop.deliver()
        assert await shop.plan() == "You try the Basic plan until 16 Mar"
        await shop.wait(days=15)

        def forget(work: Any) -> None:
            erase(work, work.rows(sa.select(person.c.id))[0].id)

        await shop.h.writers.run(forget)
        assert "free for" not in await shop.choose(), "a new person with the same number"


async def test_a_customer_that_is_gone_at_stripe_keeps_nobody_from_buying_again(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        shop.fake.subscriptions.cancel({}, (await shop.row()).gateway_ref)
        shop.fake.payments.customers.drop(shop.customer)
        await shop.deliver()
        await shop.choose()
        await shop.say("ok")
        assert await shop.tap() is None
        session = await shop.tap()
        assert session is not None, "the second tap asks for a new customer"
        shop.fake.pay(session)
        await shop.deliver()
        assert await shop.plan() == "You are on the Basic plan"
        assert await shop.alerts() == []


@pytest.mark.parametrize("way", ["deletion", "unlinking"])
async def test_sb_12_a_trial_is_spent_for_every_address_that_its_person_had_also_for_one_that_came_later(
    tmp_path: Path, way: str
) -> None:
    async with open_shop(tmp_path, trial=True) as shop:
        await shop.choose()
        await shop.say("ok")
        shop.fake.pay(str(await shop.tap()), "none")
        await shop.deliver()
        await shop.wait(days=15)
        other = shop.h.phone("sms", "+14155550155")
        await other.say("hello")

        def move(work: Any) -> None:
            first, second = work.rows(sa.select(person.c.id).order_by(person.c.id))
            theirs = address.c.person_id == second.id
            work.claim(address.update().where(theirs).values(person_id=first.id))
            if way == "deletion":
                privacy.erase(work, first.id)
                erase(work, first.id)
            else:
                mine = work.rows(sa.select(address.c.id).where(address.c.person_id == first.id).order_by(address.c.id))
                addresses.cut_off(work, mine[-1].id)

        await shop.h.writers.run(move)
        shop.me = other
        assert "free for" not in await shop.choose(), "a new person with the number that was linked"


async def test_a_stripe_outage_leaves_the_link_good(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.choose()
        await shop.say("ok")
        shop.stripe.down = True
        assert await shop.tap() is None
        shop.stripe.down = False
        assert await shop.tap() is not None
        assert {call.reference.rpartition(":")[2] for call in shop.h.calls} == {"1", "2"}


async def test_a_new_choice_closes_the_link_before(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.choose()
        await shop.say("ok")
        first = await shop.tap()
        await shop.choose("Pro, $29.00 a month")
        await shop.say("ok")
        assert shop.fake.checkout.find(str(first))["status"] == "expired"
        old, new = await shop.rows(sa.select(purchase).order_by(purchase.c.id))
        assert (old.state, new.state) == ("replaced", "created")
        revoked = await shop.rows(sa.select(link.c.target).where(link.c.revoked_at.is_not(None)))
        assert [row.target for row in revoked] == [old.id]


async def test_or_4_a_sixth_link_in_an_hour_is_refused(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        for _ in range(5):
            await shop.choose()
            await shop.say("ok")
        await shop.say("plans")
        assert "many links" in (await shop.say("Basic, $9.00 a month"))[0]


@pytest.mark.parametrize("words", ["plans", "/subscribe", "UPGRADE"])
async def test_on_telegram_no_other_way_to_pay_is_named(words: str, tmp_path: Path) -> None:
    async with open_shop(tmp_path, channel="telegram") as shop:
        said = "\n".join(await shop.say(words))
        assert "Basic: 700 Stars for 30 days." in said
        assert "$" not in said
        assert "Stripe" not in said


async def test_sb_9_who_ends_or_keeps_a_plan_chooses_no_other_one_any_more(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        assert "What should it become?" in (await shop.say("upgrade"))[0]
        await shop.say("cancel plan")
        asked = "\n".join(await shop.say("ok"))
        assert "Asked." in asked
        assert "What should it become?" not in asked
        await shop.deliver()
        await shop.say("upgrade")
        assert "What should it become?" not in "\n".join(await shop.say("keep plan"))
