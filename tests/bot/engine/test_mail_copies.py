"""What is worth a copy by mail says so, once: a payment, and a login of staff (ID-11)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from bot.engine.turn import Turn
from tests.handlers.billing.orders.shop import open_shop
from tests.handlers.support.counter import Counter


class Kept:
    """Copies that would be sent."""

    def __init__(self) -> None:
        self.copies: list[tuple[str, dict[str, str]]] = []

    def __call__(self, turn: Turn, kind: str, args: Mapping[str, object]) -> bool:
        """Keep one."""
        self.copies.append((kind, {name: str(value) for name, value in args.items()}))
        return True


async def test_id_11_a_paid_order_has_one_copy_with_its_receipt(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        kept = shop.harness.registry.mail_copy = Kept()
        shop.harness.redeliver = True
        session = await shop.tap(await shop.buy("1", 500))
        assert session is not None
        await shop.pay(session)
        await shop.pay(session)
        assert kept.copies == [("paid", {"total": "$5.00", "what": "Eggs, R-2026-000001", "day": "Mar 18, 2026"})]


async def test_id_11_a_login_has_a_copy_and_a_wrong_code_has_none(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        kept = counter.registry.mail_copy = Kept()
        await counter.ann.say("/login 000000")
        assert kept.copies == []
        await counter.login()
        assert kept.copies == [("login", {"name": "ann", "when": "2026-03-02 17:01 UTC"})]
