"""The staff's group at Telegram's door: events of the sender, without a channel, and of nobody else's groups (CM-2)."""

from __future__ import annotations

from typing import Any

import pytest

from bot.web.doors.telegram import event_of
from integrations.telegram.updates import TelegramUpdate, read_update

GROUP = -1001234567890


def update(message: dict[str, Any] | None = None, chat_id: int = GROUP) -> TelegramUpdate:
    chat = {"id": chat_id, "type": "supergroup"}
    sender = {"id": 5001, "is_bot": False, "first_name": "Ann"}
    body = {
        "message_id": 9,
        "from": sender,
        "chat": chat,
        "date": 1,
        "text": "hi",
        "message_thread_id": 4,
        **(message or {}),
    }
    read = read_update({"update_id": 1, "message": body}, "parley_bot")
    assert isinstance(read, TelegramUpdate)
    return read


def test_tb_2_a_message_in_the_staffs_group_is_an_event_of_its_sender_without_a_channel() -> None:
    event = event_of(update({"reply_to_message": {"message_id": 7}}), "7", {GROUP})
    assert event is not None
    assert (event.source, event.kind, event.channel, event.handle) == ("staff_group", "message", None, None)
    told = {name: event.payload[name] for name in ("handle", "chat_id", "message_id", "thread_id", "reply_to", "text")}
    assert told == {
        "handle": "7:5001", "chat_id": GROUP, "message_id": 9, "thread_id": 4, "reply_to": 7, "text": "hi",
    }  # fmt: skip


@pytest.mark.parametrize("sender", [{"id": 1087968824, "is_bot": True, "first_name": "Group"}, None])
def test_cm_2_what_is_said_in_the_name_of_a_chat_is_nobodys_and_still_an_event(sender: dict[str, Any] | None) -> None:
    """Whoever is behind it, nothing is done and the try is audited."""
    said = {"sender_chat": {"id": GROUP, "type": "supergroup"}} | ({"from": sender} if sender else {})
    event = event_of(update(said), "7", {GROUP})
    assert event is not None
    assert (event.payload["handle"], event.payload["anonymous"]) == ("", True)


def test_cm_2_other_groups_and_bots_come_to_nothing() -> None:
    assert event_of(update(), "7") is None
    assert event_of(update(chat_id=-5), "7", {GROUP}) is None
    robot = {"id": 1087968825, "is_bot": True, "first_name": "Robot"}
    assert event_of(update({"from": robot}), "7", {GROUP}) is None
