"""Invoices of plans in our rows: also those that no look shows and no event told (PY-8, RP-1)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from bot.core.calls.subscriptions import ListPlanInvoices
from storage.billing.plan_invoices import plan_invoice
from tests.handlers.billing.plan_world import open_shop


async def test_py_8_invoices_paid_before_the_first_look_are_recorded_though_no_longer_the_newest(
    tmp_path: Path,
) -> None:
    """Nobody looked for two months: no event of theirs came, and a look shows the newest invoice alone."""
    async with open_shop(tmp_path) as shop:
        await shop.choose()
        await shop.say("ok")
        shop.fake.pay(str(await shop.tap()))
        shop.h.clock.advance(timedelta(days=62))
        shop.fake.expire_due()
        events = shop.news()
        last = [one for one in events if one["type"] == "customer.subscription.updated"][-1:]
        for _ in range(2):
            await shop.deliver(last)
        said = "\n".join(await shop.say("billing"))
        assert [f"DEMO-000{n}" in said for n in (1, 2, 3)] == [True] * 3
        rows = await shop.rows(sa.select(plan_invoice.c.status, plan_invoice.c.amount_minor, plan_invoice.c.paid_at))
        assert [(one.status, one.amount_minor) for one in rows] == [("paid", 900)] * 3
        assert None not in {one.paid_at for one in rows}
        before = len(rows)
        await shop.deliver(events)
        assert len(await shop.rows(sa.select(plan_invoice))) == before
        assert await shop.log() == ["created"]


async def test_py_8_a_plan_that_is_looked_at_from_its_beginning_costs_no_list(tmp_path: Path) -> None:
    async with open_shop(tmp_path) as shop:
        await shop.buy()
        assert [call for call in shop.h.calls if isinstance(call, ListPlanInvoices)] == []
