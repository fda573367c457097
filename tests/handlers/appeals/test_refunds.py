"""Money out: rows before calls, keys, ceilings, events in any order, failures (REF-1 to REF-10)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.calls import Done, Refused
from bot.core.calls.stripe import FindRefunds, Refund, RefundPayment, Refunds
from handlers.appeals import operators, refunds
from storage.appeals import payments
from tests.handlers.appeals.order_kit import Shop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with Shop.open(tmp_path) as opened:
        yield opened


def _pending(call: RefundPayment) -> Done:
    return Done(Refund("re_1", "pending", call.amount_minor, "usd", call.payment_intent, call.metadata))


async def test_ref_10_key_is_payment_and_sequence(shop: Shop) -> None:
    await shop.order()
    await shop.me.say("undo")
    assert f"refund:{(await shop.payment()).id}:1" in await shop.keys()


async def test_ref_10_total_never_exceeds_the_charge(shop: Shop) -> None:
    await shop.mail()
    payment = await shop.payment()

    def give(amount: int | None) -> Any:
        return lambda turn: operators.refund(turn, payment.id, amount, actor="admin:1", reason="goodwill")

    assert await shop.act(give(1000))
    assert (await shop.payment()).status == "partially_refunded"
    assert not await shop.act(give(1000))
    assert await shop.act(give(None))
    assert not await shop.act(give(1))
    row = await shop.payment()
    assert (row.status, row.refunded_minor) == ("refunded", 1995)
    assert [call.amount_minor for call in shop.vendors.refunded] == [1000, 995]


async def test_refund_never_changes_a_stage_after_mailing(shop: Shop) -> None:
    await shop.mail()
    payment = await shop.payment()
    await shop.act(lambda turn: operators.refund(turn, payment.id, None, actor="admin:1", reason="goodwill"))
    assert await shop.stage() == "submitted"


async def test_st_13_pending_refund_settles_by_its_event_once(shop: Shop) -> None:
    shop.vendors.answers[RefundPayment] = _pending
    await shop.order()
    await shop.me.say("undo")
    assert await shop.stage() == "paid"
    assert (await shop.payment()).status == "refund_pending"
    (row,) = await shop.refunds()
    thing = {"id": "re_1", "status": "succeeded", "amount": 1995, "payment_intent": "pi_cs_1"}
    for key in ("a", "b"):
        await shop.h.vendor("stripe", "refund.updated", {**thing, "metadata": {"refund_id": str(row.id)}}, key)
    assert await shop.stage() == "refunded"
    assert (await shop.payment()).refunded_minor == 1995
    assert shop.said.count("Your refund of $19.95 has left us") == 1


async def test_charge_refunded_reads_the_refunds(shop: Shop) -> None:
    shop.vendors.answers[RefundPayment] = _pending
    await shop.order()
    await shop.me.say("undo")
    (row,) = await shop.refunds()
    listed = Refund("re_1", "succeeded", 1995, "usd", "pi_cs_1", {"refund_id": str(row.id)})
    shop.vendors.answers[FindRefunds] = lambda call: Done(Refunds([listed]))
    await shop.h.vendor("stripe", "charge.refunded", {"id": "ch_1", "payment_intent": "pi_cs_1"})
    assert await shop.stage() == "refunded"


async def test_ref_10_failed_refund_goes_to_people_and_the_person_is_told(shop: Shop) -> None:
    shop.vendors.answers[RefundPayment] = lambda call: Refused("charge_disputed")
    await shop.order()
    await shop.me.say("undo")
    assert "refund_failed" in await shop.alerts()
    assert "Our staff looks after it" in shop.said
    assert (await shop.payment()).status == "paid"
    await shop.wait(hours=1)
    assert not shop.vendors.posted
    del shop.vendors.answers[RefundPayment]
    payment = await shop.payment()
    assert await shop.act(lambda turn: operators.refund(turn, payment.id, None, actor="admin:1", reason="undo"))
    assert [r.seq for r in await shop.refunds()] == [1, 2]
    assert await shop.stage() == "refunded"


async def test_late_failure_of_a_settled_refund_is_owed_again(shop: Shop) -> None:
    await shop.mail()
    payment = await shop.payment()
    await shop.act(lambda turn: operators.refund(turn, payment.id, None, actor="admin:1", reason="goodwill"))
    await shop.h.vendor("stripe", "refund.failed", {"id": "re_1", "status": "failed", "payment_intent": "pi_cs_1"})
    row = await shop.payment()
    assert (row.status, row.refunded_minor) == ("paid", 0)
    assert "refund_failed" in await shop.alerts()


async def test_refund_made_by_hand_at_stripe_stops_the_letter(shop: Shop) -> None:
    await shop.order()
    thing = {"id": "re_hand", "status": "succeeded", "amount": 1995, "payment_intent": "pi_cs_1", "metadata": {}}
    await shop.h.vendor("stripe", "refund.created", thing)
    assert (await shop.letter()).status == "cancelled"
    assert await shop.stage() == "refunded"
    await shop.wait(hours=1)
    assert not shop.vendors.posted


async def test_refund_word_explains_and_opens_a_request_ref_7(shop: Shop) -> None:
    await shop.mail()
    await shop.me.say("refund")
    assert "none for the city's decision" in shop.me.last.text
    assert "refund_wanted" in await shop.alerts()
    assert not await shop.refunds()


async def test_operators_order_is_done_in_the_turn_of_the_person_it_is_about(shop: Shop) -> None:
    await shop.mail()
    payment, staff = await shop.payment(), shop.h.phone("sms", "+14155550166")
    await staff.say("hello")
    before = len(staff.messages)
    give = partial(operators.refund, payment_id=payment.id, amount_minor=500, actor="admin:1", reason="goodwill")
    assert await shop.act(give, staff)
    assert "A refund of $5.00 is on its way" in shop.said
    assert "refund" not in "".join(m.text for m in staff.messages[before:])
    assert [r.amount_minor for r in await shop.refunds()] == [500]


async def test_no_refund_while_the_letter_is_uncertain(shop: Shop) -> None:
    from bot.core.calls.lob import FindLetter, MailLetter

    shop.vendors.answers[MailLetter] = lambda call: Refused("gave_up")
    shop.vendors.answers[FindLetter] = lambda call: Refused("gave_up")
    await shop.mail()
    payment = await shop.payment()

    def attempt(turn: Any) -> str:
        try:
            operators.refund(turn, payment.id, None, actor="admin:1", reason="goodwill")
        except Exception as error:
            return str(error)
        return "given"

    assert await shop.act(attempt) == "appeals.operator.letter_uncertain"


async def test_database_refuses_a_refund_beyond_the_charge(shop: Shop) -> None:
    await shop.order()
    payment = await shop.payment()
    with pytest.raises(sa.exc.IntegrityError):
        await shop.read(lambda work: payments.change(work, payment.id, refunded_minor=1996))


async def test_nothing_is_given_back_for_an_unpaid_row(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    payment = await shop.payment()
    assert not await shop.act(lambda turn: refunds.give_back(turn, payment, "undo", told=None))
    assert not shop.vendors.refunded
