"""Both ways a bot learns of updates: the webhook and getUpdates, which exclude each other.

A webhook's answer may carry a method; it is performed like any call and its result is not told, exactly as the Bot
API does. Methods that read or that change the webhook are ignored there.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from integrations.fakes.kit import FakeServer
from integrations.fakes.telegram import limits
from integrations.fakes.telegram.arguments import Arguments
from integrations.fakes.telegram.refusals import Refused, bad
from integrations.fakes.telegram.updates import Updates

_LOOPBACK = {"127.0.0.1", "localhost", "::1"}
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_NEVER_IN_ANSWERS = {"setwebhook", "deletewebhook", "close", "logout"}
_RETRIES = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 4, 8, 15, 30, 60))

Perform = Callable[[str, Arguments, str], Awaitable[None]]
"""Performs a method found in a webhook's answer: name, arguments, content type."""


class Webhook:
    """Pushes updates to the bot's URL."""

    def __init__(self, server: FakeServer, updates: Updates, perform: Perform) -> None:
        self._server, self._updates, self._perform = server, updates, perform
        self._settings = server.book.shelf("setting")
        self._running: dict[str, asyncio.Task[None]] = {}
        self._session: aiohttp.ClientSession | None = None
        self._connections = asyncio.Semaphore(self._setting().get("max_connections", 40))
        self.seconds = 60.0
        self.rewrite: tuple[str, str] | None = None

    def _setting(self) -> dict[str, Any]:
        return self._settings.get("webhook") or {"url": ""}

    @property
    def url(self) -> str:
        """The bot's URL; empty while it polls."""
        return str(self._setting()["url"])

    # -- methods -------------------------------------------------------------------------------------------------

    def set(self, call: Arguments) -> tuple[bool, str]:
        """Perform setWebhook; return the result and its description."""
        url, secret = call.text("url"), call.text("secret_token")
        if not url:
            return self.delete(call)
        _check_url(url)
        if secret and not _SECRET.fullmatch(secret):
            raise bad("secret token contains unallowed characters")
        connections = min(max(call.integer("max_connections", 40), 1), 100)
        self._updates.allow(call.structure("allowed_updates"))
        if call.flag("drop_pending_updates"):
            self._updates.clear()
        before = self.url
        self._connections = asyncio.Semaphore(connections)
        setting = {"url": url, "secret": secret, "max_connections": connections}
        self._settings.put("webhook", setting, kind="webhook.set")
        return True, "Webhook is already set" if before == url else "Webhook was set"

    def delete(self, call: Arguments) -> tuple[bool, str]:
        """Perform deleteWebhook."""
        if call.flag("drop_pending_updates"):
            self._updates.clear()
        had = bool(self.url)
        self._settings.drop("webhook", kind="webhook.deleted")
        return True, "Webhook was deleted" if had else "Webhook is already deleted"

    def info(self) -> dict[str, Any]:
        """Perform getWebhookInfo."""
        setting = self._setting()
        shown = {"url": setting["url"], "has_custom_certificate": False, "pending_update_count": self._updates.count()}
        names = ("max_connections", "last_error_date", "last_error_message")
        shown |= {name: setting[name] for name in names if name in setting}
        if kinds := self._updates.allowed():
            shown["allowed_updates"] = kinds
        return shown

    # -- delivery ------------------------------------------------------------------------------------------------

    def start(self) -> list[asyncio.Task[None]]:
        """Begin a delivery for every chat with something due; return the deliveries under way."""
        if self.url:
            for lane in self._updates.lanes():
                if lane not in self._running and self._updates.first_due(lane):
                    self._running[lane] = asyncio.create_task(self._deliver(lane))
        return list(self._running.values())

    async def settle(self, lane: int | None = None) -> None:
        """Deliver what is due, of one chat or of all, and wait until it was taken or failed."""
        self.start()
        tasks = [task for name, task in self._running.items() if lane is None or name == str(lane)]
        if tasks:
            await asyncio.wait(tasks)

    async def _deliver(self, lane: str) -> None:
        try:
            while self.url and (entry := self._updates.first_due(lane)):
                async with self._connections:
                    await self._attempt(entry)
        finally:
            self._running.pop(lane, None)

    async def _attempt(self, entry: dict[str, Any]) -> None:
        status, headers, body = await self._post(entry)
        if 200 <= status < 300:
            self._updates.taken(entry["key"])
            await self._read_answer(headers.get("Content-Type", "application/json"), body)
            return
        wait = _RETRIES[min(entry["attempts"], len(_RETRIES) - 1)]
        if headers.get("Retry-After", "").isdigit():
            wait = timedelta(seconds=int(headers["Retry-After"]))
        self._updates.failed(entry["key"], status, wait)
        self._note_error(status)

    async def _post(self, entry: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        setting = self._setting()
        headers = {}
        if setting.get("secret"):
            headers["X-Telegram-Bot-Api-Secret-Token"] = ("x" if entry["spoil"] else "") + setting["secret"]
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=self.seconds))
        url = setting["url"]
        if self.rewrite and url.startswith(self.rewrite[0]):
            url = self.rewrite[1] + url.removeprefix(self.rewrite[0])
        try:
            async with self._session.post(url, json=entry["update"], headers=headers, allow_redirects=False) as answer:
                return answer.status, dict(answer.headers), await answer.read()
        except TimeoutError:
            return -1, {}, b""
        except (aiohttp.ClientError, OSError):
            return 0, {}, b""

    def _note_error(self, status: int) -> None:
        message = {0: "Connection refused", -1: "Read timeout expired"}.get(status)
        phrase = next((known.phrase for known in HTTPStatus if known == status), "")
        message = message or f"Wrong response from the webhook: {status} {phrase}".strip()
        if self.url:
            now = int(self._server.clock.now().timestamp())
            changes = {"last_error_date": now, "last_error_message": message}
            self._settings.patch("webhook", changes, kind="webhook.error")

    async def _read_answer(self, content_type: str, body: bytes) -> None:
        """Perform the method that a bot put into its answer, if any."""
        if not body.strip():
            return
        try:
            arguments = Arguments.read({}, content_type, body)
        except Refused:
            return
        method = arguments.text("method")
        if method and method.lower() not in _NEVER_IN_ANSWERS and not method.lower().startswith("get"):
            await self._perform(method, arguments, content_type)

    async def close(self) -> None:
        """Stop delivering; what waits stays queued."""
        for task in list(self._running.values()):
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        self._running.clear()
        if self._session:
            await self._session.close()


def _check_url(url: str) -> None:
    parts = urlsplit(url)
    local = parts.hostname in _LOOPBACK
    if parts.scheme != "https" and not (local and parts.scheme == "http"):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if not local and (parts.port or 443) not in limits.PORTS:
        raise bad("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")


class Polling:
    """getUpdates: one reader at a time, confirmed by offset; `hanging` is set once a call waits."""

    def __init__(self, updates: Updates, webhook: Webhook, stopping: asyncio.Event) -> None:
        self._updates, self._webhook, self._stopping = updates, webhook, stopping
        self._reader: asyncio.Event | None = None
        self.hanging = asyncio.Event()

    async def read(self, call: Arguments) -> list[dict[str, Any]]:
        """Perform getUpdates; an earlier call that still waits ends with 409."""
        if self._webhook.url:
            advice = "use deleteWebhook to delete the webhook first"
            raise Refused(409, f"Conflict: can't use getUpdates method while webhook is active; {advice}")
        if self._reader:
            self._reader.set()
        mine = self._reader = asyncio.Event()
        try:
            return await self._wait(call, mine)
        finally:
            if self._reader is mine:
                self._reader = None

    async def _wait(self, call: Arguments, mine: asyncio.Event) -> list[dict[str, Any]]:
        self._updates.allow(call.structure("allowed_updates"))
        if offset := call.integer("offset", 0):
            self._updates.confirm(offset)
        self._updates.expire()
        size = min(max(call.integer("limit", 100), 1), 100)
        loop = asyncio.get_running_loop()
        until = loop.time() + min(max(call.integer("timeout", 0), 0), 50)
        while True:
            self._updates.arrived.clear()
            found = self._updates.batch(size)
            left = until - loop.time()
            if found or left <= 0 or self._stopping.is_set():
                return found
            self.hanging.set()
            await _any_of((self._updates.arrived, mine, self._stopping), left)
            if mine.is_set():
                raise Refused(
                    409,
                    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
                )


async def _any_of(events: tuple[asyncio.Event, ...], seconds: float) -> None:
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
        await asyncio.gather(*waits, return_exceptions=True)
