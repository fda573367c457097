"""How our calls look in the Bot API's words: parameters of requests and of answers inside a webhook response."""

from __future__ import annotations

import html
import re
from typing import Any

from bot.core.calls.channels import AnswerCallback, Button, EditTelegram, SendTelegram, ShowDraft, ShowTyping

ALLOWED_UPDATES = [
    "message",
    "edited_message",
    "callback_query",
    "my_chat_member",
    "pre_checkout_query",
]
"""What we ask Telegram for, listed so that its default never decides (rule TGV-7)."""

LONGEST_TEXT = 4096

_TAG = re.compile(
    r"</?(?:b|strong|i|em|u|ins|s|strike|del|a|code|pre|span|tg-spoiler|tg-emoji|blockquote)(?:\s[^<>]*)?>",
    re.IGNORECASE,
)


def webhook_reply(call: SendTelegram) -> dict[str, Any] | None:
    """Return the message as the JSON body of a webhook response; None when it carries a file to upload."""
    if call.photo is not None or call.document is not None:
        return None
    return {"method": "sendMessage", **message(call)}


def message(call: SendTelegram) -> dict[str, Any]:
    """Return the parameters of sendMessage; link previews are off (rule TG-24)."""
    fields: dict[str, Any] = {
        "chat_id": call.chat_id,
        "text": call.text,
        "link_preview_options": {"is_disabled": True},
    }
    return _finished(fields, call.html, call.buttons, call.thread_id)


def caption(call: SendTelegram) -> dict[str, Any]:
    """Return the parameters of sendPhoto and sendDocument, without the file."""
    fields: dict[str, Any] = {"chat_id": call.chat_id}
    if call.text:
        fields["caption"] = call.text
    return _finished(fields, call.html and bool(call.text), call.buttons, call.thread_id)


def edit(call: EditTelegram) -> tuple[str, dict[str, Any]]:
    """Return the method and parameters of an edit; buttons that are not named again disappear."""
    fields: dict[str, Any] = {"chat_id": call.chat_id, "message_id": call.message_id}
    if call.text is None:
        return "editMessageReplyMarkup", _finished(fields, False, call.buttons, None)
    fields |= {"text": call.text, "link_preview_options": {"is_disabled": True}}
    return "editMessageText", _finished(fields, call.html, call.buttons, None)


def callback_answer(call: AnswerCallback) -> dict[str, Any]:
    """Return the parameters of answerCallbackQuery; a notice holds at most 200 characters."""
    fields = {"callback_query_id": call.callback_id}
    return {**fields, "text": call.text[:200]} if call.text else fields


def typing(call: ShowTyping) -> dict[str, Any]:
    """Return the parameters of sendChatAction."""
    return {"chat_id": call.chat_id, "action": "typing"}


def draft(call: ShowDraft) -> dict[str, Any]:
    """Return the parameters of sendMessageDraft; a text that grew too long for one message shows its beginning."""
    return {"chat_id": call.chat_id, "draft_id": call.draft_id, "text": call.text[:LONGEST_TEXT]}


def plain(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the same message without markup: known tags dropped, entities turned back into characters (rule TG-7)."""
    stripped = {name: value for name, value in fields.items() if name != "parse_mode"}
    for name in ("text", "caption"):
        if name in stripped:
            stripped[name] = html.unescape(_TAG.sub("", stripped[name]))
    return stripped


def _finished(fields: dict[str, Any], as_html: bool, buttons: list[list[Button]], thread: int | None) -> dict[str, Any]:
    if as_html:
        fields["parse_mode"] = "HTML"
    if buttons:
        fields["reply_markup"] = {"inline_keyboard": [[_button(button) for button in row] for row in buttons]}
    if thread is not None:
        fields["message_thread_id"] = thread
    return fields


def _button(button: Button) -> dict[str, str]:
    if button.url is not None:
        return {"text": button.label, "url": button.url}
    return {"text": button.label, "callback_data": button.data or ""}
