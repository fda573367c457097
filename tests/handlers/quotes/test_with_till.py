"""A quote at the real till: the amount of the quote, no session after its days, paid once (QT-3, QT-5, A117)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import bot.engine
from bot.core.calls.stripe import ExpireCheckout, OpenCheckout, ReadCheckout, RefundPayment
from bot.core.calls.workshop import TypesetSheet
from bot.core.clock import FixedClock
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from handlers import billing, quotes
from handlers.billing.orders.settings import OrderSettings, use_settings
from handlers.billing.tax import Rate
from storage.billing.orders import order
from storage.quotes.quotes import quote
from tests.handlers.billing.orders.shop import Bank, Counter, Shop
from tests.handlers.quotes.world import NOW, A, B, typeset


@asynccontextmanager
async def open_counter(where: Path, house: Rate) -> AsyncIterator[Shop]:
    bank = Bank()

    def register(registry: Registry) -> None:
        registry.add_texts(Path(bot.engine.__file__).parent / "texts")
        registry.introduces = False
        use_settings(registry, OrderSettings(rate=house, fiscal_start=1))
        billing.register(registry)
        quotes.register(registry)

    world: dict[type, Any] = {
        OpenCheckout: bank.open, ReadCheckout: bank.read, ExpireCheckout: bank.expire, RefundPayment: bank.refund,
        TypesetSheet: typeset,
    }  # fmt: skip
    async with Harness.open(register, where, FixedClock(NOW), world) as harness:
        yield Shop(harness, harness.phone("sms"), Counter(), bank)


async def accepted(shop: Shop, line: str) -> int:
    for text in (line, "ok", "quote 1001 send", "quote 1001 accept"):
        await shop.say(text)
    return await shop.newest()


@pytest.mark.parametrize("house", [Rate(), Rate("Sales tax", 1000), Rate("GST", 500)])
async def test_qt_5_the_till_charges_what_the_quote_says_whatever_the_house_takes(tmp_path: Path, house: Rate) -> None:
    async with open_counter(tmp_path, house) as shop:
        order_id = await accepted(shop, B)
        assert await shop.rows(sa.select(order.c.total_minor, order.c.tax_minor, order.c.currency)) == [
            (2_783_025, 132_525, "INR")
        ]
        session = await shop.tap(order_id)
        assert session is not None
        await shop.pay(session)
        assert (await shop.rows(sa.select(quote.c.state))) == [("paid",)]
        assert "Q-1001 is paid: 27,830.25 INR" in "\n".join(message.text for message in shop.phone.messages)


async def test_a117_a_tap_on_the_page_after_its_days_makes_no_session(tmp_path: Path) -> None:
    async with open_counter(tmp_path, Rate()) as shop:
        order_id = await accepted(shop, A)
        await shop.harness.wait(timedelta(days=7))
        assert await shop.tap(order_id) is None
        assert shop.bank.sessions == {}
        assert await shop.state(order_id) == "expired"
        assert "was valid to" in "\n".join(await shop.say("quote 1001 pay"))
