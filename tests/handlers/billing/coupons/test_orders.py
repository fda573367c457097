"""A code on an order of the till: one call site, reserved, redeemed, released, given back (CP-5 to CP-8)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage.billing.coupons import codes
from storage.billing.coupons.codes import Terms, coupon
from storage.billing.coupons.uses import use
from storage.billing.orders import order
from storage.work import Work
from tests.handlers.billing.orders.shop import Shop, open_shop

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def given(bps: int, **terms: object) -> Terms:
    return Terms("percent", LONG_AGO, bps=bps, **terms)  # type: ignore[arg-type]


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    def make(work: Work) -> None:
        codes.add(work, "SPRING20", given(2000), creator="op:1")
        codes.add(work, "FREE", given(10_000), creator="op:1")
        codes.add(work, "PACKS", given(2000, products=("pack",)), creator="op:1")

    async with open_shop(tmp_path) as opened:
        await opened.harness.writers.run(make)
        yield opened


async def amounts(shop: Shop) -> list[tuple[object, ...]]:
    return await shop.rows(
        sa.select(order.c.discount_minor, order.c.total_minor, order.c.coupon, order.c.state).order_by(order.c.id)
    )


async def uses(shop: Shop) -> list[str]:
    return [row[0] for row in await shop.rows(sa.select(use.c.state).order_by(use.c.id))]


async def test_cp_7_a_code_typed_with_the_purchase_is_reserved_and_redeemed_by_its_payment(shop: Shop) -> None:
    one = await shop.buy("1", 500, "spring20")
    assert await amounts(shop) == [(100, 400, "SPRING20", "created")]
    session = await shop.tap(one)
    assert session is not None
    assert shop.bank.sessions[session]["amount"] == 400
    assert await uses(shop) == ["reserved"]
    await shop.pay(session)
    assert (await uses(shop), shop.counter.given) == (["redeemed"], ["1"])


async def test_cp_6_a_code_told_before_counts_for_the_next_order_and_for_no_other(shop: Shop) -> None:
    await shop.say("coupon spring20")
    one = await shop.buy("1", 500)
    session = await shop.tap(one)
    assert session is not None
    await shop.pay(session)
    await shop.buy("2", 500)
    assert [row[:2] for row in await amounts(shop)] == [(100, 400), (0, 500)]


async def test_a68_py_2_a_newer_order_of_the_purpose_takes_the_use_over(shop: Shop) -> None:
    await shop.buy("1", 500, "spring20")
    await shop.buy("1", 500, "spring20")
    assert await uses(shop) == ["released", "reserved"]
    await shop.harness.wait(timedelta(days=7))
    assert await uses(shop) == ["released", "released"]
    assert (await shop.rows(sa.select(coupon.c.taken).where(coupon.c.code == "SPRING20")))[0] == (0,)


async def test_a71_an_order_over_nothing_has_no_page_and_is_fulfilled_at_once(shop: Shop) -> None:
    await shop.buy("1", 500, "free")
    assert await amounts(shop) == [(500, 0, "FREE", "paid")]
    assert (shop.counter.given, shop.bank.sessions, await uses(shop)) == (["1"], {}, ["redeemed"])
    assert len(await shop.labels()) == 1, "a receipt over nothing"


async def test_cp_3_a_code_that_does_not_count_says_why_and_the_price_stays(shop: Shop) -> None:
    said = await shop.say("buy 1 500 packs")
    assert any("This code is not for this purchase." in one for one in said)
    assert [row[:3] for row in await amounts(shop)] == [(0, 500, None)]
