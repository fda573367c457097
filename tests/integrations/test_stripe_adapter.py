"""Stripe through its own client: parameters, keys, what errors mean (STR-4), and looking before repeating."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from bot.core.calls.outcome import Again, Done, Outcome, Refused, Unknown
from bot.core.calls.stripe import (
    Checkouts,
    ExpireCheckout,
    FindCheckouts,
    FindRefunds,
    ListStripeEvents,
    OpenCheckout,
    ReadCheckout,
    RefundPayment,
    Refunds,
    StripeEvents,
)
from integrations.stripe import StripeAdapter
from tests.integrations.door import Answer, Door, Fault, attempt, open_door

OPEN = OpenCheckout(
    reference="pay_17",
    amount_minor=3900,
    currency="USD",
    product_name="Appeal letter",
    success_url="https://parley.example/p/t?paid=1",
    cancel_url="https://parley.example/p/t",
    expires_at=1_795_300_000,
    metadata={"case": "c_1", "payment": "pay_17"},
)
REFUND = RefundPayment("pi_1", 3900, "duplicate", {"refund": "r_1"})
OLD = timedelta(hours=23, minutes=1)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with open_door("stripe") as opened:
        opened.always = Answer(200, session())
        yield opened


@pytest.fixture
async def stripe(door: Door) -> AsyncIterator[StripeAdapter]:
    adapter = StripeAdapter("sk_test_1", base_url=door.url, seconds=2)
    yield adapter
    await adapter.close()


def session(**fields: Any) -> dict[str, Any]:
    return {
        "id": "cs_1",
        "object": "checkout.session",
        "status": "open",
        "payment_status": "unpaid",
        "amount_total": 3900,
        "currency": "usd",
        "url": "https://checkout.example/cs_1",
        "payment_intent": None,
        "client_reference_id": "pay_17",
        "created": 1_795_200_000,
        "expires_at": 1_795_300_000,
        "metadata": {"case": "c_1"},
        **fields,
    }


def refund(**fields: Any) -> dict[str, Any]:
    return {
        "id": "re_1",
        "object": "refund",
        "status": "succeeded",
        "amount": 3900,
        "currency": "usd",
        "payment_intent": "pi_1",
        "metadata": {"refund": "r_1"},
        **fields,
    }


def page(*rows: dict[str, Any], more: bool = False) -> dict[str, Any]:
    return {"object": "list", "url": "/v1/x", "has_more": more, "data": list(rows)}


def error(kind: str, **fields: Any) -> dict[str, Any]:
    return {"error": {"type": kind, "message": "No such thing: ana@example.org", **fields}}


async def perform(adapter: StripeAdapter, call: Any, **circumstances: Any) -> Outcome:
    return await adapter.calls[type(call)](call, attempt(**circumstances))


async def test_str_6_a_session_carries_our_ids_and_the_rows_key(door: Door, stripe: StripeAdapter) -> None:
    outcome = await perform(stripe, OPEN, key="call:991")
    assert isinstance(outcome, Done)
    assert (outcome.result.session_id, outcome.result.url, outcome.result.status, outcome.result.currency) == (
        "cs_1",
        "https://checkout.example/cs_1",
        "open",
        "USD",
    )
    assert door.last["url"] == f"{door.url}/v1/checkout/sessions"
    assert door.last["headers"]["Idempotency-Key"] == "call:991"
    assert dict(parse_qsl(door.last["body"])) == {
        "mode": "payment",
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": "usd",
        "line_items[0][price_data][unit_amount]": "3900",
        "line_items[0][price_data][product_data][name]": "Appeal letter",
        "client_reference_id": "pay_17",
        "metadata[case]": "c_1",
        "metadata[payment]": "pay_17",
        "payment_intent_data[metadata][case]": "c_1",
        "payment_intent_data[metadata][payment]": "pay_17",
        "expires_at": "1795300000",
        "success_url": "https://parley.example/p/t?paid=1",
        "cancel_url": "https://parley.example/p/t",
    }


async def test_str_10_a_refund(door: Door, stripe: StripeAdapter) -> None:
    door.answer(200, refund())
    outcome = await perform(stripe, REFUND, key="call:5")
    assert isinstance(outcome, Done)
    assert (outcome.result.refund_id, outcome.result.amount_minor) == ("re_1", 3900)
    assert door.last["headers"]["Idempotency-Key"] == "call:5"
    assert dict(parse_qsl(door.last["body"])) == {
        "payment_intent": "pi_1",
        "amount": "3900",
        "reason": "duplicate",
        "metadata[refund]": "r_1",
    }


@pytest.mark.parametrize("intent", ["pi_1", {"id": "pi_1", "object": "payment_intent"}], ids=["id", "expanded"])
async def test_a_session_is_read(intent: Any, door: Door, stripe: StripeAdapter) -> None:
    door.answer(200, session(status="complete", payment_status="paid", payment_intent=intent))
    outcome = await perform(stripe, ReadCheckout("cs_1"))
    assert isinstance(outcome, Done)
    assert (outcome.result.payment_status, outcome.result.payment_intent) == ("paid", "pi_1")


async def test_an_expired_session_says_so(door: Door, stripe: StripeAdapter) -> None:
    door.answer(200, session(status="expired"))
    outcome = await perform(stripe, ExpireCheckout("cs_1"))
    assert isinstance(outcome, Done)
    assert outcome.result.status == "expired"
    assert door.last["url"].endswith("/v1/checkout/sessions/cs_1/expire")
    assert door.last["headers"]["Idempotency-Key"]


async def test_expiring_a_paid_session_answers_that_it_is_paid(door: Door, stripe: StripeAdapter) -> None:
    door.answer(400, error("invalid_request_error"))
    door.answer(200, session(status="complete", payment_status="paid"))
    outcome = await perform(stripe, ExpireCheckout("cs_1"))
    assert isinstance(outcome, Done)
    assert outcome.result.status == "complete"


async def test_sessions_are_listed_over_all_pages_oldest_first(door: Door, stripe: StripeAdapter) -> None:
    door.answer(200, page(session(id="cs_3"), session(id="cs_2", client_reference_id="other"), more=True))
    door.answer(200, page(session(id="cs_1")))
    outcome = await perform(stripe, FindCheckouts(1_795_000_000, "pay_17"))
    assert isinstance(outcome, Done)
    assert isinstance(outcome.result, Checkouts)
    assert [one.session_id for one in outcome.result.sessions] == ["cs_1", "cs_3"]
    assert dict(parse_qsl(urlsplit(door.last["url"]).query)) == {
        "created[gte]": "1795000000",
        "limit": "100",
        "starting_after": "cs_2",
    }


async def test_refunds_are_listed(door: Door, stripe: StripeAdapter) -> None:
    door.answer(200, page(refund(id="re_2"), refund()))
    outcome = await perform(stripe, FindRefunds("pi_1"))
    assert isinstance(outcome, Done)
    assert isinstance(outcome.result, Refunds)
    assert [one.refund_id for one in outcome.result.refunds] == ["re_1", "re_2"]


async def test_rec_2_events_come_as_their_webhooks_carry_them(door: Door, stripe: StripeAdapter) -> None:
    event = {
        "id": "evt_1",
        "object": "event",
        "type": "checkout.session.completed",
        "created": 1_795_200_100,
        "data": {"object": session(total_details={"amount_tax": 0})},
    }
    door.answer(200, page(event))
    outcome = await perform(stripe, ListStripeEvents(1_795_000_000, ["checkout.session.completed", "charge.refunded"]))
    assert outcome == Done(StripeEvents([event]))
    assert dict(parse_qsl(urlsplit(door.last["url"]).query)) == {
        "created[gte]": "1795000000",
        "types[0]": "checkout.session.completed",
        "types[1]": "charge.refunded",
        "limit": "100",
    }


@pytest.mark.parametrize(
    ("status", "body", "outcome"),
    [
        (400, error("invalid_request_error", code="amount_too_small", param="amount"), "amount_too_small"),
        (400, error("invalid_request_error"), "bad_request"),
        (404, error("invalid_request_error", code="resource_missing"), "resource_missing"),
        (402, error("card_error", code="card_declined"), "card_declined"),
        (401, error("invalid_request_error"), "unauthorized"),
        (403, error("invalid_request_error"), "forbidden"),
        (400, error("idempotency_error"), "idempotency"),
        (429, error("invalid_request_error"), Again("rate_limited", timedelta(seconds=2))),
        (409, error("idempotency_error"), Again("status_409", timedelta(seconds=2), whole_vendor=False)),
        (500, error("api_error"), Unknown("status_500")),
        (503, b"<html>", Unknown("status_503")),
        (200, b'{"id": "cs', Unknown("status_200")),
        (200, {"object": "checkout.session"}, Unknown("broken_answer")),
    ],
)
async def test_str_4_errors_of_a_creating_call(
    status: int, body: Any, outcome: Outcome | str, door: Door, stripe: StripeAdapter
) -> None:
    door.answer(status, body, Retry_After="2")
    got = await perform(stripe, OPEN)
    assert (got.code if isinstance(got, Refused) else got) == outcome
    assert "ana@" not in repr(got), "VEN-10: no vendor's text"
    assert len(door.requests) == 1, "VEN-3: the SDK repeats nothing"


@pytest.mark.parametrize("fault", list(Fault))
async def test_str_3_a_lost_answer_is_unknown_for_creating_and_repeatable_for_reading(fault: Fault, door: Door) -> None:
    stripe = StripeAdapter("sk_test_1", base_url=door.url, seconds=0.15)
    door.always = fault
    created = [await perform(stripe, OPEN), await perform(stripe, REFUND)]
    others = [await perform(stripe, one) for one in (ReadCheckout("cs_1"), ExpireCheckout("cs_1"), FindRefunds("pi"))]
    await stripe.close()
    assert [type(one) for one in created] == [Unknown, Unknown]
    assert [type(one) for one in others] == [Again, Again, Again]


async def test_nobody_listening_certainly_charged_nothing() -> None:
    stripe = StripeAdapter("sk_test_1", base_url="http://127.0.0.1:1")
    outcome = await perform(stripe, OPEN)
    await stripe.close()
    assert isinstance(outcome, Again)


@pytest.mark.parametrize("call", [OPEN, REFUND])
async def test_within_23_hours_the_same_key_is_safe(call: Any, door: Door, stripe: StripeAdapter) -> None:
    assert await stripe.look_ups[type(call)](call, attempt(number=2, age=timedelta(hours=22))) is None
    assert door.requests == []


async def test_later_a_session_is_looked_for_by_its_reference(door: Door, stripe: StripeAdapter) -> None:
    door.answer(200, page(session(id="cs_2", client_reference_id="other"), session()))
    found = await stripe.look_ups[OpenCheckout](OPEN, attempt(number=2, age=OLD))
    assert isinstance(found, Done)
    assert found.result.session_id == "cs_1"
    door.answer(200, page())
    assert await stripe.look_ups[OpenCheckout](OPEN, attempt(number=2, age=OLD)) is None


async def test_later_a_refund_is_looked_for_by_its_metadata(door: Door, stripe: StripeAdapter) -> None:
    door.always = Answer(200, page(refund(id="re_0", metadata={"refund": "r_0"}), refund()))
    found = await stripe.look_ups[RefundPayment](REFUND, attempt(number=2, age=OLD))
    assert isinstance(found, Done)
    assert found.result.refund_id == "re_1"
    stranger = replace(REFUND, metadata={"refund": "r_9"})
    assert await stripe.look_ups[RefundPayment](stranger, attempt(number=2, age=OLD)) is None


@pytest.mark.parametrize("reaction", [Answer(500, {}), Fault.CUT, Answer(200, {"object": "list"})])
async def test_a_look_that_cannot_be_made_means_waiting(reaction: Any, door: Door, stripe: StripeAdapter) -> None:
    door.always = reaction
    assert isinstance(await stripe.look_ups[OpenCheckout](OPEN, attempt(number=2, age=OLD)), Again)
    assert isinstance(await perform(stripe, OPEN, number=2, age=OLD), Again), "and nothing is created blindly"
    assert {request["method"] for request in door.requests} == {"GET"}


async def test_a_late_retry_looks_before_it_creates(door: Door, stripe: StripeAdapter) -> None:
    door.answer(200, page())
    assert isinstance(await perform(stripe, OPEN, number=4, age=OLD), Done)
    assert [request["method"] for request in door.requests] == ["GET", "POST"]


async def test_ven_7_two_accounts_in_one_process(door: Door) -> None:
    async with open_door("stripe") as other:
        other.always = Answer(200, session(id="cs_other"))
        pair = [StripeAdapter(f"sk_test_{n}", base_url=one.url) for n, one in enumerate((door, other))]
        outcomes = [await perform(one, ReadCheckout("cs")) for one in pair]
        for one in pair:
            await one.close()
        assert [one.result.session_id for one in outcomes if isinstance(one, Done)] == ["cs_1", "cs_other"]
        assert [one.last["headers"]["Authorization"] for one in (door, other)] == [
            "Bearer sk_test_0",
            "Bearer sk_test_1",
        ]


async def test_py_12_stripe_tax_is_included_so_that_what_is_shown_is_charged(stripe: StripeAdapter, door: Door) -> None:
    for taxed in (False, True):
        await stripe.calls[OpenCheckout](replace(OPEN, stripe_tax=taxed), attempt())
        body = str(door.last["body"])
        assert ("automatic_tax" in body, "inclusive" in body) == (taxed, taxed)
