"""A message that takes the place of another one: changed when it can be, sent anew when it cannot (TG-5, TG-22)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from bot.core.calls import Again, Done, Outcome, Refused
from bot.core.calls.channels import Button, SendTelegram, SentTelegram
from integrations.fakes.telegram import TelegramFake
from integrations.telegram import TelegramAdapter
from tests.integrations.door import NOW, Answer, Door, attempt, open_door

TOKEN = "123456:TEST-token"
BUTTONS = [[Button("OK", data="2:0")]]
NEXT = SendTelegram(5, "Line 2 &amp; more", buttons=BUTTONS, replaces=77)


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    async with open_door("telegram") as opened:
        opened.always = Answer(200, {"ok": True, "result": {"message_id": 78}})
        yield opened


@pytest.fixture
async def telegram(door: Door) -> AsyncIterator[TelegramAdapter]:
    adapter = TelegramAdapter(TOKEN, base_url=door.url, seconds=2)
    yield adapter
    await adapter.close()


async def perform(adapter: TelegramAdapter, call: SendTelegram, after: timedelta = timedelta()) -> Outcome:
    return await adapter.calls[SendTelegram](call, attempt(now=NOW + after))


def methods(door: Door) -> list[str]:
    return [request["url"].rpartition("/")[2] for request in door.requests]


def refuse(door: Door, status: int, description: str, **parameters: Any) -> None:
    body = {"ok": False, "error_code": status, "description": description, "parameters": parameters}
    door.answer(status, body)


async def test_tg_5_the_message_is_changed_with_its_buttons(door: Door, telegram: TelegramAdapter) -> None:
    assert await perform(telegram, NEXT) == Done(SentTelegram(77))
    assert methods(door) == ["editMessageText"]
    body = json.loads(door.last["body"])
    assert (body["message_id"], body["text"], body["parse_mode"]) == (77, "Line 2 &amp; more", "HTML")
    assert body["reply_markup"] == {"inline_keyboard": [[{"text": "OK", "callback_data": "2:0"}]]}


@pytest.mark.parametrize(
    "description",
    ["Bad Request: message to edit not found", "Bad Request: message can't be edited", "Bad Request: odd"],
)
async def test_what_cannot_be_changed_any_more_is_sent_anew(
    description: str, door: Door, telegram: TelegramAdapter
) -> None:
    refuse(door, 400, description)
    assert await perform(telegram, NEXT) == Done(SentTelegram(78))
    assert methods(door) == ["editMessageText", "sendMessage"]


async def test_tg_5_not_modified_is_done(door: Door, telegram: TelegramAdapter) -> None:
    refuse(door, 400, "Bad Request: message is not modified: specified new message content ...")
    assert await perform(telegram, NEXT) == Done(SentTelegram(77))


async def test_tg_8_tg_9_other_refusals_are_what_they_are(door: Door, telegram: TelegramAdapter) -> None:
    refuse(door, 429, "Too Many Requests", retry_after=3)
    assert await perform(telegram, NEXT) == Again("rate_limited", timedelta(seconds=3), whole_vendor=False)
    refuse(door, 403, "Forbidden: bot was blocked by the user")
    outcome = await perform(telegram, NEXT, timedelta(seconds=5))
    assert isinstance(outcome, Refused)
    assert outcome.code == "blocked"
    assert methods(door) == ["editMessageText", "editMessageText"]


async def test_tg_22_one_message_changes_at_most_once_a_second(door: Door, telegram: TelegramAdapter) -> None:
    await perform(telegram, NEXT)
    held = await perform(telegram, NEXT, timedelta(milliseconds=400))
    assert held == Again("changed_lately", timedelta(milliseconds=600), whole_vendor=False)
    other = SendTelegram(6, "another chat", replaces=77)
    assert await perform(telegram, other, timedelta(milliseconds=400)) == Done(SentTelegram(77))
    assert await perform(telegram, NEXT, timedelta(seconds=1)) == Done(SentTelegram(77))
    assert len(door.requests) == 3


async def test_the_person_sees_one_message_with_new_words_and_new_buttons() -> None:
    from bot.core.clock import FixedClock

    async with TelegramFake(FixedClock(NOW), token=TOKEN) as started:
        fake: Any = started
        ann = fake.person(5, "Ann")
        await ann.say("hi")
        telegram = TelegramAdapter(TOKEN, base_url=fake.url)
        first = await perform(telegram, SendTelegram(5, "Line 1", buttons=[[Button("OK", data="1:0")]]))
        assert isinstance(first, Done)
        number = first.result.message_id
        again = SendTelegram(5, "Line 2", buttons=[[Button("OK", data="2:0")]], replaces=number)
        assert await perform(telegram, again) == Done(SentTelegram(number))
        assert ann.chat.texts == ["Line 2"]
        assert [key.data for row in ann.chat.last.buttons for key in row] == ["2:0"]
        await telegram.close()
