"""Stripe as another server may play it: ids in the place of objects, lists that know no filter, fields that are new."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.core.calls import Again, Done, Refused
from bot.core.calls.stripe import FindRefunds
from bot.core.calls.subscriptions import (
    FindPlanOfPayment,
    FindPlanPayments,
    OpenPlanCheckout,
    PlanOfPayment,
    PlanPrice,
    ReadSubscription,
)
from integrations.stripe import StripeAdapter
from tests.integrations.door import Door, attempt, open_door

KEY = "parley:basic:1:month:USD:900"
PRICE = PlanPrice(KEY, "Basic", 900, "USD", "month")


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with open_door("stripe") as opened:
        yield opened


@pytest.fixture
async def stripe(door: Door) -> AsyncIterator[StripeAdapter]:
    adapter = StripeAdapter("sk_test_1", base_url=door.url, seconds=2)
    yield adapter
    await adapter.close()


async def ask(stripe: StripeAdapter, call: Any) -> Any:
    outcome = await stripe.calls[type(call)](call, attempt())
    return outcome.result if isinstance(outcome, Done) else outcome


def paths(door: Door) -> list[str]:
    return [f"{one['method']} {one['url'].removeprefix(door.url).partition('?')[0]}" for one in door.requests]


def listed(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"object": "list", "data": list(rows), "has_more": False, "url": "/v1/x", "novelty": {"x": 1}}


def invoice(id: str, subscription: str, **more: Any) -> dict[str, Any]:
    parent = {"type": "subscription_details", "subscription_details": {"subscription": subscription}}
    return {
        "id": id, "object": "invoice", "status": "paid", "amount_due": 900, "amount_paid": 900, "currency": "usd",
        "created": 1_000, "parent": parent, "status_transitions": {"finalized_at": 1_001, "paid_at": 1_002},
        "number": "N-1", **more,
    }  # fmt: skip


def subscription(**more: Any) -> dict[str, Any]:
    price = {"id": "price_1", "lookup_key": KEY, "novelty": True}
    item = {"id": "si_1", "price": price, "current_period_start": 1_000, "current_period_end": 2_000}
    return {
        "id": "sub_1", "object": "subscription", "status": "past_due", "customer": {"id": "cus_1"}, "created": 1_000,
        "items": {"data": [item]}, "latest_invoice": "in_1", "schedule": "sub_sched_1", "novelty": [], **more,
    }  # fmt: skip


async def test_what_was_not_expanded_is_read_by_itself(door: Door, stripe: StripeAdapter) -> None:
    schedule = {"id": "sub_sched_1", "object": "subscription_schedule", "status": "active", "metadata": {"next": "x"}}
    for body in (subscription(), invoice("in_1", "sub_1", status="open"), schedule):
        door.answer(200, body)
    found = await ask(stripe, ReadSubscription("sub_1"))
    assert paths(door) == [
        "GET /v1/subscriptions/sub_1", "GET /v1/invoices/in_1", "GET /v1/subscription_schedules/sub_sched_1",
    ]  # fmt: skip
    assert found.invoice is not None
    assert (found.invoice.finalized_at, found.schedule, found.next_lookup_key) == (1_001, "sub_sched_1", "x")
    assert (found.customer, found.lookup_key) == ("cus_1", KEY)


@pytest.mark.parametrize("price", ["price_1", {"id": "price_1"}])
async def test_a_price_that_is_only_named_is_read(price: Any, door: Door, stripe: StripeAdapter) -> None:
    body = subscription(latest_invoice=None, schedule=None)
    body["items"]["data"][0]["price"] = price
    door.answer(200, body)
    door.answer(200, {"id": "price_1", "object": "price", "lookup_key": KEY})
    found = await ask(stripe, ReadSubscription("sub_1"))
    assert (found.price_id, found.lookup_key, paths(door)[1:]) == ("price_1", KEY, ["GET /v1/prices/price_1"])


async def test_a_part_that_cannot_be_read_makes_the_look_wait(door: Door, stripe: StripeAdapter) -> None:
    door.answer(200, subscription())
    door.answer(503, {})
    assert isinstance(await ask(stripe, ReadSubscription("sub_1")), Again)


async def test_lists_that_know_no_filter_are_sifted_here(door: Door, stripe: StripeAdapter) -> None:
    def payment(id: str, of: str, intent: str) -> dict[str, Any]:
        held = {"type": "payment_intent", "payment_intent": intent}
        return {"id": id, "invoice": of, "status": "paid", "amount_paid": 900, "currency": "usd", "payment": held}

    every = listed(payment("inpay_2", "in_9", "pi_9"), payment("inpay_1", "in_1", "pi_1"))
    door.answer(200, every)
    door.answer(200, invoice("in_1", "sub_1"))
    found = await ask(stripe, FindPlanOfPayment("pi_1"))
    assert (found.subscription_id, found.invoice_id) == ("sub_1", "in_1")
    door.answer(200, every)
    assert await ask(stripe, FindPlanOfPayment("pi_elsewhere")) == PlanOfPayment("", "")
    door.answer(200, listed(invoice("in_9", "sub_9"), invoice("in_1", "sub_1")))
    door.answer(200, every)
    (paid,) = (await ask(stripe, FindPlanPayments("sub_1"))).invoices
    assert [one.payment_intent for one in paid.payments] == ["pi_1"]
    refunds = [{"id": f"re_{n}", "payment_intent": f"pi_{n}", "amount": 1, "status": "succeeded"} for n in (9, 1)]
    door.answer(200, listed(*refunds))
    assert [one.refund_id for one in (await ask(stripe, FindRefunds("pi_1"))).refunds] == ["re_1"]


async def test_another_price_that_a_list_brings_is_not_sold(door: Door, stripe: StripeAdapter) -> None:
    door.answer(200, listed({"id": "price_9", "lookup_key": "parley:pro:1:month:USD:2900", "unit_amount": 2900}))
    door.answer(200, {"id": "price_1", "object": "price"})
    door.answer(200, {"id": "cs_1", "object": "checkout.session", "url": "https://x"})
    await ask(stripe, OpenPlanCheckout("7", PRICE, "https://e.test/s", "https://e.test/c", 1, {}))
    assert paths(door) == ["GET /v1/prices", "POST /v1/prices", "POST /v1/checkout/sessions"]
    assert "price_1" in str(door.last["body"])


async def test_a_customer_that_is_gone_is_named_in_the_refusal(door: Door, stripe: StripeAdapter) -> None:
    door.answer(200, listed({"id": "price_1", "lookup_key": KEY}))
    wrong = {"type": "invalid_request_error", "code": "resource_missing", "param": "customer", "message": "No such"}
    door.answer(400, {"error": wrong})
    call = OpenPlanCheckout("7", PRICE, "https://e.test/s", "https://e.test/c", 1, {}, customer="cus_9")
    refused = await ask(stripe, call)
    assert isinstance(refused, Refused)
    assert (refused.code, refused.details) == ("resource_missing", {"param": "customer"})
