"""Orders from the wish to the receipt: one open session, one fulfilment, whatever is told how often (PY-1 to PY-4)."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.core.calls import Refused
from bot.core.calls.stripe import ReadCheckout
from handlers.billing.tax import Rate
from storage.alerts import alert
from storage.billing.orders import order
from tests.handlers.billing.orders.shop import open_shop

DAY = timedelta(days=1)


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_py_1_a56_what_is_told_is_what_is_charged_once_and_the_receipt_has_its_number(
    tmp_path: Path, channel: str
) -> None:
    """A56: a physical thing is paid at Stripe on both channels."""
    async with open_shop(tmp_path, channel, rate=Rate("VAT", 2000)) as shop:
        shop.harness.redeliver = True
        one = await shop.buy("1", 500)
        assert shop.bank.sessions == {}
        session = await shop.tap(one)
        assert session is not None
        assert shop.bank.sessions[session]["amount"] == 600
        (told,) = await shop.pay(session)
        assert told.text == "Paid $6.00: Eggs. Receipt R-2026-000001. INVOICE R-2026-000001 sends it as a PDF."
        assert shop.counter.given == ["1"]
        assert await shop.state(one) == "paid"


async def test_py_2_a_new_order_ends_the_old_session_before_it_has_one_of_its_own(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        first = await shop.buy()
        old = await shop.tap(first)
        assert old is not None
        second = await shop.buy()
        assert shop.bank.sessions[old]["status"] == "expired"
        assert await shop.links() == [True, False]
        new = await shop.tap(second)
        assert new is not None
        assert [one["status"] for one in shop.bank.sessions.values()] == ["expired", "open"]
        await shop.pay(new)
        assert (shop.counter.given, await shop.state(first), await shop.state(second)) == (["1"], "expired", "paid")


async def test_py_2_a_tap_while_the_old_session_is_still_open_waits_for_its_end(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        first = await shop.buy()
        old = await shop.tap(first)
        shop.harness.world.pop(next(call for call in shop.harness.world if call.__name__ == "ExpireCheckout"))
        second = await shop.buy()
        assert await shop.tap(second) is None
        assert old is not None
        shop.bank.sessions[old]["status"] = "expired"
        await shop.tell(old, "checkout.session.expired")
        assert await shop.session(second) == "cs_2"


async def test_a73_py_3_a_second_payment_is_given_back_by_itself_and_the_person_is_told(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        shop.harness.redeliver = True
        first = await shop.buy()
        session = await shop.tap(first)
        assert session is not None
        await shop.pay(session, "pi_1")
        shop.bank.sessions["cs_lost"] = dict(shop.bank.sessions[session])
        told = await shop.pay("cs_lost", "pi_2")
        assert [one.text for one in told] == [
            "Parley: This was paid before, so $5.00 goes back to where it came from.",
            "Parley: $5.00 was given back. It can take your bank some days to show it.",
        ]
        assert shop.counter.given == ["1"]
        assert [(one.payment_intent, one.reason) for one in shop.bank.refunds] == [("pi_2", "duplicate")]
        assert shop.counter.taken_back == []


@pytest.mark.parametrize("told", sorted(set(permutations(("completed", "expired", "completed"), 3))))
async def test_py_4_hook_5_any_order_and_number_of_events_gives_once(tmp_path: Path, told: tuple[str, ...]) -> None:
    async with open_shop(tmp_path) as shop:
        one = await shop.buy()
        session = await shop.tap(one)
        assert session is not None
        for number, kind in enumerate(told):
            if kind == "completed":
                await shop.pay(session, "pi_1")
            else:
                shop.bank.sessions[session]["status"] = "expired"
                await shop.tell(session, "checkout.session.expired", key=f"over{number}")
        assert (shop.counter.given, shop.bank.refunds) == (["1"], [])
        assert await shop.labels() == ["R-2026-000001"]


async def test_a43_a_payment_under_way_gives_nothing_until_it_arrived(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        one = await shop.buy()
        session = await shop.tap(one)
        assert session is not None
        shop.bank.sessions[session] |= {"status": "complete"}
        (told,) = await shop.tell(session, "checkout.session.completed")
        assert "takes a few days" in told.text
        assert (await shop.say("buy 1 500")) == ["A payment for this is on its way. I write as soon as it has arrived."]
        shop.bank.sessions[session] |= {"paid": "paid", "intent": "pi_1"}
        for key in ("a", "b"):
            await shop.tell(session, "checkout.session.async_payment_succeeded", key=key)
        assert shop.counter.given == ["1"]


async def test_a71_an_order_over_nothing_has_no_payment_page(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        reply, told = await shop.say("buy 1 0")
        assert (reply, told.partition(".")[0]) == ("- 0", "Eggs is yours, nothing to pay")
        assert await shop.labels() == ["R-2026-000001"]
        assert (shop.counter.given, shop.bank.sessions, await shop.links()) == (["1"], {}, [])


async def test_str_11_a_charge_of_another_amount_is_held_before_people(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        one = await shop.buy()
        session = await shop.tap(one)
        assert session is not None
        (told,) = await shop.pay(session, amount=1)
        assert "something does not fit" in told.text
        assert (shop.counter.given, shop.bank.refunds) == ([], [])
        assert ("order_held",) in await shop.rows(sa.select(alert.c.kind))


async def test_str_15_a_payment_after_the_end_is_honoured_and_what_cannot_be_given_goes_back(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        one = await shop.buy()
        session = await shop.tap(one)
        assert session is not None
        await shop.harness.wait(8 * DAY)
        assert await shop.state(one) == "expired"
        await shop.pay(session)
        assert shop.counter.given == ["1"]
        shop.counter.refuses = "billing.order.too_late"
        two = await shop.buy("2")
        other = await shop.tap(two)
        assert other is not None
        told = [one.text for one in await shop.pay(other)]
        assert told[0] == "Parley: This offer has ended."
        assert (await shop.state(two), len(shop.bank.refunds)) == ("refunded", 1)


async def test_py_14_a_failed_payment_is_told_and_reminded_of_once(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        one = await shop.buy()
        session = await shop.tap(one)
        assert session is not None
        why = {"code": "card_declined", "decline_code": "insufficient_funds"}
        names = shop.bank.sessions[session]["metadata"]
        intent = {"id": "pi_1", "metadata": names, "livemode": False, "last_payment_error": why}
        for _ in range(3):
            await shop.harness.vendor("stripe", "payment_intent.payment_failed", intent)
        shop.phone.seen = 0
        failed = [m.text for m in shop.phone.messages if "did not go through, nothing" in m.text]
        assert len(failed) == 1
        assert "/p/" in failed[0]
        told = [m.text for m in await shop.harness.wait(6 * DAY, shop.phone)]
        assert [text.partition(".")[0] for text in told] == ["Parley: Your payment of yesterday did not go through"]
        ((failures, code),) = await shop.rows(sa.select(order.c.failures, order.c.failure_code))
        assert (failures, code) == (3, "insufficient_funds")


async def test_sb_2_an_outage_leaves_the_page_good_and_the_next_tap_makes_the_session(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        one = await shop.buy()
        shop.bank.down = True
        assert await shop.tap(one) is None
        shop.bank.down = False
        assert await shop.tap(one) == "cs_1"
        assert shop.bank.sessions["cs_1"]["metadata"] == {"order_id": str(one), "v": "2"}


async def test_or_4_five_pay_links_an_hour(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        for number in range(5):
            await shop.buy(str(number))
        assert await shop.say("buy 6 500") == ["That is many payment links in one hour. Please try again later."]
        shop.harness.clock.advance(timedelta(hours=1, minutes=1))
        await shop.buy("6")


async def test_section_6_digital_goods_are_not_sold_by_card_inside_telegram(tmp_path: Path) -> None:
    async with open_shop(tmp_path, "telegram") as shop:
        assert await shop.say("buy digital 500") == ["This cannot be bought here right now."]
        assert await shop.rows(sa.select(order.c.id)) == []


@pytest.mark.parametrize("lacks", ["payment_intent", "metadata", "both"])
async def test_hook_5_what_an_event_leaves_out_is_read_at_the_gateway(tmp_path: Path, lacks: str) -> None:
    async with open_shop(tmp_path) as shop:
        one = await shop.buy()
        session = await shop.tap(one)
        assert session is not None
        shop.bank.sessions[session] |= {"status": "complete", "paid": "paid", "intent": "pi_1"}
        thing = shop.thing(session)
        for name in ("payment_intent", "metadata") if lacks == "both" else (lacks,):
            del thing[name]
        thing |= {"object": "checkout.session", "novelty": {"x": [1]}}
        for key in ("a", "b"):
            await shop.harness.vendor("stripe", "checkout.session.completed", thing, key)
        assert shop.counter.given == ["1"]
        assert await shop.rows(sa.select(order.c.state, order.c.intent)) == [("paid", "pi_1")]


async def test_py_3_a_second_payment_that_cannot_be_given_back_is_put_before_people(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        session = await shop.tap(await shop.buy())
        assert session is not None
        await shop.pay(session, "pi_1")
        shop.bank.sessions["cs_lost"] = dict(shop.bank.sessions[session])
        shop.bank.sessions["cs_lost"] |= {"status": "complete", "paid": "paid", "intent": None}
        for key in ("a", "b"):
            await shop.tell("cs_lost", "checkout.session.completed", key=key)
        assert shop.bank.refunds == []
        assert [row[0] for row in await shop.rows(sa.select(alert.c.kind))] == ["order_held"]
        held = await shop.rows(sa.select(order.c.held, order.c.closing).where(order.c.held.is_not(None)))
        assert held == [("not_refundable", "duplicate")]


@pytest.mark.parametrize(("amount", "given"), [(500, ["1"]), (1, [])])
async def test_hook_5_where_a_session_cannot_be_read_stripes_own_signed_word_counts(
    tmp_path: Path, amount: int, given: list[str]
) -> None:
    async with open_shop(tmp_path) as shop:
        one = await shop.buy()
        session = await shop.tap(one)
        assert session is not None
        shop.harness.world[ReadCheckout] = lambda call, harness: Refused("resource_missing")
        await shop.pay(session, "pi_1", amount=amount)
        assert (shop.counter.given, await shop.state(one)) == (given, "paid")
        kinds = {row[0] for row in await shop.rows(sa.select(alert.c.kind))}
        assert kinds == {"order_unread"} | ({"order_held"} if not given else set())
