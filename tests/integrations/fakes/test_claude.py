"""The Messages API as the fake plays it, asked with the real client library and by bare HTTP."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import anthropic
import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pydantic import BaseModel

from bot.core.clock import FixedClock
from integrations.fakes.claude import KINDS, ClaudeFake, tidy
from tests.integrations.fakes.contract import checker

HEADERS = {"x-api-key": "k", "anthropic-version": "2026-10-21"}
WORDS = "the meter was broken ,i called 311 at 3 p.m. on main st. they said its known!!"
TIDY = "The meter was broken, I called 311 at 3 p.m. on main st. they said its known!"
SCHEMA = {
    "type": "object",
    "properties": {"statement": {"type": "string"}, "changed": {"type": "boolean"}},
    "required": ["statement", "changed"],
    "additionalProperties": False,
}


class Letter(BaseModel):
    statement: str


@pytest.fixture
async def fake(clock: FixedClock) -> AsyncIterator[ClaudeFake]:
    server = ClaudeFake(clock)
    async with server:
        yield server


@pytest.fixture
async def claude(fake: ClaudeFake) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(api_key="k", base_url=fake.url, max_retries=0, timeout=10) as client:
        yield client


def asked(**more: Any) -> dict[str, Any]:
    content = f'<data-3f name="statement">\n{WORDS}\n</data-3f>'
    body: dict[str, Any] = {
        "model": "claude-sonnet-5-5",
        "max_tokens": 500,
        "system": "Tidy the statement.",
        "messages": [{"role": "user", "content": content}],
    }
    return body | more


def structured(**more: Any) -> dict[str, Any]:
    return asked(output_config={"format": {"type": "json_schema", "schema": SCHEMA}}, **more)


async def post(fake: ClaudeFake, body: Any, path: str = "/v1/messages", headers: Any = None) -> tuple[int, Any, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(fake.url + path, json=body, headers=HEADERS if headers is None else headers) as answer,
    ):
        return answer.status, await answer.json(), answer.headers


# -- tidying -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rough", "clean"),
    [
        (WORDS, TIDY),
        ("hello", "Hello."),
        ("i think i'm late and i was there", "I think I'm late and I was there."),
        ("it cost $45.50 .see receipt", "It cost $45.50 .see receipt."),
        ("one.  two   three", "One. Two three."),
        ("first line\nsame\n\nsecond", "First line same.\n\nSecond."),
        ("was there a sign? no", "Was there a sign? No."),
        ('he said "move"', 'He said "move".'),
        ("ticket 123,456 was wrong", "Ticket 123,456 was wrong."),
        ("I was at i.e. the lot", "I was at i.e. the lot."),
        ("", ""),
    ],
)
def test_tidying_fixes_spacing_capitals_and_full_stops(rough: str, clean: str) -> None:
    assert tidy(rough) == clean


@given(st.text(alphabet="abiI .,!?\n'\"319$é"))
def test_tidying_twice_changes_nothing_and_keeps_every_character_of_a_word(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    letters = [character.lower() for character in text if character.isalnum()]
    assert [character.lower() for character in once if character.isalnum()] == letters


# -- answers -----------------------------------------------------------------------------------------------------


async def test_a_statement_comes_back_tidied_as_structured_output(claude: anthropic.AsyncAnthropic) -> None:
    answer = await claude.messages.create(**structured())
    block = answer.content[0]
    assert block.type == "text"
    assert json.loads(block.text) == {"statement": TIDY, "changed": False}
    assert answer.stop_reason == "end_turn"


async def test_llm_2_the_libraries_own_parser_gets_an_object(claude: anthropic.AsyncAnthropic) -> None:
    answer = await claude.messages.parse(**asked(), output_format=Letter)
    assert answer.parsed_output == Letter(statement=TIDY)


async def test_markup_inside_the_data_is_not_taken_for_a_block(fake: ClaudeFake) -> None:
    content = '<m-1 name="allowed_facts">a long list of facts that are not the statement</m-1>'
    content += '<m-1 name="statement">i saw <b>no</b> sign</m-1>'
    _, answer, _ = await post(fake, structured(messages=[{"role": "user", "content": content}]))
    assert json.loads(answer["content"][0]["text"])["statement"] == "I saw <b>no</b> sign."


async def test_without_marks_or_schema_the_text_itself_is_tidied(fake: ClaudeFake) -> None:
    _, answer, _ = await post(fake, asked(messages=[{"role": "user", "content": "hello  there"}]))
    assert answer["content"][0]["text"] == "Hello there."


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.startswith("stream")])
async def test_scripted_answers_come_first_and_once(fake: ClaudeFake, kind: str) -> None:
    fake.script(kind, "Scripted.", value={"a": 1})
    _, first, _ = await post(fake, structured())
    _, second, _ = await post(fake, structured())
    text = "".join(block.get("text", "") for block in first["content"])
    expected = {
        "text": "Scripted.",
        "json": '{"a": 1}',
        "add_fact": json.dumps({"statement": f"{TIDY} Scripted.", "changed": False}),
        "broken_json": "Scripted.",
        "wrong_schema": '{"unexpected": [1, null]}',
        "thinking_first": json.dumps({"statement": TIDY, "changed": False}),
        "refuse": "",
        "empty": "",
    }
    if kind in expected:
        assert text == expected[kind]
    stops = {"refuse": "refusal", "max_tokens": "max_tokens", "context_exceeded": "model_context_window_exceeded"}
    assert first["stop_reason"] == stops.get(kind, "end_turn")
    if kind == "thinking_first":
        assert [block["type"] for block in first["content"]] == ["thinking", "text"]
    assert json.loads(second["content"][0]["text"])["statement"] == TIDY


async def test_a_script_can_wait_for_its_prompt(fake: ClaudeFake) -> None:
    fake.script("text", "For the coach.", when="coach")
    _, other, _ = await post(fake, asked())
    _, coach, _ = await post(fake, asked(system="You coach."))
    assert other["content"][0]["text"] == TIDY
    assert coach["content"][0]["text"] == "For the coach."


async def test_scripts_are_taken_over_http(fake: ClaudeFake) -> None:
    status, _, _ = await post(fake, {"kind": "text", "text": "x"}, "/_script", {})
    assert status == 200
    assert (await post(fake, {"kind": "sing"}, "/_script", {}))[0] == 400
    assert (await post(fake, asked()))[1]["content"][0]["text"] == "x"


# -- refusals ----------------------------------------------------------------------------------------------------

IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/tiff", "data": "AAAA"}}


@pytest.mark.parametrize(
    ("body", "status", "part"),
    [
        (asked(temperature=0.7), 400, "temperature: Extra inputs are not permitted"),
        (asked(top_p=1), 400, "top_p"),
        (asked(top_k=1), 400, "top_k"),
        (asked(prompt="x"), 400, "prompt"),
        (asked(thinking={"type": "enabled", "budget_tokens": 2000}), 400, "thinking"),
        (asked(tools=[], tool_choice={"type": "any"}), 400, "tool_choice"),
        (asked(messages=[{"role": "user", "content": "x"}, {"role": "assistant", "content": "{"}]), 400, "prefill"),
        (asked(messages=[]), 400, "at least one message"),
        (asked(messages=[{"role": "user", "content": ""}]), 400, "non-empty"),
        (asked(messages=[{"role": "robot", "content": "x"}]), 400, "role"),
        (asked(messages=[{"role": "user", "content": [IMAGE]}]), 400, "media_type"),
        (asked(max_tokens=0), 400, "max_tokens"),
        (asked(model="claude-sonnet-9"), 404, "model: claude-sonnet-9"),
        (asked(model="claude-sonnet-4-20250514"), 404, "model"),
        ({"model": "claude-sonnet-5-5", "messages": []}, 400, "max_tokens: Field required"),
        ([], 400, "not valid JSON"),
        (asked(output_config={"format": {"type": "json_object"}}), 400, "json_schema"),
        (asked(output_config={"format": {"type": "json_schema", "schema": {"type": "object"}}}), 400, "additionalProp"),
        (asked(output_config={"effort": "tiny"}), 400, "effort"),
    ],
)
async def test_llm_1_what_current_models_refuse(fake: ClaudeFake, body: Any, status: int, part: str) -> None:
    got, error, headers = await post(fake, body)
    assert (got, error["type"]) == (status, "error")
    assert error["error"]["type"] == ("not_found_error" if status == 404 else "invalid_request_error")
    assert part in error["error"]["message"]
    assert headers["request-id"] == error["request_id"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"anthropic-version": "2026-10-21"}, 401),
        ({"x-api-key": "k"}, 400),
        ({"x-api-key": "k", "anthropic-version": "1999-01-01"}, 400),
        ({"Authorization": "Bearer k", "anthropic-version": "2026-10-21"}, 200),
        ({"Authorization": "Basic k", "anthropic-version": "2026-10-21"}, 401),
    ],
)
async def test_key_and_version_are_required(fake: ClaudeFake, headers: dict[str, str], status: int) -> None:
    assert (await post(fake, asked(), headers=headers))[0] == status


async def test_a_model_is_gone_from_its_last_day_on(fake: ClaudeFake, clock: FixedClock) -> None:
    assert (await post(fake, asked(model="claude-sonnet-4-5")))[0] == 200
    clock.advance(timedelta(days=9))
    assert (await post(fake, asked(model="claude-sonnet-4-5")))[0] == 404


async def test_llm_5_limits_and_overload_name_themselves(fake: ClaudeFake, claude: anthropic.AsyncAnthropic) -> None:
    fake.faults.add("rate_limit", "messages", retry_after=3600)
    with pytest.raises(anthropic.RateLimitError) as limited:
        await claude.messages.create(**asked())
    assert limited.value.response.headers["retry-after"] == "3600"
    fake.faults.add("status_before", "messages", status=529)
    with pytest.raises(anthropic.APIStatusError) as overloaded:
        await claude.messages.create(**asked())
    assert overloaded.value.status_code == 529
    assert fake.book.of("message") == []


# -- streams -----------------------------------------------------------------------------------------------------


async def test_a_stream_gives_the_same_message(fake: ClaudeFake, claude: anthropic.AsyncAnthropic) -> None:
    fake.script("thinking_first")
    async with claude.messages.stream(**asked()) as stream:
        pieces = [piece async for piece in stream.text_stream]
        final = await stream.get_final_message()
    assert "".join(pieces) == TIDY
    assert len(pieces) > 1
    assert [block.type for block in final.content] == ["thinking", "text"]
    assert final.usage.output_tokens > 1


@pytest.mark.parametrize(
    ("kind", "error"), [("stream_cut", httpx2.HTTPError), ("stream_error", anthropic.APIStatusError)]
)
async def test_llm_6_streams_break_off_in_the_middle(
    fake: ClaudeFake, claude: anthropic.AsyncAnthropic, kind: str, error: type[Exception]
) -> None:
    fake.script(kind)
    pieces: list[str] = []

    async def listen() -> None:
        async with claude.messages.stream(**asked()) as stream:
            async for piece in stream.text_stream:
                pieces.append(piece)

    with pytest.raises(error):
        await listen()
    assert 0 < len("".join(pieces)) < len(TIDY)


# -- counting ----------------------------------------------------------------------------------------------------


async def test_counts_agree_with_usage(claude: anthropic.AsyncAnthropic) -> None:
    body = structured()
    counted = await claude.messages.count_tokens(
        model=body["model"], messages=body["messages"], system=body["system"], output_config=body["output_config"]
    )
    answer = await claude.messages.create(**body)
    assert answer.usage.input_tokens == counted.input_tokens
    assert answer.usage.output_tokens == (len(answer.content[0].text.encode()) + 3) // 4


async def test_max_tokens_cuts_an_answer(fake: ClaudeFake) -> None:
    _, answer, _ = await post(fake, asked(max_tokens=5))
    assert answer["stop_reason"] == "max_tokens"
    assert answer["usage"]["output_tokens"] <= 5
    assert TIDY.startswith(answer["content"][0]["text"])


async def test_a_picture_weighs_by_its_size(fake: ClaudeFake) -> None:
    weights = []
    for side in (200, 800):
        out = io.BytesIO()
        Image.new("RGB", (side, side)).save(out, "PNG")
        source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(out.getvalue()).decode()}
        content = [{"type": "image", "source": source}, {"type": "text", "text": "x"}]
        _, answer, _ = await post(fake, asked(messages=[{"role": "user", "content": content}]))
        weights.append(answer["usage"]["input_tokens"])
    assert weights[1] - weights[0] == 800 * 800 // 750 - 200 * 200 // 750


async def test_llm_12_a_marked_prefix_is_written_and_then_read_from_the_cache(
    fake: ClaudeFake, clock: FixedClock
) -> None:
    long = [{"type": "text", "text": "rule " * 2000, "cache_control": {"type": "ephemeral"}}]
    usages = []
    for wait in (0, 4, 6):
        clock.advance(timedelta(minutes=wait))
        usages.append((await post(fake, asked(system=long)))[1]["usage"])
    assert [usage["cache_creation_input_tokens"] for usage in usages] == [2500, 0, 2500]
    assert [usage["cache_read_input_tokens"] for usage in usages] == [0, 2500, 0]
    assert len({usage["input_tokens"] for usage in usages}) == 1
    short = [{"type": "text", "text": "rule", "cache_control": {"type": "ephemeral"}}]
    assert (await post(fake, asked(system=short)))[1]["usage"]["cache_creation_input_tokens"] == 0


@pytest.mark.shared
async def test_requests_are_recorded_for_the_contract(fake: ClaudeFake, claude: anthropic.AsyncAnthropic) -> None:
    await claude.messages.create(**structured(metadata={"user_id": "h"}))
    await claude.messages.count_tokens(model="claude-haiku-5-5", messages=asked()["messages"])
    assert [checker().check(row) for row in fake.recordings] == [[], []]
