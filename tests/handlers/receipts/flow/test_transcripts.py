"""The transcripts of section 7, exact, on both channels (RA-16)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.handlers.receipts.flow.world import (
    TRADER_JOES,
    UNSURE,
    met,
    open_world,
    photo,
    receipt_states,
    screens,
    spent_before,
)


@pytest.fixture(params=["plain", "redelivered", "restarted"])
def mode(request: pytest.FixtureRequest) -> str:
    """As it comes, with every message twice, and with a restart after every turn (RA-4)."""
    return str(request.param)


async def test_ra_16_a_photo_is_read_and_saved_by_sms(database: str, mode: str) -> None:
    async with open_world(database) as harness:
        ann = await met(harness, "sms")
        harness.redeliver, harness.restart = mode == "redelivered", mode == "restarted"
        await spent_before(harness, ann, 38_584)
        assert screens(await ann.photo(photo(*TRADER_JOES))) == [
            "Trader Joe's $26.23, Mar 15, Supermarket. OK to save, EDIT to change, DROP to forget."
        ]
        assert screens(await ann.say("ok")) == ["Saved R7K2. March so far $412.07. UNDO within a day."]
        assert screens(await ann.photo(photo(*TRADER_JOES))) == [
            "This looks like R7K2 (Trader Joe's $26.23, Mar 15). 1 Same, forget it 2 Different, save both"
        ]


async def test_ra_16_a_line_is_corrected_by_sms(tmp_path: Path, mode: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        harness.redeliver, harness.restart = mode == "redelivered", mode == "restarted"
        assert screens(await ann.say("12.50 lunch joe's #work")) == [
            "Joe's $12.50, today, Restaurants #work. OK, EDIT or DROP."
        ]
        assert screens(await ann.say("edit")) == ["1 Amount 2 Store 3 Date 4 Category 5 Note. Example: 1 13.50"]
        assert screens(await ann.say("it was 13.50 at joe's deli yesterday")) == [
            "Joe's Deli $13.50, Mar 17, Restaurants #work. OK, EDIT or DROP."
        ]
        await ann.say("OK")
        assert await receipt_states(harness) == ["confirmed"]


async def test_ra_16_an_unsure_total_is_asked_by_sms(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert screens(await ann.photo(photo(*UNSURE))) == [
            "Kedai Maju, Mar 15. Is the total 1 RM48.90 2 RM48.92 3 other?"
        ]
        assert screens(await ann.say("1")) == ["Kedai Maju RM48.90, Mar 15, Supermarket. OK, EDIT or DROP."]


FOUR = (
    photo("SHELL", "03/14/2026", "FUEL TOTAL 41.77"),
    photo("CVS", "03/14/2026", "TOTAL 11.06"),
    photo("IKEA", "03/15/2026", "TOTAL $402.60"),
    photo("!unreadable"),
)


async def test_ra_16_four_photos_are_one_answer_by_sms(tmp_path: Path, mode: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        harness.redeliver, harness.restart = mode == "redelivered", mode == "restarted"
        assert screens(await ann.photo(*FOUR)) == [
            "4 receipts: 1 Shell $41.77 2 CVS $11.06 3 IKEA $402.60 4 unclear. OK ALL saves 1-3, or a number to edit."
        ]
        (answer,) = screens(await ann.say("ok all"))
        assert answer.startswith("Saved 3: Shell, CVS, IKEA. March so far $455.43 (1 waiting).")
        assert "I cannot read this one" in answer


async def test_ra_16_a_photo_on_telegram_is_one_message_with_buttons(tmp_path: Path, mode: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        harness.redeliver, harness.restart = mode == "redelivered", mode == "restarted"
        (shown,) = await ann.photo(photo(*TRADER_JOES))
        assert shown.text == "Trader Joe's $26.23, Mar 15, Supermarket."
        assert list(shown.buttons) == ["Save", "Edit", "Drop"]
        (edit, *_) = await ann.tap("Edit")
        assert list(edit.buttons) == ["Amount", "Store", "Date", "Category", "Note", "Back"]
        (category, *_) = await ann.tap("Category")
        assert len(category.buttons) == 7
        assert list(category.buttons)[-1] == "More"
        (shown, *_) = await ann.tap("Restaurants")
        assert shown.text == "Trader Joe's $26.23, Mar 15, Restaurants."
        (saved, *_) = await ann.tap("Save")
        assert screens([saved]) == ["Saved R7K2. March so far $26.23."]
        assert saved.replaces
        assert list(saved.buttons) == ["Undo"]
