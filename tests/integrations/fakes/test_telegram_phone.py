"""The phones of Telegram's users, in Python and over HTTP."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
from PIL import Image

from bot.core.clock import FixedClock
from integrations.fakes.telegram import TOKEN, TelegramFake

MARKUP = {"inline_keyboard": [[{"text": "Pay", "callback_data": "p:1"}, {"text": "Site", "url": "https://e.test/p"}]]}


@pytest.fixture
async def fake() -> AsyncIterator[TelegramFake]:
    server = TelegramFake(FixedClock(datetime(2026, 11, 21, 9, 0, tzinfo=UTC)))
    async with server:
        yield server


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (50, 40), "red").save(out, "JPEG")
    return out.getvalue()


async def call(fake: TelegramFake, web: aiohttp.ClientSession, method: str, **arguments: Any) -> Any:
    async with web.post(f"{fake.url}/bot{TOKEN}/{method}", json=arguments) as answer:
        return (await answer.json())["result"]


async def updates(fake: TelegramFake, web: aiohttp.ClientSession) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await call(fake, web, "getUpdates")
    return found


async def test_a_tap_finds_a_button_by_label_or_data(fake: TelegramFake, web: aiohttp.ClientSession) -> None:
    ann = fake.person()
    await ann.start()
    await call(fake, web, "sendMessage", chat_id=ann.id, text="old", reply_markup=MARKUP)
    sent = await call(fake, web, "sendMessage", chat_id=ann.id, text="new", reply_markup=MARKUP)
    await ann.tap("pay")
    await ann.tap("p:1", sent["message_id"] - 1)
    assert await ann.tap("Site") == "https://e.test/p"
    queries = [update["callback_query"] for update in await updates(fake, web) if "callback_query" in update]
    assert [query["data"] for query in queries] == ["p:1", "p:1"]
    assert [query["message"]["text"] for query in queries] == ["new", "old"]
    with pytest.raises(LookupError):
        await ann.tap("Nothing")


async def test_a_keyboard_taken_away_can_still_be_tapped_on_a_stale_screen(
    fake: TelegramFake, web: aiohttp.ClientSession
) -> None:
    ann = fake.person()
    await ann.start()
    sent = await call(fake, web, "sendMessage", chat_id=ann.id, text="pick", reply_markup=MARKUP)
    await call(fake, web, "editMessageReplyMarkup", chat_id=ann.id, message_id=sent["message_id"])
    with pytest.raises(LookupError):
        await ann.tap("Pay")
    await ann.tap("Pay", stale=True)
    assert (await updates(fake, web))[-1]["callback_query"]["data"] == "p:1"


async def test_keys_below_the_chat_write_or_share_the_number(fake: TelegramFake, web: aiohttp.ClientSession) -> None:
    ann = fake.person(phone="+14155550123")
    await ann.start()
    keys = {"keyboard": [["Yes", {"text": "Share", "request_contact": True}]]}
    await call(fake, web, "sendMessage", chat_id=ann.id, text="your number?", reply_markup=keys)
    assert ann.chat.last.keyboard == [["Yes", "Share"]]
    await ann.tap("Share")
    contact = (await updates(fake, web))[-1]["message"]["contact"]
    assert (contact["phone_number"], contact["user_id"]) == ("+14155550123", ann.id)


async def test_a_foreign_contact_carries_no_user_id(fake: TelegramFake, web: aiohttp.ClientSession) -> None:
    await fake.person().share_contact("+14155550123", own=False)
    assert "user_id" not in (await updates(fake, web))[-1]["message"]["contact"]


async def test_an_album_is_several_updates_with_one_group(fake: TelegramFake, web: aiohttp.ClientSession) -> None:
    await fake.person().photo(picture(), "both sides", album=[picture()])
    messages = [update["message"] for update in await updates(fake, web)]
    assert len({message["media_group_id"] for message in messages}) == 1
    assert [message.get("caption") for message in messages] == ["both sides", None]
    assert messages[0]["photo"][-1]["width"] == 50


async def test_a_start_link_carries_its_payload(fake: TelegramFake, web: aiohttp.ClientSession) -> None:
    await fake.person().start("case_K7")
    message = (await updates(fake, web))[0]["message"]
    assert message["text"] == "/start case_K7"
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]


async def test_a_blocked_bot_hears_of_it_and_nothing_else(fake: TelegramFake, web: aiohttp.ClientSession) -> None:
    ann = fake.person()
    await ann.start()
    await ann.block()
    with pytest.raises(PermissionError):
        await ann.say("hello?")
    await ann.start()
    kinds = [next(iter(update.keys() - {"update_id"})) for update in await updates(fake, web)]
    assert kinds == ["message", "my_chat_member", "my_chat_member", "message"]


async def test_a_bot_in_privacy_mode_hears_only_what_is_meant_for_it(
    fake: TelegramFake, web: aiohttp.ClientSession
) -> None:
    ann = fake.person()
    group = fake.group("Friends", ann, bot_status="member")
    for text in ("hello all", "/help", "@parley_demo_bot hi"):
        await ann.say(text, group=group)
    assert [update["message"]["text"] for update in await updates(fake, web)] == ["/help", "@parley_demo_bot hi"]


async def test_the_browser_simulator_can_do_all_of_it(fake: TelegramFake, web: aiohttp.ClientSession) -> None:
    phone = f"{fake.url}/_phone/900"
    async with web.post(f"{phone}/say", json={"text": "hi <b>"}, params={"name": "Ann"}) as answer:
        assert answer.status == 200, await answer.text()
    await call(fake, web, "sendMessage", chat_id=900, text="<b>Pick</b>", parse_mode="HTML", reply_markup=MARKUP)
    async with web.get(f"{phone}/chat", params={"after": "0"}) as answer:
        screen = await answer.json()
    assert [message["from"] for message in screen["messages"]] == ["person", "bot"]
    assert screen["messages"][0]["html"] == "hi &lt;b&gt;"
    assert screen["messages"][1]["html"] == "<b>Pick</b>"
    assert screen["messages"][1]["buttons"][0][0] == {"label": "Pay", "data": "p:1", "url": None}
    async with web.post(f"{phone}/tap", json={"button": "Pay"}) as answer:
        query = (await answer.json())["done"]
    await call(fake, web, "answerCallbackQuery", callback_query_id=query, text="Taken")
    number = screen["messages"][1]["id"]
    await call(fake, web, "editMessageText", chat_id=900, message_id=number, text="Done")
    await call(fake, web, "sendChatAction", chat_id=900, action="typing")
    async with web.get(f"{phone}/chat", params={"after": str(screen["n"])}) as answer:
        changed = await answer.json()
    assert [(message["id"], message["text"]) for message in changed["messages"]] == [(number, "Done")]
    assert changed["typing"]
    assert changed["notice"]["text"] == "Taken"
    await call(fake, web, "deleteMessage", chat_id=900, message_id=number)
    async with web.get(f"{phone}/chat", params={"after": str(changed["n"])}) as answer:
        assert (await answer.json())["deleted"] == [number]


@pytest.mark.parametrize("way", ["multipart", "bare"])
async def test_files_are_uploaded_and_shown(fake: TelegramFake, web: aiohttp.ClientSession, way: str) -> None:
    url = f"{fake.url}/_phone/900/photo"
    if way == "multipart":
        form = aiohttp.FormData({"caption": "receipt"})
        form.add_field("file", picture(), filename="r.jpg", content_type="image/jpeg")
        asked = web.post(url, data=form)
    else:
        headers = {"Content-Type": "image/jpeg"}
        asked = web.post(url, data=picture(), params={"caption": "receipt"}, headers=headers)
    async with asked as answer:
        assert answer.status == 200, await answer.text()
    async with web.get(f"{fake.url}/_phone/900/chat") as answer:
        message = (await answer.json())["messages"][0]
    assert message["text"] == "receipt"
    async with web.get(fake.url + message["photo"]) as answer:
        assert await answer.read() == picture()
        assert answer.content_type == "image/jpeg"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("900/fly", {}, 404),
        ("ann/say", {"text": "x"}, 404),
        ("900/say", {}, 400),
        ("900/tap", {"button": "none"}, 400),
        ("900/photo", {}, 400),
        ("900/say", [], 400),
    ],
)
async def test_nonsense_at_the_phone_is_refused(
    fake: TelegramFake, web: aiohttp.ClientSession, path: str, body: Any, status: int
) -> None:
    async with web.post(f"{fake.url}/_phone/{path}", json=body) as answer:
        assert answer.status == status


@pytest.mark.parametrize("action", ["block", "unblock", "voice", "document", "contact", "start"])
async def test_every_other_action_has_a_door(fake: TelegramFake, web: aiohttp.ClientSession, action: str) -> None:
    url = f"{fake.url}/_phone/900/{action}"
    match action:
        case "voice" | "document":
            form = aiohttp.FormData()
            form.add_field("file", b"OggS", filename="v.ogg", content_type="audio/ogg")
            asked = web.post(url, data=form)
        case "contact":
            asked = web.post(url, json={"phone": "+14155550123"})
        case _:
            asked = web.post(url)
    async with asked as answer:
        assert answer.status == 200, await answer.text()
    assert len(await updates(fake, web)) == 1
