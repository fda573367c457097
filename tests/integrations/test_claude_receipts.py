"""Reading receipts with Claude: what leaves, and what comes back as a proposal (SEC-R1, LLM-10, LLM-13)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.core.calls import Done, Outcome, Refused, pack, unpack
from bot.core.calls.reading import RECEIPT_FIELDS, ReadReceipt, ReceiptRead, SeenField
from integrations.claude import ClaudeAdapter
from tests.integrations.door import Door, Shelf, attempt, open_door
from tests.integrations.photos import photo_of_a_page
from tests.integrations.test_claude_reading import images, said


def answer(**told: str) -> dict[str, Any]:
    empty = {name + end: None for name in RECEIPT_FIELDS for end in ("", "_line")}
    return {"lines": ["CAFE LUNA", "TOTAL 5.00"], "receipt": {**empty, **told}}


GOOD = answer(merchant="Cafe Luna", merchant_line="CAFE LUNA", total="5.00", total_line="TOTAL 5.00")


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with open_door("anthropic") as opened:
        opened.always = said(GOOD)
        yield opened


async def read(door: Door) -> Outcome:
    shelf = Shelf()
    call = ReadReceipt([shelf.put(photo_of_a_page(), "image/jpeg")], person="k_ab12")
    adapter = ClaudeAdapter("key", base_url=door.url)
    try:
        return await adapter.calls[ReadReceipt](unpack(pack(call)), attempt(files=shelf))
    finally:
        await adapter.close()


async def test_sec_r1_the_picture_leaves_alone_without_tools_or_history(door: Door) -> None:
    outcome = await read(door)
    body = json.loads(door.last["body"])
    assert len(images(door)) == 1
    assert not {"tools", "tool_choice", "mcp_servers", "container"} & set(body)
    assert [one["role"] for one in body["messages"]] == ["user"]
    assert body["metadata"] == {"user_id": "k_ab12"}
    assert [one for one in body["messages"][0]["content"] if one["type"] == "text"] == [
        {"type": "text", "text": "Read this receipt."}
    ]
    assert body["output_config"]["format"]["type"] == "json_schema"
    assert isinstance(outcome, Done)


async def test_llm_13_fields_come_with_their_evidence_and_what_they_took(door: Door) -> None:
    outcome = await read(door)
    assert isinstance(outcome, Done)
    found = unpack(pack(outcome.result))
    assert isinstance(found, ReceiptRead)
    assert found.fields == {
        "merchant": SeenField("Cafe Luna", "CAFE LUNA"), "total": SeenField("5.00", "TOTAL 5.00"),
    }  # fmt: skip
    assert found.lines == ["CAFE LUNA", "TOTAL 5.00"]
    assert (found.model, found.input_tokens, found.output_tokens, found.cost_e4) == ("claude-haiku-5-5", 1500, 90, 195)


async def test_sec_r1_strings_are_cut_and_lose_control_characters(door: Door) -> None:
    door.always = said(answer(merchant="Ca\u202efe\x1b[31m\nLu\u200bna", total="9" * 500, total_line="T" * 900))
    outcome = await read(door)
    assert isinstance(outcome, Done)
    assert outcome.result.fields == {"merchant": SeenField("Cafe[31m Luna", "")}


@pytest.mark.parametrize("told", [{"lines": []}, {**GOOD, "act": "pay"}, "{", {"lines": [1], "receipt": {}}])
async def test_llm_2_what_does_not_fit_the_schema_is_no_result(door: Door, told: Any) -> None:
    door.always = said(told)
    outcome = await read(door)
    assert isinstance(outcome, Refused)
    assert outcome.code == "no_result"
    assert outcome.details["output_tokens"] == 90
