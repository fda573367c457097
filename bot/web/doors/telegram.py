"""Telegram's door: `POST /webhooks/telegram`, and the same events from long polling.

The secret header is compared in constant time. A reply that may be repeated leaves in the response; if Telegram sends
the update again because it got no 200, the stored reply is given again.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Collection
from typing import Any

import orjson
from aiohttp import web

from bot.core.calls.channels import AnswerCallback, SendTelegram
from bot.core.events import Event
from bot.web.doors.door import Intake
from bot.web.doors.express import answer, body_of
from integrations.signatures import verify_telegram
from integrations.telegram.replies import webhook_reply
from integrations.telegram.updates import Malformed, TelegramUpdate, parse_update

CAP = 1024 * 1024
_GONE = ("kicked", "left")


def event_of(update: TelegramUpdate, bot_id: str, staff_groups: Collection[int] = ()) -> Event | None:
    """Return the inbox event of an update; None for kinds that are stored elsewhere or ignored (rules TG-12, TG-23)."""
    if update.chat_id in staff_groups:
        return staff_event(update, bot_id)
    if update.user_id is None or update.is_bot or not update.addressed:
        return None
    payload: dict[str, Any] = {"chat_id": update.chat_id, "message_id": update.message_id, "locale": update.language}
    if update.chat_type not in ("", "private"):
        return None
    match update.kind:
        case "message":
            kind = _message(update, payload)
        case "edited_message":
            kind, payload["text"] = "edited", update.text
        case "callback_query":
            kind = "button"
            payload |= {"data": update.data, "callback_id": update.callback_id, "text": ""}
        case "my_chat_member":
            kind = "unreachable" if update.member_status in _GONE else "reachable"
        case _:
            return None
    key = f"{bot_id}:{update.update_id}"
    return Event("telegram", key, kind, payload, channel="telegram", handle=f"{bot_id}:{update.user_id}")


def payment_of(update: TelegramUpdate, bot_id: str) -> Event | None:
    """Return the event of a payment in Stars: keyed by its charge, so that it counts once however it is told (TS-3)."""
    paid = update.payment
    if paid is None or update.user_id is None:
        return None
    payload = dataclasses.asdict(paid) | {"handle": f"{bot_id}:{update.user_id}", "user_id": update.user_id}
    return Event("stars", paid.charge_id, "paid", payload)


def staff_event(update: TelegramUpdate, bot_id: str) -> Event | None:
    """Return what one of the staff did in their group: an event of the person whom support finds behind the sender.

    It has no channel: whoever writes there gets no account by it, and no answer in a private chat. What anonymous
    administrators and channels say is nobody's: it is an event for the audit alone (rule CM-2).
    """
    is_nobodys = "sender_chat" in (update.raw.get(update.kind) or {})
    if not is_nobodys and (update.user_id is None or update.is_bot):
        return None
    kinds = {"message": "message", "edited_message": "edited", "callback_query": "button"}
    if update.kind not in kinds:
        return None
    payload: dict[str, Any] = {
        "handle": "" if is_nobodys else f"{bot_id}:{update.user_id}", "anonymous": is_nobodys,
        "chat_id": update.chat_id, "message_id": update.message_id,
        "thread_id": update.thread_id, "reply_to": update.reply_to, "text": update.text, "data": update.data,
        "media": [dataclasses.asdict(one) for one in update.media], "group": update.album,
        "forwarded": update.is_forwarded,
    }  # fmt: skip
    return Event("staff_group", f"{bot_id}:{update.update_id}", kinds[update.kind], payload)


def _message(update: TelegramUpdate, payload: dict[str, Any]) -> str:
    payload["text"] = update.text
    if update.is_forwarded:
        payload["forwarded"] = True
    if "sender_chat" in update.raw.get("message", ()):
        payload["anonymous"] = True  # said in the name of a chat: nobody knows who typed it (CM-2)
    if update.media:
        payload |= {"media": [dataclasses.asdict(m) for m in update.media], "group": update.album}
        return "media"
    if update.contact is not None:
        payload["contact"] = dataclasses.asdict(update.contact)
        return "contact"
    return "text"


class TelegramDoor:
    """Takes updates in. `spin` stops the spinner of a pressed button at once, outside the outbox (rule TG-4).

    `checkout` answers a purchase that Telegram wants confirmed within ten seconds, outside every queue (TS-2).
    """

    def __init__(
        self,
        intake: Intake,
        *,
        secret: str,
        token: str,
        answers: bool,
        spin: Callable[[AnswerCallback], None],
        group_reply: Callable[[TelegramUpdate], SendTelegram | None] = lambda update: None,
        checkout: Callable[[TelegramUpdate], None] = lambda update: None,
        staff_groups: Collection[int] = (),
    ) -> None:
        self._intake, self._secret, self._answers, self._spin = intake, secret, answers, spin
        self.bot_id = token.partition(":")[0]
        self.bot_username = ""
        self._group_reply, self._checkout, self._staff_groups = group_reply, checkout, staff_groups

    async def hook(self, request: web.Request) -> web.StreamResponse:
        """Take one update by webhook."""
        intake, started = self._intake, time.perf_counter()
        if not verify_telegram(request.headers, self._secret):
            return intake.refuse(request, "telegram", "signature", 429 if intake.is_flooded(request) else 403)
        update = parse_update(await body_of(request), self.bot_username)
        if isinstance(update, Malformed):
            return intake.refuse(request, "telegram", "malformed", 400)
        call = await self.take(update, answers=self._answers)
        reply = webhook_reply(call) if call is not None else None
        if reply is None:
            return web.Response()
        intake.answered("telegram", time.perf_counter() - started)
        return answer(request, orjson.dumps(reply), "application/json")

    async def take(self, update: TelegramUpdate, *, answers: bool = False) -> SendTelegram | None:
        """Commit one update and return the reply that may leave in the response."""
        if update.kind == "pre_checkout_query":
            self._checkout(update)
            return None
        event = payment_of(update, self.bot_id) or event_of(update, self.bot_id, self._staff_groups)
        if event is None and update.chat_id in self._staff_groups:
            return None
        if event is None:
            return self._group_reply(update) if update.addressed and update.kind == "message" else None
        if update.callback_id:
            self._spin(AnswerCallback(update.callback_id))
        sent = await self._intake.take(event, answers=answers, key=update.user_id or 0)
        answer: SendTelegram | None = sent.answer
        return answer
