"""The same purchase twice, and purchases that only look alike (rules DUP-1 to DUP-5, CAP-13)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.calls import Done, Outcome
from bot.core.calls.reading import PrintRead, ReadPrint
from bot.engine.harness import Harness
from handlers.receipts.reading import page_of_text
from storage.receipts.ledger import transaction
from tests.handlers.receipts.flow.world import TRADER_JOES, met, open_world, photo, receipt_states, rows, screens

ALIKE = "This looks like R7K2 (Trader Joe's $26.23, Mar 15). 1 Same, forget it 2 Different, save both"


async def test_dup_1_the_same_bytes_are_told_also_through_another_way(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.photo(photo(*TRADER_JOES))
        await ann.say("ok")
        assert screens(await ann.photo(photo(*TRADER_JOES), media_type="application/pdf")) == [ALIKE]
        assert screens(await ann.say("1")) == ["Forgotten. The earlier one stays."]
        assert len(await rows(harness, transaction)) == 1
        assert sum(isinstance(call, ReadPrint) for call in harness.calls) == 1


async def test_dup_4_different_is_remembered_for_the_pair(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.photo(photo(*TRADER_JOES))
        await ann.say("ok")
        await ann.photo(photo(*TRADER_JOES))
        assert screens(await ann.say("different"))[0].startswith("Trader Joe's $26.23, Mar 15, Supermarket.")
        await ann.say("ok")
        assert len(await rows(harness, transaction)) == 2


async def test_the_same_bytes_while_the_draft_waits_show_the_draft(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.photo(photo(*TRADER_JOES))
        assert screens(await ann.photo(photo(*TRADER_JOES)))[0].startswith("Trader Joe's $26.23, Mar 15")
        assert await receipt_states(harness) == ["draft"]


async def test_dup_1_words_with_a_picture_whose_draft_waits_change_that_draft(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.photo(photo(*TRADER_JOES))
        shown = screens(await ann.photo(photo(*TRADER_JOES), caption="lunch with Ann #work"))[0]
        assert shown.startswith("Trader Joe's $26.23, Mar 15, Supermarket #work (lunch with Ann).")
        assert await receipt_states(harness) == ["draft"]


async def test_dup_1_words_with_a_picture_that_is_saved_are_kept_with_the_second_or_told_to_be_gone(
    tmp_path: Path,
) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.photo(photo(*TRADER_JOES))
        await ann.say("ok")
        assert screens(await ann.photo(photo(*TRADER_JOES), caption="for the office #work")) == [ALIKE]
        assert screens(await ann.say("1")) == [
            "Forgotten, with your words. The earlier one stays as it was; EDIT R7K2 changes it."
        ]
        await ann.photo(photo(*TRADER_JOES), caption="for the office #work")
        shown = screens(await ann.say("different"))[0]
        assert shown.startswith("Trader Joe's $26.23, Mar 15, Supermarket #work (for the office).")


async def test_a_dropped_picture_is_read_again(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.photo(photo(*TRADER_JOES))
        await ann.say("drop")
        assert screens(await ann.photo(photo(*TRADER_JOES)))[0].startswith("Trader Joe's $26.23, Mar 15")
        assert await receipt_states(harness) == ["rejected", "draft"]


def _with_hash(shape: int) -> object:
    def read(call: ReadPrint, harness: Harness) -> Outcome:
        text = harness.blob(call.blobs[0]).decode()
        return Done(PrintRead([page_of_text(text)], "local_ocr", 1, {}, {str(call.blobs[0]): shape}))

    return read


@pytest.mark.parametrize(("second", "asked"), [(("PHOTO STUDIO", "03-15-2026", "TOTAL $26.23"), True),
    (("PHOTO STUDIO", "03-15-2026", "TOTAL $26.24"), False)])  # fmt: skip
async def test_dup_2_alike_pictures_of_an_equal_total_are_asked(
    tmp_path: Path, second: tuple[str, ...], asked: bool
) -> None:
    async with open_world(tmp_path, world={ReadPrint: _with_hash(0b1011)}) as harness:  # type: ignore[dict-item]
        ann = await met(harness, "sms")
        await ann.photo(photo(*TRADER_JOES))
        await ann.say("ok")
        harness.world[ReadPrint] = _with_hash(0b0001)  # type: ignore[assignment]
        assert (screens(await ann.photo(photo(*second))) == [ALIKE]) is asked


async def test_dup_3_two_coffees_at_different_hours_are_two(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        for hour in ("08:10", "15:30"):
            shown = await ann.photo(photo("CAFE LUNA", f"03-15-2026 {hour}", "LATTE 4.00", "TOTAL $4.00"))
            assert screens(shown)[0].startswith("Cafe Luna $4.00, Mar 15")
            await ann.say("ok")
        (third,) = screens(await ann.photo(photo("CAFE LUNA", "03-15-2026 15:36", "LATTE 4.00", "TOTAL $4.00 ")))
        assert third.startswith("This looks like R7K2 (Cafe Luna $4.00, Mar 15).")


async def test_dup_3_typed_twice_within_ten_minutes_is_asked_later_not(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.say("4 coffee at Luna")
        await ann.say("ok")
        assert screens(await ann.say("4 coffee at Luna"))[0].startswith("This looks like R7K2 (Luna $4.00, today).")
        await ann.say("1")
        await harness.wait(timedelta(minutes=30))
        assert screens(await ann.say("4 coffee at Luna"))[0].startswith("Luna $4.00, today")


async def test_dup_5_the_same_receipt_number_whatever_the_date(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.photo(photo("LUNA BOOKS", "03-15-2026", "Receipt No: 88231", "TOTAL $12.00"))
        await ann.say("ok")
        (shown,) = screens(await ann.photo(photo("LUNA BOOKS", "03-05-2026", "Receipt No: 88231", "TOTAL $12.00")))
        assert shown.startswith("This looks like R7K2 (Luna Books $12.00, Mar 15).")
