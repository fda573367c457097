"""The transcription service as the fake plays it."""

from __future__ import annotations

import hashlib
import io
import struct
import wave
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.core.clock import FixedClock
from integrations.fakes.speech import SpeechFake


def wav(level: int, seconds: float = 0.5) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(struct.pack("<h", level) * int(8000 * seconds))
    return out.getvalue()


def ogg(seconds: int) -> bytes:
    return b"OggS\x00\x04" + (48_000 * seconds).to_bytes(8, "little") + bytes(range(40))


@pytest.fixture
async def fake(clock: FixedClock) -> AsyncIterator[SpeechFake]:
    server = SpeechFake(clock, api_key="k")
    async with server:
        yield server


async def post(fake: SpeechFake, clip: bytes | None, *, key: str = "k", **fields: str) -> tuple[int, Any]:
    form = aiohttp.FormData({"model": "whisper-1", **fields})
    if clip is not None:
        form.add_field("file", io.BytesIO(clip), filename="clip.ogg", content_type="audio/ogg")
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {key}"}) as session,
        session.post(f"{fake.url}/v1/audio/transcriptions", data=form) as answer,
    ):
        return answer.status, await answer.json() if answer.content_type == "application/json" else await answer.text()


async def test_a_known_clip_says_what_was_taught(fake: SpeechFake) -> None:
    fake.teach(ogg(3), "La máquina estaba rota", "es")
    assert await post(fake, ogg(3)) == (200, {"text": "La máquina estaba rota", "language": "es", "duration": 3.0})


async def test_any_other_clip_says_the_default_in_the_language_asked_for(fake: SpeechFake) -> None:
    fake.default_text = "Hola"
    assert await post(fake, ogg(2), language="es") == (200, {"text": "Hola", "language": "es", "duration": 2.0})


async def test_silence_has_no_words(fake: SpeechFake) -> None:
    assert await post(fake, wav(0, 1.25)) == (200, {"text": "", "language": "en", "duration": 1.25})
    assert (await post(fake, wav(5000)))[1]["text"] == fake.default_text


@pytest.mark.parametrize("clip", [b"no clip at all", b"#!AMR\n123", b"", b"RIFF but broken"])
async def test_an_unknown_codec_is_refused(fake: SpeechFake, clip: bytes) -> None:
    status, error = await post(fake, clip)
    assert status == 400
    assert error["error"]["message"].startswith("Invalid file format.")


async def test_missing_parts_and_wrong_keys_are_refused(fake: SpeechFake) -> None:
    assert (await post(fake, None))[0] == 400
    assert (await post(fake, ogg(1), model=""))[0] == 400
    assert (await post(fake, ogg(1), response_format="srt"))[0] == 400
    assert (await post(fake, ogg(1), key="wrong"))[0] == 401
    assert (await post(fake, b"OggS" + bytes(25 * 2**20)))[0] == 413


async def test_plain_text_on_request(fake: SpeechFake) -> None:
    assert await post(fake, ogg(1), response_format="text") == (200, f"{fake.default_text}\n")


async def test_clips_are_taught_over_http(fake: SpeechFake) -> None:
    digest = hashlib.sha256(ogg(1)).hexdigest()
    async with aiohttp.ClientSession() as session:
        for body, status in (({"sha256": digest, "text": "taught"}, 200), ({"default": "else"}, 200), ({"x": 1}, 400)):
            async with session.post(f"{fake.url}/_script", json=body) as answer:
                assert answer.status == status
    assert (await post(fake, ogg(1)))[1]["text"] == "taught"
    assert (await post(fake, ogg(2)))[1]["text"] == "else"


async def test_trouble_speaks_the_services_language(fake: SpeechFake) -> None:
    fake.faults.add("rate_limit", "transcriptions", retry_after=9)
    status, error = await post(fake, ogg(1))
    assert (status, error["error"]["type"]) == (429, "invalid_request_error")
