"""A whole turn of the coach through the worker, at a Claude that is not our fake and misbehaves in every way.

Never a stuck person, never a double charge, always an answer or an honest word (CT-5, CT-6, MC-8, CH-1).
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.calls import Done, Outcome
from bot.core.calls.channels import SendTelegram, SentTelegram, ShowDraft, ShowTyping
from bot.core.calls.coach import AskCoach
from bot.core.ports import Attempt
from integrations.claude.coach import CoachAdapter
from storage.coaching.messages import message
from storage.coaching.model_calls import model_call
from storage.coaching.turns import spend, turn
from storage.outbox import outbox
from tests.handlers.coaching.talk.kit import Quiet, plug
from tests.integrations.claude_elsewhere import (
    Elsewhere,
    Fail,
    HangUp,
    Pause,
    Say,
    Script,
    Stop,
    Think,
    Whole,
    elsewhere,
    error,
)
from tests.jobs.plant import Plant, Vendor, plant

CHAT = "7:500"
GOOD: Script = [Think(), Say("Start with one price. "), Say("What will you charge?"), Stop()]
NOTHING = '{"notes": []}'


class Town:
    """A process with a Telegram that remembers, and a Claude elsewhere."""

    def __init__(self, made: Plant, other: Elsewhere, telegram: Vendor, rest: Quiet) -> None:
        self.made, self.other, self.telegram, self.rest = made, other, telegram, rest

    @property
    def sent(self) -> list[str]:
        return [call.text for call in self.telegram.asked if isinstance(call, SendTelegram)]

    @property
    def drafts(self) -> list[str]:
        return [call.text for call in self.telegram.asked if isinstance(call, ShowDraft)]

    async def say(self, text: str) -> list[str]:
        """Say something and let all happen that follows; return the messages that came."""
        before = len(self.sent)
        await self.made.text(text, handle=CHAT, channel="telegram")
        await self.made.wait(timedelta(seconds=3))
        return self.sent[before:]

    async def read(self, table: sa.Table) -> list[Any]:
        return await self.made.database.read(
            lambda c: list(c.execute(sa.select(table).order_by(*table.primary_key.columns)))
        )

    async def check_books(self) -> None:
        """Nothing waits, nothing is reserved, and every cent is in the log once."""
        turns, calls = await self.read(turn), await self.read(model_call)
        assert all(row.settled_at is not None and row.reserved_nano == 0 for row in turns)
        (house,) = await self.read(spend)
        assert (house.reserved_nano, house.spent_nano) == (0, sum(row.nano_usd for row in calls))
        assert house.spent_nano == sum(row.spent_nano for row in turns)
        assert {row.state for row in await self.read(outbox)} <= {"sent", "answered"}
        assert not [row for row in await self.read(message) if row.state == "received" and row.turn_id]


@asynccontextmanager
async def town(
    folder: Path, other: Elsewhere, adapter: Any = None, rest: Quiet | None = None, *, patience: float = 8
) -> AsyncIterator[Town]:
    """Open one; its person has been greeted."""
    sends = lambda call, attempt: Done(SentTelegram(1))  # noqa: E731
    shows = lambda call, attempt: Done()  # noqa: E731
    telegram = Vendor("telegram", {SendTelegram: sends, ShowDraft: shows, ShowTyping: shows})
    claude = adapter or CoachAdapter("key", base_url=other.url, first_text_seconds=patience)
    rest = rest or Quiet()
    async with plant(folder, telegram, claude, register=lambda registry: plug(registry, rest)) as made:
        yield Town(made, other, telegram, rest)
        await claude.close()


@pytest.fixture
async def other() -> AsyncIterator[Elsewhere]:
    async with elsewhere() as opened:
        opened.streams.append(GOOD)
        yield opened


async def test_a_reply_streams_as_drafts_and_ends_in_one_message(other: Elsewhere, tmp_path: Path) -> None:
    async with town(tmp_path, other) as one:
        await one.say("hi")
        other.streams[0] = [Say("Start with one price. "), Pause(0.05), Say("What will you charge?"), Stop()]
        assert await one.say("how do I price it?") == ["Start with one price. What will you charge?"]
        assert one.drafts[-1].startswith("Start with one price.")
        await one.check_books()


FAULTS: list[tuple[str, Script]] = [
    ("overloaded", error(529)),
    ("limited for two minutes", error(429, "rate_limit_error", **{"retry-after": "120"})),
    ("broken", error(500, "api_error")),
    ("refusing the key", error(401, "authentication_error")),
    ("refusing the request", error(400, "invalid_request_error")),
    ("silent", [Pause(60)]),
    ("thinking for ever", [Think(), Pause(60)]),
    ("cut after some text", [Say("Half of a sen"), HangUp()]),
    ("cut at once", [HangUp()]),
    ("failing after some text", [Say("Half of a sen"), Fail()]),
    ("failing at once", [Fail()]),
    ("ending without an end", [Say("Half of a sen")]),
    ("saying nothing", [Stop()]),
    ("calling a tool", [Say("Let me see"), Stop("tool_use")]),
]


@pytest.mark.parametrize(("name", "script"), FAULTS, ids=[name for name, _ in FAULTS])
async def test_c32_c33_c34_c35_whatever_goes_wrong_there_is_one_honest_answer_in_time(
    name: str, script: Script, other: Elsewhere, tmp_path: Path
) -> None:
    async with town(tmp_path, other, patience=0.4 if Pause(60) in list_of(script) else 8) as one:
        other.streams[0] = script
        started = time.monotonic()
        (reply,) = [text for text in await one.say("how do I price it?") if "automated assistant" not in text]
        assert time.monotonic() - started < 27
        assert "unavailable" in reply
        assert "Scripted: how do I price it?" in reply
        assert "Half of" not in reply
        assert [(row.state, row.counts) for row in await one.read(turn)] == [("fallback", False)]
        await one.check_books()


def list_of(script: Script) -> list[Any]:
    """Return the steps of a stream; nothing of a whole answer."""
    return [] if isinstance(script, Whole) else list(script)


@pytest.mark.parametrize("facts", [NOTHING, "no json", '{"notes": 3}', '{"notes": [{"subject": "pricing"}]}'])
async def test_facts_of_any_shape_leave_the_reply_alone(facts: str, other: Elsewhere, tmp_path: Path) -> None:
    from tests.integrations.claude_elsewhere import message as whole

    other.others[0] = whole(facts)
    async with town(tmp_path, other) as one:
        assert (await one.say("ok"))[-1].endswith("What will you charge?")
        purposes = [(row.purpose, row.nano_usd) for row in await one.read(model_call)]
        assert purposes == [("reply", 1200 * 2000 + 5000 * 100 + 60 * 10_000), ("extract", 250_000)]
        await one.check_books()


async def test_mc_8_after_five_failures_the_model_rests_and_answers_come_at_once(
    other: Elsewhere, tmp_path: Path
) -> None:
    async with town(tmp_path, other) as one:
        other.streams[0] = error(500, "api_error", **{"retry-after": "60"})
        for number in range(5):
            await one.say(f"text {number}")
        asked = len(other.streamed)
        assert asked == 5
        started = time.monotonic()
        (reply,) = await one.say("text 6")
        assert time.monotonic() - started < 2
        assert "Scripted: text 6" in reply
        assert len(other.streamed) == asked, "nobody is asked while the circuit is open"
        other.streams[0] = GOOD
        one.made.clock.advance(timedelta(seconds=61))
        assert (await one.say("text 7"))[-1].endswith("What will you charge?")
        await one.check_books()


class Dying:
    """The coach's adapter in a process that dies after the vendor answered and before the commit."""

    vendor = "coach"
    window = pause = timedelta(seconds=60)

    def __init__(self, real: CoachAdapter) -> None:
        self._real, self.dies = real, True
        self.calls = {AskCoach: self._perform}
        self.look_ups: dict[type, Any] = {}

    async def _perform(self, call: AskCoach, attempt: Attempt) -> Outcome:
        outcome = await self._real.calls[AskCoach](call, attempt)
        if self.dies:
            raise SystemError("the process is gone")
        return outcome

    async def close(self) -> None:
        await self._real.close()


async def test_c39_a_crash_between_call_and_commit_gives_one_reply_and_two_rows_of_the_log(
    other: Elsewhere, tmp_path: Path
) -> None:
    real = CoachAdapter("key", base_url=other.url)
    dying, rest = Dying(real), Quiet()
    async with town(tmp_path, other, dying, rest) as one:
        await one.made.text("how do I price it?", handle=CHAT, channel="telegram")
        await one.made.settle()
        one.made.clock.advance(timedelta(seconds=3))
        await one.made.ticker.fire_timers()
        while one.made.delivery.in_flight:
            await one.made.delivery.drain(timedelta(seconds=5))
        assert len(other.streamed) == 1
        dying.dies = False
        await one.made.wait(timedelta(seconds=10))
        replies = [text for text in one.sent if "What will you charge?" in text]
        assert len(replies) == 1
        assert len(other.streamed) == 2
        rows = [row for row in await one.read(model_call) if row.purpose == "reply"]
        assert [(row.attempt, row.usage_known) for row in rows] == [(1, False), (2, True)]
        assert [(row.state, row.counts) for row in await one.read(turn)] == [("answered", True)]
        await one.check_books()


async def test_c39_a_crash_that_outlasts_the_turn_is_answered_in_short(other: Elsewhere, tmp_path: Path) -> None:
    real = CoachAdapter("key", base_url=other.url)
    dying = Dying(real)
    async with town(tmp_path, other, dying) as one:
        await one.made.text("how do I price it?", handle=CHAT, channel="telegram")
        await one.made.settle()
        one.made.clock.advance(timedelta(seconds=3))
        await one.made.ticker.fire_timers()
        await one.made.delivery.drain(timedelta(seconds=5))
        dying.dies = False
        one.made.clock.advance(timedelta(minutes=20))
        await one.made.wait(timedelta(seconds=1))
        assert "Scripted: how do I price it?" in one.sent[-1]
        assert len(other.streamed) == 1
        (row,) = [row for row in await one.read(model_call) if row.purpose == "reply"]
        assert (row.usage_known, row.outcome) == (False, "failed")
        await one.check_books()


async def test_no_sdk_and_no_key_reaches_the_rows(other: Elsewhere, tmp_path: Path) -> None:
    async with town(tmp_path, other) as one:
        await one.say("how do I price it?")
        assert all(headers["authorization"] == "Bearer key" for headers in other.headers)
        (row,) = await one.read(spend)
        assert row.level == 0
