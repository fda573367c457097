"""Dropped drafts go with their pictures once UNDO is over; files that became nothing go after a month (SEC-R7)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.engine.harness import Harness
from jobs.receipt_retention import ReceiptRetention
from jobs.retention import Retention
from storage.blobs import blob
from storage.receipts import documents
from storage.receipts.documents import document
from storage.receipts.readings import reading
from storage.receipts.receipts import receipt
from storage.work import Work
from tests.handlers.receipts.flow.world import TRADER_JOES, met, open_world, photo, rows

DAY = timedelta(days=1)


async def _keep(harness: Harness) -> None:
    await ReceiptRetention(harness.database, harness.writers, harness.clock).run()
    await Retention(harness.database, harness.writers, harness.clock).run()


async def test_sec_r7_a_dropped_draft_goes_with_its_picture_when_undo_is_over(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        await ann.photo(photo(*TRADER_JOES))
        await ann.say("drop")
        await _keep(harness)
        assert len(await rows(harness, receipt)) == 1
        harness.clock.advance(DAY + timedelta(minutes=1))
        await _keep(harness)
        for table in (receipt, document, reading, blob):
            assert await rows(harness, table) == []


async def test_sec_r7_a_saved_receipt_keeps_its_picture_for_years(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        await ann.photo(photo(*TRADER_JOES))
        await ann.say("ok")
        for _ in range(3):
            harness.clock.advance(400 * DAY)
            await _keep(harness)
        assert len(await rows(harness, blob)) == len(await rows(harness, document)) == 1


async def test_sec_r7_a_file_that_became_no_receipt_goes_after_a_month(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        await ann.photo(photo(*TRADER_JOES))
        (kept,) = await rows(harness, document)

        def loose(work: Work) -> None:
            data = {"size": 1, "media_type": "image/png", "blob_id": kept.blob_id}
            documents.add(work, kept.person_id, sha256="ff", **data)

        await harness.writers.run(loose)
        harness.clock.advance(29 * DAY)
        await ReceiptRetention(harness.database, harness.writers, harness.clock).run()
        assert len(await rows(harness, document)) == 2
        harness.clock.advance(2 * DAY)
        await ReceiptRetention(harness.database, harness.writers, harness.clock).run()
        assert [row.id for row in await rows(harness, document)] == [kept.id]
        assert len(await rows(harness, blob)) == 1
