"""A turn of the coach at another server than our fake: streams, faults in the middle, limits of time (MC-1 to MC-8)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.core.calls.coach import AskCoach, CoachSaid, FactsWanted, Line, ModelTry, SummariseTalk, WordsWanted, tries_of
from bot.core.calls.outcome import Done, Outcome, Refused
from bot.core.ports import Attempt
from integrations.claude.coach import CoachAdapter
from tests.integrations.claude_elsewhere import (
    Elsewhere,
    Fail,
    HangUp,
    Pause,
    Say,
    Script,
    Step,
    Stop,
    Think,
    Whole,
    elsewhere,
    error,
    message,
)
from tests.integrations.door import attempt

SCHEMA = {
    "type": "object",
    "properties": {"items": {"type": "array", "items": {"type": "string"}}},
    "required": ["items"],
    "additionalProperties": False,
}
LINES = [Line("user", "hi"), Line("assistant", "Hello."), Line("user", "How do I price it?")]
REPLY = WordsWanted("claude-sonnet-5-5", "You are a coach.", LINES, 1500)
FACTS = FactsWanted("claude-haiku-5-5", "Find decisions.", {"message": "39 a month"}, SCHEMA, 500)
ASK = AskCoach(7, "k_ab12", REPLY, FACTS, 25)
GOOD: Script = [Say("Start with one price"), Say(" of $29 a month."), Stop()]


@pytest.fixture
async def other() -> AsyncIterator[Elsewhere]:
    async with elsewhere() as opened:
        opened.streams.append(GOOD)
        yield opened


async def ask(
    other: Elsewhere, call: AskCoach | SummariseTalk = ASK, *, circumstances: Attempt | None = None, **limits: float
) -> Outcome:
    adapter = CoachAdapter("key", base_url=other.url, **limits)
    try:
        return await adapter.calls[type(call)](call, circumstances or attempt())
    finally:
        await adapter.close()


def said(outcome: Outcome) -> CoachSaid:
    assert isinstance(outcome, Done)
    assert isinstance(outcome.result, CoachSaid)
    return outcome.result


def failed(outcome: Outcome, whole_vendor: bool = True) -> list[ModelTry]:
    """Return the tries of a reply that failed."""
    assert isinstance(outcome, Refused)
    assert outcome.code == "no_reply"
    assert outcome.whole_vendor is whole_vendor
    return [one for one in tries_of(outcome.details) if one.purpose == "reply"]


async def test_ct_3_two_independent_calls_give_a_reply_and_facts(other: Elsewhere) -> None:
    other.others.append(message('{"items": ["$29"]}'))
    other.others.popleft()
    grown: list[str] = []
    got = said(await ask(other, circumstances=replace(attempt(), show=grown.append)))
    assert (got.text, got.stop_reason, got.facts) == (
        "Start with one price of $29 a month.",
        "end_turn",
        {"items": ["$29"]},
    )
    assert grown == ["Start with one price", "Start with one price of $29 a month."]
    reply, extract = got.tries
    assert (reply.purpose, reply.input_tokens, reply.cache_read_tokens, reply.output_tokens) == (
        "reply",
        1200,
        5000,
        60,
    )
    assert (extract.purpose, extract.model, extract.input_tokens) == ("extract", "claude-haiku-5-5", 1500)
    assert all(one.usage_known and one.outcome == "answered" and one.attempt == 1 for one in got.tries)


async def test_mc_3_c44_requests_hold_what_the_vendor_takes_and_no_more(other: Elsewhere) -> None:
    await ask(other)
    for body in other.asked:
        assert not {"temperature", "top_p", "top_k", "tools", "tool_choice", "stop_sequences"} & set(body)
        assert body["messages"][-1]["role"] == "user"
        assert body["metadata"] == {"user_id": "k_ab12"}
        assert body["system"][0]["cache_control"] == {"type": "ephemeral"}
        assert body["output_config"]["effort"] == "low"
    (stream,) = other.streamed
    assert stream["max_tokens"] == 1500
    assert stream["thinking"] == {"type": "between_tools"}
    (facts,) = [body for body in other.asked if not body.get("stream")]
    assert facts["output_config"]["format"] == {"type": "json_schema", "schema": SCHEMA}
    assert all(headers["anthropic-version"] for headers in other.headers)


async def test_mc_4_c45_the_text_is_found_behind_a_thinking_block(other: Elsewhere) -> None:
    other.streams[0] = [Think("I should say $1."), Say("Start with one price of $29 a month."), Stop()]
    assert said(await ask(other)).text == "Start with one price of $29 a month."


@pytest.mark.parametrize("reason", ["refusal", "max_tokens"])
async def test_mc_5_a_refusal_and_a_cut_answer_are_answers_that_say_so(reason: str, other: Elsewhere) -> None:
    other.streams[0] = [Say("One price. And then you"), Stop(reason)]
    got = said(await ask(other))
    assert got.stop_reason == reason
    assert got.tries[0].outcome == ("refused" if reason == "refusal" else "answered")


async def test_mc_5_a_full_window_halves_the_recent_talk_once(other: Elsewhere) -> None:
    lines = [Line("user" if n % 2 == 0 else "assistant", f"line {n}") for n in range(9)]
    full: Script = [Stop("model_context_window_exceeded", 1)]
    other.streams[0] = full
    other.streams.append(GOOD)
    got = said(await ask(other, replace(ASK, reply=replace(REPLY, lines=lines))))
    texts = [[m["content"] for m in body["messages"]] for body in other.streamed]
    assert len(texts[0]) == 9
    assert texts[1] == ["line 4", "line 5", "line 6", "line 7", "line 8"]
    assert [one.attempt for one in got.tries if one.purpose == "reply"] == [1, 2]
    other.streams.clear()
    other.streams.append(full)
    assert len(failed(await ask(other), whole_vendor=False)) == 2


@pytest.mark.parametrize("reason", ["pause_turn", "tool_use", "something_new"])
async def test_mc_5_any_other_end_is_none(reason: str, other: Elsewhere) -> None:
    other.streams[0] = [Say("Half"), Stop(reason)]
    (only,) = failed(await ask(other), whole_vendor=False)
    assert (only.outcome, only.stop_reason, only.usage_known) == ("failed", reason, True)


@pytest.mark.parametrize("steps", [[Stop()], [Think(), Stop("max_tokens")], [Say("  \n"), Stop()]])
async def test_an_answer_without_words_is_none(steps: list[Any], other: Elsewhere) -> None:
    other.streams[0] = steps
    failed(await ask(other), whole_vendor=False)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 529])
async def test_c32_what_fails_at_once_is_tried_a_second_time_and_no_more(status: int, other: Elsewhere) -> None:
    other.streams[0] = error(status)
    tries = failed(await ask(other, replace(ASK, facts=None)), whole_vendor=status != 409)
    assert [(one.outcome, one.input_tokens, one.usage_known) for one in tries] == [("failed", 0, True)] * 2
    assert len(other.streamed) == 2
    other.streams.append(GOOD)
    assert said(await ask(other)).text


async def test_an_overloaded_moment_is_bridged(other: Elsewhere) -> None:
    other.streams.appendleft(error(529))
    other.others.appendleft(error(500, "api_error"))
    got = said(await ask(other))
    assert [(one.purpose, one.outcome) for one in got.tries] == [
        ("reply", "failed"), ("reply", "answered"), ("extract", "failed"), ("extract", "answered"),
    ]  # fmt: skip


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
async def test_a_refused_request_is_not_repeated_and_is_no_outage(status: int, other: Elsewhere) -> None:
    other.streams[0] = error(status, "invalid_request_error")
    assert len(failed(await ask(other), whole_vendor=False)) == 1


async def test_c33_a_vendor_that_hangs_is_left_at_the_limit_of_the_first_text(other: Elsewhere) -> None:
    scripts: list[list[Step]] = [[Pause(30)], [Think(), Pause(30)]]
    for steps in scripts:
        other.streams.clear()
        other.streams.append(steps)
        started = time.monotonic()
        (only,) = failed(await ask(other, replace(ASK, facts=None), first_text_seconds=0.15))
        assert time.monotonic() - started < 1.5
        assert (only.outcome, only.usage_known) == ("timeout", False)
        assert only.input_tokens > 0, "nobody told what it cost, so it is estimated"


async def test_c33_a_stream_that_never_ends_is_left_at_the_deadline(other: Elsewhere) -> None:
    slow: list[Step] = [Pause(0.05), Say("more ")] * 100
    other.streams[0] = [Say("One "), *slow]
    (only,) = failed(await ask(other, replace(ASK, seconds=1, facts=None)))
    assert (only.outcome, only.input_tokens, only.cache_read_tokens) == ("timeout", 1200, 5000)
    assert only.output_tokens > 2


async def test_c34_a_vendor_that_asks_for_two_minutes_is_not_waited_for(other: Elsewhere) -> None:
    other.streams[0] = error(429, "rate_limit_error", **{"retry-after": "120"})
    started = time.monotonic()
    assert len(failed(await ask(other, replace(ASK, facts=None)))) == 1
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("end", [[HangUp()], [Fail()], []])
async def test_mc_6_c35_a_stream_cut_in_the_middle_is_no_reply_and_charged_by_estimate(
    end: list[Any], other: Elsewhere
) -> None:
    other.streams[0] = [Say("word " * 32), *end]
    (only,) = failed(await ask(other, replace(ASK, facts=None)))
    assert (only.outcome, only.usage_known, only.input_tokens) == ("cut", False, 1200)
    assert 40 <= only.output_tokens <= 60, "160 characters"


@pytest.mark.parametrize("first", [[Fail()], [HangUp()], [Fail("api_error")]])
async def test_a_stream_that_breaks_before_its_first_text_is_tried_once_more(first: Script, other: Elsewhere) -> None:
    other.streams.appendleft(first)
    got = said(await ask(other))
    assert [one.attempt for one in got.tries if one.purpose == "reply"] == [1, 2]


@pytest.mark.parametrize(
    "answer",
    [
        message("no json at all"),
        message('{"items": "x"}'),
        message('{"items": []', "max_tokens"),
        message("", "refusal"),
        Whole(200, {"type": "message", "content": None}),
        Whole(200, b"<html>"),
        error(400, "invalid_request_error"),
    ],
)
async def test_ct_5_facts_that_do_not_come_leave_the_reply_alone(answer: Whole, other: Elsewhere) -> None:
    other.others[0] = answer
    got = said(await ask(other))
    assert got.facts is None
    assert got.text


async def test_ct_5_facts_that_are_late_leave_the_reply_alone(other: Elsewhere) -> None:
    other.others[0] = [Pause(30)]
    got = said(await ask(other, facts_seconds=0.15))
    assert got.facts is None
    assert [(one.outcome, one.usage_known) for one in got.tries if one.purpose == "extract"] == [("timeout", False)]


async def test_c39_a_second_attempt_tells_of_the_first_whose_cost_nobody_knows(other: Elsewhere) -> None:
    got = said(await ask(other, circumstances=attempt(number=2)))
    replies = [one for one in got.tries if one.purpose == "reply"]
    assert [(one.attempt, one.outcome, one.usage_known) for one in replies] == [
        (1, "failed", False),
        (2, "answered", True),
    ]
    assert replies[0].output_tokens == REPLY.max_tokens, "the most that it can have been"


async def test_a_server_that_is_not_there_costs_nothing() -> None:
    other = Elsewhere()
    other.url = "http://127.0.0.1:9"
    tries = failed(await ask(other))
    assert {(one.outcome, one.input_tokens) for one in tries} == {("network_refused", 0)}


async def test_cx_2_a_summary_is_words_alone(other: Elsewhere) -> None:
    call = SummariseTalk(7, "k_ab12", replace(REPLY, model="claude-haiku-5-5"))
    outcome = await ask(other, call)
    assert isinstance(outcome, Done)
    assert outcome.result.text.startswith("Start with")
    assert [one.purpose for one in outcome.result.tries] == ["summary"]
    assert "thinking" not in other.asked[0]
    other.streams[0] = [Stop("refusal")]
    assert isinstance(await ask(other, call), Refused)


async def test_ct_5_a_machine_too_busy_to_load_the_sdk_in_time_is_not_waited_for(
    other: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(name: str) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr("integrations.claude.client.load", slow)
    outcome = await ask(other, replace(ASK, seconds=1))
    assert outcome == Refused("no_reply", "the SDK is still being loaded")
    assert other.asked == []
