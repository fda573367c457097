"""Users, chats and messages as Telegram keeps them.

Everything stands on shelves of the book, so a fake that is restarted remembers it. Messages keep their earlier
keyboards, because a person may still tap a button of a keyboard that was just taken away.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

from integrations.fakes.kit import FakeServer
from integrations.fakes.telegram.refusals import Refused, bad

_USER_FIELDS = ("id", "is_bot", "first_name", "last_name", "username", "language_code")
_CHAT_FIELDS = ("id", "type", "title", "username", "first_name", "last_name", "is_forum")


class Chats:
    """The users, chats and messages of one bot's world."""

    def __init__(self, server: FakeServer, bot: dict[str, Any]) -> None:
        self._server, self.bot = server, bot
        self.users, self.chats = server.book.shelf("user"), server.book.shelf("chat")
        self.messages, self._counters = server.book.shelf("message"), defaultdict[str, int](int)
        self._by_chat: dict[int, list[int]] = defaultdict(list)
        for message in self.messages:
            self._index(message)

    def now(self) -> int:
        """Return the fake's time in Unix seconds."""
        return int(self._server.clock.now().timestamp())

    # -- chats ---------------------------------------------------------------------------------------------------

    def find(self, chat_id: Any) -> dict[str, Any]:
        """Return a chat by id or @username; refuse as the server does."""
        found = self.chats.get(str(chat_id)) or next(
            (chat for chat in self.chats if chat.get("username") and f"@{chat['username']}" == chat_id), None
        )
        if chat_id in (None, ""):
            raise bad("chat_id is empty")
        if found is None:
            raise bad("chat not found")
        return found

    def writable(self, chat_id: Any) -> dict[str, Any]:
        """Return a chat that the bot may write to; refuse blocked, deactivated, migrated and unopened ones."""
        chat = self.find(chat_id)
        if chat.get("migrated_to"):
            raise Refused(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                {"migrate_to_chat_id": chat["migrated_to"]},
            )
        for state, sentence in (
            ("deactivated", "user is deactivated"),
            ("blocked", "bot was blocked by the user"),
            ("unopened", "bot can't initiate conversation with a user"),
            ("kicked", f"bot was kicked from the {chat['type']} chat"),
        ):
            if chat.get(state):
                raise Refused(403, f"Forbidden: {sentence}")
        return chat

    def user(self, user_id: int) -> dict[str, Any]:
        """Return a user as the API shows one."""
        return {name: value for name, value in self.users[str(user_id)].items() if name in _USER_FIELDS}

    @staticmethod
    def shown(chat: dict[str, Any]) -> dict[str, Any]:
        """Return a chat as the API shows it inside messages."""
        return {name: chat[name] for name in _CHAT_FIELDS if chat.get(name) is not None}

    # -- messages ------------------------------------------------------------------------------------------------

    def _index(self, message: dict[str, Any]) -> None:
        chat_id, number = message["chat"]["id"], message["message_id"]
        self._by_chat[chat_id].append(number)
        counter = self._counter(message["chat"])
        self._counters[counter] = max(self._counters[counter], number)

    @staticmethod
    def _counter(chat: dict[str, Any]) -> str:
        """Supergroups number their own messages; all other chats of a bot share one sequence."""
        return str(chat["id"]) if chat["type"] == "supergroup" else "shared"

    def add(self, chat: dict[str, Any], sender: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
        """Store a message and return it as the API shows it."""
        message = {
            "message_id": self._counters[self._counter(chat)] + 1,
            "from": sender,
            "chat": self.shown(chat),
            "date": self.now(),
            **content,
        }
        kind = "message.sent" if sender["is_bot"] else "message.received"
        self.messages.put(self._key(chat["id"], message["message_id"]), message, kind=kind)
        self._index(message)
        return public(message)

    def message(self, chat_id: int, message_id: int) -> dict[str, Any] | None:
        """Return a stored message, or None when it never was or was deleted."""
        return self.messages.get(self._key(chat_id, message_id))

    def change(self, chat_id: int, message_id: int, changes: dict[str, Any]) -> dict[str, Any]:
        """Change fields of a message (None removes one) and return it as the API shows it."""
        key = self._key(chat_id, message_id)
        self.messages.patch(key, changes, kind="message.edited")
        return public(self.messages[key])

    def remove(self, chat_id: int, message_id: int) -> None:
        """Delete a message for everybody."""
        self.messages.drop(self._key(chat_id, message_id), kind="message.deleted")

    def of_chat(self, chat_id: int) -> list[dict[str, Any]]:
        """Return the messages of a chat that are still there, oldest first."""
        found = (self.message(chat_id, number) for number in self._by_chat.get(chat_id, []))
        return [message for message in found if message]

    @staticmethod
    def _key(chat_id: int, message_id: int) -> str:
        return f"{chat_id}:{message_id}"

    def moment(self, seconds: int) -> datetime:
        """Return a Unix time as a datetime of the fake's zone."""
        return datetime.fromtimestamp(seconds, self._server.clock.now().tzinfo)


def public(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message as the API shows it: no fields of the fake's own, and of keyboards only inline ones."""
    shown = {name: value for name, value in message.items() if not name.startswith("_") and value is not None}
    if "inline_keyboard" not in shown.get("reply_markup", {}):
        shown.pop("reply_markup", None)
    return shown
