"""Fetches files from Telegram: getFile, then the bytes (rule TG-21)."""

from __future__ import annotations

from urllib.parse import quote

from bot.core.calls.outcome import Refused
from integrations.http import CONNECT_SECONDS, Lost, Reply, Wire
from integrations.telegram import errors


class TelegramFiles:
    """The files of one bot's chats."""

    def __init__(
        self,
        token: str,
        *,
        base_url: str = "https://api.telegram.org",
        seconds: float = 60.0,
        connect_seconds: float = CONNECT_SECONDS,
    ) -> None:
        self._token, self._seconds = token, seconds
        self._wire = Wire("telegram", base_url, connect_seconds=connect_seconds)

    async def fetch(self, file_id: str, max_bytes: int) -> Reply | Lost | str:
        """Return the file's bytes, at most `max_bytes` + some; a word of trouble when Telegram will not give it."""
        asked = await self._wire.ask(
            "POST", f"/bot{self._token}/getFile", operation="getFile", seconds=self._seconds, json={"file_id": file_id}
        )
        if isinstance(asked, Lost):
            return asked
        asked = errors.plainly(asked)
        result = asked.record().get("result")
        if asked.status != 200 or not isinstance(result, dict):
            return _refusal(asked)
        if isinstance(result.get("file_size"), int) and result["file_size"] > max_bytes:
            return "too_large"
        if not isinstance(result.get("file_path"), str):
            return "gone"
        path = self._path_of(result["file_path"])
        return await self._wire.download(path, operation="file", seconds=self._seconds, max_bytes=max_bytes)

    def _path_of(self, file_path: str) -> str:
        """Return where a file lies below the base; a server may name it by its whole address, which is not gone to."""
        mark = f"/file/bot{self._token}/"
        inside = file_path.partition(mark)[2] if mark in file_path else file_path
        return mark + quote(inside.lstrip("/"))

    async def close(self) -> None:
        """Release connections."""
        await self._wire.close()


def _refusal(reply: Reply) -> Reply | str:
    """Return `too_large` or `gone` when Telegram says so, else the answer itself for the caller to judge."""
    outcome = errors.outcome_of(reply, harmless=True)
    if not isinstance(outcome, Refused) or outcome.code == "unauthorized":
        return reply
    return "too_large" if outcome.code == "too_large" else "gone"
