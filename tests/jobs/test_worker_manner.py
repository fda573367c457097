"""What every call of the worker keeps to: its place, its log line, its typing (VEN-1, VEN-11, TG-6)."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

import pytest

from bot.core.calls import Done, Outcome
from bot.core.calls.channels import FindSms, SendSms, SentSms, ShowTyping
from bot.core.events import Event
from bot.core.ports import Attempt, note_request
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from jobs.presence import TYPING_AFTER, TYPING_EVERY
from tests.jobs.plant import Vendor, notices, notify, plant, sms

BODY = "canary words for Ann"


async def test_ven_11_each_call_is_logged_with_its_numbers_and_never_with_its_body(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(call: SendSms, attempt: Attempt) -> Outcome:
        note_request("RQ123")
        return Done(SentSms("SM1", "queued"))

    async with plant(tmp_path, sms(answer), register=notices) as made:
        await made.text("hi")
        await made.settle()
        caplog.clear()
        with caplog.at_level(logging.DEBUG):
            await notify(made, (await made.rows())[0].person_id, BODY)
            await made.settle()
        (line,) = [record for record in caplog.records if record.name == "parley.delivery" and record.msg == "call"]
        row = (await made.rows())[-1]
        told = {
            name: getattr(line, name) for name in ("vendor", "operation", "outcome", "attempt", "outbox", "request")
        }
        assert told == {
            "vendor": "twilio", "operation": "SendSms", "outcome": "done", "attempt": 1, "outbox": row.id,
            "request": "RQ123",
        }  # fmt: skip
        assert line.ms >= 0  # type: ignore[attr-defined]
        written = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
        assert "canary" not in written
        assert "4155550123" not in written


async def test_ven_1_a_calls_answer_is_an_inbox_event_in_the_commit_that_marks_its_row(tmp_path: Path) -> None:
    commits: list[tuple[str, ...]] = []

    def register(registry: Registry) -> None:
        notices(registry)

        @registry.on("call:test.found")
        def found(turn: Turn) -> None:
            turn.silent = True

    vendor = Vendor("twilio", {FindSms: lambda call, attempt: Done(), SendSms: lambda c, a: Done()})
    async with plant(tmp_path, vendor, register=register) as made:
        await made.text("hi")
        await made.settle()
        session = made.writers._writers[0]._session
        write_many, commit, batch = session.write_many, session.commit, list[str]()

        def noted(hot: Any, params: Any) -> None:
            batch.append(hot.name)
            write_many(hot, params)

        def committed() -> None:
            commits.append(tuple(batch))
            batch.clear()
            commit()

        session.write_many, session.commit = noted, committed  # type: ignore[method-assign]
        await made.event(Event("stripe", "e", "call", {"person": (await made.rows())[0].person_id}))
        await made.settle()
        marking = [names for names in commits if "mark outbox" in names]
        rows = [row for row in await made.rows("sent") if row.kind == "call"]
        assert len(rows) == len(marking) == 1
        waiting = await made.database.read(lambda c: c.exec_driver_sql("SELECT source FROM inbox").all())
        assert ("call",) in [tuple(row) for row in waiting]


class Working:
    """A slow vendor whose end the test decides, and a clock of pauses."""

    def __init__(self) -> None:
        self.ends, self.pauses, self.shown = asyncio.Event(), asyncio.Queue[float](), 0
        self.vendor = Vendor("telegram", {ShowTyping: self._typing})
        self.vendor.calls[FindSms] = self._find
        self.steps: asyncio.Queue[None] = asyncio.Queue()

    def _typing(self, call: ShowTyping, attempt: Attempt) -> Outcome:
        self.shown += 1
        return Done()

    async def _find(self, call: FindSms, attempt: Attempt) -> Outcome:
        await self.ends.wait()
        return Done()

    async def pause(self, seconds: float) -> None:
        """Wait until the test lets time go on."""
        self.pauses.put_nowait(seconds)
        await self.steps.get()


async def test_tg_6_typing_is_shown_after_a_second_and_again_every_four_until_the_answer(tmp_path: Path) -> None:
    work = Working()

    def register(registry: Registry) -> None:
        notices(registry)

        @registry.on("stripe:long")
        def slow(turn: Turn) -> None:
            turn.call(FindSms("+14155550123", "x", 0), key="slow", typing=True)

    async with plant(tmp_path, work.vendor, register=register) as made:
        made.delivery.presence.sleep = work.pause
        await made.text("hi", handle="7:500", channel="telegram")
        person = (await made.rows())[0].person_id
        await made.event(Event("stripe", "s", "long", {"person": person}))
        for shown, wanted in enumerate([TYPING_AFTER, TYPING_EVERY, TYPING_EVERY]):
            assert await asyncio.wait_for(work.pauses.get(), 5) == wanted
            assert work.shown == shown
            work.steps.put_nowait(None)
        await asyncio.wait_for(work.pauses.get(), 5)
        work.ends.set()
        await made.settle()
        assert work.shown == 3
        assert made.delivery.in_flight == 0
