"""A code on a letter: shown before paying, charged as shown, given back when nothing is paid (CP-5 to CP-8, PY-1)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.core.calls import Refused
from bot.core.calls.stripe import ExpireCheckout, OpenCheckout, RefundPayment
from handlers.appeals.settings import AppealSettings
from storage.billing.coupons.codes import coupon
from storage.billing.coupons.uses import use
from tests.handlers.billing.coupons.desk import Desk, open_desk


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as opened:
        yield opened


async def uses(desk: Desk) -> list[tuple[str, bool]]:
    rows = await desk.read(lambda work: work.rows(sa.select(use.c.state, use.c.is_late).order_by(use.c.id)))
    return [(row.state, row.is_late) for row in rows]


async def taken(desk: Desk) -> int:
    rows = await desk.read(lambda work: work.rows(sa.select(sa.func.sum(coupon.c.taken))))
    return int(rows[0][0])


async def test_py_1_cp_5_discount_and_total_are_shown_and_the_total_is_charged(desk: Desk) -> None:
    assert await desk.tell("spring 20") == (
        "Code SPRING20: 20 percent off. It counts for your next payment; NO COUPON drops it."
    )
    await desk.approve()
    await desk.request()
    assert "Code SPRING20: -$3.99." in desk.said
    assert "Certified letter $19.95, less $3.99, tax $0.00, total $15.96" in desk.said
    (call,) = desk.calls(OpenCheckout)
    assert call.amount_minor == 1596
    assert await uses(desk) == [("reserved", False)]
    await desk.pay()
    assert await desk.stage() == "paid"
    assert "aid $15.96" in desk.said
    assert await uses(desk) == [("redeemed", False)]
    assert "1 redeemed" in await desk.staff("coupon stats", "SPRING20")
    assert "no code" in "\n".join(message.text for message in await desk.me.say("coupon"))


async def test_cp_5_tax_is_that_of_the_reduced_price(tmp_path: Path) -> None:
    async with open_desk(tmp_path, AppealSettings(tax_bps=1000)) as desk:
        await desk.tell("spring20")
        await desk.approve()
        await desk.request()
        assert "less $3.99, tax $1.60, total $17.56" in desk.said
        assert desk.calls(OpenCheckout)[0].amount_minor == 1756


async def test_a_code_told_after_the_link_closes_it_and_a_cheaper_one_follows(desk: Desk) -> None:
    await desk.approve()
    await desk.request()
    assert "Your payment is made anew with it." in await desk.tell("spring20")
    assert len(desk.calls(ExpireCheckout)) == 1
    first, second = await desk.payments()
    assert (first.status, first.total_minor) == ("expired", 1995)
    assert (second.status, second.total_minor, second.discount_minor) == ("open", 1596, 399)
    await desk.me.say("no coupon")
    third = (await desk.payments())[2]
    assert (third.status, third.total_minor) == ("open", 1995)
    assert await uses(desk) == [("released", False)]
    await desk.pay("cs_3")
    assert await taken(desk) == 0


async def test_a68_cp_7_a_session_that_expires_releases_the_use_and_a_late_payment_redeems_it(desk: Desk) -> None:
    await desk.tell("spring20")
    await desk.approve()
    await desk.request()
    assert await taken(desk) == 1
    await desk.h.vendor(
        "stripe", "checkout.session.expired", desk.paid_thing(status="expired", payment_status="unpaid")
    )
    assert await uses(desk) == [("released", False)]
    assert await taken(desk) == 0
    await desk.pay()
    assert await uses(desk) == [("released", True)], "it came late, and went back in full within the day (CP-8)"
    assert await taken(desk) == 0


async def test_cp_7_a_session_that_stripe_refuses_releases_the_use(desk: Desk) -> None:
    await desk.tell("spring20")
    desk.vendors.answers[OpenCheckout] = lambda call: Refused("bad_request", "no")
    await desk.approve()
    await desk.request()
    assert await uses(desk) == [("released", False)]


async def test_a69_cp_7_the_second_channel_of_a_person_gets_no_second_use(desk: Desk) -> None:
    await desk.tell("spring20")
    await desk.order()
    assert await desk.tell("spring20") == "This code is already used."
    await desk.approve(number="900000418")
    await desk.request()
    assert (await desk.payments())[0].total_minor == 1995


async def test_a70_what_is_left_is_the_least_that_the_gateway_takes(tmp_path: Path) -> None:
    async with open_desk(tmp_path, AppealSettings(price_certified_cents=500)) as desk:
        await desk.staff("coupon new", "NEARLY 95%")
        await desk.tell("nearly")
        await desk.approve()
        await desk.request()
        assert desk.calls(OpenCheckout)[0].amount_minor == 50


async def test_a71_cp_5_over_nothing_there_is_no_payment_page_and_the_letter_leaves(desk: Desk) -> None:
    await desk.staff("coupon new", "FREE 100%")
    await desk.tell("free")
    await desk.approve()
    await desk.request()
    assert await desk.stage() == "paid"
    payment = await desk.payment()
    assert (payment.status, payment.total_minor, payment.charged_minor) == ("paid", 0, 0)
    assert payment.receipt in desk.said
    assert "aid $0.00" in desk.said
    await desk.wait(minutes=10)
    assert await desk.stage() == "submitted"
    assert desk.calls(OpenCheckout) == []
    assert [state for state, _ in await uses(desk)] == ["redeemed"]


async def test_a71_undo_of_a_free_letter_asks_no_refund_and_gives_the_code_back(desk: Desk) -> None:
    await desk.staff("coupon new", "FREE 100%")
    await desk.tell("free")
    await desk.order_free()
    await desk.me.say("undo")
    assert await desk.stage() == "refunded"
    assert desk.calls(RefundPayment) == []
    assert await uses(desk) == [("released", False)]


async def test_cp_8_undo_gives_the_money_and_the_use_back(desk: Desk) -> None:
    await desk.tell("spring20")
    await desk.order()
    await desk.me.say("undo")
    assert [call.amount_minor for call in desk.calls(RefundPayment)] == [1596]
    assert await uses(desk) == [("released", False)]
    assert "It counts for your next payment" in await desk.tell("spring20")


@pytest.mark.parametrize(
    ("code", "told"),
    [("PACKS 20% for=pack", "This code is not for this purchase."), ("BIG 20% min=30 currency=USD", "a higher price.")],
)
async def test_cp_3_a_code_that_does_not_count_says_why_and_the_price_stays(desk: Desk, code: str, told: str) -> None:
    await desk.staff("coupon new", code.replace("BIG", "BIGONE"))
    await desk.tell(code.partition(" ")[0].replace("BIG", "BIGONE"))
    await desk.approve()
    await desk.request()
    assert told in desk.said
    assert desk.calls(OpenCheckout)[0].amount_minor == 1995


async def test_cp_2_first_purchase_only(desk: Desk) -> None:
    await desk.staff("coupon new", "HELLO 20% first")
    assert "It counts" in await desk.tell("hello")
    await desk.me.say("no coupon")
    await desk.order()
    assert await desk.tell("hello") == "This code does not work here."
