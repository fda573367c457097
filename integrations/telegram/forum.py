"""The staff's group: topics, messages and albums in them, pins, reactions.

Telegram posts into the general chat when a topic is gone but the group is not told so: the answer carries the topic in
which a message really stands, and one that stands elsewhere is taken back (rule TB-3).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import orjson

from bot.core.calls.groups import OpenTopic, PinMessage, PostedInTopic, PostInTopic, React, RenameTopic, TopicOpened
from bot.core.calls.outcome import Done, Outcome, Refused
from bot.core.ports import Attempt, Perform
from integrations.http import Lost, Reply, unfinished
from integrations.telegram import errors

_PICTURES = {b"\xff\xd8\xff": "jpg", b"\x89PNG": "png"}
_MOST_CAPTION = 1024

Ask = Callable[[str, Mapping[str, Any]], Awaitable[Reply | Lost]]
Upload = Callable[[str, aiohttp.FormData], Awaitable[Reply | Lost]]


class Forum:
    """Calls about topics, made through an adapter's line."""

    def __init__(self, ask: Ask, upload: Upload) -> None:
        self._ask, self._upload = ask, upload
        self.calls: Mapping[type, Perform] = {
            OpenTopic: self._open,
            RenameTopic: self._rename,
            PostInTopic: self._post,
            PinMessage: self._pin,
            React: self._react,
        }

    async def _open(self, call: OpenTopic, attempt: Attempt) -> Outcome:
        answer = await self._ask("createForumTopic", {"chat_id": call.chat_id, "name": call.name})
        result = _result(answer)
        if isinstance(result, dict) and isinstance(result.get("message_thread_id"), int):
            return Done(TopicOpened(result["message_thread_id"]))
        return _trouble(answer)

    async def _rename(self, call: RenameTopic, attempt: Attempt) -> Outcome:
        fields = {"chat_id": call.chat_id, "message_thread_id": call.thread_id, "name": call.name}
        return _done(await self._ask("editForumTopic", fields))

    async def _pin(self, call: PinMessage, attempt: Attempt) -> Outcome:
        fields = {"chat_id": call.chat_id, "message_id": call.message_id, "disable_notification": True}
        return _done(await self._ask("pinChatMessage", fields))

    async def _react(self, call: React, attempt: Attempt) -> Outcome:
        reaction = [{"type": "emoji", "emoji": call.emoji}]
        fields = {"chat_id": call.chat_id, "message_id": call.message_id, "reaction": reaction}
        return _done(await self._ask("setMessageReaction", fields))

    async def _post(self, call: PostInTopic, attempt: Attempt) -> Outcome:
        if call.files:
            return await self._post_files(call, attempt)
        place = {"chat_id": call.chat_id, "text": call.text, "link_preview_options": {"is_disabled": True}}
        return await self._stands(call, await self._ask("sendMessage", {**place, **_where(call)}))

    async def _post_files(self, call: PostInTopic, attempt: Attempt) -> Outcome:
        try:
            found = [await attempt.files.get(blob) for blob in call.files]
        except KeyError:
            return Refused("file_gone", "a blob to upload no longer exists")
        kinds = [next((end for start, end in _PICTURES.items() if data.startswith(start)), "") for data in found]
        kind = "photo" if all(kinds) else "document"
        names = [f"{number}.{end or 'bin'}" for number, end in enumerate(kinds, 1)]
        method, form = _form(call, kind, list(zip(names, found, strict=True)))
        return await self._stands(call, await self._upload(method, form))

    async def _stands(self, call: PostInTopic, answer: Reply | Lost) -> Outcome:
        """Judge what was posted by where it stands."""
        result = _result(answer)
        posted = [one for one in (result if isinstance(result, list) else [result]) if isinstance(one, dict)]
        numbers = [one["message_id"] for one in posted if isinstance(one.get("message_id"), int)]
        if not numbers:
            return _trouble(answer)
        if all(one.get("message_thread_id") == call.thread_id for one in posted):
            return Done(PostedInTopic(numbers))
        await self._ask("deleteMessages", {"chat_id": call.chat_id, "message_ids": numbers})
        return Refused("thread_gone", "it was posted outside its topic")


def _where(call: PostInTopic) -> dict[str, Any]:
    fields: dict[str, Any] = {"message_thread_id": call.thread_id}
    if call.reply_to is not None:
        fields["reply_parameters"] = {"message_id": call.reply_to, "allow_sending_without_reply": True}
    if call.buttons:
        rows = [[{"text": one.label, "callback_data": one.data or ""} for one in row] for row in call.buttons]
        fields["reply_markup"] = {"inline_keyboard": rows}
    return fields


def _form(call: PostInTopic, kind: str, files: list[tuple[str, bytes]]) -> tuple[str, aiohttp.FormData]:
    """Return the method and form of one file, or of an album."""
    form, caption = aiohttp.FormData(), call.text[:_MOST_CAPTION]
    for name, value in {"chat_id": call.chat_id, **_where(call)}.items():
        form.add_field(name, orjson.dumps(value).decode())
    if len(files) == 1:
        if caption:
            form.add_field("caption", caption)
        form.add_field(kind, files[0][1], filename=files[0][0], content_type="application/octet-stream")
        return ("sendPhoto" if kind == "photo" else "sendDocument"), form
    media: list[dict[str, str]] = [{"type": kind, "media": f"attach://file{number}"} for number in range(len(files))]
    if caption:
        media[0]["caption"] = caption
    form.add_field("media", orjson.dumps(media).decode())
    for number, (name, data) in enumerate(files):
        form.add_field(f"file{number}", data, filename=name, content_type="application/octet-stream")
    return "sendMediaGroup", form


def _result(answer: Reply | Lost) -> Any:
    record = answer.record() if isinstance(answer, Reply) and answer.status == 200 else {}
    return record.get("result") if record.get("ok") is True else None


def _done(answer: Reply | Lost) -> Outcome:
    """Judge a call that may be repeated."""
    if isinstance(answer, Lost):
        return unfinished(answer, harmless=True)
    if _result(answer) is not None or errors.says(answer, "topic_not_modified"):
        return Done()
    return errors.outcome_of(answer, harmless=True)


def _trouble(answer: Reply | Lost) -> Outcome:
    return unfinished(answer) if isinstance(answer, Lost) else errors.outcome_of(answer)


__all__ = ["Forum"]
