"""The handsets over HTTP: `POST /_phone/{number}/say|mms|trouble`, `GET /_phone/{number}/chat?after=n`.

The number is written as +14155550123 (or without the plus). `after` is the mark of an earlier answer, 0 at first; what
changed since comes back with the next mark.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from integrations.fakes.kit import read_form, reply
from integrations.fakes.twilio.phone import Phone

if TYPE_CHECKING:
    from integrations.fakes.twilio.server import TwilioFake


class Doors:
    """The routes under `/_phone/`."""

    def __init__(self, fake: TwilioFake) -> None:
        self._fake = fake
        fake.page("GET", "/_phone/{number}/chat", self.chat)
        fake.page("GET", "/_phone/{number}/media/{sid}", self.media)
        fake.page("POST", "/_phone/{number}/{action}", self.act)

    def _phone(self, request: web.Request) -> Phone:
        number = "+" + request.match_info["number"].strip().lstrip("+")
        if not number[1:].isdigit():
            raise web.HTTPNotFound
        return self._fake.phone(number)

    async def act(self, request: web.Request) -> web.Response:
        """Do something with the handset."""
        phone = self._phone(request)
        try:
            done = await self._do(phone, request)
        except (KeyError, ValueError, TypeError) as trouble:
            return reply({"error": f"{type(trouble).__name__}: {trouble}"}, 400)
        return reply({"done": done, "n": len(self._fake.book.rows)})

    async def _do(self, phone: Phone, request: web.Request) -> Any:
        fields, files = await _read(request)
        match request.match_info["action"]:
            case "say":
                return await phone.say(str(fields["text"]))
            case "mms":
                if not files:
                    raise ValueError("no file was uploaded")
                return await phone.mms(files, str(fields.get("text") or fields.get("caption") or ""))
            case "trouble":
                phone.trouble(fields["code"] and int(fields["code"]))
                return True
        raise web.HTTPNotFound

    async def chat(self, request: web.Request) -> web.Response:
        """Show what changed on the screen since the mark `after`."""
        phone, rows = self._phone(request), self._fake.book.rows
        after = int(request.query.get("after") or 0)
        changed = {row["id"] for row in rows[after:] if row.get("shelf") == "message"}
        shown = [
            {
                "id": text.sid,
                "from": "person" if text.outgoing else "bot",
                "text": text.body,
                "media": [*text.media_urls, *self._uploads(phone, text.sid)],
                "segments": text.segments,
                "status": text.status,
            }
            for text in phone.messages
            if text.sid in changed
        ]
        return reply({"n": len(rows), "messages": shown, "opted_out": phone.opted_out})

    def _uploads(self, phone: Phone, message_sid: str) -> list[str]:
        found = [record for record in self._fake.media.shelf if record["parent_sid"] == message_sid]
        return [f"/_phone/{phone.number}/media/{record['sid']}" for record in found]

    async def media(self, request: web.Request) -> web.Response:
        """Show a picture that the person sent."""
        record = self._fake.media.shelf.get(request.match_info["sid"])
        if record is None:
            raise web.HTTPNotFound
        data = self._fake.attachments.get(record["sid"]) or b""
        return web.Response(body=data, content_type=record["content_type"])


async def _read(request: web.Request) -> tuple[dict[str, Any], list[tuple[bytes, str]]]:
    body, kind = await request.read(), request.content_type
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        form = read_form(request.headers["Content-Type"], body)
        return dict(form.flat()), [(file.data, file.content_type) for file in form.files.values()]
    if kind == "application/json" or not body:
        return dict(json.loads(body or b"{}")), []
    return dict(request.query), [(body, kind)]
