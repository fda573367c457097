"""What a child process does at Telegram for `setup`, with python-telegram-bot's types and through our own client.

Each function takes `{token, face, base_url, seconds}`, the face as a dictionary of `BotFace`, and answers with
`{refused}`: None, `token`, `request` or `network`. The library's own client is not used: it keeps its own time limits
and reads proxies from the environment (rule VEN-2).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from telegram import (
    Bot,
    BotCommandScope,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeDefault,
    MenuButtonCommands,
)
from telegram.error import BadRequest, Forbidden, InvalidToken, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from integrations.child import Message
from integrations.http import Lost, Wire
from integrations.telegram.errors import plainly
from integrations.telegram.replies import ALLOWED_UPDATES

Face = dict[str, Any]

_SCOPES: dict[str, Callable[[], BotCommandScope]] = {
    "default": BotCommandScopeDefault,
    "all_private_chats": BotCommandScopeAllPrivateChats,
    "all_group_chats": BotCommandScopeAllGroupChats,
}


def put(request: dict[str, Any], blobs: list[bytes]) -> Message:
    """Put the face there."""
    return asyncio.run(_with_bot(request, _put)), []


def compare(request: dict[str, Any], blobs: list[bytes]) -> Message:
    """Answer with `drift` too: the names of what is there otherwise."""
    return asyncio.run(_with_bot(request, _compare)), []


async def _put(bot: Bot, face: Face) -> dict[str, Any]:
    await _set_way_in(bot, face)
    for group in face["commands"]:
        scope, language = _SCOPES[group["scope"]](), group["language"] or None
        await bot.set_my_commands([tuple(pair) for pair in group["commands"]], scope=scope, language_code=language)
    for language, text in face["descriptions"].items():
        await bot.set_my_description(text, language_code=language or None)
    for language, text in face["short_descriptions"].items():
        await bot.set_my_short_description(text, language_code=language or None)
    await bot.set_chat_menu_button(menu_button=MenuButtonCommands())
    return {}


async def _compare(bot: Bot, face: Face) -> dict[str, Any]:
    found = await _webhook_drift(bot, face)
    for group in face["commands"]:
        scope, language = _SCOPES[group["scope"]](), group["language"] or None
        there = await bot.get_my_commands(scope=scope, language_code=language)
        if [[one.command, one.description] for one in there] != group["commands"]:
            found.append(f"commands {group['scope']}/{language or 'any'}")
    for language, text in face["descriptions"].items():
        if (await bot.get_my_description(language_code=language or None)).description != text:
            found.append(f"description {language or 'any'}")
    for language, text in face["short_descriptions"].items():
        if (await bot.get_my_short_description(language_code=language or None)).short_description != text:
            found.append(f"short description {language or 'any'}")
    if (await bot.get_chat_menu_button()).type != "commands":
        found.append("menu button")
    return {"drift": found}


async def _set_way_in(bot: Bot, face: Face) -> None:
    if face["webhook_url"] is None:
        await bot.delete_webhook(drop_pending_updates=False)
        return
    await bot.set_webhook(
        face["webhook_url"],
        secret_token=face["webhook_secret"],
        allowed_updates=ALLOWED_UPDATES,
        max_connections=face["max_connections"],
        drop_pending_updates=False,
    )


async def _webhook_drift(bot: Bot, face: Face) -> list[str]:
    info = await bot.get_webhook_info()
    found = []
    kinds = set(info.allowed_updates or ())
    if info.url != (face["webhook_url"] or "") or (face["webhook_url"] and kinds != set(ALLOWED_UPDATES)):
        found.append("webhook")
    if info.last_error_message:
        found.append("webhook error")
    return found


async def _with_bot(request: dict[str, Any], work: Callable[[Bot, Face], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    base, wire = request["base_url"], Wire("telegram", "")
    line = _Line(wire, request["seconds"])
    try:
        bot = Bot(
            request["token"],
            base_url=f"{base}/bot",
            base_file_url=f"{base}/file/bot",
            request=line,
            get_updates_request=line,
        )
        return {"refused": None, **await work(bot, request["face"])}
    except TelegramError as error:
        return {"refused": _refusal(error)}
    finally:
        await wire.close()


class _Line(BaseRequest):
    """Sends what the library wants to send, each call under our own time limit."""

    def __init__(self, wire: Wire, seconds: float) -> None:
        self._wire, self._seconds = wire, seconds

    @property
    def read_timeout(self) -> float:
        return self._seconds

    async def initialize(self) -> None:
        """Nothing to open: the wire opens itself."""

    async def shutdown(self) -> None:
        """Nothing to close: the wire's owner closes it."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *limits: Any, **more: Any
    ) -> tuple[int, bytes]:
        fields = request_data.json_parameters if request_data else {}
        operation = url.rpartition("/")[2]
        answer = await self._wire.ask(method, url, operation=operation, seconds=self._seconds, data=fields)
        if isinstance(answer, Lost):
            raise TimedOut(answer.reason)
        answer = plainly(answer)
        return answer.status, answer.body


def _refusal(error: TelegramError) -> str:
    if isinstance(error, InvalidToken | Forbidden):
        return "token"
    return "request" if isinstance(error, BadRequest) else "network"
