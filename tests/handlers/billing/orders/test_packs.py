"""Packs: said, paid, used, given back, in a shop whose gateway is played (PL-1, PY-5, A37, A74, A75)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from storage.billing import grants
from storage.billing.ledger import entry
from storage.work import Work
from tests.handlers.billing.orders.shop import Shop, open_shop

DAY = timedelta(days=1)
GRANTS = sa.select(grants.grant.c.source, grants.grant.c.amount, grants.grant.c.taken).order_by(grants.grant.c.id)


async def bought(shop: Shop, words: str = "pack 1", intent: str = "") -> int:
    """Buy a pack and pay it; return the order's id."""
    await shop.say(words)
    one = await shop.newest()
    session = await shop.tap(one)
    assert session is not None
    await shop.pay(session, intent)
    return one


@pytest.mark.parametrize("words", ["PACK", "buy", "/pack", "Packs?", "more packs"])
async def test_pl_1_what_a_person_types_lists_the_packs(tmp_path: Path, words: str) -> None:
    async with open_shop(tmp_path) as shop:
        assert await shop.say(words) == [
            "PACK 1: 100 more receipts to read, $5.00. PACK 2: 200 more coach messages, $6.00. Each lasts 12 months."
        ]


async def test_py_1_the_offer_says_item_price_total_rule_and_end_before_the_link(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        for words in ("pack 1", "buy receipts", "buy 100 more receipts"):
            (told,) = await shop.say(words)
            assert told.partition("\n")[0] == (
                "100 more receipts to read: $5.00. Total $5.00. Good for 12 months; what is unused can be refunded. "
                "Pay by 25 Mar."
            )
            assert "/p/" in told
        (told,) = await shop.say("buy coach messages")
        assert told.startswith("200 more coach messages: $6.00.")
        assert not (await shop.say("buy milk"))[0].startswith("Good")


async def test_pl_1_a_paid_pack_is_burnt_after_the_plan_and_ends_after_twelve_months(tmp_path: Path) -> None:
    """A37: what is over gives nothing."""
    async with open_shop(tmp_path) as shop:
        shop.harness.redeliver = True
        await bought(shop)
        assert await shop.rows(GRANTS) == [("pack", 100, 0)]
        assert "0 of 115 receipts read" in (await shop.say("usage"))[0]
        two = await bought(shop)
        assert (await shop.state(two), shop.bank.refunds) == ("paid", [])
        assert "0 of 215 receipts read" in (await shop.say("usage"))[0]
        shop.harness.clock.advance(366 * DAY)
        assert "0 of 15 receipts read" in (await shop.say("usage"))[0]


async def test_py_5_a_refunded_pack_loses_what_is_unused_and_keeps_what_was_used(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        one = await bought(shop)

        def use(work: Work) -> None:
            (row,) = work.rows(sa.select(grants.grant))
            grants.take(work, row.id, 40, most=100)

        await shop.harness.writers.run(use)
        shop.harness.clock.advance(DAY)
        thing = {"id": "re_9", "status": "succeeded", "amount": 500, "payment_intent": "pi_cs_1", "livemode": False}
        for _ in range(2):
            await shop.harness.vendor("stripe", "refund.updated", thing)
        assert await shop.state(one) == "refunded"
        assert await shop.labels() == ["R-2026-000001", "C-2026-000001"]
        lost = await shop.rows(sa.select(entry.c.kind, entry.c.amount))
        assert lost == [("revoke", 60)]
        assert "0 of 15 receipts read" in (await shop.say("usage"))[0]


async def test_py_9_a_disputed_pack_rests_and_comes_back_when_it_is_won(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        one = await bought(shop)
        shop.harness.clock.advance(DAY)
        thing = {"id": "dp_1", "payment_intent": "pi_cs_1", "status": "needs_response", "livemode": False}
        due = {"evidence_details": {"due_by": 1_775_000_000}}
        for _ in range(2):
            await shop.harness.vendor("stripe", "charge.dispute.created", thing | due)
        assert await shop.state(one) == "disputed"
        assert "disputes an earlier payment" in (await shop.say("pack 1"))[0]
        assert "0 of 15 receipts read" in (await shop.say("usage"))[0]
        for _ in range(2):
            await shop.harness.vendor("stripe", "charge.dispute.closed", thing | {"status": "won"})
        assert await shop.state(one) == "paid"
        assert "0 of 115 receipts read" in (await shop.say("usage"))[0]
        assert "/p/" in (await shop.say("pack 1"))[0]
        alerts = await shop.rows(sa.text("SELECT kind, details FROM alert ORDER BY id"))  # type: ignore[arg-type]
        assert [kind for kind, _ in alerts] == ["order_dispute", "order_dispute_closed"]
        assert "2026-03-31" in str(alerts[0][1])


async def test_section_6_inside_telegram_packs_cost_stars_and_no_other_price_is_told(tmp_path: Path) -> None:
    async with open_shop(tmp_path, "telegram") as shop:
        (said,) = await shop.say("pack")
        assert "PACK 1: 100 more receipts to read, 400 Stars." in said
        assert "$" not in said
