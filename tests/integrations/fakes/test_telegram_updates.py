"""How updates reach a bot: webhook with its answers and retries, getUpdates with its offsets."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from PIL import Image

from bot.core.clock import FixedClock
from integrations.fakes.telegram import TOKEN, TelegramFake
from tests.integrations.fakes.contract import complaints
from tests.integrations.fakes.receiver import Receiver

START = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SECRET = "a-secret_1"


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(START)


@pytest.fixture
async def fake(clock: FixedClock) -> AsyncIterator[TelegramFake]:
    server = TelegramFake(clock)
    async with server:
        yield server


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with Receiver() as door:
        yield door


async def call(fake: TelegramFake, method: str, **arguments: Any) -> dict[str, Any]:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{fake.url}/bot{TOKEN}/{method}", json=arguments) as answer,
    ):
        body: dict[str, Any] = await answer.json()
        return body


async def listen(fake: TelegramFake, receiver: Receiver, **more: Any) -> None:
    assert (await call(fake, "setWebhook", url=f"{receiver.url}/hook", secret_token=SECRET, **more))["ok"]


def texts(receiver: Receiver) -> list[str]:
    bodies = [json.loads(request.body) for request in receiver.requests]
    return [body["message"]["text"] for body in bodies if "message" in body]


# -- webhook -----------------------------------------------------------------------------------------------------


async def test_an_update_comes_with_the_secret_and_leaves_the_queue(fake: TelegramFake, receiver: Receiver) -> None:
    await listen(fake, receiver)
    await fake.person(7).say("hello")
    assert receiver.requests[0].headers["X-Telegram-Bot-Api-Secret-Token"] == SECRET
    assert texts(receiver) == ["hello"]
    assert (await call(fake, "getWebhookInfo"))["result"]["pending_update_count"] == 0


async def test_a_failed_update_comes_again_and_holds_back_its_chat(
    fake: TelegramFake, receiver: Receiver, clock: FixedClock
) -> None:
    await listen(fake, receiver)
    ann, bea = fake.person(), fake.person()
    receiver.answers.append(500)
    await ann.say("one")
    await ann.say("two")
    await bea.say("other chat")
    assert texts(receiver) == ["one", "other chat"]
    info = (await call(fake, "getWebhookInfo"))["result"]
    assert info["pending_update_count"] == 2
    assert info["last_error_message"] == "Wrong response from the webhook: 500 Internal Server Error"
    clock.advance(timedelta(seconds=1))
    await fake.tick()
    assert texts(receiver) == ["one", "other chat", "one", "two"]
    ids = [json.loads(request.body)["update_id"] for request in receiver.requests]
    assert ids[0] == ids[2]


async def test_retry_after_is_respected(fake: TelegramFake, receiver: Receiver, clock: FixedClock) -> None:
    await listen(fake, receiver)
    receiver.answers.append(web.Response(status=503, headers={"Retry-After": "30"}))
    await fake.person().say("one")
    clock.advance(timedelta(seconds=29))
    await fake.tick()
    assert len(receiver.requests) == 1
    clock.advance(timedelta(seconds=1))
    await fake.tick()
    assert len(receiver.requests) == 2


async def test_an_unreachable_bot_is_noted(fake: TelegramFake) -> None:
    await call(fake, "setWebhook", url="http://127.0.0.1:9/hook")
    await fake.person().say("one")
    info = (await call(fake, "getWebhookInfo"))["result"]
    assert (info["pending_update_count"], info["last_error_message"]) == (1, "Connection refused")


async def test_updates_are_dropped_after_a_day(fake: TelegramFake, receiver: Receiver, clock: FixedClock) -> None:
    await listen(fake, receiver)
    receiver.answers.extend([500] * 50)
    await fake.person().say("one")
    clock.advance(timedelta(hours=24, seconds=1))
    await fake.tick()
    assert (await call(fake, "getWebhookInfo"))["result"]["pending_update_count"] == 0
    assert len(fake.book.of("update.expired")) == 1


async def test_chats_go_in_parallel_up_to_max_connections(fake: TelegramFake, receiver: Receiver) -> None:
    await listen(fake, receiver, max_connections=2)
    receiver.gate = asyncio.Event()
    people = [fake.person() for _ in range(4)]
    saying = [asyncio.create_task(person.say("hi")) for person in people]
    saying.append(asyncio.create_task(people[0].say("again")))
    await receiver.came(2)
    receiver.gate.set()
    await asyncio.gather(*saying)
    assert receiver.most_at_once == 2
    assert sorted(texts(receiver)) == ["again", "hi", "hi", "hi", "hi"]


async def test_a_method_in_the_answer_is_performed_like_a_call(fake: TelegramFake, receiver: Receiver) -> None:
    await listen(fake, receiver)
    ann = fake.person()
    reply = {"method": "sendMessage", "chat_id": ann.id, "text": "<b>Hello</b>", "parse_mode": "HTML"}
    receiver.answers.append(web.json_response(reply))
    await ann.say("hi")
    assert ann.chat.last.text == "Hello"
    assert fake.calls["sendMessage"] == 1
    assert fake.recordings[-1]["operation"] == "sendMessage"


async def test_a_form_in_the_answer_is_read_too(fake: TelegramFake, receiver: Receiver) -> None:
    await listen(fake, receiver)
    ann = fake.person()
    body = f"method=sendmessage&chat_id={ann.id}&text=Hello"
    receiver.answers.append(web.Response(text=body, content_type="application/x-www-form-urlencoded"))
    await ann.say("hi")
    assert ann.chat.texts == ["Hello"]


@pytest.mark.parametrize(
    "reply",
    [
        {"method": "sendMessage", "chat_id": 7, "text": "<b>x", "parse_mode": "HTML"},
        {"method": "deleteWebhook"},
        {"method": "getMe"},
        {"ok": True},
        ["method"],
        "method",
    ],
)
async def test_an_answer_that_cannot_be_performed_changes_nothing(
    fake: TelegramFake, receiver: Receiver, reply: Any
) -> None:
    await listen(fake, receiver)
    receiver.answers.append(web.json_response(reply))
    ann = fake.person(7)
    await ann.say("hi")
    await ann.say("again")
    assert texts(receiver) == ["hi", "again"]
    assert ann.chat.texts == []


async def test_a_method_in_a_failed_answer_is_not_performed(
    fake: TelegramFake, receiver: Receiver, clock: FixedClock
) -> None:
    await listen(fake, receiver)
    ann = fake.person()
    reply = {"method": "sendMessage", "chat_id": ann.id, "text": "Hello"}
    receiver.answers.extend([web.json_response(reply, status=500), web.json_response(reply)])
    await ann.say("hi")
    assert ann.chat.texts == []
    clock.advance(timedelta(seconds=1))
    await fake.tick()
    assert ann.chat.texts == ["Hello"]


@pytest.mark.parametrize(
    ("url", "fine"),
    [
        ("https://parley.example/webhooks/telegram", True),
        ("https://parley.example:8443/x", True),
        ("http://127.0.0.1:5000/x", True),
        ("http://parley.example/x", False),
        ("https://parley.example:5000/x", False),
    ],
)
async def test_webhook_addresses_follow_the_servers_rules(fake: TelegramFake, url: str, fine: bool) -> None:
    assert (await call(fake, "setWebhook", url=url))["ok"] is fine


async def test_a_public_address_can_lead_to_a_local_receiver(fake: TelegramFake, receiver: Receiver) -> None:
    fake.rewrite("https://parley.example", receiver.url)
    await call(fake, "setWebhook", url="https://parley.example/webhooks/telegram")
    await fake.person().say("hi")
    assert receiver.requests[0].path == "/webhooks/telegram"


async def test_only_wanted_kinds_are_queued_and_pending_ones_dropped_on_request(
    fake: TelegramFake, receiver: Receiver
) -> None:
    ann = fake.person()
    await ann.say("before")
    await listen(fake, receiver, allowed_updates=["callback_query"], drop_pending_updates=True)
    await ann.say("unwanted")
    assert receiver.requests == []
    info = (await call(fake, "getWebhookInfo"))["result"]
    assert info["allowed_updates"] == ["callback_query"]
    assert info["pending_update_count"] == 0
    assert (await call(fake, "deleteWebhook"))["description"] == "Webhook was deleted"
    assert (await call(fake, "getWebhookInfo"))["result"]["url"] == ""


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("duplicate", ["one", "one", "two"]),
        ("drop", ["two"]),
        ("delay", []),
        ("reorder", ["two", "one"]),
        ("bad_signature", ["one", "two"]),
    ],
)
async def test_switches_of_events(
    fake: TelegramFake, receiver: Receiver, clock: FixedClock, fault: str, expected: list[str]
) -> None:
    await listen(fake, receiver)
    fake.faults.add(fault, "message", seconds=72 * 60)
    ann = fake.person()
    await ann.say("one")
    await ann.say("two")
    assert texts(receiver) == expected
    signed = [request.headers["X-Telegram-Bot-Api-Secret-Token"] == SECRET for request in receiver.requests]
    assert signed.count(False) == (1 if fault == "bad_signature" else 0)
    clock.advance(timedelta(hours=2))
    await fake.tick()
    assert sorted(set(texts(receiver))) == (["two"] if fault == "drop" else ["one", "two"])


async def test_waiting_updates_survive_a_restart(clock: FixedClock, tmp_path: Path, receiver: Receiver) -> None:
    async with TelegramFake(clock, tmp_path / "t.jsonl") as first:
        assert isinstance(first, TelegramFake)
        await listen(first, receiver)
        receiver.answers.append(500)
        await first.person(7).say("one")
    clock.advance(timedelta(minutes=1))
    async with TelegramFake(clock, tmp_path / "t.jsonl") as second:
        await second.tick()
    ids = [json.loads(request.body)["update_id"] for request in receiver.requests]
    assert texts(receiver) == ["one", "one"]
    assert ids[0] == ids[1]


# -- getUpdates --------------------------------------------------------------------------------------------------


async def test_an_offset_confirms_what_was_before_it(fake: TelegramFake) -> None:
    ann = fake.person()
    for text in ("one", "two", "three"):
        await ann.say(text)
    first = (await call(fake, "getUpdates", limit=2))["result"]
    assert [update["message"]["text"] for update in first] == ["one", "two"]
    again = (await call(fake, "getUpdates"))["result"]
    assert [update["message"]["text"] for update in again] == ["one", "two", "three"]
    rest = (await call(fake, "getUpdates", offset=first[-1]["update_id"] + 1))["result"]
    assert [update["message"]["text"] for update in rest] == ["three"]
    last = (await call(fake, "getUpdates", offset=-1))["result"]
    assert [update["message"]["text"] for update in last] == ["three"]


async def test_a_long_poll_ends_with_the_first_update(fake: TelegramFake) -> None:
    waiting = asyncio.create_task(call(fake, "getUpdates", timeout=30))
    await fake.polling.hanging.wait()
    await fake.person().say("hi")
    assert len((await waiting)["result"]) == 1


async def test_a_long_poll_ends_empty_when_the_time_is_over(fake: TelegramFake) -> None:
    assert (await call(fake, "getUpdates", timeout=1))["result"] == []


async def test_a_second_poller_ends_the_first_with_409(fake: TelegramFake) -> None:
    first = asyncio.create_task(call(fake, "getUpdates", timeout=30))
    await fake.polling.hanging.wait()
    second = asyncio.create_task(call(fake, "getUpdates", timeout=30))
    refused = await first
    assert (refused["error_code"], refused["description"][:44]) == (409, "Conflict: terminated by other getUpdates req")
    await fake.person().say("hi")
    assert len((await second)["result"]) == 1


async def test_polling_is_refused_while_a_webhook_is_set(fake: TelegramFake, receiver: Receiver) -> None:
    await listen(fake, receiver)
    refused = await call(fake, "getUpdates")
    assert refused["error_code"] == 409
    assert "webhook is active" in refused["description"]


# -- what updates look like --------------------------------------------------------------------------------------


@pytest.mark.shared
async def test_con_3_every_kind_of_update_fits_the_contract(fake: TelegramFake) -> None:
    out = io.BytesIO()
    Image.new("RGB", (20, 20)).save(out, "JPEG")
    ann, staff = fake.person(first_name="Ann", username="ann"), fake.person(first_name="Sam")
    await ann.start("case_K7")
    await ann.say("see https://e.test @someone", reply_to=1)
    await ann.photo(out.getvalue(), "both sides", album=[out.getvalue()])
    await ann.photo(b"undecodable")
    await ann.document(b"%PDF", "a.pdf", caption="c")
    await ann.voice(b"OggS")
    await ann.share_contact("+14155550100")
    await ann.location(37.0, -122.0)
    await ann.edit("changed", 2)
    buttons = {"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]}
    await call(fake, "sendMessage", chat_id=ann.id, text="pick", reply_markup=buttons)
    await ann.tap("A")
    invoice = {"title": "t", "description": "d", "payload": "p", "currency": "XTR"}
    sent = await call(fake, "sendInvoice", chat_id=ann.id, prices=[{"label": "x", "amount": 5}], **invoice)
    query = await ann.pay(sent["result"]["message_id"])
    await call(fake, "answerPreCheckoutQuery", pre_checkout_query_id=query, ok=True)
    await ann.block()
    await ann.unblock()
    group = fake.group("Staff", staff, forum=True)
    topic = (await call(fake, "createForumTopic", chat_id=group.id, name="K7"))["result"]
    await staff.say("in the topic", group=group, thread=topic["message_thread_id"])
    await group.remove_bot()
    await fake.group("Old", staff).migrate()
    updates = (await call(fake, "getUpdates"))["result"]
    kinds = {kind for update in updates for kind in update} - {"update_id"}
    assert kinds == {"message", "edited_message", "callback_query", "pre_checkout_query", "my_chat_member"}
    assert [complaint for update in updates for complaint in complaints("telegram", "Update", update)] == []
