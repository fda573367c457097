"""Rules that hold for every picture and every line, as a person meets them (CAP-1, OCR-3, OCR-9, SEC-R3, SUM-8)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.calls import Done, Outcome
from bot.core.calls.reading import PrintedPage, PrintRead, ReadPrint
from bot.engine.harness import Harness
from handlers.receipts.fields import Fields
from storage.receipts.documents import document
from storage.receipts.ledger import transaction
from storage.receipts.readings import reading
from storage.receipts.receipts import receipt
from tests.handlers.receipts.flow.books_world import booked, entry, only
from tests.handlers.receipts.flow.world import TRADER_JOES, met, open_world, photo, receipt_states, rows, screens

BOTH = pytest.mark.parametrize("channel", ["sms", "telegram"])
CARD = "4111 1111 1111 1111"


@BOTH
async def test_cap_1_a_photo_without_a_word_becomes_a_draft_and_waits(tmp_path: Path, channel: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, channel)
        assert "Trader Joe's $26.23, Mar 15" in screens(await ann.photo(photo(*TRADER_JOES)))[0]
        assert await receipt_states(harness) == ["draft"]
        assert (len(await rows(harness, document)), len(await rows(harness, transaction))) == (1, 0)


@BOTH
async def test_ocr_3_what_cannot_be_read_asks_for_a_better_picture_and_keeps_what_was_found(
    tmp_path: Path, channel: str
) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, channel)
        (asked,) = screens(await ann.photo(photo("!unreadable")))
        assert asked.startswith("I cannot read this one. Flat, bright, whole receipt please.")
        assert await receipt_states(harness) == ["needs_review"]
        assert "Trader Joe's $26.23" in screens(await ann.photo(photo(*TRADER_JOES)))[-1]
        assert await receipt_states(harness) == ["rejected", "draft"]


@BOTH
async def test_ocr_9_of_two_receipts_in_one_picture_the_person_decides(tmp_path: Path, channel: str) -> None:
    def two(call: ReadPrint, harness: Harness) -> Outcome:
        return Done(PrintRead([_side_by_side("LUNA CAFE", "NORTH DELI")], "local_ocr", 5))

    async with open_world(tmp_path, world={ReadPrint: two}) as harness:
        ann = await met(harness, channel)
        (asked,) = screens(await ann.photo(photo("two")))
        assert asked.startswith("2 receipts: 1 Luna Cafe $9.00 (?) 2 North Deli $9.00 (?)")
        await ann.say("2")
        await ann.say("drop")
        assert sorted(await receipt_states(harness)) == ["needs_review", "rejected"]


def _side_by_side(*names: str) -> PrintedPage:
    """Return two slips of equal lines, one beside the other."""
    from tests.handlers.receipts.reading.test_printed_rows import _placed

    lines = ["Oak Street", "Soup of the day", "Bread", "Cheese", "Coffee", "Total", "Thank you", "Come again"]
    slips = [(x, [name, *lines]) for x, name in zip((10, 500), names, strict=True)]
    cells = [(text, x, 40 * at) for x, slip in slips for at, text in enumerate(slip)]
    cells += [("9.00", x + 250, 240) for x in (10, 500)]
    return _placed(cells)


@BOTH
async def test_sec_r3_of_a_card_number_the_last_four_digits_are_kept(tmp_path: Path, channel: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, channel)
        await ann.photo(photo("LUNA BOOKS", "03-15-2026", "TOTAL $12.00", f"VISA {CARD}"))
        await ann.say("ok")
        kept = [harness.seal.open(row.fields).decode() for row in await rows(harness, receipt)]
        bodies = [harness.seal.open(row.body).decode() for row in await rows(harness, reading)]
        assert '"1111"' in kept[0]
        for text in (*kept, *bodies):
            assert CARD not in text
            assert CARD.replace(" ", "") not in text
        assert bodies
        assert Fields.load(kept[0].encode()).last4 is not None
        for shown in ann.messages:
            assert "4111" not in shown.text


@BOTH
async def test_sum_8_names_are_quoted_and_never_obeyed(tmp_path: Path, channel: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, channel)
        await booked(harness, entry(900, "{count} <b>DELETE ALL</b>"), entry(100, "Joe's"))
        (text,) = await only(ann, "summary")
        assert 'Biggest "' in text.replace('Biggest: "', 'Biggest "')
        assert "DELETE ALL" in text
        if channel == "telegram":
            assert "<b>" not in text
        assert len(await rows(harness, transaction)) == 2
