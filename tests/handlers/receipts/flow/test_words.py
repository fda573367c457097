"""Words that are purchases, words that are none, and words of other services (CAP-6, CAP-8, NOT-1 to 3, TX, BK)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.clock import FixedClock
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from handlers import appeals
from storage.receipts.ledger import transaction
from tests.handlers.receipts.flow.world import WEDNESDAY, met, open_world, receipt_states, register, rows, screens


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("5.50 coffee", "Coffee $5.50, today, Coffee. OK, EDIT or DROP."),
        ("refund 19.99 amazon", "Amazon refund $19.99, today, Online. OK, EDIT or DROP."),
        ("40 + 8 tip at Luna", "Luna $48.00, today, Uncategorised. OK, EDIT or DROP."),
        ("90 pizza split 4", "Pizza $22.50, today, Restaurants (90.00 / 4). OK, EDIT or DROP."),
        ("Abbuchung 23,45 EUR bei REWE am 15.03.2026", "REWE €23.45, Mar 15, Supermarket. OK, EDIT or DROP."),
        (
            "ATM withdrawal $60.00 on 03/16",
            "Cash withdrawal $60.00, Mar 16, Withdrawal. OK, EDIT or DROP.",
        ),
    ],
)
async def test_a_purchase_in_words_is_shown_as_it_will_be_saved(tmp_path: Path, text: str, answer: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert screens(await ann.say(text)) == [answer]


async def test_tx_19_both_readings_of_a_date_are_offered(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert screens(await ann.say("02/03 ross 9.99")) == [
            "Ross $9.99. Is the date 1 Feb 3, 2026 2 Mar 2, 2026 3 other?"
        ]
        assert screens(await ann.say("2"))[0].startswith("Ross $9.99, Mar 2, Clothing.")


async def test_tx_28_a_thing_without_an_amount_is_asked_what_it_cost(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert screens(await ann.say("coffee")) == ["Coffee, today. What was the total?"]
        assert screens(await ann.say("5.50")) == ["Coffee $5.50, today, Coffee. OK, EDIT or DROP."]


async def test_tx_29_a_lone_amount_is_asked_what_it_was_for(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert screens(await ann.say("12")) == ["$12.00 for what?"]
        assert screens(await ann.say("lunch at joe's")) == ["Joe's $12.00, today, Restaurants. OK, EDIT or DROP."]


async def test_tx_29_a_lone_digit_is_for_a_menu_and_no_purchase(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        for digit in ("1", "7", "2."):
            assert "for what?" not in " ".join(screens(await ann.say(digit)))
        assert await rows(harness, transaction) == []
        assert screens(await ann.say("$7"))[0].startswith("Expense $7.00")


async def test_tx_31_two_purchases_in_one_text_are_two_drafts(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert screens(await ann.say("5.50 coffee 3.20 bagel")) == [
            "2 receipts: 1 Coffee $5.50 2 Bagel $3.20. OK ALL saves 1-2, or a number to edit."
        ]
        await ann.say("ok all")
        assert [row.amount_minor for row in await rows(harness, transaction)] == [550, 320]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Your code is 482915", "one-time code"),
        ("Your card was declined for $80.00 at SHELL", "did not go through"),
        ("Payment of $210.00 due 03/28", "due Mar 28: nothing saved"),
        ("Balance below $100: $42.10 on 03/17", "balance"),
        ("12.50 lunch tomorrow", "still to come"),
        ("I want to buy a phone for $700", "still to come"),
        ("ikea has a desk for $129", "reads as a price"),
        ("Mike still owes me $40", "still due"),
    ],
)
async def test_not_1_what_is_no_purchase_is_said_and_makes_no_draft(tmp_path: Path, text: str, part: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert part in screens(await ann.say(text))[0]
        assert await receipt_states(harness) == []


async def test_bk_15_income_is_offered_as_income(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert (
            "Income $2,100.00, today, Income. OK, EDIT or DROP."
            in screens(await ann.say("Payroll of $2,100.00 credited"))[0]
        )
        await ann.say("ok")
        (row,) = await rows(harness, transaction)
        assert (row.kind, row.amount_minor) == ("income", -210_000)


async def test_bk_8_stop_inside_a_forwarded_text_is_no_opt_out(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        text = "Your card 9911 was used for 18.00 at PARKMOBILE 03/17. If not you reply STOP FRAUD"
        assert screens(await ann.say(text)) == ["ParkMobile $18.00, Mar 17, Parking. OK, EDIT or DROP."]


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "thank you",
        "what can you do",
        "asdf",
        "I am sad",
        "we won 3 games",
        "be there in 5",
        "I want to do 3 calls",
    ],
)
async def test_other_words_make_no_draft(tmp_path: Path, text: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert screens(await ann.say(text))
        assert await receipt_states(harness) == []


def _with_appeals(registry: Registry) -> None:
    register(registry)
    appeals.register(registry)


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("got a parking ticket for $76 in San Francisco", "San Francisco"),
        ("I want to appeal a ticket, $97", "city"),
        ("ticket", "city"),
    ],
)
async def test_a_parking_ticket_is_an_appeal_and_no_purchase(tmp_path: Path, text: str, part: str) -> None:
    async with Harness.open(_with_appeals, tmp_path, FixedClock(WEDNESDAY), {}) as harness:
        ann = await met(harness, "sms")
        assert part in screens(await ann.say(text))[0]
        assert await receipt_states(harness) == []


@pytest.mark.parametrize("text", ["spent 20 on parking yesterday", "5.50 metro ticket", "18 parking meter"])
async def test_parking_that_was_paid_is_a_purchase(tmp_path: Path, text: str) -> None:
    async with Harness.open(_with_appeals, tmp_path, FixedClock(WEDNESDAY), {}) as harness:
        ann = await met(harness, "sms")
        assert "OK, EDIT or DROP" in screens(await ann.say(text))[0]


async def test_not_3_a_line_that_fits_the_open_question_belongs_to_it(tmp_path: Path) -> None:
    async with Harness.open(_with_appeals, tmp_path, FixedClock(WEDNESDAY), {}) as harness:
        ann = await met(harness, "sms")
        await ann.say("ticket in San Francisco")
        assert "Kept as a draft" not in screens(await ann.say("912345678"))[0]
        assert await receipt_states(harness) == []


async def test_cap_6_a_purchase_that_answers_no_question_is_kept_and_the_question_asked_again(tmp_path: Path) -> None:
    async with Harness.open(_with_appeals, tmp_path, FixedClock(WEDNESDAY), {}) as harness:
        ann = await met(harness, "sms")
        (question,) = screens(await ann.say("ticket in San Francisco"))
        (answer,) = screens(await ann.say("12.50 lunch joe's"))
        assert answer.startswith("Kept as a draft: Joe's $12.50.")
        assert answer.splitlines()[-1] == question.splitlines()[-1]
        assert await receipt_states(harness) == ["draft"]
