"""Forum topics of the staff group, and what a bot may ask about a chat and its members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from integrations.fakes.kit import FakeServer
from integrations.fakes.telegram import limits
from integrations.fakes.telegram.arguments import Arguments
from integrations.fakes.telegram.chats import Chats
from integrations.fakes.telegram.refusals import bad

_BLUE = 7322096


class Groups:
    """createForumTopic and its kin, getChat, getChatMember."""

    def __init__(self, server: FakeServer, chats: Chats) -> None:
        self._chats, self._topics = chats, server.book.shelf("topic")

    @property
    def methods(self) -> dict[str, Callable[[Arguments], Any]]:
        """Return the methods by name."""
        return {
            "createForumTopic": self.create,
            "editForumTopic": self.rename,
            "closeForumTopic": lambda call: self._mark(call, "forum_topic_closed", closed=True),
            "reopenForumTopic": lambda call: self._mark(call, "forum_topic_reopened", closed=False),
            "deleteForumTopic": self.delete,
            "pinChatMessage": self.pin,
            "setMessageReaction": self.react,
            "getChat": self.chat,
            "getChatMember": self.member,
        }

    def create(self, call: Arguments) -> dict[str, Any]:
        """Open a topic; its number is that of the service message that announces it."""
        chat, name = self._forum(call), call.text("name").strip()
        if not 1 <= len(name) <= limits.TOPIC_NAME:
            raise bad("TOPIC_TITLE_EMPTY" if not name else "TOPIC_TITLE_TOO_LONG")
        topic = {"name": name, "icon_color": call.integer("icon_color", _BLUE)}
        message = self._chats.add(chat, self._chats.bot, {"forum_topic_created": topic})
        topic["message_thread_id"] = message["message_id"]
        self._topics.put(f"{chat['id']}:{message['message_id']}", topic, kind="topic.created")
        return topic

    def _forum(self, call: Arguments) -> dict[str, Any]:
        chat = self._chats.writable(call.values.get("chat_id"))
        if not chat.get("is_forum"):
            raise bad("the chat is not a forum")
        return chat

    def _topic(self, call: Arguments) -> tuple[dict[str, Any], str]:
        chat = self._forum(call)
        key = f"{chat['id']}:{call.integer('message_thread_id')}"
        if key not in self._topics:
            raise bad("message thread not found")
        return chat, key

    def rename(self, call: Arguments) -> bool:
        """Change a topic's name."""
        _, key = self._topic(call)
        if self._topics[key]["name"] == call.text("name"):
            raise bad("TOPIC_NOT_MODIFIED")
        self._topics.patch(key, {"name": call.text("name")}, kind="topic.renamed")
        return True

    def _mark(self, call: Arguments, note: str, *, closed: bool) -> bool:
        chat, key = self._topic(call)
        if bool(self._topics[key].get("closed")) == closed:
            raise bad("TOPIC_NOT_MODIFIED")
        self._topics.patch(key, {"closed": closed}, kind="topic.closed" if closed else "topic.reopened")
        place = {"message_thread_id": call.integer("message_thread_id"), "is_topic_message": True}
        self._chats.add(chat, self._chats.bot, {**place, note: {}})
        return True

    def delete(self, call: Arguments) -> bool:
        """Delete a topic with its messages."""
        chat, key = self._topic(call)
        thread = call.integer("message_thread_id")
        for message in self._chats.of_chat(chat["id"]):
            if thread in (message.get("message_thread_id"), message["message_id"]):
                self._chats.remove(chat["id"], message["message_id"])
        self._topics.drop(key, kind="topic.deleted")
        return True

    def _message(self, call: Arguments) -> dict[str, Any]:
        chat = self._chats.writable(call.values.get("chat_id"))
        found = self._chats.message(chat["id"], call.integer("message_id"))
        if found is None:
            raise bad("message to react not found")
        return found

    def pin(self, call: Arguments) -> bool:
        """Pin a message."""
        found = self._message(call)
        self._chats.change(found["chat"]["id"], found["message_id"], {"_pinned": True})
        return True

    def react(self, call: Arguments) -> bool:
        """Set the bot's reaction to a message: at most one emoji, of those that everybody may use."""
        found, wanted = self._message(call), call.structure("reaction") or []
        if len(wanted) > 1:
            raise bad("REACTIONS_TOO_MANY")
        if any(one.get("type") != "emoji" or one.get("emoji") not in limits.REACTIONS for one in wanted):
            raise bad("REACTION_INVALID")
        self._chats.change(found["chat"]["id"], found["message_id"], {"_reaction": [one["emoji"] for one in wanted]})
        return True

    def chat(self, call: Arguments) -> dict[str, Any]:
        """Return a chat in full."""
        chat = self._chats.find(call.values.get("chat_id"))
        gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")
        return {
            **self._chats.shown(chat),
            "accent_color_id": 0,
            "max_reaction_count": 11,
            "accepted_gift_types": dict.fromkeys(gifts, False),
        }

    def member(self, call: Arguments) -> dict[str, Any]:
        """Return a member's standing."""
        chat, user_id = self._chats.find(call.values.get("chat_id")), call.integer("user_id")
        status = chat.get("members", {}).get(str(user_id))
        if str(user_id) not in self._chats.users and user_id != self._chats.bot["id"]:
            raise bad("invalid user_id specified")
        user = self._chats.bot if user_id == self._chats.bot["id"] else self._chats.user(user_id)
        return member(user, status or "left")


def member(user: dict[str, Any], status: str) -> dict[str, Any]:
    """Return a ChatMember object."""
    match status:
        case "kicked":
            return {"status": status, "user": user, "until_date": 0}
        case "creator":
            return {"status": status, "user": user, "is_anonymous": False}
        case "administrator":
            rights = (
                "can_be_edited is_anonymous can_manage_chat can_delete_messages can_manage_video_chats "
                "can_restrict_members can_promote_members can_change_info can_invite_users can_post_stories "
                "can_edit_stories can_delete_stories can_manage_topics"
            )
            off = {"can_be_edited", "is_anonymous"}
            return {"status": status, "user": user} | {name: name not in off for name in rights.split()}
    return {"status": status, "user": user}
