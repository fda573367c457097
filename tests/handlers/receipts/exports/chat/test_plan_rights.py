"""How many exports a plan has: those that were made count, MY DATA never does (PL-2, LG-5, data.exports)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.core.calls import Refused
from bot.core.calls.books import MakeExport
from bot.core.clock import FixedClock
from bot.core.limits import Limits, limits
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from handlers import billing
from storage.billing import usage
from storage.receipts.exports import export
from tests.handlers.receipts.exports.chat import shelf
from tests.handlers.receipts.exports.chat.shelf import NOW, Books


def register(registry: Registry) -> None:
    shelf.register(registry)
    billing.register(registry)


async def made(books: Books) -> list[str]:
    rows = await books.run(lambda work: work.rows(sa.select(export.c.state).order_by(export.c.id)))
    return [row.state for row in rows]


async def test_pl_2_the_third_export_of_a_month_waits_and_my_data_never_does(tmp_path: Path) -> None:
    world: dict[type, Any] = {MakeExport: shelf.make}
    async with Harness.open(register, tmp_path, FixedClock(NOW), world) as harness:
        books, phone = Books(harness), harness.phone("telegram")
        harness.redeliver = True
        who = await books.fill(phone)
        await phone.say("export csv")
        harness.world[MakeExport] = lambda call, harness: Refused("failed")
        await phone.say("export qif")
        harness.world[MakeExport] = shelf.make
        await phone.say("export csv 2019")
        await phone.say("export ofx")
        assert (await made(books)).count("made") == 2, "what failed, or was empty, was given back"
        (told,) = await phone.say("export beancount")
        assert "No export is left" in told.text
        assert "2 of 2" in told.text
        assert "Basic gives 10" in told.text
        assert "making" not in await made(books), "the next one is not in its way"
        month = datetime(2026, 3, 1, tzinfo=UTC)
        assert await books.run(lambda work: usage.total(work, who, "exports", month)) == 2
        before = len(phone.messages)
        await phone.say("MY DATA")
        assert "No export is left" not in "".join(one.text for one in phone.messages[before:])


async def test_or_4_the_fourth_export_of_a_day_waits_for_the_next_one_and_my_data_never_does(tmp_path: Path) -> None:
    world: dict[type, Any] = {MakeExport: shelf.make}
    async with Harness.open(shelf.register, tmp_path, FixedClock(NOW), world) as harness:
        harness.registry.settings[Limits] = limits()
        books, phone = Books(harness), harness.phone("telegram")
        await books.fill(phone)
        for kind in ("csv", "qif", "ofx"):
            assert any(one.file for one in await phone.say(f"export {kind}"))
        (told,) = await phone.say("export beancount")
        assert "all of your exports for a day" in told.text
        assert "exports for a day" not in "".join(one.text for one in await phone.say("MY DATA"))
        await harness.wait(timedelta(days=1), phone)
        assert any(one.file for one in await phone.say("export beancount"))
