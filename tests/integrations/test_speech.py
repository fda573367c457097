"""Speech to text over OpenAI's protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.core.calls.outcome import Again, Done, Outcome, Refused
from bot.core.calls.workshop import Transcribe, Transcript
from integrations.speech import SpeechAdapter
from tests.integrations.door import Answer, Door, Fault, Shelf, attempt, open_door


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with open_door("speech") as opened:
        opened.always = Answer(200, {"text": " I parked at noon. ", "duration": 2.5, "language": "en"})
        yield opened


async def hear(door: Door, media_type: str = "audio/ogg; codecs=opus", base: str = "", **limits: Any) -> Outcome:
    shelf = Shelf()
    call = Transcribe(shelf.put(b"OggS", media_type), media_type, "en")
    speech = SpeechAdapter("key", base_url=door.url + base, **limits)
    try:
        return await speech.calls[Transcribe](call, attempt(files=shelf))
    finally:
        await speech.close()


@pytest.mark.parametrize("base", ["", "/v1"])
async def test_a_clip_is_heard(base: str, door: Door) -> None:
    assert await hear(door, base=base) == Done(Transcript("I parked at noon.", "en", 2.5))
    assert door.last["url"] == f"{door.url}/v1/audio/transcriptions"
    assert door.last["headers"]["Authorization"] == "Bearer key"
    assert door.last["body"] == {
        "model": "whisper-1",
        "response_format": "json",
        "language": "en",
        "file": {"filename": "clip.ogg", "content_type": "audio/ogg", "size": 4},
    }


async def test_the_bare_answer_is_enough(door: Door) -> None:
    door.always = Answer(200, {"text": "hi"})
    assert await hear(door, "audio/mp4") == Done(Transcript("hi", "en", None))
    assert door.last["body"]["file"]["filename"] == "clip.m4a"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(401, {}), "unauthorized"),
        (Answer(413, {}), "too_large"),
        (Answer(400, {}), "no_result"),
        (Answer(200, b"<html>"), "no_result"),
        (Answer(429, {}, {"Retry-After": "3"}), Again("status_429", timedelta(seconds=3))),
        (Answer(503, {}), Again("status_503")),
    ],
)
async def test_refusals(answer: Answer, outcome: Outcome | str, door: Door) -> None:
    door.always = answer
    got = await hear(door)
    assert (got.code if isinstance(got, Refused) else got) == outcome


@pytest.mark.parametrize("fault", list(Fault))
async def test_a_lost_answer_is_asked_for_again(fault: Fault, door: Door) -> None:
    door.always = fault
    assert isinstance(await hear(door, seconds=0.1), Again)


async def test_a_clip_that_is_gone_is_refused(door: Door) -> None:
    speech = SpeechAdapter("key", base_url=door.url)
    outcome = await speech.calls[Transcribe](Transcribe(404, "audio/ogg"), attempt())
    assert isinstance(outcome, Refused)
    assert outcome.code == "file_gone"
    assert door.requests == []
