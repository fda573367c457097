"""Purchases that are spoken (rule CAP-7, TX-26)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.calls import Done
from bot.core.calls.workshop import Transcribe, Transcript
from tests.handlers.receipts.flow.world import met, open_world, receipt_states, screens


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_cap_7_what_is_heard_is_taken_as_typed(tmp_path: Path, channel: str) -> None:
    said = Transcript("twelve fifty for lunch at Joe's")
    async with open_world(tmp_path, world={Transcribe: lambda call, harness: Done(said)}) as harness:
        ann = await met(harness, channel)
        (answer,) = screens(await ann.voice())
        assert answer.startswith("I heard: twelve fifty for lunch at Joe's.")
        assert "Joe's $12.50, today, Restaurants" in answer
        await ann.say("ok")
        assert await receipt_states(harness) == ["confirmed"]


async def test_cap_7_without_a_port_it_is_asked_for_typed(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        assert screens(await ann.voice()) == ["I cannot listen to that. Type it, like 12.50 lunch Joe's."]


async def test_words_that_are_no_purchase_make_no_draft(tmp_path: Path) -> None:
    said = Transcript("call me when you are back")
    async with open_world(tmp_path, world={Transcribe: lambda call, harness: Done(said)}) as harness:
        ann = await met(harness, "sms")
        assert "I see no purchase in that" in screens(await ann.voice())[0]
        assert await receipt_states(harness) == []
