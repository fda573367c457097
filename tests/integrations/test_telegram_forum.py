"""Topics of the staff's group by HTTP, against the fake Telegram: posts, albums, pins, reactions, deleted topics."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from bot.core.calls.channels import Button
from bot.core.calls.groups import OpenTopic, PinMessage, PostedInTopic, PostInTopic, React, RenameTopic, TopicOpened
from bot.core.calls.outcome import Done, Outcome, Refused
from bot.core.clock import FixedClock
from integrations.fakes.telegram import TelegramFake
from integrations.telegram import TelegramAdapter
from tests.integrations.door import Shelf, attempt, open_door
from tests.integrations.photos import photo_of_a_page

THUMB = "\N{THUMBS UP SIGN}"


@pytest.fixture
async def telegram(clock: FixedClock) -> AsyncIterator[TelegramFake]:
    async with TelegramFake(clock) as fake:
        yield fake  # type: ignore[misc]


@pytest.fixture
async def adapter(telegram: TelegramFake) -> AsyncIterator[TelegramAdapter]:
    made = TelegramAdapter(telegram.token, base_url=telegram.url)
    yield made
    await made.close()


async def perform(adapter: TelegramAdapter, call: object, files: Shelf | None = None) -> Outcome:
    return await adapter.calls[type(call)](call, attempt(files=files))


async def test_tb_1_a_topic_is_opened_named_and_filled(telegram: TelegramFake, adapter: TelegramAdapter) -> None:
    group = telegram.group("Staff", telegram.person(1), forum=True)
    opened = await perform(adapter, OpenTopic(group.id, "#1001 Telegram - new"))
    assert isinstance(opened, Done)
    assert isinstance(opened.result, TopicOpened)
    thread = opened.result.thread_id
    call = PostInTopic(group.id, thread, "T-1001 <b>", [[Button("Resolve", data="desk:resolve:1")]])
    posted = await perform(adapter, call)
    assert isinstance(posted, Done)
    (number,) = posted.result.message_ids
    shown = group.chat.last
    assert (shown.id, shown.thread_id, shown.text, shown.labels) == (number, thread, "T-1001 <b>", ["Resolve"])
    assert await perform(adapter, PinMessage(group.id, number)) == Done()
    assert await perform(adapter, React(group.id, number, THUMB)) == Done()
    assert (group.chat.last.pinned, group.chat.last.reactions) == (True, (THUMB,))
    assert isinstance(await perform(adapter, React(group.id, number, "x")), Refused)
    for _ in range(2):  # the same name again is no trouble
        assert await perform(adapter, RenameTopic(group.id, thread, "#1001 Telegram - open")) == Done()
    answered = await perform(adapter, PostInTopic(group.id, thread, "so", reply_to=number))
    assert isinstance(answered, Done)
    assert group.chat.last.reply_to == number


async def test_tb_4_an_album_is_one_album_in_its_topic(telegram: TelegramFake, adapter: TelegramAdapter) -> None:
    group, shelf = telegram.group("Staff", telegram.person(1), forum=True), Shelf()
    opened = await perform(adapter, OpenTopic(group.id, "one"))
    assert isinstance(opened, Done)
    thread = opened.result.thread_id
    pictures = [shelf.put(photo_of_a_page(size=(60, 80)), "image/jpeg") for _ in range(2)]
    posted = await perform(adapter, PostInTopic(group.id, thread, "see here", files=pictures), shelf)
    assert isinstance(posted, Done)
    shown = group.chat.messages[-2:]
    assert [one.id for one in shown] == posted.result.message_ids
    assert len({one.album for one in shown}) == 1
    assert [one.text for one in shown] == ["see here", ""]
    paper = shelf.put(b"%PDF-1.7", "application/pdf")
    assert isinstance(await perform(adapter, PostInTopic(group.id, thread, "", files=[paper]), shelf), Done)
    assert group.chat.last.file_name == "1.bin"
    assert await perform(adapter, PostInTopic(group.id, thread, "", files=[404]), shelf) == Refused(
        "file_gone", "a blob to upload no longer exists"
    )


async def test_tb_3_a_deleted_topic_is_refused_as_gone(telegram: TelegramFake, adapter: TelegramAdapter) -> None:
    group = telegram.group("Staff", telegram.person(1), forum=True)
    opened = await perform(adapter, OpenTopic(group.id, "one"))
    assert isinstance(opened, Done)
    await adapter.ask("deleteForumTopic", {"chat_id": group.id, "message_thread_id": opened.result.thread_id})
    outcome = await perform(adapter, PostInTopic(group.id, opened.result.thread_id, "hello"))
    assert isinstance(outcome, Refused)
    assert outcome.code == "thread_gone"
    plain = telegram.group("Not a forum", telegram.person(1))
    assert isinstance(await perform(adapter, OpenTopic(plain.id, "one")), Refused)


async def test_tb_3_what_stands_outside_its_topic_is_taken_back() -> None:
    async with open_door("telegram") as door:
        adapter = TelegramAdapter("1:t", base_url=door.url)
        door.answer(200, {"ok": True, "result": {"message_id": 5}})
        door.answer(200, {"ok": True, "result": True})
        outcome = await perform(adapter, PostInTopic(-100, 9, "hello"))
        await adapter.close()
    assert outcome == Refused("thread_gone", "it was posted outside its topic")
    assert door.last["url"].endswith("/deleteMessages")
    assert '"message_ids":[5]' in door.last["body"]


async def test_a_lost_answer_of_a_harmless_call_is_tried_again(telegram: TelegramFake) -> None:
    adapter = TelegramAdapter(telegram.token, base_url="http://127.0.0.1:9", connect_seconds=0.5)
    outcome = await perform(adapter, React(1, 1, THUMB))
    await adapter.close()
    assert not isinstance(outcome, Done | Refused)
    assert PostedInTopic([1]).message_ids == [1]
