"""How people who know no commands ask their books, confirm, and point at a receipt (UX-6, SEA-1, DRF-6, CAP-6)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from tests.handlers.receipts.flow.books_world import booked, entry, only
from tests.handlers.receipts.flow.world import met, open_world, receipt_states, screens

MARCH, FEBRUARY = date(2026, 3, 12), date(2026, 2, 12)

ASKED = [
    ("what's my biggest expense", 'Biggest "IKEA" $102.60'),
    ("what was my biggest purchase last month?", "February: $10.00 spent"),
    ("biggest expenses this month", 'Biggest "IKEA" $102.60'),
    ("spending by category", "Shopping 89%"),
    ("break it down by category", "Shopping 89%"),
    ("breakdown", "Shopping 89%"),
    ("where does my money go", "Shopping 89%"),
    ("where did all my money go last month", "February: $10.00 spent"),
    ("total for restaurants this month", "Restaurants this month: $12.50"),
    ("total spent on restaurants", "Restaurants, March: $12.50"),
    ("what's my total", "March so far: $115.10 spent"),
    ("last month", "February: $10.00 spent"),
    ("this week", "Mar 16-22"),
    ("how am i doing", "March so far: $115.10 spent"),
    ("how am i doing on restaurants this month?", "Restaurants this month: $12.50"),
]


@pytest.mark.parametrize("is_busy", [False, True])
async def test_ux_6_questions_of_money_are_answered_with_or_without_a_draft(tmp_path: Path, is_busy: bool) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await booked(
            harness,
            entry(10_260, "IKEA", MARCH, "shopping.home_and_garden"),
            entry(1_250, "Joe's", MARCH, "food.restaurants"),
            entry(1_000, "Zuni", FEBRUARY, "food.restaurants"),
        )
        if is_busy:
            await ann.say("5.50 coffee")
        for said, part in ASKED:
            if is_busy and said in ("last month", "this week"):
                continue
            (text,) = await only(ann, said)
            assert part in text, (said, text)
            assert ("OK, EDIT or DROP" in text) is is_busy


async def test_ux_6_how_am_i_doing_shows_the_budgets_of_one_who_has_some(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.say("budget food 400")
        (text,) = await only(ann, "how am i doing?")
        assert "Food" in text
        assert "$400.00" in text


@pytest.mark.parametrize(
    "word", ["looks good", "looks right", "correct", "that's right", "perfect", "sounds good", "yes please"]
)
async def test_ux_6_agreement_in_plain_words_saves(tmp_path: Path, word: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.say("12.50 lunch joe's")
        await ann.say(word)
        assert await receipt_states(harness) == ["confirmed"]


async def test_drf_1_what_changes_nothing_is_not_shown_as_a_change(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.say("12.50 lunch joe's")
        (answer,) = screens(await ann.say("at the deli"))
        assert answer.startswith(("I could not read that as a change", "Deli $12.50", "The Deli $12.50"))


async def test_drf_6_a_saved_receipt_is_deleted_by_its_name_after_one_question(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        for said in ("12.50 lunch joe's", "23 uber", "30 zuni"):
            await ann.say(said)
            await ann.say("ok")
        (asked,) = screens(await ann.say("delete the uber one"))
        assert asked == "Delete R7K2 (Uber $23.00, today) from your books? DELETE or KEEP."
        await ann.say("keep")
        (asked,) = screens(await ann.say("please remove the last one"))
        assert "Zuni $30.00" in asked
        await ann.say("delete")
        assert await receipt_states(harness) == ["confirmed", "confirmed", "rejected"]
        (asked,) = screens(await ann.say("edit the uber receipt"))
        assert asked.startswith("1 Amount 2 Store")
        await ann.say("1 24")
        (found,) = screens(await ann.say("find uber"))
        assert "$24.00" in found


async def test_drf_6_two_that_fit_are_listed_and_the_code_decides(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        for said in ("23 uber", "31 uber"):
            await ann.say(said)
            await ann.say("ok")
        (listed, *_) = screens(await ann.say("delete uber"))
        assert listed.startswith("2 found: $54.00.")
        assert "Send DELETE and the code." in listed
        assert await receipt_states(harness) == ["confirmed", "confirmed"]


async def test_words_about_something_else_delete_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.say("23 uber")
        await ann.say("ok")
        for said in ("delete everything", "delete my account", "change plate", "remove me"):
            shown = screens(await ann.say(said))
            assert not any("from your books?" in text for text in shown), said


@pytest.mark.parametrize(
    "said", ["what can you do", "how does this work?", "how do i add a receipt", "i need to add a receipt"]
)
async def test_ux_6_how_it_is_done_is_told_at_a_draft_and_before_one(tmp_path: Path, said: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert "Send a photo of a receipt, or type it" in screens(await ann.say(said))[0] or "add" not in said
        await ann.say("12.50 lunch joe's")
        (text,) = screens(await ann.say(said))
        assert "Send a photo of a receipt, or type it" in text
        assert "OK, EDIT or DROP" in text
