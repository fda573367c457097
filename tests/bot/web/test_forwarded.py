"""A message that a person passes on is known as such: it is nobody's own word."""

from __future__ import annotations

import orjson

from bot.web.doors.telegram import event_of
from integrations.telegram.updates import TelegramUpdate, parse_update
from tests.rows import each

ORIGIN = {"type": "hidden_user", "sender_user_name": "Somebody", "date": 1}


@each("extra, forwarded", [({}, False), ({"forward_origin": ORIGIN}, True)])
def test_dd_3_a_forwarded_message_is_marked(extra: dict[str, object], forwarded: bool) -> None:
    message = {
        "message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "text": "We charge $12 a month",
        "from": {"id": 5, "is_bot": False, "first_name": "Ann"}, **extra,
    }  # fmt: skip
    update = parse_update(orjson.dumps({"update_id": 1, "message": message}))
    assert isinstance(update, TelegramUpdate)
    event = event_of(update, "7")
    assert event is not None
    assert event.payload.get("forwarded", False) is forwarded
