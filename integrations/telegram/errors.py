"""What Telegram's refusals mean to us (rule TGV-5).

Telegram says most of it in prose only, so the known phrases stand here, in one table, and nowhere else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.core.calls.outcome import Again, Done, Outcome, Refused, Unknown
from integrations.http import Reply, retry_after, seconds_or_none

BAD_MARKUP = ("can't parse entities", "can't parse message text", "unsupported start tag")
NO_TEXT = "there is no text in the message to edit"

UNDELETABLE = ("message to delete not found", "message can't be deleted", "message identifier is not specified")

_DONE = ("message is not modified", "query is too old", "query id is invalid")
_REFUSED = (
    ("bot was blocked", "blocked"),
    ("bot was kicked", "blocked"),
    ("bot is not a member", "blocked"),
    ("can't initiate conversation", "blocked"),
    ("can't send messages to bots", "blocked"),
    ("not enough rights", "blocked"),
    ("user is deactivated", "gone"),
    ("chat not found", "gone"),
    ("user not found", "gone"),
    ("peer_id_invalid", "gone"),
    ("group chat was deleted", "gone"),
    ("message thread not found", "thread_gone"),
    ("topic_closed", "thread_gone"),
    ("topic_deleted", "thread_gone"),
    ("message is too long", "too_long"),
    ("message_too_long", "too_long"),
    ("caption is too long", "too_long"),
    ("message to edit not found", "uneditable"),
    ("message can't be edited", "uneditable"),
    ("message_id_invalid", "uneditable"),
    ("file is too big", "too_large"),
    ("wrong file_id", "gone"),
    ("file is temporarily unavailable", "gone"),
    ("invalid file_id", "gone"),
)


def description(reply: Reply) -> str:
    """Return Telegram's words in lower case, to compare with the phrases above and for nothing else."""
    return str(reply.record().get("description", "")).lower()


def plainly(reply: Reply) -> Reply:
    """Return an answer with the status that its body names: a server may say `ok: false` under a 200."""
    record = reply.record()
    code = record.get("error_code")
    if record.get("ok") is False and reply.status < 400:
        return replace(reply, status=code if isinstance(code, int) and code >= 400 else 400)
    return reply


def says(reply: Reply, *phrases: str) -> bool:
    """Tell whether a refusal of the 400 family uses one of these phrases."""
    words = description(reply)
    return reply.status == 400 and any(phrase in words for phrase in phrases)


def outcome_of(reply: Reply, *, harmless: bool = False) -> Outcome:
    """Judge an answer that is no success; `harmless` calls may be repeated after a server's error."""
    parameters = reply.record().get("parameters")
    details: dict[str, Any] = parameters if isinstance(parameters, dict) else {}
    if reply.status == 429:
        wish = seconds_or_none(details.get("retry_after")) or retry_after(reply.headers)
        return Again("rate_limited", wish, whole_vendor=False)
    if reply.status >= 500 or reply.status < 300:
        reason = f"status_{reply.status}"
        return Again(reason) if harmless else Unknown(reason)
    if isinstance(details.get("migrate_to_chat_id"), int):
        return Refused("migrated", "the group became a supergroup", {"chat_id": details["migrate_to_chat_id"]})
    return _refusal(reply)


def _refusal(reply: Reply) -> Outcome:
    words = description(reply)
    if reply.status == 400 and any(phrase in words for phrase in _DONE):
        return Done()
    for phrase, code in _REFUSED:
        if phrase in words:
            return Refused(code, f"status_{reply.status}")
    by_status = {401: "unauthorized", 403: "blocked", 404: "unauthorized", 409: "conflict", 413: "too_large"}
    return Refused(by_status.get(reply.status, "bad_request"), f"status_{reply.status}")
