"""The people: each has a phone, and does with it what people do with Telegram.

Every action stores what the person did, queues the update, and, when the bot has a webhook, waits until the bot took
it; so after `await ann.say("hi")` the bot has seen it. What the bot sends later shows up in `ann.chat`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from integrations.fakes.telegram.chats import public
from integrations.fakes.telegram.files import photo_sizes
from integrations.fakes.telegram.markup import utf16_length
from integrations.fakes.telegram.seen import INVOICES, SeenButton, SeenChat, SeenMessage

if TYPE_CHECKING:
    from integrations.fakes.telegram.server import TelegramFake

__all__ = ["Group", "Person", "SeenButton", "SeenChat", "SeenMessage"]

_MARKS = re.compile(r"(?P<url>https?://\S+)|(?<!\S)(?P<bot_command>/\w{1,32}(?:@\w+)?)|(?<!\S)(?P<mention>@\w{4,})")


def entities_of(text: str) -> list[dict[str, Any]]:
    """Find what Telegram's clients mark in a text: commands, links, mentions."""
    return [
        {
            "type": str(found.lastgroup),
            "offset": utf16_length(text[: found.start()]),
            "length": utf16_length(found.group()),
        }
        for found in _MARKS.finditer(text)
    ]


class Group:
    """A group chat with the bot in it."""

    def __init__(self, fake: TelegramFake, chat_id: int) -> None:
        self._fake, self.id = fake, chat_id
        self.chat = SeenChat(fake, chat_id)

    def add(self, person: Person, status: str = "member") -> None:
        """Let a person join, or make them administrator or creator."""
        members = {**self._fake.chats.find(self.id).get("members", {}), str(person.id): status}
        self._fake.chats.chats.patch(str(self.id), {"members": members}, kind="group.joined")

    async def migrate(self) -> Group:
        """Upgrade to a supergroup: the chat gets another id, and calls to the old one name it."""
        old = self._fake.chats.find(self.id)
        new_id = -1_000_000_000_000 - abs(self.id)
        new = {**old, "id": new_id, "type": "supergroup"}
        self._fake.chats.chats.put(str(new_id), new, kind="group.migrated")
        self._fake.chats.chats.patch(str(self.id), {"migrated_to": new_id}, kind="group.migrated")
        creator = next((int(user) for user in old["members"]), self._fake.chats.bot["id"])
        sender = self._fake.chats.user(creator) if str(creator) in self._fake.chats.users else self._fake.chats.bot
        note = self._fake.chats.add(old, sender, {"migrate_to_chat_id": new_id})
        self._fake.updates.add("message", note, self.id)
        await self._fake.webhook.settle(self.id)
        return Group(self._fake, new_id)

    async def remove_bot(self) -> None:
        """Throw the bot out."""
        chat = self._fake.chats.find(self.id)
        self._fake.chats.chats.patch(str(self.id), {"kicked": True}, kind="group.kicked")
        someone = next(iter(chat["members"]), str(self._fake.chats.bot["id"]))
        await self._fake.tell_membership(chat, int(someone), "member", "kicked")


class Person:
    """One user with a phone."""

    def __init__(self, fake: TelegramFake, user_id: int) -> None:
        self._fake, self.id = fake, user_id
        self.chat = SeenChat(fake, user_id)

    # -- writing -------------------------------------------------------------------------------------------------

    async def say(
        self, text: str, *, group: Group | None = None, thread: int | None = None, reply_to: int | None = None
    ) -> int:
        """Write a text; return the message's number."""
        return await self._write({"text": text, "entities": entities_of(text) or None}, group, thread, reply_to)

    async def start(self, payload: str = "") -> int:
        """Open the bot, as by a link `t.me/bot?start=payload`."""
        if self._fake.chats.find(self.id).get("blocked"):
            await self.unblock()
        return await self.say(f"/start {payload}".strip())

    async def photo(self, data: bytes, caption: str = "", *, album: Sequence[bytes] = ()) -> list[int]:
        """Send a photo, or several as one album (`album` holds the further ones; the caption stands on the first)."""
        group = self._fake.make_hex("", 16) if album else None
        contents = [
            {
                "photo": photo_sizes(self._fake.files, picture),
                "caption": (caption or None) if number == 0 else None,
                "media_group_id": group,
            }
            for number, picture in enumerate([data, *album])
        ]
        return await self._write_all(contents)

    async def document(
        self,
        data: bytes,
        name: str = "file.pdf",
        media_type: str = "application/pdf",
        caption: str = "",
        *,
        album: Sequence[tuple[bytes, str]] = (),
    ) -> list[int]:
        """Send a file as it is (a photo sent "as file" comes this way, with its metadata)."""
        group = self._fake.make_hex("", 16) if album else None
        files = [(data, name), *album]
        contents = [
            {
                "document": {
                    **self._fake.files.keep(content, "documents", media_type),
                    "file_name": title,
                    "mime_type": media_type,
                },
                "caption": (caption or None) if number == 0 else None,
                "media_group_id": group,
            }
            for number, (content, title) in enumerate(files)
        ]
        return await self._write_all(contents)

    async def voice(self, data: bytes, seconds: int = 3) -> int:
        """Send a voice message (OGG/Opus)."""
        kept = self._fake.files.keep(data, "voice", "audio/ogg")
        return await self._write({"voice": {**kept, "duration": seconds, "mime_type": "audio/ogg"}})

    async def share_contact(self, phone: str, *, own: bool = True, first_name: str | None = None) -> int:
        """Share a contact; only one's own carries the user id."""
        contact = {"phone_number": phone, "first_name": first_name or self._user()["first_name"]}
        return await self._write({"contact": contact | ({"user_id": self.id} if own else {})})

    async def location(self, latitude: float, longitude: float) -> int:
        """Send a place."""
        return await self._write({"location": {"latitude": latitude, "longitude": longitude}})

    async def edit(self, text: str, message_id: int | None = None) -> int:
        """Change an own message, by default the last."""
        mine = [message for message in self._fake.chats.of_chat(self.id) if message["from"]["id"] == self.id]
        number = message_id or mine[-1]["message_id"]
        changes = {"text": text, "entities": entities_of(text) or None, "edit_date": self._fake.chats.now()}
        message = self._fake.chats.change(self.id, number, changes)
        self._fake.updates.add("edited_message", message, self.id)
        await self._fake.webhook.settle(self.id)
        return number

    # -- buttons -------------------------------------------------------------------------------------------------

    async def tap(
        self, button: str, message_id: int | None = None, *, stale: bool = False, group: Group | None = None
    ) -> str:
        """Tap a button by its label or data, on the newest message that has it.

        A button with a link returns the link. With `stale` the keyboards that were taken away count too: the person's
        screen was a moment behind. Raises LookupError when no such button is there.
        """
        chat_id = group.id if group else self.id
        for message in reversed(self._fake.chats.of_chat(chat_id)):
            if message_id not in (None, message["message_id"]):
                continue
            for found in _keys(message, stale):
                if _matches(found, button):
                    return await self._press(message, found)
        raise LookupError(f"no button {button!r} in the chat")

    async def _press(self, message: dict[str, Any], button: dict[str, Any] | str) -> str:
        if isinstance(button, str) or not {"callback_data", "url", "pay"} & button.keys():
            return await self._press_key(button)
        if button.get("url"):
            url = str(button["url"])
            return await self.pay_link(url) if url.startswith(INVOICES) else url
        if button.get("pay"):
            return await self.pay(message["message_id"])
        query, chat_id = self._fake.make_id("", 18), message["chat"]["id"]
        asked = {
            "id": query,
            "at": self._fake.clock.now().isoformat(),
            "user": self.id,
            "data": button["callback_data"],
        }
        self._fake.callbacks.put(query, asked, kind="callback.asked")
        content = {
            "id": query,
            "from": self._user(),
            "message": public(message),
            "chat_instance": str(chat_id * 7919),
            "data": button["callback_data"],
        }
        self._fake.updates.add("callback_query", content, chat_id)
        await self._fake.webhook.settle(chat_id)
        return query

    async def _press_key(self, key: dict[str, Any] | str) -> str:
        """Press a key of the keyboard below the chat: it writes its text, or shares the own number."""
        if isinstance(key, dict) and key.get("request_contact"):
            phone = self._fake.chats.users[str(self.id)].get("phone") or f"+1415555{self.id % 10_000:04}"
            return str(await self.share_contact(phone))
        return str(await self.say(key if isinstance(key, str) else key["text"]))

    def notice(self, query: str) -> str | None:
        """Return the note that answered a tap (empty: the spinner just stopped; None: not answered)."""
        answered = self._fake.callbacks[query].get("answered")
        return None if answered is None else str(answered)

    async def pay(self, message_id: int) -> str:
        """Press Pay on an invoice; return the checkout's id for `stars.state`."""
        message = self._fake.chats.message(self.id, message_id)
        if message is None or "invoice" not in message:
            raise LookupError("that message is no invoice")
        query = self._fake.stars.begin(self.id, message)
        await self._fake.webhook.settle(self.id)
        return query

    async def pay_link(self, url: str) -> str:
        """Open the link of an invoice and press Pay; return the checkout's id for `stars.state`."""
        query = self._fake.stars.begin(self.id, self._fake.stars.linked(url))
        await self._fake.webhook.settle(self.id)
        return query

    # -- leaving -------------------------------------------------------------------------------------------------

    async def block(self) -> None:
        """Block the bot: its calls get 403 from now on."""
        self._fake.chats.chats.patch(str(self.id), {"blocked": True}, kind="chat.blocked")
        await self._fake.tell_membership(self._fake.chats.find(self.id), self.id, "member", "kicked")

    async def unblock(self) -> None:
        """Let the bot write again."""
        self._fake.chats.chats.patch(str(self.id), {"blocked": False}, kind="chat.unblocked")
        await self._fake.tell_membership(self._fake.chats.find(self.id), self.id, "kicked", "member")

    def deactivate(self) -> None:
        """Delete the account."""
        self._fake.chats.chats.patch(str(self.id), {"deactivated": True}, kind="chat.deactivated")

    # -- inside --------------------------------------------------------------------------------------------------

    def _user(self) -> dict[str, Any]:
        return self._fake.chats.user(self.id)

    async def _write_all(self, contents: list[dict[str, Any]]) -> list[int]:
        numbers = [self._put(content, self._open_chat(None)) for content in contents]
        await self._fake.webhook.settle(self.id)
        return numbers

    async def _write(
        self,
        content: dict[str, Any],
        group: Group | None = None,
        thread: int | None = None,
        reply_to: int | None = None,
    ) -> int:
        chat = self._open_chat(group)
        if thread:
            content |= {"message_thread_id": thread, "is_topic_message": True}
        if reply_to and (quoted := self._fake.chats.message(chat["id"], reply_to)):
            content["reply_to_message"] = {
                name: value for name, value in public(quoted).items() if name != "reply_to_message"
            }
        number = self._put(content, chat)
        await self._fake.webhook.settle(chat["id"])
        return number

    def _open_chat(self, group: Group | None) -> dict[str, Any]:
        chat = self._fake.chats.find(group.id if group else self.id)
        if chat.get("blocked"):
            raise PermissionError("the bot is blocked: unblock it first")
        if chat.get("unopened"):
            self._fake.chats.chats.patch(str(chat["id"]), {"unopened": False}, kind="chat.opened")
        return chat

    def _put(self, content: dict[str, Any], chat: dict[str, Any]) -> int:
        message = self._fake.chats.add(chat, self._user(), content)
        if chat["type"] == "private" or self._fake.hears(chat, message):
            self._fake.updates.add("message", message, chat["id"])
        return int(message["message_id"])


def _keys(message: dict[str, Any], stale: bool) -> Iterator[Any]:
    """Yield the buttons of a message, newest keyboard first; inline buttons and keys below the chat alike."""
    markups = [message.get("reply_markup"), *(reversed(message.get("_past_keyboards", [])) if stale else [])]
    for markup in markups:
        for row in (markup or {}).get("inline_keyboard") or (markup or {}).get("keyboard") or []:
            yield from row


def _matches(button: Any, wanted: str) -> bool:
    if isinstance(button, str):
        return button.casefold() == wanted.casefold()
    label = str(button["text"]).strip().casefold()
    return wanted == button.get("callback_data") or label == wanted.strip().casefold()
