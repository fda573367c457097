"""Words that come with a picture: a note, a tag, a category, a correction, or the purchase itself (CAP-1, UX-6)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from storage.receipts.ledger import transaction
from tests.handlers.receipts.flow.world import TRADER_JOES, met, open_world, photo, receipt_states, rows, screens

UNREADABLE = photo("!unreadable")
CAPTIONS = {
    "#work": "Trader Joe's $26.23, Mar 15, Supermarket #work.",
    "lunch with Ann": "Trader Joe's $26.23, Mar 15, Supermarket (lunch with Ann).",
    "pharmacy": "Trader Joe's $26.23, Mar 15, Pharmacy.",
    "26.50": "Trader Joe's $26.50, Mar 15, Supermarket.",
    "it was 26.50 yesterday": "Trader Joe's $26.50, Mar 17, Supermarket.",
    "category pharmacy, note for Ann": "Trader Joe's $26.23, Mar 15, Pharmacy (for Ann).",
    "dinner for 3 people": "Trader Joe's $26.23, Mar 15, Supermarket (dinner for 3 people).",
    "client dinner #acme": "Trader Joe's $26.23, Mar 15, Supermarket #acme (client dinner).",
    "here is my receipt": "Trader Joe's $26.23, Mar 15, Supermarket.",
    "what is this?": "Trader Joe's $26.23, Mar 15, Supermarket.",
}


async def test_a_caption_fills_what_it_names_and_is_a_note_otherwise(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        wrong = {}
        for number, (caption, line) in enumerate(CAPTIONS.items()):
            ann = await met(harness, "sms", f"+14155550{number:03}")
            answer = screens(await ann.photo(photo(*TRADER_JOES), caption=caption))
            if len(answer) != 1 or not answer[0].startswith(f"{line} OK to save"):
                wrong[caption] = answer
        assert wrong == {}


async def test_a_caption_that_is_a_purchase_stands_for_a_picture_that_cannot_be_read(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        (answer,) = screens(await ann.photo(UNREADABLE, caption="12.50 lunch joe's #work"))
        assert answer.startswith("Joe's $12.50, today, Restaurants #work.")
        await ann.say("ok")
        (row,) = await rows(harness, transaction)
        assert (row.amount_minor, row.pictured) == (1250, True)


async def test_a_caption_of_several_pictures_belongs_to_each_but_for_its_amounts(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        other = photo("CVS", "03/14/2026", "TOTAL 11.06")
        await ann.photo(photo(*TRADER_JOES), other, caption="trip to LA 99.00 #trip")
        await ann.tap("Save all")
        saved = await rows(harness, transaction)
        assert [row.amount_minor for row in saved] == [2623, 1106]
        assert await receipt_states(harness) == ["confirmed", "confirmed"]
        assert "#trip" in screens(await ann.say("undo"))[0]


async def test_words_sent_right_after_a_photo_are_its_caption(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.photo(photo(*TRADER_JOES), settles=False)
        assert await ann.say("groceries #home") == []
        (answer,) = screens(await harness.wait(timedelta(seconds=2), ann))
        assert answer.startswith("Trader Joe's $26.23, Mar 15, Groceries #home")
