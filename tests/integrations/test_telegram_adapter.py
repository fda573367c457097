"""Sending on Telegram: the words of the Bot API, its refusals (TGV-5), and what a lost answer means."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from bot.core.calls.channels import AnswerCallback, Button, EditTelegram, SendTelegram, SentTelegram, ShowTyping
from bot.core.calls.outcome import Again, Done, Outcome, Refused, Unknown
from integrations.telegram import TelegramAdapter, webhook_reply
from tests.integrations.door import Answer, Door, Fault, Shelf, attempt, open_door

TOKEN = "123456:TEST-token"
SENT = {"ok": True, "result": {"message_id": 77}}


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with open_door("telegram") as opened:
        opened.always = Answer(200, SENT)
        yield opened


@pytest.fixture
async def telegram(door: Door) -> AsyncIterator[TelegramAdapter]:
    adapter = TelegramAdapter(TOKEN, base_url=door.url, seconds=2, file_seconds=2)
    yield adapter
    await adapter.close()


def refuse(door: Door, status: int, description: str, **parameters: Any) -> None:
    body: dict[str, Any] = {"ok": False, "error_code": status, "description": description}
    door.answer(status, {**body, "parameters": parameters} if parameters else body)


async def perform(adapter: TelegramAdapter, call: Any, files: Shelf | None = None) -> Outcome:
    return await adapter.calls[type(call)](call, attempt(files=files))


async def test_a_message_with_buttons_is_sent(door: Door, telegram: TelegramAdapter) -> None:
    call = SendTelegram(
        5, "<b>Pay</b>", buttons=[[Button("Pay", url="https://e.test/p/1"), Button("No", data="p1:no")]], thread_id=9
    )
    assert await perform(telegram, call) == Done(SentTelegram(77))
    assert door.last["url"] == f"{door.url}/bot{TOKEN}/sendMessage"
    assert json.loads(door.last["body"]) == {
        "chat_id": 5,
        "text": "<b>Pay</b>",
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        "message_thread_id": 9,
        "reply_markup": {
            "inline_keyboard": [
                [{"text": "Pay", "url": "https://e.test/p/1"}, {"text": "No", "callback_data": "p1:no"}],
            ]
        },
    }


def test_a_reply_inside_the_webhook_response_is_the_same_message() -> None:
    reply = webhook_reply(SendTelegram(5, "hi", html=False))
    assert reply == {
        "method": "sendMessage",
        "chat_id": 5,
        "text": "hi",
        "link_preview_options": {"is_disabled": True},
    }
    assert webhook_reply(SendTelegram(5, "hi", photo=1)) is None
    assert webhook_reply(SendTelegram(5, "hi", document=1)) is None


@pytest.mark.parametrize(("kind", "method"), [("photo", "sendPhoto"), ("document", "sendDocument")])
async def test_files_are_uploaded(kind: str, method: str, door: Door, telegram: TelegramAdapter) -> None:
    files = Shelf()
    blob = files.put(b"%PDF-", "application/pdf")
    named = SendTelegram(5, "look", filename="letter.pdf", buttons=[[Button("Ok", data="1")]])
    call = replace(named, photo=blob) if kind == "photo" else replace(named, document=blob)
    assert await perform(telegram, call, files) == Done(SentTelegram(77))
    assert door.last["url"].endswith(method)
    assert door.last["body"]["chat_id"] == "5"
    assert door.last["body"]["caption"] == "look"
    assert door.last["body"][kind]["filename"] == "letter.pdf"
    assert json.loads(door.last["body"]["reply_markup"])["inline_keyboard"][0][0]["text"] == "Ok"


async def test_a_file_that_is_gone_is_refused_without_a_request(door: Door, telegram: TelegramAdapter) -> None:
    outcome = await perform(telegram, SendTelegram(5, "", photo=404))
    assert outcome == Refused("file_gone", "the blob to upload no longer exists")
    assert door.requests == []


async def test_an_edit_without_text_removes_the_keyboard(door: Door, telegram: TelegramAdapter) -> None:
    assert await perform(telegram, EditTelegram(5, 7)) == Done()
    assert door.last["url"].endswith("/editMessageReplyMarkup")
    assert json.loads(door.last["body"]) == {"chat_id": 5, "message_id": 7}


async def test_an_edit_with_text_changes_it(door: Door, telegram: TelegramAdapter) -> None:
    assert await perform(telegram, EditTelegram(5, 7, "new")) == Done()
    assert door.last["url"].endswith("/editMessageText")
    assert json.loads(door.last["body"])["text"] == "new"


async def test_an_edit_of_a_picture_changes_its_caption(door: Door, telegram: TelegramAdapter) -> None:
    refuse(door, 400, "Bad Request: there is no text in the message to edit")
    assert await perform(telegram, EditTelegram(5, 7, "new")) == Done()
    assert door.last["url"].endswith("/editMessageCaption")
    assert json.loads(door.last["body"])["caption"] == "new"


async def test_tg_4_callbacks_are_answered_and_typing_is_shown(door: Door, telegram: TelegramAdapter) -> None:
    door.always = Answer(200, {"ok": True, "result": True})
    assert await perform(telegram, AnswerCallback("q1", "ok")) == Done()
    assert json.loads(door.last["body"]) == {"callback_query_id": "q1", "text": "ok"}
    assert await perform(telegram, ShowTyping(5)) == Done()
    assert json.loads(door.last["body"]) == {"chat_id": 5, "action": "typing"}


async def test_tg_7_markup_that_cannot_be_read_goes_out_plain(door: Door, telegram: TelegramAdapter) -> None:
    refuse(door, 400, 'Bad Request: can\'t parse entities: Unsupported start tag "3" at byte offset 2')
    outcome = await perform(telegram, SendTelegram(5, '<b>a</b> <3 <a href="https://e.test">b</a> &amp; c'))
    assert outcome == Done(SentTelegram(77))
    assert json.loads(door.last["body"])["text"] == "a <3 b & c"
    assert "parse_mode" not in json.loads(door.last["body"])
    assert len(door.requests) == 2


@pytest.mark.parametrize(
    ("status", "description", "parameters", "outcome"),
    [
        pytest.param(
            429,
            "Too Many Requests: retry after 7",
            {"retry_after": 7},
            Again("rate_limited", timedelta(seconds=7), whole_vendor=False),
            id="TG-8",
        ),
        pytest.param(429, "Too Many Requests", {}, Again("rate_limited", None, whole_vendor=False), id="TG-8-bare"),
        pytest.param(403, "Forbidden: bot was blocked by the user", {}, "blocked", id="TG-9-blocked"),
        pytest.param(403, "Forbidden: user is deactivated", {}, "gone", id="TG-9-deactivated"),
        pytest.param(403, "Forbidden: some new words", {}, "blocked", id="TG-9-unknown-403"),
        pytest.param(400, "Bad Request: chat not found", {}, "gone", id="TG-9-chat"),
        pytest.param(400, "Bad Request: message is too long", {}, "too_long", id="too-long"),
        pytest.param(400, "Bad Request: message to edit not found", {}, "uneditable", id="uneditable"),
        pytest.param(400, "Bad Request: message thread not found", {}, "thread_gone", id="TG-14-topic"),
        pytest.param(400, "Bad Request: words nobody knows", {}, "bad_request", id="unknown-400"),
        pytest.param(401, "Unauthorized", {}, "unauthorized", id="token"),
        pytest.param(404, "Not Found", {}, "unauthorized", id="malformed-token"),
    ],
)
async def test_tgv_5_refusals_of_a_send(
    status: int,
    description: str,
    parameters: dict[str, Any],
    outcome: Outcome | str,
    door: Door,
    telegram: TelegramAdapter,
) -> None:
    refuse(door, status, description, **parameters)
    got = await perform(telegram, SendTelegram(5, "hi"))
    assert (got.code if isinstance(got, Refused) else got) == outcome
    assert len(door.requests) == 1


async def test_tg_9_a_group_that_moved_tells_its_new_id(door: Door, telegram: TelegramAdapter) -> None:
    refuse(door, 400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-1001)
    got = await perform(telegram, SendTelegram(-5, "hi"))
    assert isinstance(got, Refused)
    assert (got.code, got.details) == ("migrated", {"chat_id": -1001})


@pytest.mark.parametrize(
    ("call", "description"),
    [
        pytest.param(EditTelegram(5, 7, "same"), "Bad Request: message is not modified: specified ...", id="TG-5"),
        pytest.param(
            AnswerCallback("q"),
            "Bad Request: query is too old and response timeout expired or query ID is invalid",
            id="TG-4",
        ),
    ],
)
async def test_tgv_5_harmless_refusals_count_as_done(
    call: Any, description: str, door: Door, telegram: TelegramAdapter
) -> None:
    refuse(door, 400, description)
    assert await perform(telegram, call) == Done()


@pytest.mark.parametrize("status", [500, 502, 504])
async def test_ven_6_after_a_servers_error_a_send_may_have_happened(
    status: int, door: Door, telegram: TelegramAdapter
) -> None:
    door.answer(status, b"<html>Bad Gateway</html>")
    assert await perform(telegram, SendTelegram(5, "hi")) == Unknown(f"status_{status}")
    door.answer(status, b"<html>Bad Gateway</html>")
    assert await perform(telegram, EditTelegram(5, 7, "hi")) == Again(f"status_{status}")


@pytest.mark.parametrize("fault", list(Fault))
async def test_ven_6_a_lost_answer_leaves_a_send_unknown_and_an_edit_repeatable(fault: Fault, door: Door) -> None:
    telegram = TelegramAdapter(TOKEN, base_url=door.url, seconds=0.1, file_seconds=0.1)
    files = Shelf()
    call = SendTelegram(5, "", photo=files.put(b"x", "image/png"))
    outcomes = []
    for one in (SendTelegram(5, "hi"), call, EditTelegram(5, 7, "hi"), AnswerCallback("q"), ShowTyping(5)):
        door.fail(fault)
        outcomes.append(type(await perform(telegram, one, files)))
    await telegram.close()
    assert outcomes == [Unknown, Unknown, Again, Again, Refused]


async def test_an_answer_that_is_no_json_leaves_a_send_unknown(door: Door, telegram: TelegramAdapter) -> None:
    door.answer(200, b"<html>hello</html>")
    assert await perform(telegram, SendTelegram(5, "hi")) == Unknown("status_200")


async def test_the_bot_tells_who_it_is(door: Door, telegram: TelegramAdapter) -> None:
    door.answer(200, {"ok": True, "result": {"id": 123456, "is_bot": True, "username": "parley_bot"}})
    assert await telegram.me() == (123456, "parley_bot")
    refuse(door, 401, "Unauthorized")
    assert await telegram.me() is None


async def test_ven_10_no_token_in_an_outcome() -> None:
    telegram = TelegramAdapter(TOKEN, base_url="http://127.0.0.1:1")
    outcome = await perform(telegram, SendTelegram(5, "hi"))
    await telegram.close()
    assert isinstance(outcome, Again)
    assert TOKEN not in repr(outcome)
