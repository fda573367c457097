"""The door of text detection. It sees on a picture what it was taught to see, and nothing else."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.core.clock import Clock
from integrations.fakes.claude.sight import Sight
from integrations.fakes.kit import FakeServer, reply

_FEATURES = frozenset({"TEXT_DETECTION", "DOCUMENT_TEXT_DETECTION"})
_WIDE, _HIGH = 12, 20


class GoogleVisionFake(FakeServer):
    """The service. `teach(picture, lines)` says what stands on a picture."""

    def __init__(
        self, clock: Clock, book_path: Path | None = None, port: int = 0, *, api_key: str = "", **options: Any
    ) -> None:
        super().__init__("google_vision", clock, book_path, port, **options)
        self.api_key = api_key
        self._sight = Sight(self.book.shelf("picture"))
        self.operation("POST", "/v1/images:annotate", "annotate", self._annotate)

    def teach(self, picture: bytes, lines: Sequence[str]) -> None:
        """Keep what a picture shows."""
        self._sight.teach(picture, lines)

    def trouble(self, request: web.Request, status: int, retry_after: float | None = None) -> web.Response:
        """Answer a fault as Google's services do."""
        headers = {} if retry_after is None else {"Retry-After": str(int(retry_after))}
        return _error(status, "RESOURCE_EXHAUSTED" if status == 429 else "UNAVAILABLE", headers)

    async def _annotate(self, request: web.Request) -> web.Response:
        if self.api_key and request.headers.get("X-Goog-Api-Key") != self.api_key:
            return _error(403, "PERMISSION_DENIED")
        try:
            asked = json.loads(await request.read())["requests"]
            answers = [self._one(one) for one in asked]
        except (ValueError, KeyError, TypeError, binascii.Error):
            return _error(400, "INVALID_ARGUMENT")
        if not 0 < len(answers) <= 16:
            return _error(400, "INVALID_ARGUMENT")
        self.book.append("annotated", pictures=len(answers))
        return reply({"responses": answers})

    def _one(self, asked: dict[str, Any]) -> dict[str, Any]:
        picture = base64.b64decode(asked["image"]["content"], validate=True)
        if {one["type"] for one in asked["features"]} - _FEATURES:
            raise ValueError("an unknown feature")
        block = {"type": "image", "source": {"type": "base64", "data": base64.b64encode(picture).decode("ascii")}}
        shown = self._sight.see({"messages": [{"role": "user", "content": [block]}]})
        lines = shown["lines"] if shown else []
        if not lines:
            return {}
        paragraphs = [{"words": list(_words(line, row))} for row, line in enumerate(lines)]
        page = {"width": 1000, "height": _HIGH * 2 * len(lines), "blocks": [{"paragraphs": paragraphs}]}
        return {"fullTextAnnotation": {"text": "\n".join(lines), "pages": [page]}}


def _words(line: str, row: int) -> list[dict[str, Any]]:
    words, at = [], 0
    pieces = line.split()
    for number, piece in enumerate(pieces):
        symbols: list[dict[str, Any]] = [{"text": one} for one in piece]
        kind = "LINE_BREAK" if number == len(pieces) - 1 else "SPACE"
        symbols[-1]["property"] = {"detectedBreak": {"type": kind}}
        left, right, top = at * _WIDE, (at + len(piece)) * _WIDE, row * 2 * _HIGH
        corners = [(left, top), (right, top), (right, top + _HIGH), (left, top + _HIGH)]
        box = {"vertices": [{"x": x, "y": y} for x, y in corners]}
        words.append({"symbols": symbols, "boundingBox": box, "confidence": 0.97})
        at += len(piece) + 1
    return words


def _error(status: int, name: str, headers: dict[str, str] | None = None) -> web.Response:
    return reply({"error": {"code": status, "status": name, "message": name.lower()}}, status, headers)
