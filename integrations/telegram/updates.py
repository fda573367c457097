"""Telegram's updates as values, read from the raw bytes.

Any bytes whatever give an answer: a `TelegramUpdate`, or a `Malformed` that says what is wrong (rule HOOK-3). Kinds
that we do not handle come out as `other` with their raw content, to be stored and ignored (rule TG-23). Reading by
hand takes some microseconds where the library's types take two hundred, and it runs once for every message.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import orjson

from bot.core.calls.channels import MediaRef

Kind = Literal["message", "edited_message", "callback_query", "my_chat_member", "pre_checkout_query", "other"]

_SINGLE_FILES = ("document", "voice", "audio", "video", "animation", "video_note", "sticker")
_DEFAULT_TYPES = {"voice": "audio/ogg", "audio": "audio/mpeg", "video_note": "video/mp4", "sticker": "image/webp"}


@dataclass(frozen=True, slots=True)
class Malformed:
    """A body that is no update; `reason` is for the log."""

    reason: str


@dataclass(frozen=True, slots=True)
class Contact:
    """A shared contact; it is the sender's own only when `user_id` is the sender's (rule ADR-2)."""

    phone: str
    user_id: int | None


@dataclass(frozen=True, slots=True)
class PreCheckout:
    """A purchase that Telegram wants confirmed within ten seconds."""

    query_id: str
    currency: str
    amount_minor: int
    payload: str


@dataclass(frozen=True, slots=True)
class StarPayment:
    """A payment that came in (`successful_payment`); `expires` is the Unix second until which a plan is paid."""

    charge_id: str
    currency: str
    amount_minor: int
    payload: str
    expires: int | None


@dataclass(slots=True)
class TelegramUpdate:
    """One update. `addressed` is True in private chats, and in groups when the bot is meant (rule TG-12).

    `text` is the message's text or the caption of its file, and for a `callback_query` the button's data stands in
    `data`. `member_status` is our bot's new status in a `my_chat_member`. It is not frozen only because freezing would
    double the cost of reading it; nobody changes one.
    """

    update_id: int
    kind: Kind
    raw: dict[str, Any] = field(repr=False)
    chat_id: int | None = None
    chat_type: str = ""
    user_id: int | None = None
    first_name: str = ""
    username: str = ""
    language: str = ""
    is_bot: bool = False
    message_id: int | None = None
    thread_id: int | None = None
    date: int = 0
    text: str = ""
    media: tuple[MediaRef, ...] = ()
    album: str | None = None
    reply_to: int | None = None
    is_forwarded: bool = False
    location: tuple[float, float] | None = None
    contact: Contact | None = None
    callback_id: str | None = None
    data: str = ""
    member_status: str = ""
    pre_checkout: PreCheckout | None = None
    payment: StarPayment | None = None
    addressed: bool = True


def parse_update(body: bytes, bot_username: str = "") -> TelegramUpdate | Malformed:
    """Read the body of a webhook; never raises. `bot_username` lets groups tell whether the bot is meant."""
    try:
        raw = orjson.loads(body)
    except orjson.JSONDecodeError:
        return Malformed("not JSON")
    return read_update(raw, bot_username)


def read_update(raw: object, bot_username: str = "") -> TelegramUpdate | Malformed:
    """Read one decoded update, as `parse_update` does."""
    if not isinstance(raw, dict):
        return Malformed("not an object")
    update_id = raw.get("update_id")
    if type(update_id) is not int:
        return Malformed("no update_id")
    try:
        for kind, read in _READERS.items():
            if kind in raw:
                update = TelegramUpdate(update_id, kind, raw)
                read(update, raw[kind], bot_username)
                return update
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        return Malformed(f"update of a wrong shape: {type(error).__name__}")
    return TelegramUpdate(update_id, "other", raw, addressed=False)


def _message(update: TelegramUpdate, message: dict[str, Any], bot_username: str) -> None:
    _sender(update, message.get("from"))
    _chat(update, message)
    text = message.get("text")
    if text is None:
        text = message.get("caption", "")
        update.media = tuple(_media(message))
        update.album = _text_or_none(message.get("media_group_id"))
        _extras(update, message)
    update.text = _text(text)
    reply = message.get("reply_to_message")
    if reply is not None and "message_id" in reply:
        update.reply_to = _int(reply["message_id"])
    update.is_forwarded = "forward_origin" in message
    if update.chat_type not in ("", "private"):
        update.addressed = _is_addressed(update, message, bot_username.lower())
    if bot_username and update.text.startswith("/"):
        update.text = _without_bot_name(update.text, bot_username)


def _callback(update: TelegramUpdate, query: dict[str, Any], bot_username: str) -> None:
    _sender(update, query["from"])
    update.callback_id, update.data = _text(query["id"]), _text(query.get("data", ""))
    message = query.get("message")
    if message is not None:
        _chat(update, message)


def _membership(update: TelegramUpdate, change: dict[str, Any], bot_username: str) -> None:
    _sender(update, change["from"])
    update.chat_id, update.chat_type = _int(change["chat"]["id"]), _text(change["chat"].get("type", ""))
    update.date = _int(change.get("date", 0))
    update.member_status = _text(change["new_chat_member"]["status"])


def _purchase(update: TelegramUpdate, query: dict[str, Any], bot_username: str) -> None:
    _sender(update, query["from"])
    update.pre_checkout = PreCheckout(
        query_id=_text(query["id"]),
        currency=_text(query["currency"]),
        amount_minor=_int(query["total_amount"]),
        payload=_text(query["invoice_payload"]),
    )


_READERS: dict[Kind, Any] = {
    "message": _message,
    "callback_query": _callback,
    "edited_message": _message,
    "my_chat_member": _membership,
    "pre_checkout_query": _purchase,
}


def _sender(update: TelegramUpdate, sender: dict[str, Any] | None) -> None:
    if sender is None:
        return
    update.user_id = _int(sender["id"])
    update.first_name = _text(sender.get("first_name", ""))
    update.username = _text(sender.get("username", ""))
    update.language = _text(sender.get("language_code", ""))
    update.is_bot = sender.get("is_bot") is True


def _chat(update: TelegramUpdate, message: dict[str, Any]) -> None:
    chat = message["chat"]
    update.chat_id, update.chat_type = _int(chat["id"]), _text(chat.get("type", ""))
    update.message_id, update.date = _int(message["message_id"]), _int(message.get("date", 0))
    if "message_thread_id" in message:
        update.thread_id = _int(message["message_thread_id"])


def _media(message: dict[str, Any]) -> list[MediaRef]:
    sizes = message.get("photo")
    if sizes:
        return [_ref(max(sizes, key=_area), "image/jpeg")]
    for name in _SINGLE_FILES:
        if name in message:
            return [_ref(message[name], _DEFAULT_TYPES.get(name))]
    return []


def _area(size: dict[str, Any]) -> tuple[int, int]:
    return _int(size.get("width", 0)) * _int(size.get("height", 0)), _int(size.get("file_size", 0))


def _ref(file: dict[str, Any], default_type: str | None) -> MediaRef:
    size = file.get("file_size")
    return MediaRef(
        channel="telegram",
        ref=_text(file["file_id"]),
        media_type=_text_or_none(file.get("mime_type", default_type)),
        size=None if size is None else _int(size),
        name=_text_or_none(file.get("file_name")),
        unique=_text_or_none(file.get("file_unique_id")),
    )


def _extras(update: TelegramUpdate, message: dict[str, Any]) -> None:
    location, contact = message.get("location"), message.get("contact")
    if location is not None:
        update.location = float(location["latitude"]), float(location["longitude"])
    if contact is not None:
        owner = contact.get("user_id")
        update.contact = Contact(_text(contact["phone_number"]), None if owner is None else _int(owner))
    paid = message.get("successful_payment")
    if paid is not None:
        expires = paid.get("subscription_expiration_date")
        update.payment = StarPayment(
            charge_id=_text(paid["telegram_payment_charge_id"]),
            currency=_text(paid["currency"]),
            amount_minor=_int(paid["total_amount"]),
            payload=_text(paid["invoice_payload"]),
            expires=None if expires is None else _int(expires),
        )


def _is_addressed(update: TelegramUpdate, message: dict[str, Any], bot_username: str) -> bool:
    text = update.text.lower()
    if text.startswith("/"):
        _, at, named = text.split(maxsplit=1)[0].partition("@")
        return not at or named == bot_username
    if bot_username and any(word.strip(".,:;!?()") == f"@{bot_username}" for word in text.split()):
        return True
    author = (message.get("reply_to_message") or {}).get("from") or {}
    return bool(bot_username) and str(author.get("username", "")).lower() == bot_username


def _without_bot_name(text: str, bot_username: str) -> str:
    command, space, rest = text.partition(" ")
    name, _, named = command.partition("@")
    return name + space + rest if named.lower() == bot_username.lower() else text


def _int(value: object) -> int:
    if type(value) is not int:
        raise TypeError("a number was expected")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return value


def _text_or_none(value: object) -> str | None:
    return None if value is None else _text(value)
