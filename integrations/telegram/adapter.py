"""Sends, edits and acknowledges on Telegram.

Telegram cannot deduplicate a send and has no list of what was sent, so a send whose answer was lost is `Unknown` and
has no look-up: the row's policy decides (vendors.md 2). Edits, callback answers and "typing..." may be repeated.
A message whose markup Telegram cannot read goes out plain within the same call (rule TG-7).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import orjson

from bot.core.calls.channels import (
    AnswerCallback,
    DeleteTelegram,
    EditTelegram,
    SendTelegram,
    SentTelegram,
    ShowDraft,
    ShowTyping,
)
from bot.core.calls.outcome import Again, Done, Outcome, Refused
from bot.core.ports import Attempt, LookUp, Perform
from integrations.http import CONNECT_SECONDS, Lost, Reply, Wire, unfinished
from integrations.telegram import errors, replies
from integrations.telegram.forum import Forum
from integrations.telegram.stars import StarCalls

_JSON = {"Content-Type": "application/json"}
_UNCHANGEABLE = ("uneditable", "bad_request")
DRAFT_SECONDS = 3.0
"""A draft that takes longer is not worth waiting for: the next one, or the message itself, comes."""
EDITS_APART = timedelta(seconds=1)
"""How long one message stays as it is before it may change again."""


class TelegramAdapter:
    """The Bot API for one bot."""

    vendor = "telegram"

    def __init__(
        self,
        token: str,
        *,
        base_url: str = "https://api.telegram.org",
        seconds: float = 15.0,
        file_seconds: float = 60.0,
        connect_seconds: float = CONNECT_SECONDS,
        connections: int = 100,
    ) -> None:
        self._seconds, self._file_seconds = seconds, file_seconds
        self._changed: dict[tuple[int, int], datetime] = {}
        self._wire = Wire(
            "telegram", f"{base_url.rstrip('/')}/bot{token}", connections=connections, connect_seconds=connect_seconds
        )
        self.calls: Mapping[type, Perform] = {
            SendTelegram: self._send,
            EditTelegram: self._edit,
            DeleteTelegram: self._delete,
            AnswerCallback: self._answer_callback,
            ShowTyping: self._show_typing,
            ShowDraft: self._show_draft,
            **StarCalls(self.ask).calls,
            **Forum(self.ask, self._put).calls,
        }
        self.look_ups: Mapping[type, LookUp] = {}

    async def ask(self, method: str, fields: Mapping[str, Any], *, seconds: float | None = None) -> Reply | Lost:
        """Call one method of the Bot API with JSON parameters."""
        data = orjson.dumps(fields)
        limit = self._seconds if seconds is None else seconds
        return _plainly(
            await self._wire.ask("POST", f"/{method}", operation=method, seconds=limit, data=data, headers=_JSON)
        )

    async def me(self) -> tuple[int, str] | None:
        """Return the bot's id and user name (getMe), or None when Telegram does not say."""
        answer = await self.ask("getMe", {})
        result = _result(answer) if isinstance(answer, Reply) else None
        if not isinstance(result, dict) or not isinstance(result.get("id"), int):
            return None
        return result["id"], str(result.get("username", ""))

    async def close(self) -> None:
        """Release connections."""
        await self._wire.close()

    async def _send(self, call: SendTelegram, attempt: Attempt) -> Outcome:
        if call.photo is not None or call.document is not None:
            return await self._send_file(call, attempt)
        if call.replaces is not None:
            replaced = await self._replace(call, call.replaces, attempt)
            if not isinstance(replaced, Refused) or replaced.code not in _UNCHANGEABLE:
                return replaced
        fields = replies.message(call)
        answer = await self.ask("sendMessage", fields)
        if isinstance(answer, Reply) and errors.says(answer, *errors.BAD_MARKUP):
            answer = await self.ask("sendMessage", replies.plain(fields))
        return _sent(answer)

    async def _replace(self, call: SendTelegram, message_id: int, attempt: Attempt) -> Outcome:
        """Change a message, at most once a second (rule TG-22)."""
        key = call.chat_id, message_id
        self._changed = {one: at for one, at in self._changed.items() if attempt.now - at < EDITS_APART}
        if key in self._changed:
            wait = self._changed[key] + EDITS_APART - attempt.now
            return Again("changed_lately", wait, whole_vendor=False)
        self._changed[key] = attempt.now
        edit = EditTelegram(call.chat_id, message_id, call.text, html=call.html, buttons=call.buttons)
        outcome = await self._edit(edit, attempt)
        return Done(SentTelegram(message_id)) if isinstance(outcome, Done) else outcome

    async def _send_file(self, call: SendTelegram, attempt: Attempt) -> Outcome:
        kind, blob_id = ("photo", call.photo) if call.photo is not None else ("document", call.document)
        try:
            data = await attempt.files.get(blob_id or 0)
        except KeyError:
            return Refused("file_gone", "the blob to upload no longer exists")
        fields = replies.caption(call)
        filename = call.filename or ("photo.jpg" if kind == "photo" else "document.pdf")
        answer = await self._upload(kind, data, filename, fields)
        if isinstance(answer, Reply) and errors.says(answer, *errors.BAD_MARKUP):
            answer = await self._upload(kind, data, filename, replies.plain(fields))
        return _sent(answer)

    async def _upload(self, kind: str, data: bytes, filename: str, fields: Mapping[str, Any]) -> Reply | Lost:
        form = aiohttp.FormData()
        for name, value in fields.items():
            form.add_field(name, value if isinstance(value, str) else orjson.dumps(value).decode())
        form.add_field(kind, data, filename=filename, content_type="application/octet-stream")
        method = "sendPhoto" if kind == "photo" else "sendDocument"
        return await self._put(method, form)

    async def _put(self, method: str, form: aiohttp.FormData) -> Reply | Lost:
        """Call one method with files."""
        return _plainly(
            await self._wire.ask("POST", f"/{method}", operation=method, seconds=self._file_seconds, data=form)
        )

    async def _edit(self, call: EditTelegram, attempt: Attempt) -> Outcome:
        method, fields = replies.edit(call)
        answer = await self.ask(method, fields)
        if isinstance(answer, Reply) and errors.says(answer, errors.NO_TEXT):
            fields["caption"] = fields.pop("text")
            del fields["link_preview_options"]
            method = "editMessageCaption"
            answer = await self.ask(method, fields)
        if isinstance(answer, Reply) and errors.says(answer, *errors.BAD_MARKUP):
            answer = await self.ask(method, replies.plain(fields))
        return _repeatable(answer)

    async def _delete(self, call: DeleteTelegram, attempt: Attempt) -> Outcome:
        answer = await self.ask("deleteMessage", {"chat_id": call.chat_id, "message_id": call.message_id})
        gone = isinstance(answer, Reply) and errors.says(answer, *errors.UNDELETABLE)
        return Done() if gone else _repeatable(answer)

    async def _answer_callback(self, call: AnswerCallback, attempt: Attempt) -> Outcome:
        return _repeatable(await self.ask("answerCallbackQuery", replies.callback_answer(call)))

    async def _show_typing(self, call: ShowTyping, attempt: Attempt) -> Outcome:
        outcome = _repeatable(await self.ask("sendChatAction", replies.typing(call)))
        # Five seconds later it would be wrong, so it is never tried again and never holds a real message up.
        return Refused("not_shown", outcome.reason) if isinstance(outcome, Again) else outcome

    async def _show_draft(self, call: ShowDraft, attempt: Attempt) -> Outcome:
        if call.chat_id <= 0 or call.draft_id == 0 or not call.text.strip():
            return Refused("not_shown", "drafts are for private chats")
        outcome = _repeatable(await self.ask("sendMessageDraft", replies.draft(call), seconds=DRAFT_SECONDS))
        return Done() if isinstance(outcome, Done) else Refused("not_shown", getattr(outcome, "reason", ""))


def _plainly(answer: Reply | Lost) -> Reply | Lost:
    return errors.plainly(answer) if isinstance(answer, Reply) else answer


def _sent(answer: Reply | Lost) -> Outcome:
    if isinstance(answer, Lost):
        return unfinished(answer)
    result = _result(answer)
    if isinstance(result, dict) and isinstance(result.get("message_id"), int):
        return Done(SentTelegram(result["message_id"]))
    return errors.outcome_of(answer)


def _repeatable(answer: Reply | Lost) -> Outcome:
    if isinstance(answer, Lost):
        return unfinished(answer, harmless=True)
    return Done() if _result(answer) is not None else errors.outcome_of(answer, harmless=True)


def _result(answer: Reply) -> Any:
    record = answer.record() if answer.status == 200 else {}
    return record.get("result") if record.get("ok") is True else None
