"""The transcripts of section 6 that need no model, exact, on both channels; with redelivery and with restarts."""

from __future__ import annotations

import html
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.engine.harness import Harness
from bot.engine.phone import Message
from storage import people
from storage.work import Work
from tests.handlers.coaching.flow.world import begun, open_world, said, screens


@pytest.fixture(params=["plain", "redelivered", "restarted"])
def mode(request: pytest.FixtureRequest) -> str:
    """As it comes, with every message twice, and with a restart after every turn (C38)."""
    return str(request.param)


def _play(harness: Harness, mode: str) -> None:
    harness.redeliver, harness.restart = mode == "redelivered", mode == "restarted"


def _shown(message: Message) -> str:
    """Return a message as it stands on the screen: its words, and its buttons behind them."""
    buttons = " ".join(f"[{label}]" for label in message.buttons)
    return f"{html.unescape(message.text)} {buttons}".strip()


async def test_c38_a_price_is_settled_by_sms(database: str, mode: str) -> None:
    async with open_world(database) as harness:
        ann = await begun(harness, "sms")
        _play(harness, mode)
        assert await said(ann, "discord it is") == "Save platform Discord? Reply OK, or send another platform."
        assert await said(ann, "ok") == "Saved. Tick task 1.1 too? Reply OK. Next: what will you charge?"
        assert await said(ann, "next") == (
            "Next is your price. Most start with one price of $27-47 a month. What will you charge?"
        )
        assert (await said(ann, "prob 29.99 a month, is that too low?")).endswith("What will you charge?")
        assert await said(ann, "ok 29.99 a month it is") == (
            "Save price $29.99/month? Reply OK, or send another price."
        )
        assert await said(ann, "ok") == ("Saved. Tick task 1.2 too? Reply OK. Still open there: one tier or several.")


async def test_a_task_is_done_by_sms(tmp_path: Path, mode: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        _play(harness, mode)
        await ann.say("discord it is")
        await ann.say("ok")
        assert await said(ann, "DONE 1.1") == (
            "Task 1.1 done. Progress: 1 of 5 decisions, 1 of 22 tasks (9%). Reply UNDO to take it back."
        )
        assert await said(ann, "undo") == "Taken back. Task 1.1 is open again."


async def test_four_decisions_at_once_on_telegram(database: str, mode: str) -> None:
    async with open_world(database) as harness:
        ann = await begun(harness, "telegram")
        _play(harness, mode)
        await ann.say("members get a weekly Q&A")
        await ann.tap("Save")
        (asked,) = await ann.say("discord at $29/month, single tier, launch may 3")
        assert _shown(asked) == (
            "Save these?  1 Discord  2 $29.00 a month  3 One tier  4 Opens Sun 3 May 2026 [Save all] [Pick] [No]"
        )
        await ann.tap("Pick")
        (saved, *_) = await ann.say("1, 2, 4")
        assert _shown(saved).startswith(
            "Saved: Discord, $29.00 a month, opens 3 May. One question left about tiers: one or several? "
            "[One] [Several]"
        )
        (asked, *_) = await ann.say("actually $39 instead of $29 a month")
        assert _shown(asked) == "Price $29.00 a month -> $39.00 a month? [Save] [No]"
        (saved, *_) = await ann.tap("Save")
        assert _shown(saved).startswith("Saved: $39.00 a month. Next: one tier or several? [One] [Several]")
        assert screens(await ann.say("/undo")) == ["Taken back. The price is $29.00 a month again."]


async def test_four_decisions_at_once_by_sms(tmp_path: Path, mode: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        _play(harness, mode)
        assert await said(ann, "discord at $29/month, single tier, launch may 3") == (
            "1 Discord 2 $29/month 3 one tier 4 opens May 3. Reply OK for all, or numbers like 1 3."
        )
        assert await said(ann, "1 3") == (
            "Saved: Discord, one tier. Tick tasks 1.1, 1.2 too? Reply OK. Still open there: what will you charge."
        )


async def test_c71_one_conversation_on_both_channels(tmp_path: Path) -> None:
    """What was said by SMS is known on Telegram, and a question asked there is answered here."""
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        await ann.say("I'll charge $29 a month")
        await harness.writers.run(_own_telegram)
        there = harness.phone("telegram")
        (saved, *_) = await there.say("ok")
        assert _shown(saved).startswith("Saved: $29.00 a month.")
        assert "$29/month" in await said(ann, "decisions")


def _own_telegram(work: Work) -> None:
    """Give the one person there a second address."""
    (person,) = work.rows(sa.select(people.person.c.id))
    work.claim(
        people.address.insert().values(
            id=work.new_id(), person_id=person.id, channel="telegram", state="active", created_at=0,
            hash=work.seal.digest("address", "telegram:7:5001"), handle=work.seal.seal(b"7:5001"),
        )
    )  # fmt: skip
