"""Orders in rupees at Razorpay, over real HTTP from the handlers' calls to the fake's signed events (PY-13)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.razorpay import (
    CancelPaymentLink,
    Capture,
    Captures,
    FindCaptureRefunds,
    FindPaymentLink,
    ListCaptures,
    ListGivenBack,
    OpenPaymentLink,
    PaymentLink,
    ReadPaymentLink,
    RefundCapture,
)
from bot.core.calls.stripe import Refund, Refunds
from bot.core.events import Event
from bot.engine.orders import Line, Wanted
from bot.engine.turn import Turn
from bot.web.doors.razorpay import razorpay_event
from handlers.billing.orders.settings import OrderSettings, use_settings
from jobs.reconcile_razorpay import LinkNews
from storage.billing.orders import order
from storage.links import link
from tests.handlers.billing.orders.shop import Shop, open_shop


class Links:
    """Payment links as Razorpay keeps them."""

    def __init__(self) -> None:
        self.known: dict[str, PaymentLink] = {}
        self.refunds: list[RefundCapture] = []
        self.given_back: list[Refund] = []
        self.status = "succeeded"

    def open(self, call: OpenPaymentLink, harness: Any) -> Outcome:
        number = f"plink_{len(self.known) + 1}"
        self.known[number] = PaymentLink(
            number, "created", call.amount_minor, 0, call.currency, f"https://rzp.example/{number}", None,
            reference=call.reference, notes=call.notes,
        )  # fmt: skip
        return Done(self.known[number])

    def read(self, call: ReadPaymentLink | CancelPaymentLink, harness: Any) -> Outcome:
        return Done(self.known[call.link_id])

    def pay(self, number: str) -> None:
        one = self.known[number]
        self.known[number] = PaymentLink(
            number, "paid", one.amount_minor, one.amount_minor, one.currency, None, f"pay_{number}", "upi",
            one.reference, one.notes,
        )  # fmt: skip

    def refund(self, call: RefundCapture, harness: Any) -> Outcome:
        self.refunds.append(call)
        number = f"rfnd_{call.receipt}"
        made = Refund(number, self.status, call.amount_minor, "INR", call.payment_id, call.notes)
        self.given_back.append(made)
        return Done(made)

    def find(self, call: FindPaymentLink, harness: Any) -> Outcome:
        found = [one for one in self.known.values() if one.reference == call.reference]
        return Done(found[0]) if found else Refused("not_found")

    def refunds_of(self, call: FindCaptureRefunds, harness: Any) -> Outcome:
        return Done(Refunds([one for one in self.given_back if one.payment_intent == call.payment_id]))


def buy(turn: Turn, text: str) -> bool:
    if text != "rupees":
        return False
    wanted = Wanted(
        "eggs", "q1", (Line("Boxes", 50_000),), "INR", is_physical=True, expires_at=turn.now + timedelta(days=2)
    )
    turn.lines.append(turn.registry.till.open(turn, wanted).url)  # type: ignore[union-attr]
    return True


@asynccontextmanager
async def rupees(where: Path) -> AsyncIterator[tuple[Shop, Links]]:
    links = Links()
    async with open_shop(where) as shop:
        use_settings(shop.harness.registry, OrderSettings(razorpay=True))
        shop.harness.registry.word("text")(buy)
        shop.harness.world |= {
            OpenPaymentLink: links.open, ReadPaymentLink: links.read, CancelPaymentLink: links.read,
            RefundCapture: links.refund, FindPaymentLink: links.find, FindCaptureRefunds: links.refunds_of,
        }  # fmt: skip
        yield shop, links


async def tell(shop: Shop, kind: str, key: str, **things: dict[str, Any]) -> None:
    """Let a webhook arrive as the door reads it."""
    raw = {"event": kind, "payload": {name: {"entity": thing} for name, thing in things.items()}}
    event = razorpay_event(json.loads(json.dumps(raw)), key)
    assert event is not None
    await shop.harness.happen(event)


async def test_py_13_a_link_is_paid_once_whichever_event_comes_first_and_is_refunded_there(tmp_path: Path) -> None:
    async with rupees(tmp_path) as (shop, links):
        assert "/p/" in (await shop.say("rupees"))[0]
        one = await shop.newest()
        number = await shop.tap(one)
        assert number == "plink_1"
        notes = {"order_id": str(one), "v": "1"}
        links.pay(number)
        await tell(shop, "payment.captured", "evt_1", payment={"id": "pay_plink_1", "notes": notes})
        await tell(shop, "payment_link.paid", "evt_2", payment_link={"id": number, "notes": notes})
        await tell(shop, "payment_link.paid", "evt_2", payment_link={"id": number, "notes": notes})
        assert (shop.counter.given, await shop.state(one)) == (["q1"], "paid")
        rows = await shop.rows(sa.select(order.c.gateway, order.c.intent, order.c.method, order.c.charged_minor))
        assert rows == [("razorpay", "pay_plink_1", "upi", 50_000)]
        await shop.say(f"staff admin pay refund {one} 200.00 requested_by_customer")
        assert [call.amount_minor for call in links.refunds] == [20_000]
        back = {
            "id": f"rfnd_{links.refunds[0].receipt}", "status": "processed", "amount": 20_000,
            "payment_id": "pay_plink_1", "notes": links.refunds[0].notes,
        }  # fmt: skip
        await tell(shop, "refund.processed", "evt_3", refund=back)
        assert (await shop.state(one), await shop.refunds()) == (
            "partially_refunded", [(20_000, "requested_by_customer", "succeeded")],
        )  # fmt: skip


async def test_py_13_a_failed_payment_leaves_the_link_and_unknown_events_change_nothing(tmp_path: Path) -> None:
    async with rupees(tmp_path) as (shop, _):
        await shop.say("rupees")
        one = await shop.newest()
        await shop.tap(one)
        await tell(shop, "payment.failed", "evt_1", payment={"id": "pay_x", "notes": {"order_id": str(one)}})
        assert "did not go through" in shop.phone.last.text
        await tell(shop, "subscription.charged", "evt_2", subscription={"id": "sub_1"})
        await tell(shop, "payment.captured", "evt_3", payment={"id": "pay_y", "notes": []})
        assert (await shop.state(one), shop.counter.given) == ("open", [])
        assert [row[0] for row in await shop.rows(sa.select(link.c.revoked_at))] == [None]


class News:
    """The vendor and the inbox as the reconciling job finds them; `missed` is what the webhooks had not brought."""

    def __init__(self, shop: Shop, links: Links) -> None:
        self.shop, self.links, self.missed, self.asked = shop, links, list[str](), list[int]()
        self.database, self.writers, self.clock = shop.harness.database, shop.harness.writers, shop.harness.clock
        self.down = False

    async def ask(self, call: ListCaptures | ListGivenBack) -> Outcome:
        if isinstance(call, ListGivenBack):
            return Refused("down") if self.down else Done(Refunds(self.links.given_back))
        self.asked.append(call.since)
        paid = [one for one in self.links.known.values() if one.payment_id is not None]
        other = Capture("pay_of_a_shop", 900, "INR", {"order_id": "4711", "shop": "x"})
        mine = [Capture(str(one.payment_id), one.paid_minor, "INR", one.notes) for one in paid]
        return Refused("down") if self.down else Done(Captures([Capture("pay_other", 100, "INR"), other, *mine]))

    async def take(self, vendor: str, events: list[Event]) -> int:
        self.missed += [event.key for event in events]
        for event in events:
            await self.shop.harness.happen(event)
        return len(events)

    async def run(self) -> None:
        await LinkNews(self).run()  # type: ignore[arg-type]
        await self.shop.harness.wait(timedelta(seconds=1))


async def test_py_13_sb_16_a_link_that_was_paid_while_we_were_down_is_fulfilled_once(tmp_path: Path) -> None:
    async with rupees(tmp_path) as (shop, links):
        await shop.say("rupees")
        one = await shop.newest()
        number = await shop.tap(one)
        news = News(shop, links)
        news.down = True
        links.pay(str(number))
        await news.run()
        news.down = False
        assert await shop.state(one) == "paid", "the open link is read again, whatever the list does"
        for _ in range(2):
            await news.run()
        assert (shop.counter.given, news.missed) == (["q1"], ["captured:pay_of_a_shop"] * 2)
        notes = {"order_id": str(one), "v": "1"}
        await tell(shop, "payment_link.paid", "evt_1", payment_link={"id": number, "notes": notes})
        assert shop.counter.given == ["q1"], "the webhook that comes late changes nothing"


async def test_py_13_sb_16_a_payment_whose_order_had_ended_here_is_found_by_the_list(tmp_path: Path) -> None:
    async with rupees(tmp_path) as (shop, links):
        await shop.say("rupees")
        one = await shop.newest()
        number = await shop.tap(one)
        await shop.harness.wait(timedelta(days=3))
        assert await shop.state(one) == "expired"
        links.pay(str(number))
        news = News(shop, links)
        await news.run()
        assert f"captured:pay_{number}" in news.missed
        assert await shop.state(one) in ("paid", "refunded"), "it is fulfilled or given back, never lost"
        assert (len(shop.counter.given), len(links.refunds)) in ((1, 0), (0, 1))


async def test_sb_16_razorpay_is_asked_only_for_what_is_new_and_not_at_all_without_orders(tmp_path: Path) -> None:
    async with rupees(tmp_path) as (shop, links):
        news = News(shop, links)
        await news.run()
        assert news.asked == []
        await shop.say("rupees")
        start = shop.harness.clock.now()
        await news.run()
        await news.run()
        first, second = news.asked
        assert first == int((start - timedelta(days=30)).timestamp())
        assert abs(second - int((start - timedelta(hours=3)).timestamp())) <= 2


async def minted_twice(shop: Shop, links: Links) -> tuple[int, str, str]:
    """Let the first link of an order end, and a tap make a second one; return the order and both."""
    await shop.say("rupees")
    one = await shop.newest()
    first = await shop.tap(one)
    assert first is not None
    links.known[first] = replace(links.known[first], status="expired")
    await tell(shop, "payment_link.expired", "evt_over", payment_link={"id": first, "notes": {"order_id": str(one)}})
    second = await shop.tap(one)
    assert second not in (None, first)
    return one, first, str(second)


@pytest.mark.parametrize("how", ["link event", "captured event", "list"])
async def test_py_3_an_older_link_that_is_paid_after_the_newer_one_goes_back_in_full_once(
    tmp_path: Path, how: str
) -> None:
    async with rupees(tmp_path) as (shop, links):
        one, first, second = await minted_twice(shop, links)
        links.pay(second)
        await tell(shop, "payment_link.paid", "evt_2", payment_link={"id": second, "notes": {"order_id": str(one)}})
        links.pay(first)
        notes = {"order_id": str(one), "v": "1"}
        told = len(shop.phone.messages)
        for number in range(3):
            if how == "link event":
                await tell(shop, "payment_link.paid", f"evt_l{number}", payment_link={"id": first, "notes": notes})
            elif how == "captured event":
                payment = {"id": f"pay_{first}", "notes": notes}
                await tell(shop, "payment.captured", f"evt_c{number}", payment=payment)
            else:
                await News(shop, links).run()
        assert [(call.payment_id, call.amount_minor) for call in links.refunds] == [(f"pay_{first}", 50_000)]
        assert (shop.counter.given, shop.counter.taken_back) == (["q1"], [])
        said = [message.text for message in shop.phone.messages[told:]]
        assert sum("paid before" in text for text in said) == 1
        assert sum("was given back" in text for text in said) == 1


async def test_str_15_an_older_link_that_is_paid_first_is_honoured_and_the_newer_one_ends(tmp_path: Path) -> None:
    async with rupees(tmp_path) as (shop, links):
        one, first, second = await minted_twice(shop, links)
        links.pay(first)
        notes = {"order_id": str(one), "v": "1"}
        await tell(shop, "payment.captured", "evt_c", payment={"id": f"pay_{first}", "notes": notes})
        assert (shop.counter.given, await shop.state(one), links.refunds) == (["q1"], "paid", [])
        assert any(isinstance(call, CancelPaymentLink) and call.link_id == second for call in shop.harness.calls)


async def test_sb_16_refunds_made_elsewhere_and_those_whose_end_was_missed_are_found_by_the_lists(
    tmp_path: Path,
) -> None:
    async with rupees(tmp_path) as (shop, links):
        await shop.say("rupees")
        one = await shop.newest()
        number = await shop.tap(one)
        links.pay(str(number))
        notes = {"order_id": str(one), "v": "1"}
        await tell(shop, "payment_link.paid", "evt_1", payment_link={"id": number, "notes": notes})
        links.status = "pending"
        await shop.say(f"staff admin pay refund {one} 200.00 requested_by_customer")
        assert await shop.refunds() == [(20_000, "requested_by_customer", "pending")]
        links.given_back[0] = replace(links.given_back[0], status="succeeded")
        links.given_back.append(Refund("rfnd_desk", "succeeded", 5_000, "INR", f"pay_{number}", {}))
        links.given_back.append(Refund("rfnd_shop", "succeeded", 7, "INR", "pay_other", {}))
        await shop.harness.wait(timedelta(days=9))
        for _ in range(2):
            await News(shop, links).run()
        assert sorted(await shop.refunds()) == [
            (5_000, "requested_by_customer", "succeeded"), (20_000, "requested_by_customer", "succeeded"),
        ]  # fmt: skip
        (row,) = await shop.rows(sa.select(order.c.refunded_minor, order.c.given_minor, order.c.state))
        assert row == (25_000, 25_000, "partially_refunded")
