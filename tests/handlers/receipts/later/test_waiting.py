"""Drafts that wait: a nudge after a day, a notice on day 27, gone on day 30, never without the notice (DRF-4)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from storage.blobs import blob
from storage.receipts.documents import document
from storage.receipts.readings import reading
from storage.receipts.receipts import receipt
from tests.handlers.receipts.flow.world import TRADER_JOES, met, open_world, photo, receipt_states, rows, screens

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def test_drf_4_a_draft_is_nudged_once_announced_and_then_deleted_with_its_picture(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.photo(photo(*TRADER_JOES))
        assert await harness.wait(23 * HOUR, ann) == []
        (nudge,) = await harness.wait(2 * HOUR, ann)
        assert nudge.text == "Parley: Trader Joe's $26.23 waits for your OK: REVIEW shows it."
        assert nudge.purpose == "nudge"
        assert await harness.wait(25 * DAY, ann) == []
        (notice,) = await harness.wait(DAY, ann)
        assert (
            notice.text == "Parley: Trader Joe's $26.23 still waits and is deleted on Apr 17. REVIEW, then OK saves it."
        )
        assert notice.purpose == "notice"
        assert await receipt_states(harness) == ["draft"]
        assert await harness.wait(3 * DAY, ann) == []
        for table in (receipt, document, reading, blob):
            assert await rows(harness, table) == []
        (answer, *_) = screens(await ann.say("ok"))
        assert "Saved" not in answer


async def test_drf_4_saved_in_time_nothing_is_said_and_review_lists_what_waits(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        await ann.say("12.50 lunch joe's")
        await ann.say("ok")
        await ann.say("5.50 coffee starbucks")
        await ann.say("8.25 7-eleven")
        (nudge,) = await harness.wait(25 * HOUR, ann)
        assert nudge.text.startswith("2 receipts wait for your OK, Starbucks $5.50 first")
        (listed, *_) = screens(await ann.say("review"))
        assert "Starbucks $5.50" in listed
        assert "7-Eleven $8.25" in listed


async def test_drf_4_what_is_taken_back_waits_anew_and_keeps_its_three_days_of_notice(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        await ann.say("12.50 lunch joe's")
        await harness.wait(23 * HOUR, ann)
        await ann.say("ok")
        await harness.wait(23 * HOUR, ann)
        await ann.say("undo")
        assert await receipt_states(harness) == ["draft"]
        assert len(await harness.wait(25 * HOUR, ann)) == 1
        assert len(await harness.wait(26 * DAY, ann)) == 1
        assert await receipt_states(harness) == ["draft"]
        await harness.wait(4 * DAY, ann)
        assert await receipt_states(harness) == []


async def test_drf_4_after_a_month_of_silence_of_ours_the_notice_still_comes_three_days_before(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        await ann.say("12.50 lunch joe's")
        ann.messages.clear()
        harness.clock.advance(40 * DAY)
        await harness.rest()
        assert [one.purpose for one in ann.messages] == ["notice"]
        assert await receipt_states(harness) == ["draft"]
        await harness.wait(2 * DAY, ann)
        assert await receipt_states(harness) == ["draft"]
        await harness.wait(1 * DAY, ann)
        assert await receipt_states(harness) == []
