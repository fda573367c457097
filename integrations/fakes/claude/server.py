"""The doors of the Messages API."""

from __future__ import annotations

import base64
import json
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.core.clock import Clock
from integrations.fakes.claude.answers import Answer, Scripted, answer
from integrations.fakes.claude.refusals import Refused, error_body
from integrations.fakes.claude.requests import VERSIONS, check, texts_of
from integrations.fakes.claude.sight import Sight
from integrations.fakes.claude.streaming import stream
from integrations.fakes.claude.tokens import PromptCache, count, count_request
from integrations.fakes.kit import FakeServer, reply

_BODY_BYTES = 32 * 2**20


class ClaudeFake(FakeServer):
    """One account. `script(kind, ...)` puts an answer in front of the rules; `POST /_script` does it over HTTP.

    `teach(picture, lines, found)` says what a picture shows, `POST /_teach` does it over HTTP.
    """

    def __init__(
        self,
        clock: Clock,
        book_path: Path | None = None,
        port: int = 0,
        *,
        api_key: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__("anthropic", clock, book_path, port, **options)
        self.api_key, self.scripted = api_key, deque[Scripted]()
        self._cache = PromptCache(clock)
        self.operation("POST", "/v1/messages", "messages", self._create)
        self.operation("POST", "/v1/messages/count_tokens", "count_tokens", self._count)
        self._sight = Sight(self.book.shelf("picture"))
        self.page("POST", "/_script", self._take_script)
        self.page("POST", "/_teach", self._take_picture)

    def teach(self, picture: bytes, lines: Sequence[str], found: Iterable[Mapping[str, str]] = ()) -> None:
        """Keep what a picture shows: its lines, and the fields of each thing on it; ValueError for no picture."""
        self._sight.teach(picture, lines, found)

    async def _take_picture(self, request: web.Request) -> web.Response:
        try:
            given = json.loads(await request.read())
            self.teach(base64.b64decode(given["picture"]), given["lines"], given.get("found", ()))
        except (ValueError, TypeError, KeyError) as trouble:
            return reply({"error": str(trouble)}, 400)
        return reply({"known": len(self.book.shelf("picture"))})

    def script(self, kind: str, text: str = "", **details: Any) -> Scripted:
        """Script the next answer (or `times` of them, or those whose prompt contains `when`)."""
        self.scripted.append(Scripted(kind, text, **details))
        return self.scripted[-1]

    async def _take_script(self, request: web.Request) -> web.Response:
        try:
            self.script(**json.loads(await request.read()))
        except (ValueError, TypeError) as trouble:
            return reply({"error": str(trouble)}, 400)
        return reply({"waiting": len(self.scripted)})

    def _next_script(self, body: dict[str, Any]) -> Scripted | None:
        prompt = "\n".join(texts_of(body.get("system")) + [t for m in body["messages"] for t in texts_of(m["content"])])
        for scripted in list(self.scripted):
            if scripted.when in prompt:
                scripted.times -= 1
                if scripted.times <= 0:
                    self.scripted.remove(scripted)
                return scripted
        return None

    # -- calls ---------------------------------------------------------------------------------------------------

    def trouble(self, request: web.Request, status: int, retry_after: float | None = None) -> web.Response:
        """Answer a fault in the API's words; 429 names the wait when it is given."""
        headers = {"request-id": self.make_id("req_")}
        if retry_after is not None:
            headers["retry-after"] = str(int(retry_after))
        words = {429: "This request would exceed your organization's rate limit", 529: "Overloaded"}
        return reply(
            error_body(status, words.get(status, "Internal server error"), headers["request-id"]), status, headers
        )

    async def _read(self, request: web.Request, *, creating: bool) -> dict[str, Any]:
        raw = await request.read()
        self._check_headers(request)
        if len(raw) > _BODY_BYTES:
            raise Refused(413, "Request exceeds the maximum size")
        try:
            body = json.loads(raw)
        except ValueError:
            body = None
        check(body, self.clock.now().date(), creating=creating)
        found: dict[str, Any] = body
        return found

    def _check_headers(self, request: web.Request) -> None:
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        key = request.headers.get("x-api-key") or (bearer if scheme.lower() == "bearer" else "")
        if not key:
            raise Refused(401, "x-api-key header is required")
        if self.api_key is not None and key != self.api_key:
            raise Refused(401, "invalid x-api-key")
        version = request.headers.get("anthropic-version")
        if not version:
            raise Refused(400, "anthropic-version: header is required")
        if version not in VERSIONS:
            raise Refused(400, f'anthropic-version: "{version}" is not a valid version')

    async def _count(self, request: web.Request) -> web.Response:
        try:
            body = await self._read(request, creating=False)
        except Refused as refused:
            return self._refuse(refused)
        return reply({"input_tokens": count_request(body)})

    async def _create(self, request: web.Request) -> web.StreamResponse:
        try:
            body = await self._read(request, creating=True)
        except Refused as refused:
            return self._refuse(refused)
        said = _within(answer(body, self._next_script(body), self._sight.see(body)), body["max_tokens"])
        message = self._message(body, said)
        self.book.append("message", model=body["model"], stop_reason=said.stop, usage=message["usage"])
        if body.get("stream"):
            return await stream(request, message, said, self._stopping)
        if said.breaks == "stream_cut" and request.transport:
            request.transport.abort()
        headers = {"request-id": message.pop("_request_id")}
        return reply(message, 200, headers)

    def _refuse(self, refused: Refused) -> web.Response:
        request_id = self.make_id("req_")
        self.book.append("refused", status=refused.status, why=refused.message)
        return reply(
            error_body(refused.status, refused.message, request_id), refused.status, {"request-id": request_id}
        )

    def _message(self, body: dict[str, Any], said: Answer) -> dict[str, Any]:
        output = sum(_size(block) for block in said.blocks) or 1
        refusal = {"type": "refusal", "category": None, "explanation": None} if said.stop == "refusal" else None
        return {
            "id": self.make_id("msg_"),
            "type": "message",
            "role": "assistant",
            "model": body["model"],
            "content": said.blocks,
            "stop_reason": said.stop,
            "stop_sequence": None,
            "stop_details": refusal,
            "usage": {**self._cache.usage(body), "output_tokens": output, "service_tier": "standard"},
            "_request_id": self.make_id("req_"),
        }


def _size(block: dict[str, Any]) -> int:
    return count(str(block.get("text", "")) + str(block.get("thinking", "")))


def _within(said: Answer, most: int) -> Answer:
    """Cut an answer at max_tokens; thinking counts."""
    left, kept = most, list[dict[str, Any]]()
    for block in said.blocks:
        size = _size(block)
        if size > left:
            field = "thinking" if block["type"] == "thinking" else "text"
            cut = str(block[field]).encode()[: left * 4].decode("utf-8", "ignore")
            return replace(said, blocks=[*kept, {**block, field: cut}] if cut else kept, stop="max_tokens")
        kept.append(block)
        left -= size
    return said
