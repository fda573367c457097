"""Random walks through all services at once: whatever is said where, no turn fails and everybody is answered.

The words are those that services listen for, answers to their questions, and pieces of both; each walk has its seed.
"""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.clock import FixedClock
from bot.engine.harness import Harness
from bot.engine.phone import Phone
from tests.effort import short
from tests.simulation.services import business

STEPS, SEEDS = short(120, whole=300), short(2, whole=40)
COMMANDS = (
    "ticket", "quote", "receipts", "coach", "plans", "my plan", "usage", "compare", "upgrade", "cancel plan",
    "keep plan", "billing", "invoices", "budget", "summary", "review", "trend", "cases", "status", "evidence",
    "progress", "plan",
    "link", "settings", "my data", "agent", "quotes", "undo", "resume", "restart", "menu", "back", "options", "help",
    "/quote", "/appeal", "/receipts", "/coach", "/plans", "/cases", "/budget", "/human", "/mytickets", "/unlink",
)  # fmt: skip
SENTENCES = (
    "agent my letter never came", "got a parking ticket in Oakland", "i want to start a community", "thanks", "hello",
    "what is the status", "T-1001 hello", "rate 5", "still broken", "quote 300x200x150 mm 3ply B 1000", "basic yearly",
    "12.50 lunch", "starbucks 4.20 and parking 3", "budget food 400", "coupon SPRING20", "what does pro include",
    "spent 20 on gas yesterday", "I am 15", "quiet 22-7", "remind", "quote 1001 send", "quote 1001 breaks", "pack 1",
)  # fmt: skip
ANSWERS = (
    "1", "2", "3", "4", "5", "ok", "yes", "no", "skip", "done", "send", "drop", "edit 2", "San Francisco", "900000417",
    "11/16", "12/01", "Dana Reed", "1500 Mission St, San Francisco, CA 94103", "8ABC123 CA", "me", "meter was broken",
    "I parked at the meter and it failed", "YouTube", "gaming channel with 5000 followers", "B", "5 ply", "1000", "in",
    "300x200x150", "500", "done 1.1", "skip 1.2", "$29 a month", "export", "both", "none of them", "?!", "a" * 300,
)  # fmt: skip


async def _step(p: Phone, rng: random.Random) -> str:
    """Press a button that is shown, or say something; return what."""
    buttons = [label for message in p.messages[-2:] for label in message.buttons]
    if buttons and rng.random() < 0.3:
        label = rng.choice(buttons)
        await p.tap(label)
        return f"[{label}]"
    said = rng.choice(rng.choice((COMMANDS, SENTENCES, ANSWERS)))
    await p.say(said)
    return said


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_voc_2_whatever_is_said_where_no_turn_fails(
    channel: str, seed: int, tmp_path: Path, clock: FixedClock
) -> None:
    rng, walked = random.Random(f"{channel}{seed}"), ["hello"]
    async with Harness.open(business, tmp_path, clock) as h:
        p = h.phone(channel)
        await p.say("hello")
        for number in range(STEPS):
            try:
                walked.append(await _step(p, rng))
            except AssertionError as error:
                raise AssertionError(f"after {walked[-8:]}: {error}") from error
            if number % 20 == 0:
                await h.wait(timedelta(minutes=30))
        before = len(p.messages)
        await p.say("menu")
        await p.say("menu")
        assert len(p.messages) > before, walked[-8:]
