"""Purchases and questions of money while the appeal asks something (CAP-6, UX-21): kept or answered, asked again."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.clock import FixedClock
from bot.engine.harness import Harness
from storage.receipts.bills import bill
from tests.handlers.receipts.flow.world import WEDNESDAY, receipt_states, rows
from tests.simulation.services import everything

BESIDE = [
    ("12.50 lunch joe's", "Kept as a draft: Joe's $12.50.", 1),
    ("paid my phone bill 60 bucks with card 4421", "Kept as a draft: Phone bill $60.00.", 2),
    ("I spent 18 at zuni", "Kept as a draft: Zuni $18.00.", 3),
    ("200 euros hotel lisboa", "€200.00.", 4),
    ("summary", "4 waiting", 4),
    ("how much did I spend this month?", "4 waiting", 4),
    ("find zuni", "Nothing found: zuni.", 4),
]


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_cap_6_ux_21_a_purchase_is_kept_and_the_open_question_comes_again(tmp_path: Path, channel: str) -> None:
    async with Harness.open(everything, tmp_path, FixedClock(WEDNESDAY)) as harness:
        ann = harness.phone(channel)
        await ann.say("hi")
        await ann.say("I want to appeal my parking ticket")
        assert "Which city" in ann.last.text
        for said, told, drafts in BESIDE:
            shown = " ".join(message.text for message in await ann.say(said))
            assert told in shown, (said, shown)
            assert "Which city" in shown, (said, shown)
            assert await receipt_states(harness) == ["draft"] * drafts
        shown = " ".join(message.text for message in await ann.say("San Francisco, CA"))
        assert "9 digits" in shown, "the repeated question is open"


BILL = "Verizon: your bill of $84.12 is due on 03/25"


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_bk_13_a_bill_is_offered_beside_and_the_open_question_comes_again(tmp_path: Path, channel: str) -> None:
    async with Harness.open(everything, tmp_path, FixedClock(WEDNESDAY)) as harness:
        ann = harness.phone(channel)
        await ann.say("hi")
        await ann.say("I want to appeal my parking ticket")
        for said, told in (
            (BILL, "Verizon $84.12 is due Mar 25: nothing saved. BILL ON reminds you of it."),
            ("bill on", "I remind you Mar 24 at 9:00."),
            (BILL, "A reminder is set already"),
        ):
            shown = " ".join(message.text for message in await ann.say(said))
            assert told in shown, (said, shown)
            assert "Which city" in shown, (said, shown)
        for said in ("the fine of $76.00 is due on 03/28", "it says payment of $76.00 due 03/28"):
            theirs = " ".join(message.text for message in await ann.say(said))
            assert "nothing saved" not in theirs, said
        await ann.say("San Francisco, CA")
        assert "9 digits" in ann.last.text
        assert await receipt_states(harness) == []
        assert [row.state for row in await rows(harness, bill)] == ["set"]
