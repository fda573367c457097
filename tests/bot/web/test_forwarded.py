"""A message that a person passes on is known as such: it is nobody's own word."""

from __future__ import annotations

import orjson

from bot.core.events import Event
from bot.web.doors.telegram import event_of
from integrations.telegram.updates import TelegramUpdate, parse_update
from tests.rows import each

ORIGIN = {"type": "hidden_user", "sender_user_name": "Somebody", "date": 1}


def _event(**extra: object) -> Event:
    message = {
        "message_id": 1, "date": 1, "chat": {"id": 5, "type": "private"}, "text": "We charge $12 a month",
        "from": {"id": 5, "is_bot": False, "first_name": "Ann"}, **extra,
    }  # fmt: skip
    update = parse_update(orjson.dumps({"update_id": 1, "message": message}))
    assert isinstance(update, TelegramUpdate)
    event = event_of(update, "7")
    assert event is not None
    return event


@each("extra, forwarded", [({}, False), ({"forward_origin": ORIGIN}, True)])
def test_dd_3_a_forwarded_message_is_marked(extra: dict[str, object], forwarded: bool) -> None:
    assert _event(**extra).payload.get("forwarded", False) is forwarded


@each("extra, anonymous", [({}, False), ({"sender_chat": {"id": -100, "type": "supergroup"}}, True)])
def test_cm_2_what_is_said_in_the_name_of_a_chat_is_marked(extra: dict[str, object], anonymous: bool) -> None:
    assert _event(**extra).payload.get("anonymous", False) is anonymous
