"""A growing answer is shown as drafts in private chats; none of it is a message, and its troubles are none (CH-1)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.core.calls.channels import FindSms, SendTelegram, SentTelegram, ShowDraft, ShowTyping
from bot.core.calls.outcome import Done, Outcome, Refused
from bot.core.events import Event
from bot.core.ports import Attempt
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from jobs.presence import DRAFT_EVERY, DRAFT_REFRESHED, TYPING_AFTER, Growing
from tests.jobs.plant import Answer, Vendor, notices, plant


class Writer:
    """A vendor that says more and more, when the test wants it, and a Telegram that shows drafts."""

    def __init__(self, draft: Outcome | None = None) -> None:
        self.more, self.ends = asyncio.Queue[str](), asyncio.Event()
        self.shown: list[ShowDraft] = []
        self.draft = draft or Done()
        self.watched: bool | None = None
        self.sent: list[SendTelegram] = []
        answers: dict[type, Answer] = {
            ShowTyping: lambda call, attempt: Done(),
            ShowDraft: self._show,
            SendTelegram: self._send,
        }
        self.vendor = Vendor("telegram", answers)
        self.vendor.calls[FindSms] = self._write

    def _show(self, call: ShowDraft, attempt: Attempt) -> Outcome:
        self.shown.append(call)
        return self.draft

    def _send(self, call: SendTelegram, attempt: Attempt) -> Outcome:
        self.sent.append(call)
        return Done(SentTelegram(len(self.sent)))

    async def _write(self, call: FindSms, attempt: Attempt) -> Outcome:
        self.watched = attempt.show is not None
        while not self.ends.is_set():
            text = await self.more.get()
            if attempt.show is not None:
                attempt.show(text)
        return Done()

    async def end(self) -> None:
        self.ends.set()
        self.more.put_nowait("over")


def register(registry: Registry) -> None:
    notices(registry)

    @registry.on("stripe:ask")
    def ask(turn: Turn) -> None:
        turn.call(FindSms("+14155550123", "x", 0), key="ask", then="asked", typing=True, draft=True)

    @registry.on("call:asked")
    def asked(turn: Turn) -> None:
        turn.notify("engine.delayed", purpose="reply")


async def until(wanted: int, shown: list[ShowDraft]) -> None:
    for _ in range(1000):
        if len(shown) >= wanted:
            return
        await asyncio.sleep(0.001)
    raise AssertionError(shown)


@pytest.mark.parametrize("trouble", [None, Refused("not_shown")])
async def test_c59_the_message_comes_once_whatever_becomes_of_the_drafts(
    trouble: Outcome | None, tmp_path: Path
) -> None:
    writer = Writer(trouble)
    async with plant(tmp_path, writer.vendor, register=register) as made:
        made.delivery.presence.sleep = lambda seconds: asyncio.sleep(0.002 if seconds == DRAFT_EVERY else 60)
        await made.text("hi", handle="7:500", channel="telegram")
        person = (await made.rows())[0].person_id
        await made.settle()
        before, writer.sent = len(await made.rows()), []
        await made.event(Event("stripe", "s", "ask", {"person": person}))
        for number, text in enumerate(["Start", "Start here https://evil.com/x", "Start here"], 1):
            writer.more.put_nowait(text)
            await until(min(number, 2), writer.shown)
        await writer.end()
        await made.settle()
        assert [call.text for call in writer.shown] == ["Start", "Start here"]
        assert {call.chat_id for call in writer.shown} == {500}
        (draft_id,) = {call.draft_id for call in writer.shown}
        assert 0 < draft_id < 2**31
        rows = (await made.rows())[before:]
        assert [row.kind for row in rows] == ["call", "message"], "drafts are no rows"
        assert len(writer.sent) == 1


@pytest.mark.parametrize("handle", ["7:-500", "+14155550123"])
async def test_c58_a_group_and_a_phone_see_no_draft(handle: str, tmp_path: Path) -> None:
    writer = Writer()
    async with plant(tmp_path, writer.vendor, register=register) as made:
        channel = "telegram" if ":" in handle else "sms"
        await made.text("hi", handle=handle, channel=channel)
        person = (await made.rows())[0].person_id
        await made.event(Event("stripe", "s", "ask", {"person": person}))
        await writer.end()
        await made.settle()
        assert writer.watched is False
        assert writer.shown == []


async def test_ch_1_at_most_one_draft_a_second_only_when_the_text_grew_and_again_before_it_fades() -> None:
    shown: list[str] = []
    pauses: asyncio.Queue[float] = asyncio.Queue()
    steps: asyncio.Queue[None] = asyncio.Queue()

    async def show(text: str) -> None:
        shown.append(text)

    async def sleep(seconds: float) -> None:
        pauses.put_nowait(seconds)
        await steps.get()

    growing = Growing(show, sleep)
    task = asyncio.create_task(growing.run())
    growing.grow("a")
    assert await pauses.get() == DRAFT_EVERY
    for text in ("ab", "abc", "abc", "ab"):
        growing.grow(text)
    steps.put_nowait(None)
    assert await pauses.get() == DRAFT_EVERY
    growing.grow("abc")
    steps.put_nowait(None)
    await asyncio.sleep(0.01)
    assert shown == ["a", "abc"], "it did not grow"
    task.cancel()
    assert DRAFT_EVERY < DRAFT_REFRESHED < 30
    assert TYPING_AFTER == 1.0
