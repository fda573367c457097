"""What Parley asks of Telegram and Twilio: messages out, files in, look-ups."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core.calls.packing import wire


@wire
@dataclass(frozen=True, slots=True)
class Button:
    """An inline button: `data` comes back as a callback, or `url` opens a page."""

    label: str
    data: str | None = None
    url: str | None = None


@wire
@dataclass(frozen=True, slots=True)
class SendTelegram:
    """Send one message; `text` is Telegram HTML when `html`, `photo`/`document` are blob ids (text is the caption).

    With `replaces` that message is changed instead; a new one is sent only when it cannot be changed any more.
    """

    chat_id: int
    text: str
    html: bool = True
    buttons: list[list[Button]] = field(default_factory=list)
    photo: int | None = None
    document: int | None = None
    filename: str | None = None
    thread_id: int | None = None
    replaces: int | None = None


@wire
@dataclass(frozen=True, slots=True)
class EditTelegram:
    """Change a message: its text when given, and its buttons (none removes the keyboard)."""

    chat_id: int
    message_id: int
    text: str | None = None
    html: bool = True
    buttons: list[list[Button]] = field(default_factory=list)


@wire
@dataclass(frozen=True, slots=True)
class DeleteTelegram:
    """Take a message out of a chat; one that is gone already, or too old, is left as it is."""

    chat_id: int
    message_id: int


@wire
@dataclass(frozen=True, slots=True)
class AnswerCallback:
    """Stop the button's spinner, with an optional short notice."""

    callback_id: str
    text: str = ""


@wire
@dataclass(frozen=True, slots=True)
class ShowTyping:
    """Show "typing..." for five seconds."""

    chat_id: int


@wire
@dataclass(frozen=True, slots=True)
class ShowDraft:
    """Show a text that still grows, in a private chat, until a message comes or thirty seconds pass."""

    chat_id: int
    draft_id: int
    text: str


@wire
@dataclass(frozen=True, slots=True)
class SentTelegram:
    """The message as Telegram numbered it."""

    message_id: int


@wire
@dataclass(frozen=True, slots=True)
class SendSms:
    """Send one SMS or MMS (`media_urls`); `validity_seconds` is Twilio's ValidityPeriod."""

    to: str
    body: str
    validity_seconds: int
    media_urls: list[str] = field(default_factory=list)


@wire
@dataclass(frozen=True, slots=True)
class FindSms:
    """Look for a message sent to `to` with exactly this body, within five minutes of `near` (Unix seconds)."""

    to: str
    body: str
    near: int


@wire
@dataclass(frozen=True, slots=True)
class SentSms:
    """The message as Twilio numbered it."""

    sid: str
    status: str
    error_code: int | None = None


@wire
@dataclass(frozen=True, slots=True)
class ListInboundSms:
    """List messages that arrived at or after `since` (Unix seconds), as webhook form fields."""

    since: int


@wire
@dataclass(frozen=True, slots=True)
class InboundSmsList:
    """Each entry has the fields that the webhook would have carried (MessageSid, From, To, Body, NumMedia, ...)."""

    messages: list[dict[str, str]]


@wire
@dataclass(frozen=True, slots=True)
class MediaRef:
    """A file that a person sent: a Telegram `file_id` or a Twilio media URL, with what the channel said of it."""

    channel: str
    ref: str
    media_type: str | None = None
    size: int | None = None
    name: str | None = None
    unique: str | None = None


@wire
@dataclass(frozen=True, slots=True)
class FetchMedia:
    """Fetch files and store them as blobs; `DiscardMedia` then deletes Twilio's copies."""

    items: list[MediaRef]


@wire
@dataclass(frozen=True, slots=True)
class DiscardMedia:
    """Delete Twilio's copies of files, after the commit that stored ours; files of other channels are left alone."""

    items: list[MediaRef]


@wire
@dataclass(frozen=True, slots=True)
class StoredMedia:
    """A fetched file (`blob`, real `media_type` by content, `sha256` hex), or why it could not be had (`trouble`:
    too_large, unsupported, gone)."""

    ref: MediaRef
    blob: int | None = None
    media_type: str | None = None
    sha256: str | None = None
    size: int = 0
    trouble: str | None = None


@wire
@dataclass(frozen=True, slots=True)
class FetchedMedia:
    """The outcome for each file, in order."""

    items: list[StoredMedia]
