"""A number that was silent for ninety days shows first whose it is (ID-10, SMS-21, A08)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage.audit import audit
from storage.receipts.receipts import receipt
from storage.work import Work
from tests.handlers.people.world import World, open_world

DAY = timedelta(days=1)


async def silent(world: World, days: int = 91) -> str:
    """Let the texting phone keep a purchase and be silent; return the receipt's code."""
    await world.sms.say("12.50 lunch Joe's")
    await world.sms.say("save")
    await world.harness.wait(days * DAY)
    (row,) = await world.rows(sa.select(receipt.c.code))
    return str(row.code)


@pytest.mark.parametrize("asked", ["status", "spent", "receipts", "my data", "menu"])
async def test_a08_a_number_silent_for_91_days_is_challenged_first(asked: str, tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        code = await silent(world)
        (told,) = await world.sms.say(asked)
        assert "was quiet for long" in told.text
        assert "12.50" not in told.text
        (thanks,) = await world.sms.say(code.lower())
        assert "Thank you" in thanks.text
        await world.sms.say("find joe")
        assert "12.50" in world.sms.last.text


async def test_id_10_ninety_days_are_not_yet_too_long_and_a_chat_is_no_number(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        await world.chat.say("12.50 lunch Joe's")
        await world.chat.say("save")
        await silent_free(world)
        await world.chat.say("find joe")
        assert "12.50" in world.chat.last.text


async def silent_free(world: World) -> None:
    """A number without any data, and one that is silent for just under ninety days."""
    await world.sms.say("hello")
    await world.harness.wait(89 * DAY)
    (told, *_) = await world.sms.say("menu")
    assert "quiet" not in told.text
    await world.harness.wait(120 * DAY)
    (told, *_) = await world.sms.say("menu")
    assert "quiet" not in told.text, "who has nothing has nothing to lose"


async def test_id_10_three_failures_make_a_fresh_person_after_a_day_and_the_old_one_keeps_its_data(
    tmp_path: Path,
) -> None:
    async with open_world("sqlite", tmp_path) as world:
        await world.link(world.sms, world.chat)
        await world.sms.say("ok")
        code = await silent(world)
        owner = await world.person(world.sms)
        await world.sms.say("status")
        before = len(world.chat.messages)
        for guess in ("94103", "AAAA", "who is this"):
            await world.sms.say(guess)
        warned = [message.text for message in world.chat.messages[before:]]
        assert len(warned) == 1
        assert "+1 *** *** 0188" in warned[0]
        await world.sms.say(code)
        assert "In 24 hours" in world.sms.last.text, "a right answer comes too late"
        assert await world.person(world.sms) == owner
        await world.harness.wait(timedelta(hours=24, minutes=1))
        await world.sms.say("find joe")
        assert "12.50" not in world.sms.last.text
        assert await world.person(world.sms) != owner
        await world.chat.say("find joe")
        assert "12.50" in world.chat.last.text
        acts = [row.action for row in await world.rows(sa.select(audit.c.action))]
        assert [one for one in acts if "challenge" in one] == ["person.challenge", "person.challenge.failed"]


async def test_id_10_agent_and_stop_work_before_the_proof(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        await silent(world)
        await world.sms.say("hello")
        before = len(world.sms.messages)
        await world.sms.say("agent")
        assert len(world.sms.messages) > before
        await world.sms.say("STOP")
        assert await world.sms.say("find joe") == []


async def test_id_10_the_guard_costs_no_query_while_a_number_speaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_world("sqlite", tmp_path) as world:
        await world.sms.say("hello")
        asked: list[str] = []
        real = Work.rows, Work.row

        def note(name: str, read: Callable[..., Any]) -> Callable[..., Any]:
            return lambda *a, **k: [asked.append(name), read(*a, **k)][1]  # type: ignore[func-returns-value]

        from handlers.people import silence

        guard = silence.guard

        def watched(turn: object) -> bool:
            monkeypatch.setattr(Work, "rows", note("rows", real[0]))
            monkeypatch.setattr(Work, "row", note("row", real[1]))
            try:
                return guard(turn)  # type: ignore[arg-type]
            finally:
                monkeypatch.setattr(Work, "rows", real[0])
                monkeypatch.setattr(Work, "row", real[1])

        guards = world.harness.dispatcher.registry.guards
        guards[guards.index(guard)] = watched
        await world.sms.say("menu")
        assert asked == []
        await world.harness.wait(91 * DAY)
        await world.sms.say("menu")
        assert asked, "after a silence it looks"


async def test_id_10_a_plan_with_the_coach_is_shown_to_nobody_else_either(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        for line in ("coach", "twitch", "12k", "Retro speedruns", "7"):
            await world.sms.say(line)
        await world.harness.wait(91 * DAY)
        (told,) = await world.sms.say("progress")
        assert "was quiet for long" in told.text
        for guess in ("twitch", "7"):
            assert "does not fit" in (await world.sms.say(guess))[0].text
        assert "Thank you" in (await world.sms.say("my retro speedruns!"))[0].text
        assert "Planning" in (await world.sms.say("progress"))[0].text


async def test_id_10_what_nothing_can_prove_is_shown_to_nobody(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        await world.sms.say("agent")
        await world.sms.say("my parcel at Hunter street is lost")
        owner = await world.person(world.sms)
        await world.harness.wait(91 * DAY)
        (told,) = await world.sms.say("status")
        assert "was quiet for long" in told.text
        for guess in ("T-1001", "94103", "who is this"):
            await world.sms.say(guess)
        await world.harness.wait(timedelta(hours=24, minutes=1))
        await world.sms.say("status")
        assert await world.person(world.sms) != owner
