"""Inbox events: everything that can move a conversation, in one shape.

`source` and `key` together are unique and make a redelivery harmless. An event of a channel carries the channel and
the sender's handle; an event about a person we know carries `person_id`; a vendor's event may carry neither, and then
the service that owns it finds the person.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Event(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that happened. `payload` holds plain JSON values; its keys depend on `kind`.

    Channel kinds: `text`, `button`, `media`, `contact`, `edited`, `reachable`, `unreachable`. Their payload may hold
    `text`, `data` (of a button), `callback_id`, `message_id`, `chat_id`, `media` (list of MediaRef fields), `group`
    (album), `locale`, `carrier_answered` (Twilio answered a keyword itself).
    """

    source: str
    key: str
    kind: str
    payload: dict[str, Any] = msgspec.field(default_factory=dict)
    channel: str | None = None
    handle: str | None = None
    person_id: int | None = None

    def dump(self) -> bytes:
        """Return the event as JSON."""
        return _ENCODER.encode(self)

    @staticmethod
    def load(data: bytes) -> Event:
        """Read what `dump` wrote."""
        return _DECODER.decode(data)

    @property
    def text(self) -> str:
        """The words of a message, or an empty string."""
        return str(self.payload.get("text") or "")


_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Event)
