"""What staff may do with money: find, show, send the page again, refund, note what came otherwise (PY-5, PY-11)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.calls.stripe import RefundPayment
from bot.engine.registry import Registry
from bot.engine.staff import Risk
from handlers import billing
from storage.alerts import alert
from storage.billing.orders import order
from tests.handlers.billing.orders.shop import Shop, open_shop


async def bought(shop: Shop, cents: int, reference: str = "1") -> int:
    one = await shop.buy(reference, cents)
    session = await shop.tap(one)
    assert session is not None
    await shop.pay(session)
    return one


async def by_staff(shop: Shop, words: str) -> str:
    """Let staff, on a phone of their own, say something."""
    desk = shop.harness.phone("sms", "+14155550177")
    before = len(desk.messages)
    await desk.say(words)
    return desk.messages[before].text.removeprefix("Parley: ")


def test_cm_4_the_rows_of_pay_carry_their_class_and_the_grave_ones_a_dry_run() -> None:
    registry = Registry()
    billing.register(registry)
    rows = {name: (int(row.risk), row.permission) for name, row in registry.staff.items() if name.startswith("pay ")}
    assert rows == {
        "pay find": (1, "pay.view"), "pay show": (1, "pay.view"), "pay relink": (2, "pay.view"),
        "pay refund": (3, "pay.refund"), "pay offline": (3, "pay.offline"),
    }  # fmt: skip
    assert all(row.foresee is not None for row in registry.staff.values() if row.risk >= Risk.GRAVE)


async def test_a74_refunds_never_exceed_what_was_paid(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        one = await bought(shop, 1995)
        heard: list[str] = []
        shop.harness.registry.listeners.append(lambda turn, what, ids: heard.append(f"{what} {ids['payment']}"))
        said = f"staff admin pay refund {one} 10.00 requested_by_customer torn in the post"
        assert await by_staff(shop, said) == f"Order {one}: $10.00 goes back; the person is told."
        assert await by_staff(shop, said) == "At most $9.95 can go back."
        shown = await by_staff(shop, f"staff admin pay show {one}")
        assert "$10.00 requested_by_customer, succeeded, by admin: torn in the post" in shown
        assert [call.amount_minor for call in shop.bank.refunds] == [1000]
        assert heard == [f"refund.created {one}"]
        assert await shop.refunds() == [(1000, "requested_by_customer", "succeeded")]
        assert await shop.state(one) == "partially_refunded"
        assert await by_staff(shop, f"staff admin pay refund {one} all duplicate") == (
            f"Order {one}: $9.95 goes back; the person is told."
        )
        assert (await shop.state(one), await shop.labels()) == (
            "refunded", ["R-2026-000001", "C-2026-000001", "C-2026-000002"],
        )  # fmt: skip


async def test_a75_a_refund_confirmed_twice_or_told_twice_is_one(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        shop.harness.redeliver = True
        one = await bought(shop, 1995)
        await by_staff(shop, f"staff admin pay refund {one} 10.00 duplicate")
        thing = {
            "id": "re_1", "status": "succeeded", "amount": 1000, "payment_intent": "pi_cs_1", "livemode": False,
            "metadata": shop.bank.refunds[0].metadata,
        }  # fmt: skip
        for _ in range(2):
            await shop.harness.vendor("stripe", "refund.updated", thing)
        assert len(shop.bank.refunds) == 1
        ((charged, given, back),) = await shop.rows(
            sa.select(order.c.charged_minor, order.c.given_minor, order.c.refunded_minor)
        )
        assert (charged, given, back) == (1995, 1000, 1000)


@pytest.mark.parametrize(
    ("role", "cents", "expected"),
    [
        ("finance", 10_000, "alone"), ("finance", 10_001, "second"), ("admin", 50_000, "alone"),
        ("admin", 50_001, "second"), ("support", 1, "second"),
    ],
)  # fmt: skip
async def test_py_5_what_a_role_gives_back_alone(tmp_path: Path, role: str, cents: int, expected: str) -> None:
    async with open_shop(tmp_path) as shop:
        one = await bought(shop, 60_000)
        told = await by_staff(shop, f"foresee {role} pay refund {one} {cents / 100:.2f} fraudulent")
        assert told.endswith(f"[refund {one}] {expected}")
        assert f"REFUND ${cents / 100:,.2f} of order {one}: Eggs" in told
        assert shop.bank.refunds == []


async def test_py_5_a_refund_that_fails_is_put_before_people_and_may_be_tried_again(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        one = await bought(shop, 500)
        shop.bank.refund_status = "pending"
        await by_staff(shop, f"staff admin pay refund {one} all duplicate")
        assert await by_staff(shop, f"staff admin pay refund {one} all duplicate") == "At most $0.00 can go back."
        thing = {"id": "re_1", "status": "failed", "amount": 500, "payment_intent": "pi_cs_1", "livemode": False}
        await shop.harness.vendor("stripe", "refund.failed", thing)
        assert ("order_refund_failed",) in await shop.rows(sa.select(alert.c.kind))
        assert "The money is still yours" in shop.phone.last.text
        shop.bank.refund_status = "succeeded"
        await by_staff(shop, f"staff admin pay refund {one} all duplicate")
        assert (await shop.state(one), len(shop.bank.refunds)) == ("refunded", 2)


async def test_py_11_money_that_came_otherwise_needs_amount_currency_and_reference(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        one = await shop.buy("1", 500)
        assert await by_staff(shop, f"foresee finance pay offline {one} 5.00 USD") == (
            "/pay offline NUMBER AMOUNT CURRENCY REFERENCE"
        )
        assert await by_staff(shop, f"foresee finance pay offline {one} 4.00 USD TR-1") == "That order comes to $5.00."
        told = await by_staff(shop, f"foresee finance pay offline {one} 5.00 USD TR-1")
        assert told.startswith(f"PAID OFFLINE $5.00 for order {one} (Eggs), reference TR-1.")
        await by_staff(shop, f"staff finance pay offline {one} 5.00 USD TR-1")
        assert (shop.counter.given, await shop.state(one), await shop.labels()) == (["1"], "paid", ["R-2026-000001"])
        acts = await shop.rows(sa.text("SELECT action FROM audit"))  # type: ignore[arg-type]
        assert ("pay.offline",) in acts
        await by_staff(shop, f"staff finance pay refund {one} all duplicate")
        assert (await shop.state(one), shop.bank.refunds) == ("refunded", [])


async def test_py_11_one_transfer_may_pay_two_orders_under_its_one_reference(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        both = [await shop.buy(reference, 500) for reference in ("1", "2")]
        for one in both:
            await by_staff(shop, f"staff finance pay offline {one} 5.00 USD TR-2026-77")
        assert shop.counter.given == ["1", "2"]
        assert [await shop.state(one) for one in both] == ["paid", "paid"]
        for one in both:
            assert "TR-2026-77" in await by_staff(shop, f"staff support pay show {one}")
        assert str(both[0]) in await by_staff(shop, "staff support pay find TR-2026-77")


async def test_pay_find_and_show_tell_what_became_of_an_order_and_relink_sends_the_page(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        one = await shop.buy("1", 500)
        before = len(shop.phone.messages)
        assert await by_staff(shop, f"staff admin pay relink {one}") == f"Order {one}: the person gets the page again."
        assert "/p/" in shop.phone.messages[before].text
        session = await shop.tap(one)
        assert session is not None
        await shop.pay(session)
        for number in (str(one), "R-2026-000001", "cs_1", "pi_cs_1"):
            found = await by_staff(shop, f"staff support pay find {number}")
            assert found == f"order {one}: Eggs (eggs 1), stripe, paid, charged $5.00, back $0.00"
        assert "receipt R-2026-000001" in await by_staff(shop, f"staff support pay show {one}")
        assert await by_staff(shop, "staff support pay find nobody") == "Nothing is known by nobody."
        assert await by_staff(shop, f"staff admin pay relink {one}") == "That order is not open."


async def test_py_9_nothing_is_given_back_on_top_of_a_dispute(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        one = await bought(shop, 500)
        thing: dict[str, Any] = {"id": "dp_1", "payment_intent": "pi_cs_1", "livemode": False}
        await shop.harness.vendor("stripe", "charge.dispute.created", thing)
        told = await by_staff(shop, f"staff admin pay refund {one} all duplicate")
        assert told == "Nothing goes back while it is disputed."
        for reference in ("1", "2"):
            assert "disputes an earlier payment" in (await shop.say(f"buy {reference} 500"))[0]
        await shop.harness.vendor("stripe", "charge.dispute.closed", thing | {"status": "lost"})
        assert "disputes an earlier payment" in (await shop.say("buy 2 500"))[0]
        assert (await shop.state(one), shop.counter.taken_back, shop.counter.given_again) == ("disputed", ["1"], [])
        assert not any(isinstance(call, RefundPayment) for call in shop.harness.calls)
