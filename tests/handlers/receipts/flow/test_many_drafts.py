"""Several drafts at once: what the list says of each, and what can be said to it (CAP-2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.clock import FixedClock
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from handlers import appeals
from tests.handlers.receipts.flow.world import (
    WEDNESDAY,
    WORLD,
    met,
    open_world,
    photo,
    receipt_states,
    register,
    screens,
)

SHELL, CVS = photo("SHELL", "03/14/2026", "FUEL TOTAL 41.77"), photo("CVS", "03/14/2026", "TOTAL 11.06")
OLD = photo("KEDAI MAJU", "GST No 123456", "15/03/2018", "TOTAL RM48.90", "TOTAL RM48.90")
UNREADABLE = photo("!unreadable")


def with_appeals(registry: Registry) -> None:
    register(registry)
    appeals.register(registry)


async def test_what_is_known_of_an_unclear_one_is_shown(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert screens(await ann.photo(SHELL, OLD, UNREADABLE)) == [
            "3 receipts: 1 Shell $41.77 2 Kedai Maju RM48.90 (?) 3 unclear. OK ALL saves 1, or a number to edit."
        ]


async def test_some_of_a_list_are_dropped_and_saved_by_number(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.photo(SHELL, CVS, UNREADABLE)
        (answer,) = screens(await ann.say("drop 2"))
        assert answer == "Forgotten: CVS.\n2 receipts: 1 Shell $41.77 2 unclear. OK ALL saves 1, or a number to edit."
        assert screens(await ann.say("drop 7"))[0].startswith("Please send a number from 1 to 2, or OK ALL.")
        assert screens(await ann.say("save 1"))[0].startswith("Saved 1: Shell.")
        assert await receipt_states(harness) == ["confirmed", "rejected", "needs_review"]


async def test_a_whole_list_is_dropped_by_one_word(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.photo(UNREADABLE, photo("!encrypted"))
        assert screens(await ann.say("blub"))[0].startswith("Please send a number from 1 to 2, or DROP and a number.")
        await ann.say("drop all")
        assert await receipt_states(harness) == ["rejected", "rejected"]


async def test_purchases_that_begin_with_a_small_number_are_purchases_at_every_draft(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.photo(SHELL, UNREADABLE)
        assert screens(await ann.say("5.50 coffee"))[0].startswith("Coffee $5.50, today")
        assert screens(await ann.say("2 coffees 9.80"))[0].startswith("Coffees $9.80, today")
        assert screens(await ann.say("3.20 bagel"))[0].startswith("Bagel $3.20, today")
        assert screens(await ann.say("1 3.50"))[0].startswith("Bagel $3.50, today")


async def test_another_service_s_words_begin_it_at_a_draft_and_the_draft_waits(tmp_path: Path) -> None:
    async with Harness.open(with_appeals, tmp_path, FixedClock(WEDNESDAY), {}) as harness:
        ann = await met(harness, "sms")
        await ann.say("12.50 lunch joe's")
        assert screens(await ann.say("parking 18"))[0].startswith("Parking $18.00, today, Parking.")
        assert screens(await ann.say("movie tickets 24.50 at Luna"))[0].startswith("Luna $24.50")
        assert "Oakland" in screens(await ann.say("my parking ticket in Oakland is 76"))[0]
        answer = screens(await ann.say("9.75 tacos"))[0]
        assert "Kept as a draft: Tacos $9.75." in answer
        assert answer.count("\n") >= 1
        assert await receipt_states(harness) == ["draft"] * 4
        await ann.say("menu")
        await ann.say("menu")
        assert screens(await ann.say("review"))[0].startswith("4 receipts:")


async def test_a_document_without_an_amount_is_not_taken_for_a_receipt(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        letter = photo("Dear Sir", "this is a letter about nothing", "Kind regards", "2 Quay Street")
        assert screens(await ann.photo(letter))[0].startswith("I see no amount on this one.")
        assert screens(await ann.say("12.50 lunch joe's"))[0].startswith("Joe's $12.50, today")


NOTICE = photo(
    "CITY OF OAKLAND", "NOTICE OF PARKING VIOLATION", "CITATION 912345678", "AMOUNT DUE $76.00", "03/10/2026"
)


@pytest.mark.parametrize("answer", ["1", "appeal it"])
async def test_pr_46_a_parking_notice_is_offered_to_the_appeal_and_is_no_expense(tmp_path: Path, answer: str) -> None:
    async with Harness.open(with_appeals, tmp_path, FixedClock(WEDNESDAY), WORLD) as harness:
        ann = await met(harness, "sms")
        assert screens(await ann.photo(NOTICE)) == [
            "That is a parking ticket, not a receipt. 1 Appeal it 2 Keep as expense 3 Drop"
        ]
        (begun,) = screens(await ann.say(answer))
        assert "Please send that photo again when I ask for it." in begun
        assert "Which city gave the ticket?" in begun
        assert await receipt_states(harness) == ["rejected"]


async def test_pr_46_without_appeals_a_parking_notice_is_an_unpaid_bill(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert "$76.00" in screens(await ann.photo(NOTICE))[0]
