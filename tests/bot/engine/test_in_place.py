"""TG-5: a tapped question loses its buttons, or the next takes its place; what is typed gets a message of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from bot.core.calls import Done
from bot.core.calls.channels import Button, EditTelegram, SendTelegram
from bot.core.clock import FixedClock
from bot.core.errors import Mistake
from bot.core.events import Event
from bot.core.prompts import Answer, Ask, Choice
from bot.engine.compose import may_answer
from bot.engine.flow import Flow, Goto, Next, Stay
from bot.engine.harness import Harness
from bot.engine.phone import Phone
from bot.engine.registry import Registry
from bot.engine.turn import Turn

OK = Choice("ok", "ok", words=("ok",))
TEXTS = {"ok": "OK", "line": "line {n}?", "other": "other?", "said": "noted", "bad": "not that", "engine.menu": "menu"}


class Draft(BaseModel):
    """Nothing."""


def make_flow() -> Flow[Draft]:
    flow = Flow("check", Draft, version=1, first="line_1", entry=("check",))
    for number in (1, 2, 3):

        def ask(turn: Turn, number: int = number) -> Ask:
            files = ((5, "page.pdf"),) if number == 3 else ()
            return Ask("line", {"n": number}, (OK,), ("choice", "text"), files=files, open_choices=True, in_place=True)

        def take(turn: Turn, answer: Answer, number: int = number) -> Next:
            ways: dict[str, Next] = {"other": Goto("other"), "three": Goto("line_3")}
            if answer.text == "bad":
                raise Mistake("bad")
            if answer.text == "say":
                turn.say("said")
            return ways.get(answer.text, Goto(f"line_{3 - number}") if number < 3 else Stay())

        flow.ask(f"line_{number}")(ask)
        flow.take(f"line_{number}")(take)
    flow.ask("other")(lambda turn: Ask("other", choices=(OK,), expects=("choice",)))
    flow.take("other")(lambda turn, answer: Goto("line_1"))
    return flow


@asynccontextmanager
async def opened(where: Path, clock: FixedClock) -> AsyncIterator[tuple[Harness, Phone]]:
    def register(registry: Registry) -> None:
        registry.introduces = False
        registry.catalogue.add("en", TEXTS)
        registry.add_flow(make_flow())

    async with Harness.open(register, where, clock, {EditTelegram: lambda call, h: Done()}) as h:
        phone = h.phone("telegram")
        await phone.say("check")
        yield h, phone


def edits(h: Harness) -> list[EditTelegram]:
    return [call for call in h.calls if isinstance(call, EditTelegram)]


async def test_a_tap_puts_the_next_line_in_the_place_of_the_last(tmp_path: Path, clock: FixedClock) -> None:
    async with opened(tmp_path, clock) as (h, phone):
        (shown,) = await phone.tap("OK")
        assert (shown.text, shown.replaces, list(shown.buttons)) == ("line 2?", 1, ["OK"])
        assert edits(h) == [], "taking the keyboard away as well would race with the new one"
        (shown,) = await phone.tap("OK")
        assert (shown.text, shown.replaces) == ("line 1?", 1)


async def test_what_is_typed_is_answered_by_a_message_of_its_own(tmp_path: Path, clock: FixedClock) -> None:
    async with opened(tmp_path, clock) as (h, phone):
        (shown,) = await phone.say("say")
        assert (shown.text, shown.replaces) == ("noted\n\nline 2?", None)
        assert edits(h) == []


async def test_a_question_of_another_place_is_a_new_message_and_the_old_keyboard_goes(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with opened(tmp_path, clock) as (h, phone):
        await phone.say("other")
        (shown,) = await phone.tap("OK")
        assert (shown.text, shown.replaces) == ("line 1?", None)
        assert edits(h) == [EditTelegram(5001, 1)]


async def test_a_question_with_a_file_is_never_in_place(tmp_path: Path, clock: FixedClock) -> None:
    async with opened(tmp_path, clock) as (h, phone):
        await phone.say("three")
        shown = await phone.tap("OK")
        assert [message.replaces for message in shown] == [None, None]
        assert edits(h) == [EditTelegram(5001, 1)]


async def test_an_old_button_changes_no_message(tmp_path: Path, clock: FixedClock) -> None:
    async with opened(tmp_path, clock) as (h, phone):
        old = next(iter(phone.last.buttons.values()))
        await phone.say("say")
        h.registry.catalogue.add("en", {"engine.old_button": "old"})
        (shown,) = await phone.press(old)
        assert (shown.text, shown.replaces) == ("old\n\nline 2?", None)
        assert edits(h) == []


async def test_sms_has_nothing_to_change(tmp_path: Path, clock: FixedClock) -> None:
    async with opened(tmp_path, clock) as (h, _):
        phone = h.phone("sms")
        await phone.say("check")
        (shown,) = await phone.say("ok")
        assert "line 2?" in shown.text
        assert edits(h) == []


@pytest.mark.parametrize("replaces", [None, 7])
def test_a_change_never_leaves_in_the_webhook_response(replaces: int | None) -> None:
    class Shown:
        event = Event("telegram", "k", "button", {"chat_id": 5}, channel="telegram", handle="7:5")

    turn: Any = Shown()
    assert may_answer(turn, SendTelegram(5, "hi", buttons=[[Button("OK", data="1:0")]], replaces=replaces)) is (
        replaces is None
    )


async def test_a_crash_between_taps_changes_nothing_twice(tmp_path: Path, clock: FixedClock) -> None:
    async with opened(tmp_path, clock) as (h, phone):
        h.redeliver = h.restart = True
        shown = await phone.tap("OK")
        assert [message.text for message in shown] == ["line 2?"]
