"""One photo of several receipts: a draft each where it is clear, one question where it is not (rule OCR-9)."""

from __future__ import annotations

from pathlib import Path

from bot.core.calls import Done, Outcome
from bot.core.calls.reading import PrintedLine, PrintedPage, PrintRead, ReadPrint
from bot.engine.harness import Harness, World
from handlers.receipts.fields import Fields
from storage.receipts import documents
from storage.receipts.ledger import transaction
from storage.receipts.receipts import receipt
from tests.handlers.receipts.flow.world import met, open_world, photo, receipt_states, rows, screens

SHELL = (
    "SHELL", "12 Oak Street, Dayton OH 45410", "03/15/2026 08:10", "PUMP 4 UNLEADED", "GALLONS 11.204", "TOTAL $38.75",
    "VISA 38.75", "THANK YOU",
)  # fmt: skip
CAFE = (
    "LUNA CAFE", "8 Elm Avenue", "03/16/2026 09:30", "COFFEE 4.00", "BAGEL 5.50", "TAX 0.50", "TOTAL $10.00",
    "COME AGAIN SOON", "OPEN EVERY MORNING",
)  # fmt: skip


def columns(call: ReadPrint, harness: Harness) -> Outcome:
    """Read a picture as if it were seen by a camera: `a | b` stands in two columns far apart."""
    lines = []
    for at, line in enumerate(harness.blob(call.blobs[0]).decode().split("\n")):
        for column, text in enumerate(line.split(" | ")):
            left, top, right = 600 * column, 30 * at, 600 * column + 11 * len(text)
            box = (left, top, right, top, right, top + 20, left, top + 20)
            lines += [PrintedLine(text.strip(), 980, box)] if text.strip() else []
    return Done(PrintRead([PrintedPage(1200, 900, lines, "ocr")], "local_ocr", 5))


WORLD: World = {ReadPrint: columns}
BESIDE = photo(*(f"{left} | {right}" for left, right in zip((*SHELL, ""), CAFE, strict=True)))
TWICE = photo(*(f"{line} | {line}" for line in CAFE))


async def test_ocr_9_two_receipts_on_one_photo_become_two_drafts(tmp_path: Path) -> None:
    async with open_world(tmp_path, world=WORLD) as harness:
        ann = await met(harness, "sms")
        assert screens(await ann.photo(BESIDE)) == [
            "2 receipts: 1 Shell $38.75 2 Luna Cafe $10.00. OK ALL saves 1-2, or a number to edit."
        ]
        await ann.say("ok all")
        assert sorted(row.amount_minor for row in await rows(harness, transaction)) == [1000, 3875]


async def test_ocr_9_each_receipt_of_a_photo_has_the_photo(tmp_path: Path) -> None:
    async with open_world(tmp_path, world=WORLD) as harness:
        ann = await met(harness, "telegram")
        await ann.photo(BESIDE)
        await ann.say("ok all")
        for row in await rows(harness, receipt):
            assert len([one for one in await ann.say(f"picture {row.code}") if one.file]) == 1
        first, second = await rows(harness, documents.document)
        assert (first.blob_id, first.receipt_id != second.receipt_id) == (second.blob_id, True)


async def test_cap_13_the_same_photo_again_makes_nothing_new(tmp_path: Path) -> None:
    async with open_world(tmp_path, world=WORLD) as harness:
        ann = await met(harness, "sms")
        await ann.photo(BESIDE)
        await ann.say("ok all")
        shown = screens(await ann.photo(BESIDE))
        assert shown[0].startswith("This looks like")
        assert len(await rows(harness, transaction)) == 2


async def test_cap_2_same_makes_the_two_one_again(tmp_path: Path) -> None:
    async with open_world(tmp_path, world=WORLD) as harness:
        ann = await met(harness, "sms")
        await ann.photo(BESIDE)
        await ann.say("same")
        assert await receipt_states(harness) in (["draft", "rejected"], ["needs_review", "rejected"])


async def test_ocr_9_the_same_receipt_twice_on_a_photo_is_asked_about(tmp_path: Path) -> None:
    async with open_world(tmp_path, world=WORLD) as harness:
        ann = await met(harness, "sms")
        assert screens(await ann.photo(TWICE))[0].startswith("I see more than one receipt here.")
        assert len(await receipt_states(harness)) == 1


async def test_cap_3_a_page_of_a_draft_is_not_parted(tmp_path: Path) -> None:
    async with open_world(tmp_path, world=WORLD) as harness:
        ann = await met(harness, "sms")
        await ann.photo(photo(*SHELL))
        await ann.say("page")
        await ann.photo(BESIDE)
        assert (await receipt_states(harness)).count("rejected") == 1


async def test_drf_9_a_photo_read_again_after_it_was_dropped_is_parted(tmp_path: Path) -> None:
    async with open_world(tmp_path, world=WORLD) as harness:
        ann = await met(harness, "sms")
        await ann.photo(BESIDE)
        await ann.say("drop all")
        await ann.photo(BESIDE)
        assert await receipt_states(harness) == ["rejected", "rejected", "draft", "draft"]
        assert len(await rows(harness, documents.document)) == 2


async def test_address_and_language_are_kept_with_the_draft(tmp_path: Path) -> None:
    async with open_world(tmp_path, world=WORLD) as harness:
        ann = await met(harness, "sms")
        await ann.photo(photo(*SHELL))
        (row,) = await rows(harness, receipt)
        fields = Fields.load(harness.seal.open(row.fields))
        assert fields.address is not None
        assert (fields.address.value, fields.language) == ("12 Oak Street, Dayton OH 45410", "en")
