"""Sets the bot up at Telegram: webhook, commands by scope and language, descriptions, menu button (rule TG-2).

`set_up` answers with a fingerprint of what it put there. The caller keeps it and hands it in at the next start: when
nothing changed, not a single call is made. `drift` compares what Telegram has with what is wanted, for the doctor.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

from bot.core.errors import Misconfigured, ParleyError, Temporary
from integrations.http import Lost, Wire
from integrations.telegram.errors import plainly
from integrations.telegram.replies import ALLOWED_UPDATES


@dataclass(frozen=True, slots=True)
class CommandList:
    """The commands of one scope (`default`, `all_private_chats`, `all_group_chats`) in one language ("" is any)."""

    scope: str
    language: str
    commands: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class BotFace:
    """What a person sees of the bot before the first message, and how updates reach us.

    `webhook_url` is None for long polling. Descriptions are keyed by language, "" for all others.
    """

    webhook_url: str | None
    webhook_secret: str
    commands: list[CommandList] = field(default_factory=list)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)
    max_connections: int = 40

    def fingerprint(self, token: str, base_url: str) -> str:
        """Return a keyed hash of all of it and of where it is put, the secret included."""
        wanted = orjson.dumps([asdict(self), base_url.rstrip("/")])
        return hashlib.blake2b(wanted, key=token.encode()[:64], digest_size=16).hexdigest()


async def set_up(
    token: str,
    face: BotFace,
    known: str | None,
    *,
    base_url: str = "https://api.telegram.org",
    seconds: float = 15.0,
) -> str:
    """Put the face there unless `known` says that it is, and return its fingerprint.

    Pending updates are never dropped (rule TG-10). Raises Misconfigured on a bad token, Temporary when Telegram cannot
    be reached.
    """
    fingerprint = face.fingerprint(token, base_url)
    if fingerprint == known:
        return fingerprint
    async with _bot(token, base_url, seconds) as bot:
        await _set_way_in(bot, face)
        for group in face.commands:
            await bot.set_my_commands(group.commands, scope=_scope(group.scope), language_code=group.language or None)
        for language, text in face.descriptions.items():
            await bot.set_my_description(text, language_code=language or None)
        for language, text in face.short_descriptions.items():
            await bot.set_my_short_description(text, language_code=language or None)
        await bot.set_chat_menu_button(menu_button=_menu_button())
    return fingerprint


async def drift(
    token: str, face: BotFace, *, base_url: str = "https://api.telegram.org", seconds: float = 15.0
) -> list[str]:
    """Name what Telegram has otherwise than wanted: `webhook`, `commands default/en`, `description en`, `menu button`.

    A webhook's secret cannot be read back; its last error is named as `webhook error`.
    """
    async with _bot(token, base_url, seconds) as bot:
        found = await _webhook_drift(bot, face)
        for group in face.commands:
            there = await bot.get_my_commands(scope=_scope(group.scope), language_code=group.language or None)
            if [(one.command, one.description) for one in there] != [tuple(pair) for pair in group.commands]:
                found.append(f"commands {group.scope}/{group.language or 'any'}")
        for language, text in face.descriptions.items():
            if (await bot.get_my_description(language_code=language or None)).description != text:
                found.append(f"description {language or 'any'}")
        for language, text in face.short_descriptions.items():
            if (await bot.get_my_short_description(language_code=language or None)).short_description != text:
                found.append(f"short description {language or 'any'}")
        if (await bot.get_chat_menu_button()).type != "commands":
            found.append("menu button")
    return found


async def _set_way_in(bot: Any, face: BotFace) -> None:
    if face.webhook_url is None:
        await bot.delete_webhook(drop_pending_updates=False)
        return
    await bot.set_webhook(
        face.webhook_url,
        secret_token=face.webhook_secret,
        allowed_updates=ALLOWED_UPDATES,
        max_connections=face.max_connections,
        drop_pending_updates=False,
    )


async def _webhook_drift(bot: Any, face: BotFace) -> list[str]:
    info = await bot.get_webhook_info()
    found = []
    kinds = set(info.allowed_updates or ())
    if info.url != (face.webhook_url or "") or (face.webhook_url and kinds != set(ALLOWED_UPDATES)):
        found.append("webhook")
    if info.last_error_message:
        found.append("webhook error")
    return found


@asynccontextmanager
async def _bot(token: str, base_url: str, seconds: float) -> AsyncIterator[Any]:
    import telegram

    base = base_url.rstrip("/")
    wire = Wire("telegram", "")
    request = _request(wire, seconds)
    bot = telegram.Bot(
        token, base_url=f"{base}/bot", base_file_url=f"{base}/file/bot", request=request, get_updates_request=request
    )
    try:
        yield bot
    except telegram.error.TelegramError as error:
        raise _translated(error) from None
    finally:
        await wire.close()


def _request(wire: Wire, seconds: float) -> Any:
    """Make the library send through our own client, under our own time limit (rule VEN-2)."""
    from telegram.error import TimedOut
    from telegram.request import BaseRequest, RequestData

    class Request(BaseRequest):
        read_timeout = seconds

        async def initialize(self) -> None:
            """Nothing to open: the wire opens itself."""

        async def shutdown(self) -> None:
            """Nothing to close: the wire's owner closes it."""

        async def do_request(
            self, url: str, method: str, request_data: RequestData | None = None, *limits: Any, **more: Any
        ) -> tuple[int, bytes]:
            fields = request_data.json_parameters if request_data else {}
            answer = await wire.ask(method, url, operation=url.rpartition("/")[2], seconds=seconds, data=fields)
            if isinstance(answer, Lost):
                raise TimedOut(answer.reason)
            answer = plainly(answer)
            return answer.status, answer.body

    return Request()


def _translated(error: Exception) -> ParleyError:
    from telegram.error import BadRequest, Forbidden, InvalidToken

    if isinstance(error, InvalidToken | Forbidden):
        return Misconfigured("TELEGRAM_BOT_TOKEN", "Telegram does not know this token; make a new one with @BotFather")
    if isinstance(error, BadRequest):
        return Misconfigured("PUBLIC_URL", "Telegram refused the set-up: the webhook needs a public https address")
    return Temporary("Telegram cannot be reached")


def _scope(name: str) -> Any:
    import telegram

    return {
        "default": telegram.BotCommandScopeDefault,
        "all_private_chats": telegram.BotCommandScopeAllPrivateChats,
        "all_group_chats": telegram.BotCommandScopeAllGroupChats,
    }[name]()


def _menu_button() -> Any:
    import telegram

    return telegram.MenuButtonCommands()
