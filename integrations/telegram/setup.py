"""Sets the bot up at Telegram: webhook, commands by scope and language, descriptions, menu button (rule TG-2).

`set_up` answers with a fingerprint of what it put there. The caller keeps it and hands it in at the next start: when
nothing changed, not a single call is made. `drift` compares what Telegram has with what is wanted, for the doctor.

Both run in a child process: python-telegram-bot is 200 modules, which a server that needs them once for a second should
not keep.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

from bot.core.errors import Misconfigured, Temporary
from integrations.child import Bounds, ChildFailed, run

_WORK = Path(__file__).with_name("setting_up.py")
_CALLS_SECONDS = 20.0
"""How much longer than one call the whole may take."""


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

    `seconds` bounds each call. Pending updates are never dropped (rule TG-10). Raises Misconfigured on a bad token or a
    refused address, Temporary when Telegram cannot be reached.
    """
    fingerprint = face.fingerprint(token, base_url)
    if fingerprint != known:
        await _ask("put", token, face, base_url, seconds)
    return fingerprint


async def drift(
    token: str, face: BotFace, *, base_url: str = "https://api.telegram.org", seconds: float = 15.0
) -> list[str]:
    """Name what Telegram has otherwise than wanted: `webhook`, `commands default/en`, `description en`, `menu button`.

    A webhook's secret cannot be read back; its last error is named as `webhook error`. Raises as `set_up` does.
    """
    found: list[str] = (await _ask("compare", token, face, base_url, seconds))["drift"]
    return found


async def _ask(work: str, token: str, face: BotFace, base_url: str, seconds: float) -> dict[str, Any]:
    request = {"token": token, "face": asdict(face), "base_url": base_url.rstrip("/"), "seconds": seconds}
    try:
        answer, _ = await run(_WORK, work, (request, []), Bounds(1_500_000_000, seconds + _CALLS_SECONDS))
    except ChildFailed as failure:
        raise Temporary(f"Telegram was not asked: {failure}") from None
    if answer["refused"] == "token":
        raise Misconfigured("TELEGRAM_BOT_TOKEN", "Telegram does not know this token; make a new one with @BotFather")
    if answer["refused"] == "request":
        raise Misconfigured("PUBLIC_URL", "Telegram refused the set-up: the webhook needs a public https address")
    if answer["refused"]:
        raise Temporary("Telegram cannot be reached")
    return answer
