"""A session that Stripe does not show: what its signed event told counts, also for a letter that is paid (HOOK-5)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.core.calls import Refused
from bot.core.calls.stripe import ReadCheckout
from bot.engine.turn import Turn
from tests.handlers.appeals.order_kit import Shop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with Shop.open(tmp_path) as opened:
        yield opened


async def test_hook_5_a_second_session_whose_read_fails_after_the_first_was_taken_goes_back(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    await shop.pay()
    payment = await shop.payment()
    shop.vendors.answers[ReadCheckout] = lambda call: Refused("resource_missing")
    told = {
        "session_id": "cs_9", "paid": True, "expired": False, "amount_minor": payment.total_minor, "currency": "USD",
        "intent": "pi_cs_9",
    }  # fmt: skip

    def ask(turn: Turn) -> None:
        context = {"payment": payment.id, "told": told}
        turn.call(ReadCheckout("cs_9"), then="appeals.checkout_read", context=context)

    await shop.act(ask)
    assert [call.payment_intent for call in shop.vendors.refunded] == ["pi_cs_9"]
