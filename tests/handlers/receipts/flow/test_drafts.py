"""One draft, one message, one transaction (rules DRF-1 to DRF-9)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.engine.harness import Harness
from storage.receipts.ledger import transaction
from tests.handlers.receipts.flow.world import (
    TRADER_JOES,
    met,
    open_world,
    photo,
    receipt_states,
    rows,
    screens,
    uncoded,
)


@pytest.fixture
async def harness(database: str) -> AsyncIterator[Harness]:
    async with open_world(database) as opened:
        yield opened


async def test_drf_1_several_edits_in_one_message_are_taken(harness: Harness) -> None:
    ann = await met(harness, "sms")
    await ann.say("12.50 lunch joe's")
    await ann.say("edit")
    assert screens(await ann.say("1 14.20, 2 Nopa, 3 mar 15, 4 coffee, 5 with Lee")) == [
        "Nopa $14.20, Mar 15, Coffee (with Lee). OK, EDIT or DROP."
    ]


async def test_drf_1_named_edits_and_bare_ones_need_no_edit_word(harness: Harness) -> None:
    ann = await met(harness, "sms")
    await ann.say("12.50 lunch joe's")
    assert screens(await ann.say("amount 13 store Zuni Cafe"))[0].startswith("Zuni Cafe $13.00, today")
    assert screens(await ann.say("13.75"))[0].startswith("Zuni Cafe $13.75, today")
    assert screens(await ann.say("yesterday"))[0].startswith("Zuni Cafe $13.75, Mar 17")
    assert screens(await ann.say("coffee"))[0].startswith("Zuni Cafe $13.75, Mar 17, Coffee")
    assert len(await rows(harness, transaction)) == 0


async def test_what_is_no_correction_is_said_and_the_draft_stays(harness: Harness) -> None:
    ann = await met(harness, "sms")
    await ann.say("12.50 lunch joe's")
    (answer,) = screens(await ann.say("blub"))
    assert "I could not read that as a change" in answer
    assert "Joe's $12.50, today, Restaurants. OK, EDIT or DROP." in answer


async def test_drf_2_ok_twice_makes_one_transaction(harness: Harness) -> None:
    ann = await met(harness, "telegram")
    (shown,) = await ann.photo(photo(*TRADER_JOES))
    await ann.tap("Save")
    again = await ann.press(shown.buttons["Save"])
    assert "is saved already" in again[0].text
    assert len(await rows(harness, transaction)) == 1
    assert "is saved already" in (await ann.press(shown.buttons["Drop"]))[0].text
    assert await receipt_states(harness) == ["confirmed"]


async def test_drf_2_a_button_of_an_older_draft_acts_on_its_own_draft(harness: Harness) -> None:
    ann = await met(harness, "telegram")
    (first,) = await ann.say("5.50 coffee")
    await ann.say("20 parking")
    saved = await ann.press(first.buttons["Save"])
    assert "Saved" in saved[0].text
    assert "Parking $20.00" in saved[0].text
    assert await receipt_states(harness) == ["confirmed", "draft"]


async def test_a_second_purchase_typed_at_an_open_draft_is_another_draft(harness: Harness) -> None:
    ann = await met(harness, "sms")
    await ann.say("5.50 coffee")
    assert screens(await ann.say("12 taxi yesterday"))[0].startswith("Taxi $12.00, Mar 17, Taxi.")
    assert "Coffee $5.50, today, Coffee. OK, EDIT or DROP." in screens(await ann.say("ok"))[0]
    await ann.say("ok")
    assert await receipt_states(harness) == ["confirmed", "confirmed"]


async def test_drf_3_waiting_drafts_stand_beside_totals_and_do_not_count(harness: Harness) -> None:
    ann = await met(harness, "sms")
    await ann.say("5.50 coffee")
    await ann.say("12 taxi")
    assert "March so far $12.00 (1 waiting, $5.50)" in screens(await ann.say("ok"))[0]


async def test_drf_4_review_lists_what_waits(harness: Harness) -> None:
    ann = await met(harness, "sms")
    await ann.say("5.50 coffee")
    await ann.say("12 taxi")
    await ann.say("menu")
    assert screens(await ann.say("review")) == [
        "2 receipts: 1 Coffee $5.50 2 Taxi $12.00. OK ALL saves 1-2, or a number to edit."
    ]
    assert "Taxi $12.00, today" in screens(await ann.say("2"))[0]
    assert "Coffee $5.50, today" in screens(await ann.say("drop"))[0]
    assert screens(await ann.say("ok"))[0].startswith("Saved R7K2.")
    assert screens(await ann.say("review"))[0].startswith("Nothing waits.")


async def test_drf_6_undo_restores_the_exact_state_before(harness: Harness) -> None:
    ann = await met(harness, "sms")
    await ann.say("5.50 coffee")
    await ann.say("ok")
    (answer,) = screens(await ann.say("undo"))
    assert "Taken back: Coffee $5.50 waits again." in answer
    assert "OK, EDIT or DROP" in answer
    assert await rows(harness, transaction) == []
    await ann.say("ok")
    assert len(await rows(harness, transaction)) == 1


async def test_drf_6_after_a_day_undo_is_too_late_and_delete_works(harness: Harness) -> None:
    ann = await met(harness, "sms")
    await ann.say("5.50 coffee")
    saved = (await ann.say("ok"))[0].text
    code = saved.split()[1].rstrip(".")
    await harness.wait(timedelta(hours=25))
    assert "nothing to undo" in (await ann.say("undo"))[0].text
    assert uncoded((await ann.say(f"delete {code}"))[0].text) == (
        "Delete R7K2 (Coffee $5.50, Mar 18) from your books? DELETE or KEEP."
    )
    assert "Deleted" in (await ann.say("delete"))[0].text
    assert await rows(harness, transaction) == []
    assert "is back" in (await ann.say(f"undo {code}"))[0].text
    assert len(await rows(harness, transaction)) == 1


async def test_a_draft_that_is_deleted_by_its_code_is_forgotten_and_promises_no_undo(harness: Harness) -> None:
    ann = await met(harness, "telegram")
    (shown,) = await ann.say("5.50 coffee")
    code = shown.buttons["Save"].rpartition(":")[2]
    await ann.say(f"delete {code}")
    (answer,) = screens(await ann.say("delete"))
    assert answer == "Forgotten: Coffee."
    assert await receipt_states(harness) == ["rejected"]


async def test_drf_7_a_confirmed_receipt_can_be_edited_and_put_back(harness: Harness) -> None:
    ann = await met(harness, "sms")
    await ann.say("5.50 coffee")
    code = (await ann.say("ok"))[0].text.split()[1].rstrip(".")
    assert "1 Amount 2 Store" in (await ann.say(f"edit {code}"))[0].text
    assert uncoded((await ann.say("1 6.50"))[0].text) == "Changed R7K2: Coffee $6.50, today, Coffee. UNDO within a day."
    (row,) = await rows(harness, transaction)
    assert row.amount_minor == 650
    await ann.say("undo")
    (row,) = await rows(harness, transaction)
    assert row.amount_minor == 550


async def test_drf_8_the_picture_comes_back(harness: Harness) -> None:
    ann, picture = await met(harness, "telegram"), photo(*TRADER_JOES)
    await ann.photo(picture)
    saved = (await ann.tap("Save"))[0]
    code = saved.text.split()[1].rstrip(".")
    shown = await ann.say(f"PICTURE {code}")
    files = [one for one in shown if one.file]
    assert files[0].filename == f"2026-03-15_trader-joes_{code}.jpg"
    assert harness.blob(files[0].file or 0) == picture


@pytest.mark.parametrize("trouble", ["unreadable", "encrypted", "too_large", "failed"])
async def test_drf_9_a_failed_reading_keeps_the_picture_and_offers_ways(harness: Harness, trouble: str) -> None:
    ann = await met(harness, "telegram")
    (shown,) = await ann.photo(photo(f"!{trouble}"))
    assert list(shown.buttons) == ["Try again", "Drop"]
    assert "12.50 lunch Joe's" in shown.text
    assert (await ann.say("48.90 kedai maju mar 15"))[0].text.startswith("Kedai Maju $48.90, Mar 15")
    assert "Saved" in (await ann.tap("Save"))[0].text
    (row,) = await rows(harness, transaction)
    assert row.pictured


async def test_sea_4_a_code_of_another_person_is_like_one_that_does_not_exist(harness: Harness) -> None:
    ann, bob = await met(harness, "sms"), await met(harness, "sms", "+14155550999")
    await ann.say("5.50 coffee")
    code = (await ann.say("ok"))[0].text.split()[1].rstrip(".")
    for word in ("show", "picture", "why", "edit", "delete", "undo"):
        own = (await bob.say(f"{word} {code}"))[0].text
        unknown = (await bob.say(f"{word} Z2Z2"))[0].text
        assert own.replace(code, "") == unknown.replace("Z2Z2", "")
    assert (await bob.press(f"!receipt:undo:{code}"))[0].text == f"I know no receipt {code}."
    assert await receipt_states(harness) == ["confirmed"]
