"""Reading updates: every kind that we handle, groups, odd shapes, any bytes at all; the library's types as oracle."""

from __future__ import annotations

import json
from typing import Any

import pytest
import telegram
from hypothesis import given
from hypothesis import strategies as st

from integrations.telegram import Malformed, TelegramUpdate, parse_update
from tests.rows import each

ANA = {"id": 42, "is_bot": False, "first_name": "Ana", "username": "ana", "language_code": "es"}
PRIVATE = {"id": 42, "type": "private", "first_name": "Ana"}
GROUP = {"id": -1009, "type": "supergroup", "title": "Staff", "is_forum": True}


def read(kind: str, content: Any, username: str = "parley_bot") -> TelegramUpdate:
    update = parse_update(json.dumps({"update_id": 9, kind: content}).encode(), username)
    assert isinstance(update, TelegramUpdate)
    return update


def message(**fields: Any) -> dict[str, Any]:
    return {"message_id": 3, "date": 1_795_000_000, "chat": PRIVATE, "from": ANA, **fields}


def test_a_text() -> None:
    update = read("message", message(text="hello"))
    assert (update.update_id, update.kind, update.text, update.chat_id, update.chat_type) == (
        9,
        "message",
        "hello",
        42,
        "private",
    )
    assert (update.user_id, update.first_name, update.username, update.language) == (42, "Ana", "ana", "es")
    assert (update.message_id, update.date, update.addressed, update.media) == (3, 1_795_000_000, True, ())


def test_tgv_8_an_album_part_keeps_its_largest_size_and_caption() -> None:
    sizes = [
        {"file_id": "big", "file_unique_id": "u2", "width": 1280, "height": 960, "file_size": 200_000},
        {"file_id": "small", "file_unique_id": "u1", "width": 90, "height": 67, "file_size": 1_000},
    ]
    update = read("message", message(photo=sizes, caption="my ticket", media_group_id="77"))
    assert (update.text, update.album) == ("my ticket", "77")
    (ref,) = update.media
    assert (ref.channel, ref.ref, ref.unique, ref.size, ref.media_type) == (
        "telegram",
        "big",
        "u2",
        200_000,
        "image/jpeg",
    )


@pytest.mark.parametrize(
    ("name", "file", "media_type"),
    [
        ("document", {"file_name": "a.pdf", "mime_type": "application/pdf"}, "application/pdf"),
        ("voice", {"duration": 3, "mime_type": "audio/ogg"}, "audio/ogg"),
        ("voice", {"duration": 3}, "audio/ogg"),
        ("audio", {"duration": 3, "mime_type": "audio/mpeg"}, "audio/mpeg"),
        ("video", {"duration": 3, "width": 1, "height": 1, "mime_type": "video/mp4"}, "video/mp4"),
        ("sticker", {"width": 1, "height": 1}, "image/webp"),
    ],
)
def test_files_of_other_kinds(name: str, file: dict[str, Any], media_type: str) -> None:
    update = read("message", message(**{name: {"file_id": "F", "file_unique_id": "U", **file}}))
    assert [(ref.ref, ref.media_type) for ref in update.media] == [("F", media_type)]
    assert update.media[0].name == file.get("file_name")


def test_location_contact_topic_and_reply() -> None:
    place = read("message", message(location={"latitude": 37.7, "longitude": -122.4}))
    assert place.location == (37.7, -122.4)
    card = read("message", message(contact={"phone_number": "+14155550100", "first_name": "A", "user_id": 42}))
    assert card.contact is not None
    assert (card.contact.phone, card.contact.user_id) == ("+14155550100", 42)
    reply = message(text="x", message_thread_id=5, reply_to_message=message(text="y", message_id=2))
    assert (read("message", reply).reply_to, read("message", reply).thread_id) == (2, 5)


def test_an_edited_message() -> None:
    assert read("edited_message", message(text="new", edit_date=1)).kind == "edited_message"


def test_a_button_carries_its_message() -> None:
    query = {"id": "q1", "from": ANA, "chat_instance": "1", "data": "p1:2", "message": message(text="Pay?")}
    update = read("callback_query", query)
    assert (update.callback_id, update.data, update.message_id, update.chat_id) == ("q1", "p1:2", 3, 42)
    bare = read("callback_query", {"id": "q1", "from": ANA, "chat_instance": "1", "data": "x"})
    assert (bare.user_id, bare.chat_id, bare.message_id) == (42, None, None)


def test_tg_9_the_bot_is_blocked() -> None:
    member = {"user": {"id": 1, "is_bot": True, "first_name": "B"}, "status": "kicked", "until_date": 0}
    change = {"chat": PRIVATE, "from": ANA, "date": 1, "old_chat_member": member, "new_chat_member": member}
    update = read("my_chat_member", change)
    assert (update.member_status, update.chat_id, update.user_id) == ("kicked", 42, 42)


def test_tg_20_a_purchase_to_confirm() -> None:
    update = read(
        "pre_checkout_query",
        {"id": "p", "from": ANA, "currency": "XTR", "total_amount": 250, "invoice_payload": "plan:1"},
    )
    assert update.pre_checkout is not None
    assert (update.pre_checkout.query_id, update.pre_checkout.amount_minor, update.pre_checkout.payload) == (
        "p",
        250,
        "plan:1",
    )


@pytest.mark.parametrize(
    ("fields", "addressed"),
    [
        ({"text": "hello all"}, False),
        ({"text": "@parley_bot hello"}, True),
        ({"text": "what do you think, @Parley_Bot?"}, True),
        ({"text": "@parley_bot2 hello"}, False),
        ({"text": "/status"}, True),
        ({"text": "/status@parley_bot"}, True),
        ({"text": "/status@other_bot"}, False),
        ({"text": "ok", "reply_to_message": {"message_id": 1, "from": {"id": 1, "username": "parley_bot"}}}, True),
        ({"text": "ok", "reply_to_message": {"message_id": 1, "from": ANA}}, False),
        ({"caption": "@parley_bot see", "photo": []}, True),
    ],
)
def test_tg_12_in_groups_the_bot_answers_only_when_addressed(fields: dict[str, Any], addressed: bool) -> None:
    assert read("message", message(**fields) | {"chat": GROUP}).addressed is addressed


def test_a_command_loses_the_bots_name() -> None:
    assert read("message", message(text="/start@parley_bot abc")).text == "/start abc"
    assert read("message", message(text="/start@other abc")).text == "/start@other abc"


@pytest.mark.parametrize("kind", ["poll", "chat_boost", "business_message", "something_new"])
def test_tg_23_unknown_kinds_are_kept_as_other(kind: str) -> None:
    update = read(kind, {"id": "1"})
    assert (update.kind, update.raw, update.addressed) == ("other", {"update_id": 9, kind: {"id": "1"}}, False)


@each(
    "body",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b'{"update_id":"9"}',
        b'{"update_id":true}',
        b'{"update_id":9,"message":[]}',
        b'{"update_id":9,"message":{"text":"x"}}',
        b'{"update_id":9,"message":{"message_id":1,"chat":{"id":"1"}}}',
        b'{"update_id":9,"message":{"message_id":1,"chat":{"id":1},"text":{"a":1}}}',
        b'{"update_id":9,"message":{"message_id":1,"chat":{"id":1},"photo":[1]}}',
        b'{"update_id":9,"callback_query":{"id":"1"}}',
        b'{"update_id":99999999999999999999,"message":{}}',
        b"\xff\xfe",
        b'{"update_id":9,"message":' + b"[" * 5000,
    ],
)
def test_hook_3_bodies_of_a_wrong_shape_are_malformed(body: bytes) -> None:
    assert isinstance(parse_update(body), Malformed)


json_values: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        True,
        0,
        -1,
        1.5,
        2**62,
        "",
        "x",
        [],
        {},
        [1],
        [{}],
        ["x"],
        {"id": 1},
        {"id": "x"},
        {"id": None},
        {"from": 1},
    ]
)
fields = st.sampled_from(
    ["message_id", "chat", "from", "text", "caption", "photo", "voice", "contact", "location", "reply_to_message", "id"]
)


@given(st.binary(max_size=100))
def test_hook_3_no_bytes_raise(body: bytes) -> None:
    assert isinstance(parse_update(body, "bot"), TelegramUpdate | Malformed)


@given(
    st.sampled_from(["message", "edited_message", "callback_query", "my_chat_member", "pre_checkout_query"]),
    st.dictionaries(fields, json_values, max_size=5),
)
def test_hook_3_no_json_raises(kind: str, content: dict[str, Any]) -> None:
    base = message() if kind.endswith("message") else {}
    body = json.dumps({"update_id": 1, kind: {**base, **content}}).encode()
    assert isinstance(parse_update(body, "bot"), TelegramUpdate | Malformed)


def test_the_library_reads_the_same() -> None:
    raw = {"update_id": 9, "message": message(text="hi", message_thread_id=4) | {"chat": GROUP}}
    ours, theirs = parse_update(json.dumps(raw).encode()), telegram.Update.de_json(raw, None)
    assert isinstance(ours, TelegramUpdate)
    assert theirs.message is not None
    assert theirs.effective_user is not None
    assert (ours.update_id, ours.chat_id, ours.message_id, ours.thread_id, ours.text, ours.user_id, ours.language) == (
        theirs.update_id,
        theirs.message.chat.id,
        theirs.message.message_id,
        theirs.message.message_thread_id,
        theirs.message.text,
        theirs.effective_user.id,
        theirs.effective_user.language_code,
    )
