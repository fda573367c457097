"""Messages to other members of staff than the one who speaks, and codes taken out of a chat.

They are rows of the outbox like an alert's, so the terminal can write them too.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.calls import pack
from bot.core.calls.channels import Button, DeleteTelegram, SendTelegram
from bot.engine.turn import Turn
from storage import operators, outbox
from storage.schema import micros
from storage.work import Work

LIFE = timedelta(hours=1)


def tell(work: Work, chat: sa.Row[Any], text: str, buttons: list[Button] | None = None) -> None:
    """Send words to a member's private chat, one of `operators.chats`."""
    new_id, number = work.new_id(), int(work.seal.open(chat.handle).decode().rpartition(":")[2])
    call = SendTelegram(number, text, html=False, buttons=[buttons] if buttons else [])
    work.put(
        outbox.ADD,
        {
            **dict.fromkeys(outbox.COLUMNS),
            "id": new_id, "lane": chat.id, "person_id": chat.person_id, "address_id": chat.id, "kind": "message",
            "purpose": "reply", "policy": "repeat_ok", "key": f"staff:{new_id}",
            "body": work.seal.seal(orjson.dumps({"call": pack(call)})), "state": "ready", "attempts": 0,
            "due_at": work.now_us, "expires_at": micros(work.now + LIFE), "at": work.now_us,
        },
    )  # fmt: skip


def tell_member(work: Work, operator_id: int | None, text: str) -> None:
    """Send words to one member, if they have a chat."""
    for chat in operators.chats(work):
        if chat.operator_id == operator_id:
            tell(work, chat, text)


def take_back(turn: Turn) -> None:
    """Delete the message of this turn, which holds a code: as well as the channel can (rule TF-6)."""
    payload = turn.event.payload
    if turn.event.kind == "text" and payload.get("message_id") and payload.get("chat_id"):
        turn.call(DeleteTelegram(int(payload["chat_id"]), int(payload["message_id"])), limit=LIFE)
