"""The Bot API's door: one bot, its methods, its files, its updates, and the phones of its users."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aiohttp import web

from bot.core.clock import Clock
from integrations.fakes.kit import FakeServer, Recorder, reply
from integrations.fakes.telegram.arguments import Arguments
from integrations.fakes.telegram.chats import Chats
from integrations.fakes.telegram.doors import Doors
from integrations.fakes.telegram.editing import Editing
from integrations.fakes.telegram.files import Files
from integrations.fakes.telegram.groups import Groups, member
from integrations.fakes.telegram.pace import Pace
from integrations.fakes.telegram.phone import Group, Person
from integrations.fakes.telegram.profile import Profile
from integrations.fakes.telegram.refusals import Refused
from integrations.fakes.telegram.sending import Sending
from integrations.fakes.telegram.stars import Stars
from integrations.fakes.telegram.updates import Updates
from integrations.fakes.telegram.webhook import Polling, Webhook

TOKEN = "7000000001:AAFakeTokenOfTheLocalTelegramServer0"  # noqa: S105 - opens nothing but this fake
_SERVICE_DESCRIPTIONS = ("setWebhook", "deleteWebhook")
_FIRST_PERSON = 500_000_001
_FIRST_GROUP = -4_000_000_001


class _Recorder(Recorder):
    """Leaves out file downloads, which the contract of the Bot API does not describe."""

    def record(self, request: web.BaseRequest, body: bytes, operation: str) -> None:
        if operation != "download":
            super().record(request, body, operation)


class TelegramFake(FakeServer):
    """Telegram with one bot. `person()` and `group()` make its users; the rest is reached by HTTP as usual."""

    def __init__(
        self,
        clock: Clock,
        book_path: Path | None = None,
        port: int = 0,
        *,
        token: str = TOKEN,
        username: str = "parley_demo_bot",
        strict_pace: bool = False,
        recordings_path: Path | None = None,
        **options: Any,
    ) -> None:
        super().__init__("telegram", clock, book_path, port, recordings_path=recordings_path, **options)
        self._recorder = _Recorder("telegram", recordings_path)
        self.token, bot_id = token, int(token.split(":")[0])
        bot = {"id": bot_id, "is_bot": True, "first_name": "Parley", "username": username}
        self.chats, self.files, self.updates = Chats(self, bot), Files(self), Updates(self)
        self.callbacks = self.book.shelf("callback")
        self.pace = Pace(clock, strict_pace)
        self.sending = Sending(self, self.chats, self.files, self.pace)
        self.stars = Stars(self, self.chats, self.sending, self.updates)
        self.webhook = Webhook(self, self.updates, self._perform_answer)
        self.polling = Polling(self.updates, self.webhook, self._stopping)
        self._methods = self._table()
        self._names = {name.lower(): name for name in [*self._methods, "getUpdates"]}
        Doors(self)
        self.operation("GET", "/bot{token}/{method}", "call", self._call)
        self.operation("POST", "/bot{token}/{method}", "call", self._call)
        self.operation("GET", "/file/bot{token}/{path:.+}", "download", self._download)

    def _table(self) -> dict[str, Callable[[Arguments], Any]]:
        bot_abilities = {
            "can_join_groups": True,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        }
        parts = (Editing(self, self.chats), Profile(self), Groups(self, self.chats))
        return {
            "getMe": lambda _: {**self.chats.bot, **bot_abilities},
            "setWebhook": self.webhook.set,
            "deleteWebhook": self.webhook.delete,
            "getWebhookInfo": lambda _: self.webhook.info(),
            "getFile": lambda call: self.files.link(call.text("file_id")),
            "logOut": lambda _: True,
            "close": lambda _: True,
            **self.sending.methods,
            **self.stars.methods,
            **{name: method for part in parts for name, method in part.methods.items()},
        }

    # -- people --------------------------------------------------------------------------------------------------

    def person(
        self,
        user_id: int | None = None,
        first_name: str | None = None,
        *,
        username: str | None = None,
        language: str = "en",
        phone: str | None = None,
    ) -> Person:
        """Return the user of that id, making a new one when there is none yet."""
        number = user_id or _FIRST_PERSON + len(self.chats.users)
        if str(number) not in self.chats.users:
            user: dict[str, Any] = {"id": number, "is_bot": False, "first_name": first_name or f"Person {number}"}
            user |= {"username": username} if username else {}
            self.chats.users.put(str(number), {**user, "language_code": language, "phone": phone})
            chat = {name: user[name] for name in ("first_name", "username") if name in user}
            self.chats.chats.put(str(number), chat | {"id": number, "type": "private", "unopened": True})
        return Person(self, number)

    def group(self, title: str, *people: Person, forum: bool = False, bot_status: str = "administrator") -> Group:
        """Make a group with these people and the bot in it; a forum is a supergroup with topics."""
        number = _FIRST_GROUP - len(self.chats.chats) - (1_000_000_000_000 if forum else 0)
        members = {str(person.id): "creator" if person is people[0] else "member" for person in people}
        chat: dict[str, Any] = {"id": number, "type": "supergroup" if forum else "group", "title": title}
        chat |= {"members": {**members, str(self.chats.bot["id"]): bot_status}}
        self.chats.chats.put(str(number), chat | ({"is_forum": True} if forum else {}))
        return Group(self, number)

    def rewrite(self, public: str, local: str) -> None:
        """Reach a webhook that begins with `public` at `local`."""
        self.webhook.rewrite = (public.rstrip("/"), local.rstrip("/"))

    def hears(self, chat: dict[str, Any], message: dict[str, Any]) -> bool:
        """Tell whether a bot in privacy mode gets a group's message; an administrator gets all."""
        if chat.get("members", {}).get(str(self.chats.bot["id"])) == "administrator":
            return True
        text = message.get("text", "")
        quoted = (message.get("reply_to_message") or {}).get("from", {}).get("id")
        return text.startswith("/") or f"@{self.chats.bot['username']}" in text or quoted == self.chats.bot["id"]

    async def tell_membership(self, chat: dict[str, Any], by: int, before: str, after: str) -> None:
        """Queue the my_chat_member update of a bot that was let in or thrown out."""
        actor = self.chats.user(by) if str(by) in self.chats.users else self.chats.bot
        content = {
            "chat": self.chats.shown(chat),
            "from": actor,
            "date": self.chats.now(),
            "old_chat_member": member(self.chats.bot, before),
            "new_chat_member": member(self.chats.bot, after),
        }
        self.updates.add("my_chat_member", content, chat["id"])
        await self.webhook.settle(chat["id"])

    # -- calls ---------------------------------------------------------------------------------------------------

    def operation_of(self, request: web.Request) -> str:
        """Name an operation by its method in the path."""
        if "path" in request.match_info and request.path.startswith("/file/"):
            return "download"
        if "method" in request.match_info:
            return self._names.get(request.match_info["method"].lower(), "unknown")
        return super().operation_of(request)

    def trouble(self, request: web.Request, status: int, retry_after: float | None = None) -> web.Response:
        """Answer a fault as Telegram does: a gateway in HTML, all else in JSON."""
        if status in (502, 504):
            page = f"<html><head><title>{status} Bad Gateway</title></head><body>nginx</body></html>"
            return web.Response(text=page, status=status, content_type="text/html")
        if status == 429:
            seconds = int(5 if retry_after is None else retry_after)
            parameters = {"retry_after": seconds}
            return reply(Refused(429, f"Too Many Requests: retry after {seconds}", parameters).answer(), 429)
        return reply(Refused(status, "Internal Server Error").answer(), status)

    def _check_token(self, request: web.Request) -> None:
        token = request.match_info["token"]
        if not token.split(":")[0].isdigit() or ":" not in token:
            raise Refused(404, "Not Found")
        if token != self.token:
            raise Refused(401, "Unauthorized")

    async def _call(self, request: web.Request) -> web.Response:
        try:
            self._check_token(request)
            body, kind = await request.read(), request.headers.get("Content-Type", "")
            arguments = Arguments.read(dict(request.query), kind, body)
            return reply(await self._perform(request.match_info["method"], arguments))
        except Refused as refused:
            if refused.code != 409:
                self.book.append("refused", method=request.match_info["method"], why=refused.description)
            return reply(refused.answer(), refused.code)

    async def _perform(self, method: str, arguments: Arguments) -> dict[str, Any]:
        name = self._names.get(method.lower())
        if name is None:
            raise Refused(404, "Not Found")
        if name == "getUpdates":
            return {"ok": True, "result": await self.polling.read(arguments)}
        result = self._methods[name](arguments)
        if name in _SERVICE_DESCRIPTIONS:
            return {"ok": True, "result": result[0], "description": result[1]}
        return {"ok": True, "result": result}

    async def _perform_answer(self, method: str, arguments: Arguments, content_type: str) -> None:
        """Perform the method in a webhook's answer: like a call, but nobody is told the result."""
        name = self._names.get(method.lower(), method)
        self.calls[name] += 1
        self._record_answer(name, arguments, content_type)
        try:
            answer = await self._perform(method, arguments)
        except Refused as refused:
            self.book.append("answer.refused", method=name, why=refused.description)
            return
        number = answer["result"].get("message_id") if isinstance(answer["result"], dict) else None
        self.book.append("answer.performed", method=name, chat_id=arguments.values.get("chat_id"), message_id=number)

    def _record_answer(self, name: str, arguments: Arguments, content_type: str) -> None:
        values = {key: value for key, value in arguments.values.items() if key != "method"}
        row = {
            "method": "POST",
            "url": f"{self.url}/bot{self.token}/{name}",
            "headers": {"Content-Type": "application/json"},
            "body": json.dumps(values, ensure_ascii=False),
            "provider": "telegram",
            "operation": name,
            "carried_by": f"webhook answer, {content_type}",
        }
        self._recorder.keep(row)

    async def _download(self, request: web.Request) -> web.Response:
        try:
            self._check_token(request)
            return web.Response(body=self.files.download(request.match_info["path"]))
        except Refused as refused:
            return reply(refused.answer(), refused.code)

    # -- life ----------------------------------------------------------------------------------------------------

    async def due(self) -> None:
        """Forget what is too old, and deliver what is due; in the background no chat waits for another."""
        self.updates.expire()
        self.stars.expire()
        self.stars.renew()
        if self.updates.count():
            self.updates.arrived.set()
        tasks = self.webhook.start()
        if tasks and self._background is None:
            await asyncio.wait(tasks)

    async def stop(self) -> None:
        """Stop delivering, then close the doors."""
        with contextlib.suppress(asyncio.CancelledError):
            await self.webhook.close()
        await super().stop()
