"""The phones over HTTP, for the browser simulator and for tests in another process.

`POST /_phone/{user_id}/{action}` with JSON, a form or an uploaded file; `GET /_phone/{user_id}/chat?after=n` gives
what changed since the mark `n` (0 at first) together with the next mark. A user id that is new makes a new person.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from aiohttp import web

from integrations.fakes.kit import Upload, read_form, reply
from integrations.fakes.telegram.markup import to_html
from integrations.fakes.telegram.phone import Person
from integrations.fakes.telegram.seen import see

if TYPE_CHECKING:
    from integrations.fakes.telegram.server import TelegramFake

Fields = dict[str, Any]
_Act = Callable[[Person, Fields, list[Upload]], Awaitable[Any]]


async def _photo(person: Person, fields: Fields, files: list[Upload]) -> Any:
    pictures = [file.data for file in files]
    return await person.photo(pictures[0], str(fields.get("caption") or ""), album=pictures[1:])


async def _document(person: Person, fields: Fields, files: list[Upload]) -> Any:
    first, caption = files[0], str(fields.get("caption") or "")
    return await person.document(first.data, first.filename or "file", first.content_type, caption)


_ACTIONS: dict[str, _Act] = {
    "say": lambda person, fields, _: person.say(str(fields["text"]), reply_to=_number(fields.get("reply_to"))),
    "start": lambda person, fields, _: person.start(str(fields.get("payload") or "")),
    "tap": lambda person, fields, _: person.tap(
        str(fields["button"]), _number(fields.get("message_id")), stale=bool(fields.get("stale"))
    ),
    "edit": lambda person, fields, _: person.edit(str(fields["text"]), _number(fields.get("message_id"))),
    "contact": lambda person, fields, _: person.share_contact(str(fields["phone"]), own=fields.get("own", True)),
    "photo": _photo,
    "document": _document,
    "voice": lambda person, fields, files: person.voice(files[0].data, int(fields.get("seconds") or 3)),
    "pay": lambda person, fields, _: person.pay(int(fields["message_id"])),
    "block": lambda person, _fields, _: person.block(),
    "unblock": lambda person, _fields, _: person.unblock(),
}


class Doors:
    """The routes under `/_phone/`."""

    def __init__(self, fake: TelegramFake) -> None:
        self._fake, self._tasks = fake, set[asyncio.Task[Any]]()
        fake.page("GET", "/_phone/{user_id}/chat", self.chat)
        fake.page("GET", "/_phone/{user_id}/file/{file_id}", self.file)
        fake.page("POST", "/_phone/{user_id}/{action}", self.act)

    def _person(self, request: web.Request) -> Person:
        try:
            user_id = int(request.match_info["user_id"])
        except ValueError:
            raise web.HTTPNotFound from None
        return self._fake.person(user_id, request.query.get("name"))

    async def act(self, request: web.Request) -> web.Response:
        """Do something with the phone; answer when the bot took it, or 400 with the reason it cannot be done."""
        action = _ACTIONS.get(request.match_info["action"])
        if action is None:
            raise web.HTTPNotFound
        person = self._person(request)
        try:
            fields, files = await _read(request)
            done = await action(person, fields, files)
        except (KeyError, IndexError, ValueError, LookupError, PermissionError) as trouble:
            return reply({"error": f"{type(trouble).__name__}: {trouble}"}, 400)
        return reply({"done": done, "n": len(self._fake.book.rows)})

    async def chat(self, request: web.Request) -> web.Response:
        """Show what changed in the person's chat since the mark `after`."""
        person, rows = self._person(request), self._fake.book.rows
        after = _number(request.query.get("after")) or 0
        prefix = f"{person.id}:"
        changed = {row["id"] for row in rows[after:] if row.get("shelf") == "message" and row["id"].startswith(prefix)}
        numbers = sorted(int(key.removeprefix(prefix)) for key in changed)
        found = {number: self._fake.chats.message(person.id, number) for number in numbers}
        chat = self._fake.chats.find(person.id)
        return reply(
            {
                "n": len(rows),
                "messages": [self._shown(person, message) for message in found.values() if message],
                "deleted": [number for number, message in found.items() if message is None],
                "typing": person.chat.typing,
                "draft": person.chat.draft,
                "notice": self._last_notice(person),
                "blocked": bool(chat.get("blocked")),
            }
        )

    def _shown(self, person: Person, message: dict[str, Any]) -> dict[str, Any]:
        seen = see(self._fake, message)
        link = f"/_phone/{person.id}/file/{seen.file_id}" if seen.file_id else None
        return {
            "id": seen.id,
            "from": "bot" if seen.from_bot else "person",
            "date": seen.date,
            "text": seen.text,
            "html": to_html(seen.text, seen.entities),
            "buttons": [
                [{"label": key.label, "data": key.data, "url": key.url} for key in row] for row in seen.buttons
            ],
            "keyboard": seen.keyboard,
            "photo": link if seen.picture is not None else None,
            "file": {"name": seen.file_name, "url": link} if link and seen.picture is None else None,
            "album": seen.album,
            "reply_to": seen.reply_to,
            "edited": seen.edited,
        }

    def _last_notice(self, person: Person) -> dict[str, Any] | None:
        """Return the last note shown above the chat in answer to a tap."""
        answered = [row for row in self._fake.book.of("callback.answered") if row["changes"]["answered"]]
        for row in reversed(answered):
            if self._fake.callbacks[row["id"]]["user"] == person.id:
                return {"n": row["n"], "text": row["changes"]["answered"], "alert": row["changes"]["alert"]}
        return None

    async def file(self, request: web.Request) -> web.Response:
        """Show a file that stands in the chat."""
        file_id = request.match_info["file_id"]
        if not self._fake.files.known(file_id):
            raise web.HTTPNotFound
        return web.Response(body=self._fake.files.data(file_id), content_type=self._fake.files.media_type(file_id))


def _number(value: Any) -> int | None:
    return int(value) if value not in (None, "") else None


async def _read(request: web.Request) -> tuple[Fields, list[Upload]]:
    """Read JSON, a form, or a bare file as the body."""
    body, kind = await request.read(), request.content_type
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        form = read_form(request.headers["Content-Type"], body)
        return dict(form.flat()), list(form.files.values())
    if kind == "application/json" or not body:
        fields = json.loads(body or b"{}")
        if not isinstance(fields, dict):
            raise ValueError("a JSON object is expected")
        return fields, []
    name = request.query.get("name", "file")
    return dict(request.query), [Upload(name, kind, body)]
