"""TXT-7: five calls of a model a minute and a number of tokens a day; beyond them the plain way, at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.workshop import AskModel, ModelAnswer, ReadText, TextFound, Transcribe, Transcript
from bot.core.clock import FixedClock
from bot.core.prompts import Answer, Ask
from bot.engine.allowance import Allowance
from bot.engine.flow import Call, Flow, Next, Stay
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from storage import model_use
from storage.people import usage

KINDS: dict[str, Any] = {
    "tidy": AskModel("letter_tidy", "v1", "letters", "Tidy.", {}, {"type": "object"}, 10, "k"),
    "read": ReadText([1], "ticket_photo"),
    "hear": Transcribe(1, "audio/ogg"),
}


class Draft(BaseModel):
    """Nothing."""


def make_flow() -> Flow[Draft]:
    flow = Flow("ask", Draft, version=1, first="what", entry=("ask",))
    flow.ask("what")(lambda turn: Ask("ask.what"))

    def take(turn: Turn, answer: Answer) -> Next:
        return Call(KINDS[answer.text], then="answered")

    def answered(turn: Turn, outcome: Outcome) -> Next:
        turn.say("ask.got", what="an answer" if isinstance(outcome, Done) else getattr(outcome, "code", ""))
        return Stay()

    flow.take("what")(take)
    flow.result("answered")(answered)
    return flow


def answers(tokens: int) -> dict[type, Callable[[Any, Harness], Outcome]]:
    return {
        AskModel: lambda call, h: Done(ModelAnswer({}, "m", tokens - 1, 1, None)),
        ReadText: lambda call, h: Done(TextFound("x", input_tokens=tokens, output_tokens=0)),
        Transcribe: lambda call, h: Done(Transcript("words")),
    }


@asynccontextmanager
async def opened(
    where: Path, clock: FixedClock, world: dict[type, Any] | None = None, allowed: Allowance | None = None
) -> AsyncIterator[Harness]:
    def register(registry: Registry) -> None:
        registry.introduces = False
        registry.catalogue.add("en", {"ask.what": "what?", "ask.got": "got {what}", "engine.menu": "menu"})
        registry.add_flow(make_flow())
        if allowed:
            registry.settings[Allowance] = allowed

    async with Harness.open(register, where, clock, world or answers(10)) as h:
        yield h


def count(h: Harness) -> int:
    return sum(isinstance(call, AskModel | ReadText) for call in h.calls)


async def test_txt_7_the_sixth_call_within_a_minute_goes_the_plain_way_at_once(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with opened(tmp_path, clock) as h:
        phone = h.phone("telegram")
        await phone.say("ask")
        for kind in ("tidy", "read", "tidy", "read", "tidy"):
            assert "got an answer" in (await phone.say(kind))[0].text
            clock.advance(timedelta(seconds=10))
        shown = await phone.say("read")
        assert [message.text for message in shown] == ["got model_limit\n\nwhat?"]
        assert count(h) == 5


async def test_txt_7_any_minute_counts_not_the_clocks(tmp_path: Path, clock: FixedClock) -> None:
    async with opened(tmp_path, clock) as h:
        phone = h.phone("telegram")
        await phone.say("ask")
        for _ in range(5):
            await phone.say("tidy")
        clock.advance(timedelta(seconds=59, microseconds=999_999))
        assert "model_limit" in (await phone.say("tidy"))[0].text
        clock.advance(timedelta(microseconds=1))
        assert "an answer" in (await phone.say("tidy"))[0].text


async def test_txt_7_the_count_is_the_persons_and_survives_a_restart(tmp_path: Path, clock: FixedClock) -> None:
    async with opened(tmp_path, clock) as h:
        h.restart = True
        ann, bob = h.phone("telegram", "7:1"), h.phone("telegram", "7:2")
        await ann.say("ask")
        await bob.say("ask")
        for _ in range(5):
            await ann.say("tidy")
        assert "model_limit" in (await ann.say("tidy"))[0].text
        assert "an answer" in (await bob.say("tidy"))[0].text


async def test_ops_1_what_no_model_answers_is_not_counted(tmp_path: Path, clock: FixedClock) -> None:
    async with opened(tmp_path, clock) as h:
        phone = h.phone("telegram")
        await phone.say("ask")
        for _ in range(8):
            assert "an answer" in (await phone.say("hear"))[0].text
        assert "an answer" in (await phone.say("tidy"))[0].text


@pytest.mark.parametrize("kind", ["tidy", "read"])
async def test_txt_7_beyond_the_days_tokens_nothing_is_asked_until_tomorrow(
    tmp_path: Path, clock: FixedClock, kind: str
) -> None:
    async with opened(tmp_path, clock, answers(600), Allowance(tokens_per_day=1000)) as h:
        phone = h.phone("telegram")
        await phone.say("ask")
        for _ in range(2):
            assert "an answer" in (await phone.say(kind))[0].text
            clock.advance(timedelta(minutes=1))
        assert "model_limit" in (await phone.say(kind))[0].text
        assert count(h) == 2
        clock.advance(timedelta(days=1))
        assert "an answer" in (await phone.say(kind))[0].text


async def test_llm_9_an_answer_that_is_no_use_is_paid_all_the_same(tmp_path: Path, clock: FixedClock) -> None:
    spent = {"model": "m", "input_tokens": 300, "output_tokens": 40, "cost_e4": None}
    async with opened(tmp_path, clock, {AskModel: lambda call, h: Refused("no_result", "refusal", spent)}) as h:
        phone = h.phone("telegram")
        await phone.say("ask")
        assert "no_result" in (await phone.say("tidy"))[0].text
        person: list[int] = []

        def used(work: Any) -> int:
            person.extend(row.person_id for row in work.rows(usage.select()))
            return model_use.used_today(work, person[0])

        assert await h.writers.run(used) == 340


async def test_a_late_answer_that_nobody_waits_for_is_counted_once(tmp_path: Path, clock: FixedClock) -> None:
    async with opened(tmp_path, clock, answers(50)) as h:
        phone = h.phone("telegram")
        h.redeliver = True
        await phone.say("ask")
        await phone.say("tidy")
        total = await h.writers.run(
            lambda work: sum(r.used for r in work.rows(usage.select()) if r.kind == model_use.KIND)
        )
        assert total == 50
