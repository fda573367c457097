"""What no vendor should send, and a stand-in may: odd pieces, wrong shapes, nonsense (MC-4 to MC-6, CT-5, LI-2).

A reply comes whole or not at all, an exception never leaves the adapter, and what was used is a number or an estimate.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.core.calls.coach import CoachSaid, ModelTry, tries_of
from bot.core.calls.outcome import Done, Refused
from integrations.claude.coach import CoachAdapter
from integrations.claude.coach.heard import LONGEST
from tests.integrations.claude_hostile import STREAM_HEAD, USAGE, Hostile, block, closed, event, hostile, opened
from tests.integrations.door import attempt
from tests.integrations.test_coach_adapter import ASK

TEXT = "Start with one price of $29 a month, se\u00f1or \U0001f600."
GOOD = opened() + block(TEXT) + closed()
_CHANGES = {"type": "content_block_delta", "index": 0}


def grows(delta: Any) -> bytes:
    return event("content_block_delta", {**_CHANGES, "delta": delta})


def words(text: str) -> bytes:
    return grows({"type": "text_delta", "text": text})


def used(told: Any, output: Any) -> list[bytes]:
    """Return a good stream that tells of its use what a test wants."""
    return [opened(usage=told) + block(TEXT) + closed(usage=output)]


_NEW = {"type": "content_block_start", "index": 0, "content_block": {"type": "hologram"}}


WHOLE: dict[str, Sequence[bytes]] = {
    "seven bytes at a time": [GOOD[at : at + 7] for at in range(0, len(GOOD), 7)],
    "lines that end as on Windows": [opened(end=b"\r\n") + block(TEXT, end=b"\r\n") + closed(end=b"\r\n")],
    "lines that end as on an old Macintosh": [opened(end=b"\r") + block(TEXT, end=b"\r") + closed(end=b"\r")],
    "a mark of byte order": [b"\xef\xbb\xbf" + GOOD],
    "remarks": [b": hi\n\n" + opened() + event("ping") + b":\n\n" + block(TEXT) + event("ping") + closed()],
    "events and blocks of tomorrow": [
        opened()
        + event("weather", {"type": "weather", "x": 1})
        + event("content_block_start", _NEW)
        + grows({"type": "hologram_delta"})
        + block(TEXT, index=1)
        + closed()
    ],
    "an emoji in two halves": [opened() + words(TEXT[:-2] + "\ud83d") + words("\ude00.") + closed()],
    "half a character and a zero": [opened() + words(TEXT + "\ud800\0") + closed()],
    "no index that counts": [opened() + block(TEXT, index=[1]) + closed()],
    "words after the end": [GOOD + block("more")],
    "two beginnings": [opened() + GOOD],
    "text that is none": [opened() + grows({"type": "text_delta", "text": 7}) + block(TEXT) + closed()],
    "a delta that is none": [opened() + grows(None) + event("content_block_delta", _CHANGES) + block(TEXT) + closed()],
}  # fmt: skip
WITHOUT_USAGE: dict[str, Sequence[bytes]] = {
    "no beginning": [block(TEXT) + closed()],
    "no message": [event("message_start", {"type": "message_start", "message": None}) + block(TEXT) + closed()],
    "no usage": used(None, []),
    "words for numbers": used({"input_tokens": "many"}, {"output_tokens": "lots"}),
    "less than nothing": used({"input_tokens": -5}, {"output_tokens": -60}),
    "more than the world holds": used({"input_tokens": 10**30}, {"output_tokens": 10**25}),
    "parts of tokens": used({"input_tokens": 1.5}, {"output_tokens": 2.5}),
}  # fmt: skip
NONE: dict[str, Sequence[bytes]] = {
    "nothing": [],
    "a page": [b"<html>Sign in to the hotel's network</html>"],
    "no stream": [json.dumps({"type": "message", "content": [{"type": "text", "text": TEXT}]}).encode()],
    "a list for an event": [opened() + event("content_block_delta", [1, 2]) + closed()],
    "nothing for an event": [opened() + event("content_block_delta", b"null") + closed()],
    "a pit of brackets": [opened() + event("content_block_delta", b"[" * 100_000) + closed()],
    "no UTF-8": [opened() + event("content_block_delta", b'{"type": "content_block_delta", "x": "\xff"}') + closed()],
    "an error without a shape": [opened() + event("error", {"type": "error", "error": "gone"})],
    "a reason that is a list": [opened() + block(TEXT) + closed(stop=["end_turn"])],
    "no reason": [opened() + block(TEXT) + closed(stop=None)],
    "a line without end": [opened() + b"data: " + b"x" * 1_000_000],
}  # fmt: skip
FACTS: dict[str, dict[str, Any]] = {
    "a pit of brackets": {"content": [{"type": "text", "text": "[" * 100_000}]},
    "text for blocks": {"content": "hi"},
    "no blocks among blocks": {"content": [None, 1, {"type": "text"}, {"type": "text", "text": 5}]},
    "usage that is none": {"content": [{"type": "text", "text": '{"items": []}'}], "usage": {"input_tokens": -4}},
    "half a character": {"content": [{"type": "text", "text": '{"items": ["\\ud800"]}'}]},
    "a reason that is none": {"content": [{"type": "text", "text": '{"items": []}'}], "stop_reason": {"a": 1}},
}


async def say(vendor: Hostile, adapter: CoachAdapter, facts: bool = False) -> tuple[str | None, list[ModelTry], Any]:
    """Return the reply, None when there is none, the tries, and the facts."""
    outcome = await adapter.calls[type(ASK)](ASK if facts else replace(ASK, facts=None), attempt())
    if isinstance(outcome, Done):
        assert isinstance(outcome.result, CoachSaid)
        return outcome.result.text, outcome.result.tries, outcome.result.facts
    assert isinstance(outcome, Refused)
    return None, tries_of(outcome.details), None


async def test_mc_4_a_reply_is_heard_through_odd_pieces_and_unknown_events() -> None:
    async with hostile() as vendor:
        adapter = CoachAdapter("key", base_url=vendor.url)
        heard: dict[str, Any] = {}
        for name, vendor.pieces in WHOLE.items():
            text, tries, _ = await say(vendor, adapter)
            heard[name] = text, [one.outcome for one in tries]
        vendor.head, vendor.pieces = (*STREAM_HEAD, b"content-encoding: gzip"), [gzip.compress(GOOD)]
        text, tries, _ = await say(vendor, adapter)
        heard["packed"] = text, [one.outcome for one in tries]
        await adapter.close()
    assert {name: got for name, got in heard.items() if got != (TEXT, ["answered"])} == {}


async def test_li_2_what_was_used_is_estimated_where_the_vendor_tells_nonsense() -> None:
    async with hostile() as vendor:
        adapter = CoachAdapter("key", base_url=vendor.url)
        for name, vendor.pieces in WITHOUT_USAGE.items():
            text, (only,), _ = await say(vendor, adapter)
            assert text == TEXT, name
            assert not only.usage_known, name
            assert 0 < only.input_tokens < 10_000, name
            assert 0 < only.output_tokens < 1_000, name
        await adapter.close()


async def test_mc_6_nonsense_is_no_reply_and_no_exception() -> None:
    async with hostile() as vendor:
        adapter = CoachAdapter("key", base_url=vendor.url)
        for name, vendor.pieces in NONE.items():
            vendor.requests = 0
            text, tries, _ = await say(vendor, adapter)
            assert text is None, name
            assert vendor.requests == len(tries) <= 2, name
        vendor.head, vendor.pieces = (*STREAM_HEAD, b"content-encoding: gzip"), [gzip.compress(GOOD)[:-20]]
        assert (await say(vendor, adapter))[0] is None
        await adapter.close()


async def test_a_flood_of_words_ends_as_an_answer_that_is_too_long() -> None:
    async with hostile() as vendor:
        adapter = CoachAdapter("key", base_url=vendor.url)
        vendor.pieces = [opened(), *[words("Much more. " * 100)] * 200, closed()]
        text, (only,), _ = await say(vendor, adapter)
        await adapter.close()
    assert text is not None
    assert LONGEST < len(text) < LONGEST + 2_000
    assert (only.stop_reason, only.usage_known) == ("max_tokens", False)


async def test_ct_5_facts_of_a_wrong_shape_never_take_the_reply_with_them() -> None:
    async with hostile() as vendor:
        adapter = CoachAdapter("key", base_url=vendor.url)
        vendor.pieces = [GOOD]
        for name, body in FACTS.items():
            vendor.other = json.dumps({"type": "message", "stop_reason": "end_turn", "usage": USAGE, **body}).encode()
            text, _, facts = await say(vendor, adapter, facts=True)
            assert (text, facts) == (TEXT, None), name
        for raw in (b"[" * 100_000, b"[]", b"null", b'"x"'):
            vendor.other = raw
            assert (await say(vendor, adapter, facts=True))[0] == TEXT, raw[:9]
        await adapter.close()


async def test_mc_4_events_without_a_name_and_a_whole_message_are_heard_too() -> None:
    nameless = b"".join(line + b"\n" for line in GOOD.split(b"\n") if not line.startswith(b"event: "))
    said = {"type": "message", "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": TEXT}]}
    usage = {"input_tokens": 1200, "output_tokens": 60}
    whole = json.dumps({**said, "stop_reason": "end_turn", "usage": usage}).encode()
    broken = json.dumps({"type": "error", "error": {"type": "overloaded_error"}}).encode()
    async with hostile() as vendor:
        adapter = CoachAdapter("key", base_url=vendor.url)
        vendor.pieces = [nameless]
        heard = [await say(vendor, adapter)]
        vendor.pieces = [opened(), block(TEXT).replace(b"event: content_block_delta\n", b""), b"data: " + broken]
        assert (await say(vendor, adapter))[0] is None, "an error needs no name either"
        vendor.head, vendor.pieces = (b"content-type: application/json",), [whole[:40], whole[40:]]
        heard.append(await say(vendor, adapter))
        for vendor.pieces in ([broken], [b"[" * 100_000], [b"null"], [b" " * 2_000_000], [whole[:-9]]):
            text, tries, _ = await say(vendor, adapter)
            assert (text, len(tries) <= 2) == (None, True), vendor.pieces[0][:20]
        await adapter.close()
    for text, (only,), _ in heard:
        assert (text, only.outcome, only.usage_known) == (TEXT, "answered", True)
        assert (only.input_tokens, only.output_tokens) == (1200, 60)
