"""The model's turn inside the whole conversation: its reply and the question for a yes are one message (CT-4, PP-2)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import bot.engine
from bot.core.calls import Again, Done
from bot.core.calls.channels import ShowTyping
from bot.core.calls.coach import AskCoach
from bot.core.clock import FixedClock
from bot.core.sms import size
from bot.engine import ages, own_data, stray
from bot.engine.harness import Harness
from bot.engine.phone import Phone
from bot.engine.registry import Registry
from handlers import coaching
from handlers.coaching.talk import TalkSettings
from storage.coaching.decisions import decision
from storage.coaching.messages import message
from storage.coaching.projects import project
from storage.coaching.turns import turn as coach_turn
from tests.handlers.coaching.flow.world import MONDAY, begun, rows
from tests.handlers.coaching.talk.kit import ON, Model, body_of, fails, says


class World:
    """A person whose project has begun, and a model."""

    def __init__(self, harness: Harness, phone: Phone) -> None:
        self.harness, self.phone = harness, phone
        self.model: Model = says()
        self.asked: list[AskCoach] = []

    async def say(self, text: str) -> str:
        """Say something; return the one message that answers it, at once or after the model did."""
        start = len(self.phone.messages)
        await self.phone.say(text)
        await self.harness.wait(timedelta(seconds=4))
        (answer,) = self.phone.messages[start:]
        return answer.text


@asynccontextmanager
async def opened(tmp_path: Path, channel: str, settings: TalkSettings = ON) -> AsyncIterator[World]:
    """Open the coach with a model."""

    def register(registry: Registry) -> None:
        registry.add_texts(Path(bot.engine.__file__).parent / "texts")
        registry.introduces = False
        stray.register(registry)
        own_data.register(registry)
        ages.register(registry)
        coaching.register(registry, None, settings)
        coaching.register_last(registry)

    def ask(call: AskCoach, harness: Harness) -> Any:
        world.asked.append(call)
        return world.model(call)

    answers = {AskCoach: ask, ShowTyping: lambda call, harness: Done()}
    async with Harness.open(register, tmp_path, FixedClock(MONDAY), answers) as harness:
        world = World(harness, harness.phone("sms"))
        world.phone = await begun(harness, channel)
        yield world


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_a_decision_in_words_is_answered_by_the_model_and_asked_for_in_the_same_message(
    channel: str, tmp_path: Path
) -> None:
    async with opened(tmp_path, channel) as world:
        world.model = says("A fair start for your audience.")
        answer = await world.say("I'll charge $29.99 a month")
        assert answer.startswith("A fair start for your audience.")
        assert "29.99" in answer
        assert await rows(world.harness, decision) == []
        asked = len(world.asked)
        saved = await world.say("ok")
        assert "aved" in saved
        (kept,) = await rows(world.harness, decision)
        assert (kept.category, kept.state) == ("pricing", "current")
        said = {row.id: row for row in await rows(world.harness, message)}
        assert said[kept.message_id].role == "person"
        assert len(world.asked) == asked, "a yes is no message for the model"
        assert [row.state for row in await rows(world.harness, coach_turn)] == ["answered"]
        await world.say("why that price?")
        assert "pricing = USD 2999/month" in body_of(world.asked[-1])


async def test_c17_a_bare_yes_without_a_question_is_a_normal_turn(tmp_path: Path) -> None:
    async with opened(tmp_path, "telegram") as world:
        await world.say("how do I write the welcome post?")
        await world.say("thanks, and the rules?")
        asked = len(world.asked)
        assert await world.say("ok") == "Good. What will members get?"
        assert len(world.asked) == asked + 1
        assert await rows(world.harness, decision) == []
        assert (await rows(world.harness, coach_turn))[-1].counts


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_c53_who_deletes_a_full_days_project_has_still_spent_the_day(channel: str, tmp_path: Path) -> None:
    async with opened(tmp_path, channel, replace(ON, messages_per_day=3, burst_per_minute=0)) as world:
        for number in range(3):
            await world.say(f"tell me more about part {number}")
        assert "3 of 3" in await world.say("usage")
        for words in ("delete project", "delete"):
            await world.phone.say(words)
        assert await rows(world.harness, project) == []
        await world.phone.say("coach")
        assert len(await rows(world.harness, project)) == 1
        assert "3 of 3" in await world.say("usage")
        asked = len(world.asked)
        assert "3 coach messages" in await world.say("how do I write the welcome post?")
        assert len(world.asked) == asked


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_sf_1_c55_a_person_ends_and_allows_the_model_in_chat(channel: str, tmp_path: Path) -> None:
    async with opened(tmp_path, channel) as world:
        await world.say("how do I write the welcome post?")
        for words in ("MODEL OFF", "don't send my messages to AI", "no ai"):
            off = await world.say(words)
            assert "Anthropic" in off
            assert "MODEL ON" in off
        asked = len(world.asked)
        assert await world.say("how do I write the welcome post?")
        await world.say("I'm going with Discord")
        assert "aved" in await world.say("ok")
        assert len(world.asked) == asked, "nothing leaves, and the plan goes on"
        on = await world.say("model on")
        assert "MODEL OFF" in on
        told = await world.say("privacy")
        assert told.startswith(on), "who gets the words is named"
        assert "DELETE" in told.upper()
        assert channel != "sms" or size(on).segments == 1
        await world.say("and the price?")
        assert len(world.asked) == asked + 1


async def test_the_answer_to_the_coachs_question_is_read_as_one_after_the_model_spoke(tmp_path: Path) -> None:
    async with opened(tmp_path, "telegram") as world:
        world.model = fails()
        first = await world.say("I'm going with Discord, that's final")
        assert "unavailable" in first
        assert "not count" in first
        assert await world.say("ok")
        world.model = says("Fine.")
        await world.say("what do others do?")
        answer = await world.say("I'll charge $35 a month")
        assert answer.startswith("Fine.")
        assert "35" in answer


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_c32_an_outage_is_answered_from_the_plan_and_does_not_count(channel: str, tmp_path: Path) -> None:
    async with opened(tmp_path, channel) as world:
        world.model = fails("status_529")
        answer = await world.say("how do I write the welcome material?")
        assert "the full coach is unavailable" in answer
        assert "did not count" in answer
        assert "529" not in answer
        assert [(row.state, row.counts) for row in await rows(world.harness, coach_turn)] == [("fallback", False)]


async def test_what_the_coach_said_is_kept_once_and_in_order(tmp_path: Path) -> None:
    async with opened(tmp_path, "telegram") as world:
        before = len(await rows(world.harness, message))
        world.model = says("List three benefits.")
        await world.say("how do I write the welcome post?")
        kept = (await rows(world.harness, message))[before:]
        assert [(row.role, row.state) for row in kept] == [("person", "answered"), ("coach", "answered")]


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_c66_no_model_hears_of_danger_and_none_speaks_after_it(channel: str, tmp_path: Path) -> None:
    async with opened(tmp_path, channel) as world:
        harness, phone = world.harness, world.phone
        assert "988" in await world.say("there is no place for me in this world")
        assert (world.asked, await rows(harness, coach_turn)) == ([], [])
        start = len(phone.messages)
        await phone.say("how do I write the welcome post?")
        await phone.say("honestly I want to die")
        await harness.wait(timedelta(seconds=30))
        told = [one.text for one in phone.messages[start:]]
        assert len(told) == 1, told
        assert "988" in told[0]
        assert world.asked == []
        assert [(row.state, row.counts) for row in await rows(harness, coach_turn)] == [("released", False)]
        await phone.say("how do I write the welcome post?")
        await phone.say("I can't live like this, I want to die")
        await phone.say("sorry. what is the next task?")
        await harness.wait(timedelta(seconds=4))
        assert len(world.asked) == 1, "who goes on is answered"
        assert "want to die" not in body_of(world.asked[0])


async def test_c66_an_answer_that_was_under_way_is_booked_and_not_sent_after_words_of_danger(tmp_path: Path) -> None:
    async with opened(tmp_path, "telegram") as world:
        harness, phone = world.harness, world.phone
        waits = iter([True])
        world.model = lambda call: Again("slow", timedelta(seconds=9)) if next(waits, False) else says("Great!")(call)
        await phone.say("how do I price it?")
        await harness.wait(timedelta(seconds=4))
        await phone.say("I want to die")
        told = len(phone.messages)
        await harness.wait(timedelta(seconds=60))
        assert len(phone.messages) == told
        ((row),) = await rows(harness, coach_turn)
        assert (row.state, row.counts) == ("released", False)
        assert row.spent_nano > 0
