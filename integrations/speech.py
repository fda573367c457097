"""Turns voice clips into text through any service that speaks OpenAI's transcription protocol.

A transcription has no side effect: a lost answer may be asked for again. The words are never trusted further than a
typed message would be; the person confirms them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp

from bot.core.calls.outcome import Again, Done, Outcome, Refused
from bot.core.calls.workshop import Transcribe, Transcript
from bot.core.ports import Attempt, LookUp, Perform
from integrations.http import CONNECT_SECONDS, Lost, Wire, retry_after, unfinished

_ENDINGS = {
    "audio/ogg": "ogg",
    "audio/opus": "ogg",
    "audio/mpeg": "mp3",
    "audio/mp4": "m4a",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/webm": "webm",
    "audio/amr": "amr",
    "audio/3gpp": "3gp",
    "audio/flac": "flac",
}
_REFUSALS = {401: "unauthorized", 403: "forbidden", 404: "unknown_model", 413: "too_large", 415: "unsupported"}


class SpeechAdapter:
    """One transcription service."""

    vendor = "speech"

    def __init__(
        self,
        api_key: str,
        *,
        base_url: str = "https://api.openai.com",
        model: str = "whisper-1",
        seconds: float = 60.0,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        self._model, self._seconds = model, seconds
        headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        base = base_url.rstrip("/").removesuffix("/v1")
        self._wire = Wire("speech", base, headers=headers, connect_seconds=connect_seconds)
        self.calls: Mapping[type, Perform] = {Transcribe: self._transcribe}
        self.look_ups: Mapping[type, LookUp] = {}

    async def close(self) -> None:
        """Release connections."""
        await self._wire.close()

    async def _transcribe(self, call: Transcribe, attempt: Attempt) -> Outcome:
        try:
            clip = await attempt.files.get(call.blob)
        except KeyError:
            return Refused("file_gone", "the clip no longer exists")
        answer = await self._wire.ask(
            "POST",
            "/v1/audio/transcriptions",
            operation="transcribe",
            seconds=self._seconds,
            data=self._form(call, clip),
        )
        if isinstance(answer, Lost):
            return unfinished(answer, harmless=True)
        heard = answer.record()
        if answer.status == 200 and isinstance(heard.get("text"), str):
            return Done(Transcript(heard["text"].strip(), _language(heard) or call.language, _duration(heard)))
        reason = f"status_{answer.status}"
        if answer.status in (408, 409, 429) or answer.status >= 500:
            return Again(reason, retry_after(answer.headers))
        return Refused(_REFUSALS.get(answer.status, "no_result"), reason)

    def _form(self, call: Transcribe, clip: bytes) -> aiohttp.FormData:
        media_type = call.media_type.partition(";")[0].strip().lower()
        form = aiohttp.FormData()
        form.add_field("model", self._model)
        form.add_field("response_format", "json")
        if call.language:
            form.add_field("language", call.language)
        form.add_field(
            "file", clip, filename=f"clip.{_ENDINGS.get(media_type, 'ogg')}", content_type=media_type or "audio/ogg"
        )
        return form


def _language(heard: dict[str, Any]) -> str | None:
    language = heard.get("language")
    return language if isinstance(language, str) and language else None


def _duration(heard: dict[str, Any]) -> float | None:
    seconds = heard.get("duration")
    if isinstance(seconds, str):
        try:
            seconds = float(seconds)
        except ValueError:
            return None
    return float(seconds) if isinstance(seconds, int | float) and not isinstance(seconds, bool) else None
