"""Staff give a renewal for Stars back: all of it, by its own charge, once; its month ends with it (TS-5, PY-5, A75)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.calls import Outcome, Refused
from bot.core.calls.stars import RefundStars
from bot.core.events import Event
from bot.engine.harness import Harness
from storage.billing import refunds
from storage.billing.charges import charge
from storage.billing.orders import order
from storage.reports import paying, selling
from storage.reports.during import During
from tests.handlers.billing.orders.shop import staff
from tests.handlers.billing.stars.kit import HANDLE, MONTH, Shop, open_shop

ALL = "all requested_by_customer did not want it"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with open_shop(tmp_path) as opened:
        opened.harness.registry.words["text"].insert(0, staff)
        await opened.say("plans")
        await opened.phone.tap("Basic")
        await opened.pay_plan(name="stxA")
        await opened.harness.wait(MONTH)
        await opened.pay_plan(name="stxR")
        yield opened


async def by_staff(shop: Shop, words: str) -> str:
    desk = shop.harness.phone("sms", "+14155550177")
    before = len(desk.messages)
    await desk.say(words)
    return desk.messages[before].text.removeprefix("Parley: ")


async def money(shop: Shop) -> tuple[int, int, int]:
    """Return Stars that were paid and went back, and how many refunds the figures count."""
    now = shop.harness.clock.now() + timedelta(seconds=1)
    span = During(now - timedelta(days=90), now, now.date(), now.date())
    taken = [one for one in await shop.harness.database.read(lambda c: selling.money(c, span)) if one.currency == "XTR"]
    asked = await shop.harness.database.read(lambda c: paying.asked(c, span))
    counted = sum(one.refunds for one in asked if one.currency == "XTR")
    return sum(one.paid_minor for one in taken), sum(one.refunded_minor for one in taken), counted


async def test_ts_5_the_newest_renewal_goes_back_by_its_own_charge_and_its_plan_ends(shop: Shop) -> None:
    told = await by_staff(shop, f"foresee finance pay refund stxR {ALL}")
    assert "REFUND 700 Stars of renewal" in told
    assert "plan ends" in told
    assert "700 Stars goes back" in await by_staff(shop, f"staff finance pay refund stxR {ALL}")
    assert [(call.user_id, call.charge_id) for call in shop.telegram.refunds] == [(5001, "stxR")]
    assert [(edit.charge_id, edit.is_canceled) for edit in shop.telegram.edits] == [("stxA", True)]
    assert [state for _, state, _ in await shop.plans()] == ["ended"]
    assert "700 Stars was given back" in shop.said
    assert await money(shop) == (1400, 700, 1)
    lines = [line for line in (await shop.say("billing")).splitlines() if "Stars" in line]
    assert ["refunded" in line for line in lines] == [True, False]
    assert await shop.states() == ["paid"], "the first charge stays as it was"


async def test_a75_said_twice_or_told_by_the_daily_list_as_well_it_goes_back_once(shop: Shop) -> None:
    shop.harness.redeliver = True
    await by_staff(shop, f"staff finance pay refund stxR {ALL}")
    assert "goes back while it is refunded" in await by_staff(shop, f"staff finance pay refund stxR {ALL}")
    told = {"charge_id": "stxR", "amount_minor": 700, "handle": HANDLE, "user_id": 5001, "payload": ""}
    await shop.harness.happen(Event("stars", "refund:stxR", "refunded", told))
    assert len(shop.telegram.refunds) == 1
    assert await shop.rows(refunds.refund.c.state, refunds.refund.c.amount_minor) == [("succeeded", 700)]
    assert (await money(shop), await shop.alerts()) == ((1400, 700, 1), [])


async def test_ts_5_one_that_was_made_elsewhere_is_adopted(shop: Shop) -> None:
    told = {"charge_id": "stxR", "amount_minor": 700, "handle": HANDLE, "user_id": 5001, "payload": ""}
    await shop.harness.happen(Event("stars", "refund:stxR", "refunded", told))
    assert (shop.telegram.refunds, await shop.alerts(), await money(shop)) == ([], ["foreign_refund"], (1400, 700, 1))
    assert [state for _, state, _ in await shop.plans()] == ["ended"]


async def test_ts_5_an_older_renewal_goes_back_and_the_month_that_runs_stays(shop: Shop) -> None:
    await shop.harness.wait(MONTH)
    await shop.pay_plan(name="stxS")
    assert "plan ends" not in await by_staff(shop, f"foresee finance pay refund stxR {ALL}")
    await by_staff(shop, f"staff finance pay refund stxR {ALL}")
    assert [call.charge_id for call in shop.telegram.refunds] == ["stxR"]
    assert [state for _, state, _ in await shop.plans()] == ["active"]


async def test_ts_5_a_part_of_it_cannot_go_back(shop: Shop) -> None:
    assert "all of it" in await by_staff(shop, "staff finance pay refund stxR 100 duplicate")
    assert shop.telegram.refunds == []


async def test_py_5_what_telegram_refuses_is_put_before_staff_and_may_be_tried_again(shop: Shop) -> None:
    kept = shop.harness.world[RefundStars]

    def refuse(call: RefundStars, harness: Harness) -> Outcome:
        return Refused("bad_request")

    shop.harness.world[RefundStars] = refuse
    await by_staff(shop, f"staff finance pay refund stxR {ALL}")
    assert await shop.alerts() == ["order_refund_failed"]
    assert "The money is still yours" in shop.said
    assert [state for _, state, _ in await shop.plans()] == ["active"]
    shop.harness.world[RefundStars] = kept
    await by_staff(shop, f"staff finance pay refund stxR {ALL}")
    assert [call.charge_id for call in shop.telegram.refunds] == ["stxR"]
    assert await shop.rows(refunds.refund.c.state) == [("succeeded",)]


async def test_pay_find_and_show_tell_of_renewals(shop: Shop) -> None:
    ((number,),) = await shop.rows(order.c.id)
    shown = await by_staff(shop, f"staff support pay show {number}")
    assert "renewal" in shown
    assert "stxR" in shown
    (renewal,) = [one[0] for one in await shop.rows(charge.c.id, charge.c.kind) if one[1] == "renewal"]
    for word in ("stxR", str(renewal)):
        assert await by_staff(shop, f"staff support pay find {word}") == (
            f"renewal {renewal}: Basic plan, 30 days, stars stxR, paid, charged 700 Stars, of order {number}"
        )
    await by_staff(shop, f"staff finance pay refund {renewal} {ALL}")
    assert "requested_by_customer, succeeded, by finance: did not want it" in await by_staff(
        shop, f"staff support pay show {number}"
    )
