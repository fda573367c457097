"""The Razorpay adapter at its fake over real HTTP: links, refunds, and answers that are lost (PY-13)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.core.calls import Again, Done, Refused, Unknown
from bot.core.calls.razorpay import (
    CancelPaymentLink,
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
from bot.core.clock import FixedClock
from bot.core.ports import Attempt
from integrations.fakes.razorpay import RazorpayFake
from integrations.razorpay import RazorpayAdapter

NOW = datetime(2026, 3, 18, 18, 0, tzinfo=UTC)
OPEN = OpenPaymentLink(
    "77-1", 50_000, "INR", "Quote Q-7", "https://parley.example/paid", int((NOW + timedelta(hours=2)).timestamp()),
    {"order_id": "77", "v": "1"},
)  # fmt: skip


class NoFiles:
    async def get(self, blob_id: int) -> bytes:
        raise KeyError(blob_id)

    def put(self, data: bytes, media_type: str) -> int:
        raise AssertionError


ATTEMPT = Attempt("pay:77:v1", 1, NOW, NOW, NoFiles())


class Desk:
    """The adapter and its fake."""

    def __init__(self, adapter: RazorpayAdapter, fake: RazorpayFake) -> None:
        self.adapter, self.fake = adapter, fake

    async def ask(self, call: Any) -> Any:
        return await self.adapter.calls[type(call)](call, ATTEMPT)

    async def look(self, call: Any) -> Any:
        return await self.adapter.look_ups[type(call)](call, ATTEMPT)

    async def open(self) -> PaymentLink:
        made = await self.ask(OPEN)
        assert isinstance(made, Done), made
        assert isinstance(made.result, PaymentLink)
        return made.result


@asynccontextmanager
async def desk(key: str = "secret") -> AsyncIterator[Desk]:
    async with RazorpayFake(FixedClock(NOW), key_id="rzp_test_1", key_secret="secret") as fake:
        assert isinstance(fake, RazorpayFake)
        adapter = RazorpayAdapter("rzp_test_1", key, base_url=fake.url, seconds=0.5)
        yield Desk(adapter, fake)
        await adapter.close()


async def test_py_13_a_link_is_made_paid_and_given_back() -> None:
    async with desk() as at:
        link = await at.open()
        assert (link.status, link.amount_minor, link.payment_id) == ("created", 50_000, None)
        payment = at.fake.pay(link.link_id)
        read = (await at.ask(ReadPaymentLink(link.link_id))).result
        assert (read.status, read.paid_minor, read.payment_id, read.method) == ("paid", 50_000, payment, "upi")
        assert read.notes == {"order_id": "77", "v": "1"}
        refund = RefundCapture(payment, 20_000, "5", {"order_id": "77", "order_refund": "5"})
        given = (await at.ask(refund)).result
        assert given == Refund(given.refund_id, "succeeded", 20_000, "INR", payment, refund.notes)
        assert (await at.ask(refund)).result == given
        assert (await at.ask(FindCaptureRefunds(payment))).result == Refunds([given])
        much = await at.ask(RefundCapture(payment, 40_000, "6", {}))
        assert much == Refused("bad_request", "status_400")
        assert len(at.fake.book.of("refund.created")) == 1


async def test_py_13_a_reference_never_makes_two_links_and_an_end_tells_the_state() -> None:
    async with desk() as at:
        link = await at.open()
        assert await at.open() == link
        ended = (await at.ask(CancelPaymentLink(link.link_id))).result
        assert ended.status == "cancelled"
        assert (await at.ask(CancelPaymentLink(link.link_id))).result.status == "cancelled"
        assert len(at.fake.book.of("link.created")) == 1


@pytest.mark.parametrize("fault", ["status_after", "timeout_after", "reset_during", "truncate"])
async def test_ven_6_after_an_unknown_outcome_the_look_up_finds_what_happened(fault: str) -> None:
    async with desk() as at:
        at.fake.faults.add(fault, "link_create")
        assert isinstance(await at.ask(OPEN), Unknown)
        assert isinstance(await at.look(OPEN), Done)
        link = await at.open()
        payment = at.fake.pay(link.link_id)
        refund = RefundCapture(payment, 1_000, "5", {"order_refund": "5"})
        at.fake.faults.add(fault, "refund_create")
        assert isinstance(await at.ask(refund), Unknown)
        assert isinstance(await at.look(refund), Done)
        assert len(at.fake.book.of("refund.created")) == 1
        assert await at.look(RefundCapture(payment, 1_000, "6", {})) is None


async def test_ven_4_a_wrong_key_is_refused_and_too_many_calls_wait() -> None:
    async with desk("wrong") as at:
        assert await at.ask(OPEN) == Refused("unauthorized", "status_401")
    async with desk() as at:
        at.fake.faults.add("rate_limit", retry_after=7)
        assert await at.ask(OPEN) == Again("rate_limited", timedelta(seconds=7))
        at.fake.faults.add("status_before", "link_read", status=503)
        assert isinstance(await at.ask(ReadPaymentLink("plink_x")), Again)


async def test_ven_8_nothing_personal_leaves_in_a_request() -> None:
    async with desk() as at:
        await at.open()
        (sent,) = at.fake.recordings
        body = json.loads(sent["body"])
        assert set(body) == {
            "amount", "currency", "accept_partial", "reference_id", "description", "expire_by", "notify",
            "reminder_enable", "notes", "callback_url", "callback_method",
        }  # fmt: skip
        assert body["notes"] == {"order_id": "77", "v": "1"}


async def test_py_13_captured_payments_are_listed_oldest_first_over_all_pages() -> None:
    async with desk() as at:
        since = int(NOW.timestamp())
        old = {"id": "pay_old", "status": "captured", "amount": 1, "currency": "INR", "created_at": since - 1}
        at.fake.payments.put("pay_old", old)
        link = await at.open()
        at.fake.fail(link.link_id)
        paid = at.fake.pay(link.link_id)
        for n in range(120):
            more = {"id": f"pay_{n}", "status": "captured", "amount": n + 1, "currency": "inr", "notes": []}
            at.fake.payments.put(f"pay_{n}", more | {"created_at": since + n})
        found = (await at.ask(ListCaptures(since))).result.payments
        assert [one.payment_id for one in found] == [paid, *(f"pay_{n}" for n in range(120))]
        assert (found[0].amount_minor, found[0].currency, found[0].notes) == (
            50_000,
            "INR",
            {"order_id": "77", "v": "1"},
        )
        assert (found[1].currency, found[1].notes) == ("INR", {})


async def test_py_13_refunds_of_the_whole_account_are_listed_and_a_link_is_found_by_its_reference() -> None:
    async with desk() as at:
        link = await at.open()
        assert (await at.ask(FindPaymentLink("77-1"))).result == link
        assert await at.ask(FindPaymentLink("77-2")) == Refused("not_found")
        payment = at.fake.pay(link.link_id)
        given = [(await at.ask(RefundCapture(payment, 1_000, str(n), {}))).result for n in range(3)]
        since = int(NOW.timestamp())
        assert (await at.ask(ListGivenBack(since))).result == Refunds(given)
        assert (await at.ask(ListGivenBack(since + 1))).result == Refunds([])
        at.fake.faults.add("status_before", "refund_list_all", status=503)
        assert isinstance(await at.ask(ListGivenBack(since)), Again)
