"""Words that may be a purchase are asked about before anything is kept (NOT-3)."""

from __future__ import annotations

from pathlib import Path

from tests.handlers.receipts.flow.world import met, open_world, receipt_states, screens

DOUBTFUL = "thai basil 21"


async def test_not_3_words_in_doubt_are_asked_and_one_ok_saves_them(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        (asked,) = screens(await ann.say(DOUBTFUL))
        assert asked == "Is that a purchase: Thai Basil $21.00? OK saves it, NO forgets it."
        assert await receipt_states(harness) == []
        (saved,) = screens(await ann.say("ok"))
        assert "Saved" in saved
        assert await receipt_states(harness) == ["confirmed"]


async def test_not_3_a_button_saves_what_is_in_doubt(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        await ann.say(DOUBTFUL)
        await ann.tap("Save")
        assert await receipt_states(harness) == ["confirmed"]


async def test_not_3_no_keeps_nothing_and_other_words_are_heard_as_ever(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.say(DOUBTFUL)
        assert screens(await ann.say("no")) == ["All right, nothing saved."]
        await ann.say(DOUBTFUL)
        (other,) = screens(await ann.say("12.50 lunch joe's"))
        assert other.startswith("Joe's $12.50, today")
        await ann.say("drop")
        assert await receipt_states(harness) == ["rejected"]


async def test_not_3_a_merchant_that_the_person_knows_is_no_doubt(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert screens(await ann.say("joes 4"))[0].startswith("Is that a purchase")
        await ann.say("no")
        await ann.say("12.50 lunch at joes")
        await ann.say("ok")
        assert screens(await ann.say("joes 4"))[0].startswith("Joes $4.00, today")
