"""The methods that put something into a chat."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from integrations.fakes.kit import FakeServer, Upload
from integrations.fakes.telegram import limits
from integrations.fakes.telegram.arguments import Arguments
from integrations.fakes.telegram.chats import Chats, public
from integrations.fakes.telegram.files import Files, look_at, photo_sizes
from integrations.fakes.telegram.keyboards import read_markup
from integrations.fakes.telegram.pace import Pace
from integrations.fakes.telegram.refusals import Refused, bad
from integrations.fakes.telegram.texts import read_caption, read_text

_ACTIONS = {
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
}


class Sending:
    """sendMessage and its kin."""

    def __init__(self, server: FakeServer, chats: Chats, files: Files, pace: Pace) -> None:
        self._server, self._chats, self._files, self._pace = server, chats, files, pace
        self._topics = server.book.shelf("topic")
        self.actions: dict[int, dict[str, Any]] = {}
        self.drafts: dict[int, dict[str, Any]] = {}

    @property
    def methods(self) -> dict[str, Callable[[Arguments], Any]]:
        """Return the methods by name."""
        return {
            "sendMessage": lambda call: self.deliver(call, read_text(call)),
            "sendPhoto": lambda call: self.deliver(call, {**read_caption(call), **self._photo(call, "photo")}),
            "sendDocument": lambda call: self.deliver(call, {**read_caption(call), **self._document(call, "document")}),
            "sendVoice": lambda call: self.deliver(call, {**read_caption(call), **self._voice(call, "voice")}),
            "sendMediaGroup": self.send_album,
            "sendChatAction": self.act,
            "sendMessageDraft": self.draft,
            "copyMessage": self.copy,
            "forwardMessage": self.forward,
        }

    def deliver(self, call: Arguments, content: dict[str, Any]) -> dict[str, Any]:
        """Put one message of the bot into a chat."""
        markup = read_markup(call)
        chat = self._chats.writable(call.values.get("chat_id"))
        self._pace.count(chat)
        extra = self._place(call, chat)
        self.drafts.pop(chat["id"], None)
        self.actions.pop(chat["id"], None)
        return self._chats.add(chat, self._chats.bot, {**extra, **content, "reply_markup": markup})

    def _place(self, call: Arguments, chat: dict[str, Any]) -> dict[str, Any]:
        """Return the fields for the topic and the message replied to."""
        extra: dict[str, Any] = {}
        if thread := call.integer("message_thread_id", 0):
            topic = self._topics.get(f"{chat['id']}:{thread}")
            if topic is None:
                raise bad("message thread not found")
            if topic.get("closed"):
                raise bad("TOPIC_CLOSED")
            extra |= {"message_thread_id": thread, "is_topic_message": True}
        parameters = call.structure("reply_parameters") or {}
        if number := parameters.get("message_id") or call.integer("reply_to_message_id", 0):
            found = self._chats.message(chat["id"], int(number))
            if found is None and not parameters.get("allow_sending_without_reply"):
                raise bad("message to be replied not found")
            extra["reply_to_message"] = _quoted(found) if found else None
        return extra

    # -- files ---------------------------------------------------------------------------------------------------

    def _data(self, call: Arguments, name: str, value: Any) -> tuple[str, Upload | None]:
        """Return the file id or the upload that an argument names."""
        upload = call.upload(value) or call.files.get(name)
        if upload:
            if len(upload.data) > limits.UPLOAD_BYTES:
                raise Refused(413, "Request Entity Too Large")
            if not upload.data:
                raise bad("file must be non-empty")
            return "", upload
        if not value:
            raise bad(f"there is no {name} in the request")
        if not isinstance(value, str) or not self._files.known(value):
            why = "failed to get HTTP URL content" if str(value).startswith("http") else "wrong remote file identifier"
            raise bad(f"{why} specified" if why.startswith("wrong") else why)
        return value, None

    def _photo(self, call: Arguments, name: str, value: Any = None) -> dict[str, Any]:
        file_id, upload = self._data(call, name, value or call.values.get(name))
        data = upload.data if upload else self._files.data(file_id)
        if len(data) > limits.PHOTO_BYTES:
            raise bad("file is too big for a photo")
        picture = look_at(data)
        if picture is None:
            raise bad("IMAGE_PROCESS_FAILED")
        sides = sorted((picture.width, picture.height))
        if sum(sides) > 10_000 or sides[1] > 20 * sides[0]:
            raise bad("PHOTO_INVALID_DIMENSIONS")
        return {"photo": photo_sizes(self._files, data)}

    def _document(self, call: Arguments, name: str, value: Any = None) -> dict[str, Any]:
        file_id, upload = self._data(call, name, value or call.values.get(name))
        upload = upload or Upload("file", "application/octet-stream", self._files.data(file_id))
        kept = self._files.keep(upload.data, "documents", upload.content_type)
        return {"document": {**kept, "file_name": upload.filename, "mime_type": upload.content_type}}

    def _voice(self, call: Arguments, name: str, value: Any = None) -> dict[str, Any]:
        file_id, upload = self._data(call, name, value or call.values.get(name))
        kept = self._files.keep(upload.data if upload else self._files.data(file_id), "voice", "audio/ogg")
        return {"voice": {**kept, "duration": call.integer("duration", 1), "mime_type": "audio/ogg"}}

    def send_album(self, call: Arguments) -> list[dict[str, Any]]:
        """Send 2 to 10 photos or documents as one group."""
        media = call.structure("media")
        if not isinstance(media, list) or len(media) not in limits.ALBUM:
            raise bad("group send failed: wrong number of media in the group")
        read = {"photo": self._photo, "document": self._document}
        if any(item.get("type") not in read for item in media):
            raise bad("media type is not supported in an album")
        if len({item["type"] for item in media}) > 1:
            raise bad("documents can't be mixed with other media types")
        parts = [{**read_caption(item), **read[item["type"]](call, item["type"], item.get("media"))} for item in media]
        group = self._server.make_hex("", 16)
        return [self.deliver(call, {**part, "media_group_id": group}) for part in parts]

    # -- without a message of their own --------------------------------------------------------------------------

    def act(self, call: Arguments) -> bool:
        """Show "typing..." for five seconds."""
        chat = self._chats.writable(call.values.get("chat_id"))
        if call.text("action") not in _ACTIONS:
            raise bad("wrong parameter action in request")
        until = self._server.clock.now() + timedelta(seconds=5)
        self.actions[chat["id"]] = {"action": call.text("action"), "until": until}
        self._server.book.append("action", chat_id=chat["id"], action=call.text("action"))
        return True

    def draft(self, call: Arguments) -> bool:
        """Show a text that is still being written, for 30 seconds, in a private chat."""
        chat = self._chats.writable(call.integer("chat_id"))
        if chat["type"] != "private":
            raise bad("DRAFTS_UNAVAILABLE")
        if not call.integer("draft_id"):
            raise bad("RANDOM_ID_INVALID")
        text = read_text(call)["text"] if call.text("text") else ""
        until = self._server.clock.now() + limits.DRAFT_LIFE
        self.drafts[chat["id"]] = {"draft_id": call.integer("draft_id"), "text": text, "until": until}
        self._server.book.append("draft", chat_id=chat["id"], draft_id=call.integer("draft_id"))
        return True

    # -- from another chat ---------------------------------------------------------------------------------------

    def _source(self, call: Arguments, verb: str) -> dict[str, Any]:
        chat = self._chats.find(call.values.get("from_chat_id"))
        found = self._chats.message(chat["id"], call.integer("message_id"))
        if found is None:
            raise bad(f"message to {verb} not found")
        return found

    def copy(self, call: Arguments) -> dict[str, Any]:
        """Send a message's content again without its sender."""
        source = self._source(call, "copy")
        names = ("text", "entities", "photo", "document", "voice", "caption", "caption_entities", "contact")
        content = {name: source[name] for name in names if name in source}
        if "caption" in call:
            content |= read_caption(call)
        return {"message_id": self.deliver(call, content)["message_id"]}

    def forward(self, call: Arguments) -> dict[str, Any]:
        """Send a message again with its origin."""
        source = self._source(call, "forward")
        origin = {"type": "user", "date": source["date"], "sender_user": source["from"]}
        names = ("text", "entities", "photo", "document", "voice", "caption", "caption_entities")
        content = {name: source[name] for name in names if name in source}
        return self.deliver(call, {**content, "forward_origin": origin})


def _quoted(message: dict[str, Any]) -> dict[str, Any]:
    """Return a message as it stands inside a reply: without what it replied to itself."""
    return {name: value for name, value in public(message).items() if name != "reply_to_message"}
