"""No key, no network, no reader: typed entry works, a photo is kept and asks for its three values (RA-8, DRF-9)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.calls import Refused
from bot.core.calls.reading import ReadPrint
from storage.receipts.ledger import transaction
from tests.handlers.receipts.flow.world import TRADER_JOES, met, open_world, photo, rows, screens

ASKED = "I keep the picture, but cannot read pictures here. Please type it, like 12.50 lunch Joe's Mar 15."


@pytest.mark.parametrize("code", ["no_reader", "not_configured"])
@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_ra_8_a_photo_asks_for_three_values_and_keeps_its_picture(
    tmp_path: Path, channel: str, code: str
) -> None:
    async with open_world(tmp_path, world={ReadPrint: lambda call, harness: Refused(code)}) as harness:
        ann = await met(harness, channel)
        assert screens(await ann.say("5.50 coffee"))[0].startswith("Coffee $5.50, today, Coffee.")
        await ann.say("ok")
        assert screens(await ann.photo(photo(*TRADER_JOES))) == [ASKED]
        assert screens(await ann.say("12.50 lunch Joe's Mar 15"))[0].startswith("Joe's $12.50, Mar 15, Restaurants.")
        await ann.say("ok")
        typed, pictured = await rows(harness, transaction)
        assert (typed.amount_minor, typed.pictured) == (550, False)
        assert (pictured.amount_minor, pictured.pictured) == (1250, True)


@pytest.mark.parametrize(
    "messages",
    [("12.50", "lunch at joe's"), ("lunch at joe's", "12.50"), ("joe's lunch yesterday", "12.50"), ("$12.50", "joe's")],
)
async def test_ra_8_the_values_may_come_one_by_one(tmp_path: Path, messages: tuple[str, ...]) -> None:
    async with open_world(tmp_path, world={ReadPrint: lambda call, harness: Refused("no_reader")}) as harness:
        ann = await met(harness, "sms")
        await ann.photo(photo(*TRADER_JOES))
        for message in messages:
            answer = screens(await ann.say(message))[0]
        assert answer.startswith("Joe's $12.50, ")
        await ann.say("ok")
        (row,) = await rows(harness, transaction)
        assert row.pictured
