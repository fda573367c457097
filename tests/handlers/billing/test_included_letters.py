"""Letters that a plan includes, in the real service: no payment within the quota, sold beyond it (PL-1, LG-5)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.calls import Refused
from bot.core.calls.lob import MailLetter
from handlers import billing
from storage.billing import subscriptions, usage
from storage.billing.ledger import operation
from storage.people import person
from storage.work import Work
from tests.handlers.appeals.order_kit import Shop


def on_plan(work: Work, plan: str) -> None:
    (row,) = work.rows(sa.select(person.c.id))
    subscriptions.add(work, row.id, plan=plan, version=1, state="active", anchor_at=work.now)


@asynccontextmanager
async def member(where: Path, plan: str | None = "basic") -> AsyncIterator[Shop]:
    """Open a shop in which billing answers, with a person on a plan."""
    async with Shop.open(where) as shop:
        billing.register(shop.h.registry)
        await shop.me.say("hello")
        if plan is not None:
            await shop.h.writers.run(lambda work: on_plan(work, plan))
        yield shop


async def states(shop: Shop) -> list[tuple[Any, ...]]:
    rows = await shop.h.writers.run(lambda work: work.rows(sa.select(operation.c.state, operation.c.used)))
    return [tuple(row) for row in rows]


async def test_pl_1_a_letter_within_the_quota_needs_no_payment_and_is_used_when_it_is_mailed(tmp_path: Path) -> None:
    async with member(tmp_path) as shop:
        await shop.approve(mail_class="standard")
        await shop.request()
        assert shop.vendors.sessions == {}
        shop.me.expect("included in your plan, nothing to pay")
        assert await states(shop) == [("reserved", 0)]
        await shop.wait(minutes=11)
        assert len(shop.vendors.posted) == 1
        assert await states(shop) == [("committed", 1)]
        counted = await shop.h.writers.run(lambda work: work.rows(sa.select(usage.record.c.metric)))
        assert [row.metric for row in counted] == ["letters_mailed"]
        await shop.approve(mail_class="standard", number="900000418")
        await shop.request()
        assert [call.amount_minor for call in shop.vendors.sessions.values()] == [900]


@pytest.mark.parametrize(("plan", "mail_class", "cents"), [(None, "standard", 900), ("pro", "certified", 1995)])
async def test_pl_1_without_a_quota_and_for_certified_mail_a_letter_is_sold(
    tmp_path: Path, plan: str | None, mail_class: str, cents: int
) -> None:
    async with member(tmp_path, plan) as shop:
        await shop.approve(mail_class=mail_class)
        await shop.request()
        assert [call.amount_minor for call in shop.vendors.sessions.values()] == [cents]
        assert await states(shop) == []


async def test_lg_5_undo_gives_the_letter_back_to_the_month(tmp_path: Path) -> None:
    async with member(tmp_path) as shop:
        await shop.approve(mail_class="standard")
        await shop.request()
        await shop.me.say("undo")
        shop.me.expect("this month has it again")
        assert await states(shop) == [("released", 0)]
        await shop.wait(minutes=30)
        assert (shop.vendors.posted, shop.vendors.refunded) == ({}, [])


async def test_lg_5_a_letter_that_the_printer_refuses_goes_back_to_the_month_after_a_day(tmp_path: Path) -> None:
    async with member(tmp_path) as shop:
        shop.vendors.answers[MailLetter] = lambda call: Refused("bad_address")
        await shop.approve(mail_class="standard")
        await shop.request()
        await shop.wait(hours=25)
        assert "this month has it again" in shop.me.last.text
        assert shop.vendors.refunded == []
        ((state, used),) = await states(shop)
        assert (state in ("released", "expired"), used) == (True, 0)
