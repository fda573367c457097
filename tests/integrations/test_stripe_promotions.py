"""Promotion codes at the fake Stripe through the real adapter (CP-6, SB-18)."""

from __future__ import annotations

from pathlib import Path

from bot.core.calls import Done
from bot.core.calls.promotions import MakePromotion, Promotion
from bot.core.clock import FixedClock
from integrations.fakes.stripe import StripeFake
from integrations.stripe import StripeAdapter
from tests.conftest import FRIDAY
from tests.integrations.door import attempt


async def test_cp_6_a_code_takes_an_amount_off_once_and_a_second_try_makes_no_second_one(tmp_path: Path) -> None:
    async with StripeFake(FixedClock(FRIDAY)) as fake:
        assert isinstance(fake, StripeFake)
        adapter = StripeAdapter("sk_test_" + "x" * 24, base_url=fake.url)
        try:
            call = MakePromotion("42", "SPRING20", 580, "USD")
            outcomes = [await adapter.calls[MakePromotion](call, attempt(key="promotion:42")) for _ in range(2)]
        finally:
            await adapter.close()
        (first, second) = outcomes
        assert isinstance(first, Done)
        assert isinstance(first.result, Promotion)
        assert first == second
        (coupon,) = list(fake.promotions.coupons)
        (code,) = list(fake.promotions.codes)
        assert (coupon["amount_off"], coupon["currency"], coupon["duration"]) == (580, "usd", "once")
        assert code["promotion"] == {"type": "coupon", "coupon": "parley_42"}
        assert code["id"] == first.result.promotion_code
