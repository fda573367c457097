"""The methods that change or remove what is already in a chat, and the answers to buttons."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

from integrations.fakes.kit import FakeServer
from integrations.fakes.telegram import limits
from integrations.fakes.telegram.arguments import Arguments
from integrations.fakes.telegram.chats import Chats
from integrations.fakes.telegram.keyboards import read_markup
from integrations.fakes.telegram.refusals import bad
from integrations.fakes.telegram.texts import read_caption, read_text

_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)
_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"


class Editing:
    """editMessage*, deleteMessage*, answerCallbackQuery."""

    def __init__(self, server: FakeServer, chats: Chats) -> None:
        self._server, self._chats = server, chats
        self._callbacks = server.book.shelf("callback")

    @property
    def methods(self) -> dict[str, Callable[[Arguments], Any]]:
        """Return the methods by name."""
        return {
            "editMessageText": self.edit_text,
            "editMessageCaption": self.edit_caption,
            "editMessageReplyMarkup": lambda call: self._edit(call, {}),
            "deleteMessage": self.delete,
            "deleteMessages": self.delete_many,
            "answerCallbackQuery": self.answer,
        }

    def edit_text(self, call: Arguments) -> dict[str, Any]:
        """Change the text and the buttons of a text message."""
        text = read_text(call)
        if "text" not in self._mine(call):
            raise bad("there is no text in the message to edit")
        return self._edit(call, text)

    def edit_caption(self, call: Arguments) -> dict[str, Any]:
        """Change the caption and the buttons of a message with a file."""
        caption = read_caption(call)
        if not {"photo", "document", "voice"} & self._mine(call).keys():
            raise bad("there is no caption in the message to edit")
        return self._edit(call, caption)

    def _mine(self, call: Arguments) -> dict[str, Any]:
        chat = self._chats.writable(call.values.get("chat_id"))
        found = self._chats.message(chat["id"], call.integer("message_id"))
        if found is None:
            raise bad("message to edit not found")
        if found["from"]["id"] != self._chats.bot["id"]:
            raise bad("message can't be edited")
        return found

    def _edit(self, call: Arguments, content: dict[str, Any]) -> dict[str, Any]:
        markup, old = read_markup(call), self._mine(call)
        if markup and not markup.get("inline_keyboard", True):
            markup = None
        changes = {**content, "reply_markup": markup}
        if all(_same(old.get(name), value) for name, value in changes.items()):
            raise bad(_NOT_MODIFIED)
        past = old.get("_past_keyboards", [])
        if old.get("reply_markup"):
            past = [*past, old["reply_markup"]]
        extra = {"_past_keyboards": past, "edit_date": self._chats.now()}
        return self._chats.change(old["chat"]["id"], old["message_id"], {**changes, **extra})

    # -- deleting ------------------------------------------------------------------------------------------------

    def delete(self, call: Arguments) -> bool:
        """Delete a message younger than 48 hours."""
        chat = self._chats.find(call.values.get("chat_id"))
        found = self._chats.message(chat["id"], call.integer("message_id"))
        if found is None:
            raise bad("message to delete not found")
        age = self._server.clock.now() - self._chats.moment(found["date"])
        if age > limits.DELETE_WITHIN:
            raise bad("message can't be deleted for everyone")
        self._chats.remove(chat["id"], found["message_id"])
        return True

    def delete_many(self, call: Arguments) -> bool:
        """Delete several messages; those that are gone are skipped."""
        chat = self._chats.find(call.values.get("chat_id"))
        for number in call.structure("message_ids") or []:
            if self._chats.message(chat["id"], int(number)):
                self.delete(Arguments({"chat_id": chat["id"], "message_id": number}))
        return True

    # -- callbacks -----------------------------------------------------------------------------------------------

    def answer(self, call: Arguments) -> bool:
        """Stop a button's spinner; refused once the query is old or was answered."""
        found = self._callbacks.get(call.text("callback_query_id"))
        now = self._server.clock.now()
        if found is None or found.get("answered") is not None:
            raise bad(_TOO_OLD)
        if now - datetime.fromisoformat(found["at"]) > limits.CALLBACK_LIFE:
            raise bad(_TOO_OLD)
        if len(call.text("text")) > limits.CALLBACK_ANSWER:
            raise bad("MESSAGE_TOO_LONG")
        answer = {"answered": call.text("text"), "alert": call.flag("show_alert")}
        self._callbacks.patch(found["id"], answer, kind="callback.answered")
        return True


def _same(old: Any, new: Any) -> bool:
    return json.dumps(old or None, sort_keys=True) == json.dumps(new or None, sort_keys=True)
