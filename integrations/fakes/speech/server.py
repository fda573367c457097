"""The doors of the transcription service."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.core.clock import Clock
from integrations.fakes.kit import FakeServer, reply
from integrations.fakes.speech.clips import Clip, examine

_FORMATS = ("json", "verbose_json", "text")
_SUPPORTED = "['flac', 'm4a', 'mp3', 'mp4', 'mpeg', 'mpga', 'oga', 'ogg', 'wav', 'webm']"
_CLIP_BYTES = 25 * 2**20
DEFAULT_TEXT = "Hello, this is a voice message."


class SpeechFake(FakeServer):
    """The service. `teach(clip, text)` says what a clip holds; `POST /_script` does it over HTTP.

    Without `api_key` it asks for none, as self-hosted services do.
    """

    def __init__(
        self,
        clock: Clock,
        book_path: Path | None = None,
        port: int = 0,
        *,
        default_text: str = DEFAULT_TEXT,
        default_language: str = "en",
        api_key: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__("speech", clock, book_path, port, **options)
        self.default_text, self.default_language = default_text, default_language
        self.api_key, self._known = api_key, self.book.shelf("clip")
        self.operation("POST", "/v1/audio/transcriptions", "transcriptions", self._transcribe)
        self.page("POST", "/_script", self._take_script)

    def teach(self, clip: bytes | str, text: str, language: str | None = None) -> None:
        """Keep what a clip (its bytes or its hex SHA-256) says."""
        digest = clip if isinstance(clip, str) else hashlib.sha256(clip).hexdigest()
        self._known.put(digest, {"text": text, "language": language})

    async def _take_script(self, request: web.Request) -> web.Response:
        try:
            wanted = json.loads(await request.read())
            if "default" in wanted:
                self.default_text = str(wanted["default"])
            else:
                self.teach(str(wanted["sha256"]), str(wanted["text"]), wanted.get("language"))
        except (ValueError, TypeError, KeyError) as trouble:
            return reply({"error": str(trouble)}, 400)
        return reply({"known": len(self._known)})

    def trouble(self, request: web.Request, status: int, retry_after: float | None = None) -> web.Response:
        """Answer a fault as OpenAI-compatible services do."""
        headers = {} if retry_after is None else {"Retry-After": str(int(retry_after))}
        return _error(status, "Rate limit reached" if status == 429 else "The server had an error", headers)

    async def _transcribe(self, request: web.Request) -> web.Response:
        if self.api_key is not None and request.headers.get("Authorization") != f"Bearer {self.api_key}":
            return _error(401, "Incorrect API key provided")
        form = await self.form(request)
        upload, shape = form.files.get("file"), form.first("response_format") or "json"
        if upload is None:
            return _error(400, "Missing required parameter: 'file'")
        if not form.first("model"):
            return _error(400, "you must provide a model parameter")
        if shape not in _FORMATS:
            return _error(400, f"response_format '{shape}' is not supported")
        if len(upload.data) > _CLIP_BYTES:
            return _error(413, "Maximum content size limit (26214400) exceeded")
        clip = examine(upload.data)
        if clip is None:
            return _error(400, f"Invalid file format. Supported formats: {_SUPPORTED}")
        return self._answer(upload.data, clip, form.first("language"), shape)

    def _answer(self, data: bytes, clip: Clip, language: str | None, shape: str) -> web.Response:
        digest = hashlib.sha256(data).hexdigest()
        known = self._known.get(digest) or {"text": "" if clip.silent else self.default_text, "language": None}
        self.book.append("transcribed", sha256=digest, codec=clip.codec)
        if shape == "text":
            return web.Response(text=known["text"] + "\n", content_type="text/plain")
        spoken = known["language"] or language or self.default_language
        return reply({"text": known["text"], "language": spoken, "duration": round(clip.seconds, 2)})


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    kind = "invalid_request_error" if status < 500 else "server_error"
    return reply({"error": {"message": message, "type": kind, "param": None, "code": None}}, status, headers)
