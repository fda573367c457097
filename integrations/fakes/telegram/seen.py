"""A chat as the person holding the phone sees it: texts, buttons, pictures, edits applied, deletions gone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

INVOICES = "https://t.me/$"
"""What links to invoices begin with."""

if TYPE_CHECKING:
    from integrations.fakes.telegram.server import TelegramFake


@dataclass(frozen=True, slots=True)
class SeenButton:
    """A button: what it says, and what it carries or opens."""

    label: str
    data: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """One message on the screen. `text` is the caption when there is a file; `keyboard` stands below the chat."""

    id: int
    from_bot: bool
    author: str
    date: int
    text: str
    entities: list[dict[str, Any]]
    buttons: list[list[SeenButton]]
    keyboard: list[list[str]]
    picture: bytes | None
    file_id: str | None
    file_name: str | None
    album: str | None
    thread_id: int | None
    reply_to: int | None
    edited: bool
    reactions: tuple[str, ...] = ()
    pinned: bool = False

    @property
    def labels(self) -> list[str]:
        """Return the labels of all its buttons."""
        return [button.label for row in self.buttons for button in row]


class SeenChat:
    """One chat of one person."""

    def __init__(self, fake: TelegramFake, chat_id: int) -> None:
        self._fake, self.id = fake, chat_id

    @property
    def messages(self) -> list[SeenMessage]:
        """Return what the person sees, oldest first."""
        return [see(self._fake, message) for message in self._fake.chats.of_chat(self.id)]

    @property
    def texts(self) -> list[str]:
        """Return the texts of the bot's messages."""
        return [message.text for message in self.messages if message.from_bot]

    @property
    def last(self) -> SeenMessage:
        """Return the bot's last message; raise LookupError when it never wrote."""
        for message in reversed(self.messages):
            if message.from_bot:
                return message
        raise LookupError("the bot has not written in this chat")

    @property
    def typing(self) -> bool:
        """Tell whether the bot shows an action ("typing...") now."""
        action = self._fake.sending.actions.get(self.id)
        return action is not None and action["until"] > self._fake.clock.now()

    @property
    def draft(self) -> str | None:
        """Return the text that the bot is still writing, if any."""
        draft = self._fake.sending.drafts.get(self.id)
        return draft["text"] if draft is not None and draft["until"] > self._fake.clock.now() else None


def see(fake: TelegramFake, message: dict[str, Any]) -> SeenMessage:
    """Turn a stored message into what a screen shows."""
    file = _file(message)
    markup = message.get("reply_markup") or {}
    return SeenMessage(
        id=message["message_id"],
        from_bot=bool(message["from"]["is_bot"]),
        author=message["from"]["first_name"],
        date=message["date"],
        text=message.get("text") or message.get("caption") or _of_stars(message),
        entities=message.get("entities") or message.get("caption_entities") or [],
        buttons=[[_button(button) for button in row] for row in markup.get("inline_keyboard", [])],
        keyboard=[[_label(button) for button in row] for row in markup.get("keyboard", [])],
        picture=fake.files.data(file["file_id"]) if file and message.get("photo") else None,
        file_id=file["file_id"] if file else None,
        file_name=file.get("file_name") if file else None,
        album=message.get("media_group_id"),
        thread_id=message.get("message_thread_id"),
        reply_to=(message.get("reply_to_message") or {}).get("message_id"),
        edited="edit_date" in message,
        reactions=tuple(message.get("_reaction") or ()),
        pinned=bool(message.get("_pinned")),
    )


def _of_stars(message: dict[str, Any]) -> str:
    """Return what an invoice, or the note that it was paid, shows."""
    invoice, paid = message.get("invoice"), message.get("successful_payment")
    if invoice is not None:
        return f"{invoice['title']}\n{invoice['description']}"
    return f"You paid {paid['total_amount']} Stars." if paid is not None else ""


def _button(button: dict[str, Any]) -> SeenButton:
    """Return a button; one that opens an invoice opens no page, but Telegram's own payment sheet."""
    url = str(button.get("url") or "")
    return SeenButton(button["text"], button.get("callback_data"), None if url.startswith(INVOICES) else url or None)


def _label(button: Any) -> str:
    return button if isinstance(button, str) else str(button["text"])


def _file(message: dict[str, Any]) -> dict[str, Any] | None:
    if message.get("photo"):
        found: dict[str, Any] = message["photo"][-1]
        return found
    return message.get("document") or message.get("voice")
