"""The pay page of an order on a running server: shown, tapped, paid, ended, and honest while Stripe is out (SB-2)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.core.clock import FixedClock
from bot.core.settings import Settings
from bot.engine.registry import Registry
from bot.web.pages import order as order_page
from handlers.billing.orders.settings import OrderSettings, use_settings
from storage.billing.orders import order
from tests.conftest import FRIDAY
from tests.crash.test_order_crash_points import register
from tests.databases import prepared_database
from tests.simulation.world import LINK, World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path) as opened:
            await opened.phone().say("hi")
            await opened.rest()
            yield opened


async def link(world: World) -> str:
    """Ask for a pack and return the newest page."""
    await world.phone().say("pack 1")
    await world.rest()
    return [found[0] for text in world.phone().texts if (found := LINK.search(text))][-1]


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.get(url) as answer:
        return answer.status, await answer.text()


async def press(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as http, http.post(url, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("Location", "") or await answer.text()


async def test_py_1_sb_2_the_page_says_what_is_bought_and_its_button_leads_to_the_checkout(world: World) -> None:
    page = await link(world)
    status, text = await get(page)
    assert status == 200
    for part in ("100 more receipts to read", "$5.00", "Pay $5.00", "Stripe"):
        assert part in text
    assert len(world.vendors.stripe.checkout.shelf) == 0
    checkouts = {await press(page) for _ in range(2)}
    ((status, checkout),) = checkouts
    assert (status, "/c/pay/cs_test" in checkout) == (303, True)
    (session,) = world.vendors.stripe.checkout.shelf
    assert (session["amount_total"], session["expires_at"]) == (500, int((FRIDAY + timedelta(hours=24)).timestamp()))
    world.pay_all()
    await world.rest()
    assert "Already paid" in (await press(page))[1]
    assert any("Paid $5.00" in text for text in world.phone().texts)


async def test_py_2_qt_3_a_page_that_was_replaced_or_ended_says_so_and_makes_no_session(world: World) -> None:
    first, second = await link(world), await link(world)
    assert (await get(first))[0] == (await press(first))[0] == 410
    await world.advance(timedelta(days=7, minutes=1))
    assert (await get(second))[0] == (await press(second))[0] == 410
    assert len(world.vendors.stripe.checkout.shelf) == 0


async def test_sb_2_while_stripe_is_out_the_page_asks_to_try_again_and_the_link_stays_good(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(order_page, "LOOKS", 2)
    page = await link(world)
    world.vendors.stripe.faults.add("status_before", "checkout.sessions.create", times=2)
    status, text = await press(page)
    assert (status, "Try again in a minute" in text) == (503, True)
    await world.advance(timedelta(minutes=5))
    assert (await press(page))[0] == 303
    assert len(world.vendors.stripe.checkout.shelf) == 1


class Taxed(World):
    """A town whose prices include the tax that Stripe works out."""

    def settings(self) -> Settings:
        return super().settings().model_copy(update={"billing_tax": "stripe"})


def register_taxed(registry: Registry) -> None:
    use_settings(registry, OrderSettings(stripe_tax=True))
    register(registry)


async def test_py_1_py_12_stripe_tax_is_told_before_and_stands_in_the_row_after_paying(tmp_path: Path) -> None:
    with prepared_database("sqlite", tmp_path) as url:
        async with Taxed.open(register_taxed, url, FixedClock(FRIDAY), tmp_path) as world:
            await world.phone().say("hi")
            await world.rest()
            page = await link(world)
            assert "tax included" in world.phone().texts[-1]
            assert "<dt>Tax</dt><dd>included</dd>" in (await get(page))[1]
            await press(page)
            world.pay_all()
            await world.rest()
            (session,) = world.vendors.stripe.checkout.shelf
            assert (session["amount_total"], session["total_details"]["amount_tax"]) == (500, 39)
            (row,) = await world.app.database.read(lambda c: list(c.execute(order.select())))
            assert row.method == "Visa ...4242", "PY-6: brand and last four"
            assert (row.net_minor, row.tax_minor, row.total_minor, row.charged_minor) == (461, 39, 500, 500)
