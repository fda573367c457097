"""BILLING_TAX=stripe: the tax that Stripe found stands in the row, on receipt and credit note (PY-1, PY-12)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from handlers.billing.documents import paper
from handlers.billing.tax import Rate
from storage.billing import documents
from storage.billing.orders import order
from tests.handlers.billing.orders.shop import Shop, open_shop

SUMS = sa.select(order.c.net_minor, order.c.tax_minor, order.c.total_minor, order.c.charged_minor)


async def papers(shop: Shop) -> list[list[tuple[str, str]]]:
    rows: list[Any] = await shop.harness.writers.run(lambda work: work.rows(documents.document.select()))
    made = [paper.of(shop.harness.seal, row) for row in sorted(rows, key=lambda row: row.id)]
    return [one["sums"] for one in made if one is not None]


@pytest.mark.parametrize("tells", [True, False], ids=["in the event", "only when it is read"])
async def test_py_12_the_receipt_bears_the_tax_that_stripe_worked_out(tmp_path: Path, tells: bool) -> None:
    async with open_shop(tmp_path, stripe_tax=True) as shop:
        shop.harness.redeliver = True
        shop.bank.tax_minor, shop.bank.tells_tax = 39, tells
        one = await shop.buy("1", 500)
        session = await shop.tap(one)
        assert session is not None
        assert shop.bank.sessions[session]["amount"] == 500
        (told,) = await shop.pay(session)
        assert "$5.00" in told.text
        assert await shop.rows(SUMS) == [(461, 39, 500, 500)]
        (sums,) = await papers(shop)
        assert sums == [("Net", "$4.61"), ("Tax (included)", "$0.39"), ("Total paid", "$5.00")]
        assert "$5.00 paid" in (await shop.say("billing"))[0]


async def test_py_12_no_tax_there_is_no_line_and_an_amount_that_is_none_is_not_believed(tmp_path: Path) -> None:
    async with open_shop(tmp_path, stripe_tax=True) as shop:
        for number, told in (("1", 0), ("2", 501), ("3", -1)):
            shop.bank.tax_minor = told
            session = await shop.tap(await shop.buy(number, 500))
            assert session is not None
            await shop.pay(session)
        assert set(await shop.rows(SUMS)) == {(500, 0, 500, 500)}
        assert set(map(len, await papers(shop))) == {1}


async def test_py_1_with_stripe_tax_the_offer_says_that_tax_is_included(tmp_path: Path) -> None:
    from datetime import timedelta

    from bot.engine.orders import Line, Wanted
    from bot.engine.turn import Turn
    from handlers.billing.orders.offering import offer

    async with open_shop(tmp_path, stripe_tax=True) as shop:

        def take(turn: Turn, text: str) -> bool:
            if text != "offer":
                return False
            wanted = Wanted("eggs", "9", (Line("Eggs", 500),), "USD", is_physical=True,
                            expires_at=turn.now + timedelta(days=1), title="Eggs")  # fmt: skip
            opened = turn.registry.till.open(turn, wanted)  # type: ignore[union-attr]
            offer(turn, opened, rule="billing.order.paid_already")
            return True

        shop.harness.registry.word("text")(take)
        assert "Eggs: $5.00, tax included. Total $5.00." in "\n".join(await shop.say("offer"))


async def test_a_quote_with_a_tax_of_its_own_is_not_taxed_again(tmp_path: Path) -> None:
    async with open_shop(tmp_path, rate=Rate("VAT", 2000), stripe_tax=True) as shop:
        shop.bank.tax_minor = 100
        session = await shop.tap(await shop.buy("1", 500))
        assert session is not None
        assert shop.bank.sessions[session]["taxed"] is False
        await shop.pay(session)
        assert await shop.rows(SUMS) == [(500, 100, 600, 600)]
        assert (await papers(shop))[0][1] == ("VAT", "$1.00")


async def test_py_12_a_credit_note_gives_its_part_of_the_tax_back(tmp_path: Path) -> None:
    async with open_shop(tmp_path, stripe_tax=True) as shop:
        shop.bank.tax_minor = 39
        one = await shop.buy("1", 500)
        session = await shop.tap(one)
        assert session is not None
        await shop.pay(session, "pi_1")
        for number, amount in enumerate((200, 300)):
            thing = {"id": f"re_{number}", "status": "succeeded", "amount": amount, "payment_intent": "pi_1"}
            await shop.harness.vendor("stripe", "refund.updated", thing)
        _, first, second = await papers(shop)
        assert first == [("Net", "$1.84"), ("Tax (included)", "$0.16"), ("Given back", "$2.00")]
        assert second == [("Net", "$2.77"), ("Tax (included)", "$0.23"), ("Given back", "$3.00")]
        rows = await shop.harness.writers.run(lambda work: work.rows(documents.document.select()))
        kept = [orjson.loads(shop.harness.seal.open(row.snapshot)) for row in rows]
        assert sum(part for one in kept if one["credits"] for _, part in one["taxes"]) == 39
