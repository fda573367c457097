"""What impatient people write at an open draft, and what it means there (DRF-1, UX-6)."""

from __future__ import annotations

from pathlib import Path

from storage.receipts.ledger import transaction
from tests.handlers.receipts.flow.world import TRADER_JOES, met, open_world, photo, receipt_states, rows, screens

JOES = "Joe's $12.50, today, Restaurants"
CORRECTIONS = {
    "no 13.50": "Joe's $13.50, today, Restaurants",
    "nah 13.50": "Joe's $13.50, today, Restaurants",
    "nope, it was 13.50": "Joe's $13.50, today, Restaurants",
    "13.50 not 12.50": "Joe's $13.50, today, Restaurants",
    "not 12.50, 13.50": "Joe's $13.50, today, Restaurants",
    "oh wait it's 13.50": "Joe's $13.50, today, Restaurants",
    "make it yesterday": "Joe's $12.50, Mar 17, Restaurants",
    "yesterday not today": "Joe's $12.50, Mar 17, Restaurants",
    "move it to last friday": "Joe's $12.50, Mar 13, Restaurants",
    "change the date to yesterday": "Joe's $12.50, Mar 17, Restaurants",
    "its starbucks not joes": "Starbucks $12.50, today, Coffee",
    "it's Starbucks": "Starbucks $12.50, today, Coffee",
    "not joes but starbucks": "Starbucks $12.50, today, Coffee",
    "starbucks": "Starbucks $12.50, today, Coffee",
    "starbucks instead of joe's": "Starbucks $12.50, today, Coffee",
    "at Panda Express": "Panda Express $12.50, today, Fast food",
    "from zuni cafe": "Zuni Cafe $12.50, today, Coffee",
    "wait it was at panda express": "Panda Express $12.50, today, Fast food",
    "category groceries": "Joe's $12.50, today, Groceries",
    "change category to groceries": "Joe's $12.50, today, Groceries",
    "put it under groceries": "Joe's $12.50, today, Groceries",
    "cat beer": "Joe's $12.50, today, Bars",
    "add a note: with Ann": f"{JOES} (with Ann)",
    "note that Ann owes me half": f"{JOES} (Ann owes me half)",
    "with Ann": f"{JOES} (with Ann)",
    "w/ Ann": f"{JOES} (w/ Ann)",
    "tag it #work #trip": f"{JOES} #work #trip",
    "that was for parking": "Joe's $12.50, today, Parking",
    "categor\u00eda restaurante": "Joe's $12.50, today, Restaurants",
    "Betrag 13,50": "Joe's $13.50, today, Restaurants",
    "fecha ayer": "Joe's $12.50, Mar 17, Restaurants",
    "in euros": "Joe's €12.50, today, Restaurants",
    "it was 13 eur": "Joe's €13.00, today, Restaurants",
}


async def test_drf_1_corrections_in_any_words_change_the_draft(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        wrong = {}
        for number, (said, line) in enumerate(CORRECTIONS.items()):
            ann = await met(harness, "sms", f"+14155550{number:03}")
            await ann.say("12.50 lunch joe's")
            answer = screens(await ann.say(said))
            if answer != [f"{line}. OK, EDIT or DROP."]:
                wrong[said] = answer
        assert wrong == {}


async def test_a_tip_is_part_of_the_total_unless_it_came_on_top(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.say("12.50 lunch joe's")
        (answer,) = screens(await ann.say("tip 2"))
        assert answer == f"Noted: tip $2.00, inside the $12.50.\n{JOES}. OK, EDIT or DROP."
        assert screens(await ann.say("plus 2.50 tip")) == [
            "Noted: tip $2.50, inside the $15.00.\nJoe's $15.00, today, Restaurants. OK, EDIT or DROP."
        ]
        assert screens(await ann.say("no tip"))[0].startswith("Noted: no tip.")


async def test_a_purchase_typed_at_a_question_is_a_draft_of_its_own(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.photo(photo("KEDAI MAJU", "GST No 123456", "15/03/2018", "TOTAL RM48.90", "TOTAL RM48.90"))
        assert screens(await ann.say("12.50 lunch joes"))[0].startswith("Joes $12.50, today")
        answer = screens(await ann.say("ok"))[0]
        assert "Kedai Maju RM48.90" in answer
        assert await receipt_states(harness) == ["needs_review", "confirmed"]


async def test_one_odd_date_is_confirmed_by_one_word(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        asked = await ann.photo(photo("KEDAI MAJU", "GST No 123456", "15/03/2018", "TOTAL RM48.90", "TOTAL RM48.90"))
        assert screens(asked) == ["Kedai Maju RM48.90. Is Mar 15, 2018 the right date? OK, or send the day."]
        assert screens(await ann.say("ok"))[0].startswith("Kedai Maju RM48.90, Mar 15, 2018")


async def test_a_field_that_is_asked_for_is_no_trap(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        for field in ("3", "1", "4", "2"):
            await ann.say("12.50 lunch joe's")
            await ann.say("edit")
            await ann.say(field)
            assert screens(await ann.say("drop it")) == ["Forgotten: Joe's."], field
        await ann.say("12.50 lunch joe's")
        await ann.say("edit")
        await ann.say("3")
        assert screens(await ann.say("cat fuel")) == ["Joe's $12.50, today, Fuel. OK, EDIT or DROP."]
        await ann.say("edit")
        await ann.say("3")
        assert "20 Gas" not in screens(await ann.say("20 gas"))[0]
        assert screens(await ann.say("ok"))[0].startswith("Saved R7K2.")
        await ann.say("edit")
        await ann.say("3")
        assert screens(await ann.say("save"))[0].startswith("Saved R7K2.")
        assert {row.amount_minor for row in await rows(harness, transaction)} == {2000, 1250}


async def test_words_without_a_code_mean_the_draft_on_show(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.photo(photo(*TRADER_JOES))
        assert screens(await ann.say("why"))[0].startswith("R7K2: Supermarket, because")
        assert screens(await ann.say("picture"))[0].startswith("R7K2: Trader Joe's $26.23, Mar 15")
        assert screens(await ann.say("show"))[0].startswith("Trader Joe's $26.23, Mar 15, Supermarket. OK to save")
        await ann.say("ok")
        assert screens(await ann.say("why"))[0].startswith("R7K2: Supermarket, because")
        assert screens(await ann.say("receipt"))[0].startswith("Send a photo of a receipt")


async def test_a_word_without_a_code_and_without_a_receipt_asks_for_the_code(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert screens(await ann.say("picture")) == ["Which receipt? Send its code too, like PICTURE R7K2."]


async def test_thanks_after_saving_are_answered_and_open_no_menu(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert "Reply with a number" in screens(await ann.say("thanks"))[0]
        await ann.say("12.50 lunch joe's")
        await ann.say("ok")
        assert screens(await ann.say("Thx!")) == ["You are welcome. Send the next one any time."]


async def test_rules_name_merchants_as_people_know_them(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.say("12.50 lunch zuni")
        await ann.say("category fuel")
        await ann.say("ok")
        assert screens(await ann.say("rules")) == ["I learnt 1. RULES DROP 1 forgets the first.\n1 Zuni: Fuel"]
