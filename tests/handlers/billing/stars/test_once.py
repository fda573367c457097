"""Digital things for Stars: the invoice, the checkout, the one grant, refunds (TS-1 to TS-5, A56 to A59)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.calls import Outcome, Refused
from bot.core.calls.stars import SendInvoice
from bot.core.events import Event
from bot.engine.ages import NOTE
from bot.engine.harness import Harness
from handlers.billing.orders import giving
from storage.billing import orders, suspensions
from storage.billing.coupons import codes
from storage.billing.coupons.codes import Terms
from tests.handlers.billing.stars.kit import HANDLE, Shop, open_shop
from tests.handlers.billing.world import NOW


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as opened:
        yield opened


async def test_a56_ts_1_inside_telegram_a_digital_thing_costs_stars_and_no_other_way_is_named(shop: Shop) -> None:
    assert await shop.say("eggs") == "invoice"
    (call,) = shop.telegram.invoices
    assert isinstance(call, SendInvoice)
    assert (call.chat_id, call.title, call.stars) == (5001, "A dozen eggs", 400)
    assert len(call.description) <= 255
    assert len(call.payload.encode()) <= 128
    assert "$" not in shop.said + call.description
    assert await shop.states() == ["open"]


async def test_a56_by_sms_the_same_thing_has_a_page(shop: Shop) -> None:
    phone = shop.harness.phone("sms")
    (message,) = await phone.say("eggs")
    assert "/p/" in message.text
    assert shop.telegram.invoices == []


async def test_ts_3_a_payment_grants_once(shop: Shop) -> None:
    await shop.say("eggs")
    assert await shop.judge() == ""
    await shop.pay()
    assert len(shop.given) == 1
    assert await shop.kinds() == [("stx1", "once", None)]
    assert await shop.judge() == "billing.stars.expired", "what is paid is not paid again"


async def test_a58_a_payment_told_twice_grants_once(shop: Shop) -> None:
    await shop.say("eggs")
    await shop.pay("stxA")
    await shop.pay("stxA")
    assert (len(shop.given), await shop.states()) == (1, ["paid"])
    assert shop.telegram.refunds == []


async def test_py_3_a_second_charge_of_one_order_goes_back_in_full(shop: Shop) -> None:
    await shop.say("eggs")
    await shop.pay("stxA")
    await shop.pay("stxB")
    assert len(shop.given) == 1
    assert [(call.user_id, call.charge_id) for call in shop.telegram.refunds] == [(5001, "stxB")]


async def test_a59_ts_3_another_amount_is_held_with_an_alert_and_grants_nothing(shop: Shop) -> None:
    await shop.say("eggs")
    await shop.pay(amount_minor=399)
    assert shop.given == []
    assert "order_held" in await shop.alerts()


@pytest.mark.parametrize("payload", ["", "abc", "12345", "9" * 40])
async def test_ts_3_a_payload_of_no_order_is_held_with_an_alert(shop: Shop, payload: str) -> None:
    await shop.say("eggs")
    await shop.pay(payload=payload)
    assert (shop.given, await shop.alerts()) == ([], ["stars_held"])
    assert await shop.kinds() == [("stx1", "once", "no_order")]


async def test_ts_3_somebody_elses_order_is_held(shop: Shop) -> None:
    await shop.say("eggs")
    await shop.harness.phone("telegram", "7:6002").say("hello")
    assert await shop.judge(handle="7:6002") == "billing.stars.unknown"
    await shop.pay(handle="7:6002", user_id=6002)
    assert (shop.given, await shop.alerts()) == ([], ["stars_held"])


async def test_a57_ts_2_what_is_no_longer_so_is_refused_from_our_rows(shop: Shop) -> None:
    await shop.say("eggs")
    assert await shop.judge() == ""
    assert await shop.judge(amount_minor=399) == "billing.stars.price_changed"
    assert await shop.judge(currency="USD") == "billing.stars.price_changed"
    assert await shop.judge(payload="77") == "billing.stars.unknown"
    assert await shop.judge(payload="x'; --") == "billing.stars.unknown"
    person = (await shop.rows(orders.order.c.person_id))[0][0]
    await shop.harness.writers.run(lambda work: suspensions.suspend(work, person, reason="abuse", actor="op:1"))
    assert await shop.judge() == "billing.stars.suspended"
    await shop.harness.writers.run(lambda work: suspensions.lift(work, person, actor="op:1"))
    shop.harness.clock.advance(timedelta(hours=1))
    assert await shop.judge() == "billing.stars.expired"


async def test_ts_2_a_minor_is_refused_although_the_invoice_was_made_before(shop: Shop) -> None:
    await shop.say("eggs")
    shop.harness.registry.word("text")(
        lambda turn, text: bool(text == "I am 15" and turn.conversation.notes.update({NOTE: 15}) is None)
    )
    await shop.say("I am 15")
    assert await shop.judge() == "billing.stars.under_age"


async def test_ts_5_a_refund_is_of_all_of_it_and_names_payer_and_charge(shop: Shop) -> None:
    await shop.say("eggs")
    await shop.pay("stxA")
    found = []

    def give(turn: object, text: str) -> bool:
        if text != "give back":
            return False
        order = orders.by_intent(turn.work, "stars", "stxA")  # type: ignore[attr-defined]
        assert order is not None
        for amount in (100, None):
            found.append(
                giving.back(turn, order, reason="requested_by_customer", action=f"a{amount}", amount_minor=amount)  # type: ignore[arg-type]
            )
        return True

    shop.harness.registry.word("text")(give)
    await shop.say("give back")
    assert found[0] is None, "a part cannot go back"
    assert [(call.user_id, call.charge_id) for call in shop.telegram.refunds] == [(5001, "stxA")]
    assert await shop.states() == ["refunded"]


async def test_ts_5_the_daily_list_brings_what_was_missed_and_adopts_a_refund(shop: Shop) -> None:
    await shop.say("eggs")
    await shop.pay("stxA")
    told = {"charge_id": "stxA", "amount_minor": 400, "handle": HANDLE, "user_id": 5001, "payload": ""}
    await shop.harness.happen(Event("stars", "refund:stxA", "refunded", told))
    assert await shop.states() == ["refunded"]
    assert await shop.alerts() == ["foreign_refund"]


async def test_an_invoice_that_telegram_refuses_is_told_and_its_order_ends(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:

        def refuse(call: SendInvoice, harness: Harness) -> Outcome:
            return Refused("blocked")

        shop.harness.world[SendInvoice] = refuse
        await shop.say("eggs")
        assert await shop.states() == ["expired"]
        assert "Nothing was charged" in shop.said


async def test_cp_5_a_code_takes_whole_stars_off(shop: Shop) -> None:
    made = Terms("percent", NOW, bps=1250)
    await shop.harness.writers.run(lambda work: codes.add(work, "STARS", made, creator="op:1"))
    await shop.say("coupon stars")
    await shop.say("eggs")
    assert shop.telegram.invoices[0].stars == 350
    await shop.pay()
    assert len(shop.given) == 1


@pytest.mark.parametrize("word", ["/paysupport", "/terms", "TERMS"])
async def test_ts_7_paysupport_and_terms_always_answer(shop: Shop, word: str) -> None:
    assert len(await shop.say(word)) > 40
