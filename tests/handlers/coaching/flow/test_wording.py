"""Decisions as people read them, on both channels (section 6)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.handlers.coaching.flow.world import begun, open_world

SAID = {
    "Going with $300 a year": ("$300/year", "$300.00 a year"),
    "Lifetime access for $99, one payment, final": ("$99 once", "$99.00 once"),
    "Price: €29,99 monthly": ("€29.99/month", "€29.99 a month"),
    "I'll charge ¥1,500 a month": ("¥1,500/month", "¥1,500 a month"),
    "three tiers sounds good": ("3 tiers", "3 tiers"),
    "I'll host it on my own website": ("own website", "own website"),
    "Members get a weekly Q&A and a daily tip": ("weekly Q&A, daily tips", "weekly Q&A, daily tips"),
}


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_values_are_shown_in_the_form_of_their_channel(tmp_path: Path, channel: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, channel)
        for text, shown in SAID.items():
            (asked, *_) = await ann.say(text)
            expected = shown[channel == "telegram"]
            assert expected in asked.text.replace("&amp;", "&")
