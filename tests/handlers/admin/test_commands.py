"""The operators' commands over a real database, with appeals' own operations behind them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.events import Event
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers import admin
from handlers.admin.gate import AdminSettings
from storage.switches import switch_value
from tests.handlers.admin.desk import Desk, ann


class Boom(Exception):
    """A bug in a service."""


async def _kill(desk: Desk) -> int:
    """Let an event fail five times; return its id."""
    sent = await desk.writers.run(desk.dispatcher.intake(Event("stripe", "evt_1", "boom", {"object": {}})))
    for _ in range(6):
        await desk.wait(timedelta(minutes=2))
    return int(sent.inbox_id)


async def _open(desk: Desk) -> None:
    await ann(desk).say(f"/login {desk.code()}")
    await desk.wait(timedelta(seconds=31))


async def test_ful_9_dead_letters_are_listed_shown_retried_and_dropped(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        _with_bug_registered(desk)
        await _open(desk)
        letter = await _kill(desk)
        await ann(desk).say("/dead list")
        ann(desk).expect(f"{letter} inbox stripe:boom Boom")
        await ann(desk).say(f"/dead show {letter}")
        ann(desk).expect("5 tries")
        desk.registry.settings[Boom] = True
        await ann(desk).say(f"/dead retry {letter}")
        await ann(desk).say("/dead list")
        ann(desk).expect("No dead letters")
        await ann(desk).say(f"/dead drop {letter}")
        ann(desk).expect("There is no dead letter of that number")
        assert f"operator:ann dead.retry inbox:{letter}" in await desk.acts()


def _with_bug_registered(desk: Desk) -> None:
    """Register a handler with a bug, until it is mended."""

    @desk.registry.on("stripe:boom")
    def boom(turn: Turn) -> None:
        if desk.registry.settings.get(Boom) is None:
            raise Boom


async def test_ful_9_a_retry_needs_a_fresh_code(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        code = desk.code()
        await ann(desk).say(f"/login {code}")
        await ann(desk).say(f"/retry 77 {code}")
        ann(desk).expect("used before")
        await ann(desk).say("/retry 77 000000")
        ann(desk).expect("not right")
        assert not any("letter.retry" in act for act in await desk.acts())
        await desk.wait(timedelta(seconds=31))
        await ann(desk).say(f"/retry 77 {desk.code()}")
        ann(desk).expect("Payment 77: asked")
        assert "operator:ann letter.retry.asked payment:77" in await desk.acts()


async def test_a_service_that_is_off_is_named(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        await _open(desk)
        await ann(desk).say("/case show A-23456")
        ann(desk).expect("switched off")


@pytest.mark.parametrize("text", ["/dead frob", "/case", "/mail", "/city what", "/retry"])
async def test_wrong_words_get_the_usage(tmp_path: Path, text: str) -> None:
    async with Desk.staffed(tmp_path) as desk:
        await _open(desk)
        await ann(desk).say(text)
        ann(desk).expect("Use /")


async def test_reports_answer(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        await _open(desk)
        await ann(desk).say("/status")
        ann(desk).expect("dead letters: 0 in, 0 out", "mail: on", "last backup: none")
        await ann(desk).say("/stats today")
        ann(desk).expect("new persons: 1")
        await ann(desk).say("/audit")
        ann(desk).expect("operator:ann status", "operator:ann login operator:ann")


# -- mail, with appeals' own switch ----------------------------------------------------------------------------------


def _appeals_mail(desk: Desk) -> None:
    from handlers.appeals.operator_port import pause, resume

    desk.registry.operation("appeals.pause")(pause)
    desk.registry.operation("appeals.resume")(resume)


async def _paused(desk: Desk) -> bool:
    value: str | None = await desk.writers.run(lambda work: switch_value(work, "pause_all_mail"))
    return value == "on"


async def test_ful_10_one_pauses_and_a_second_operator_must_agree_to_resume(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        _appeals_mail(desk)
        await desk.enroll("bob", "5002")
        bob = desk.phone("telegram", "7:5002")
        await _open(desk)
        await bob.say(f"/login {desk.code()}")
        await ann(desk).say("/mail pause")
        assert await _paused(desk)
        await desk.wait(timedelta(seconds=31))
        await ann(desk).say(f"/mail resume {desk.code()}")
        ann(desk).expect("A second operator")
        assert await _paused(desk)
        await desk.wait(timedelta(seconds=31))
        await ann(desk).say(f"/mail resume {desk.code()}")
        assert await _paused(desk)
        await bob.say(f"/mail resume {desk.code()}")
        bob.expect("Mail is on")
        assert not await _paused(desk)


async def test_ful_10_in_demo_a_single_operator_may_resume_saying_so(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        _appeals_mail(desk)
        desk.registry.settings[AdminSettings] = AdminSettings(demo=True)
        await _open(desk)
        await ann(desk).say("/mail pause")
        await ann(desk).say(f"/mail resume {desk.code()}")
        ann(desk).expect("Demo mode", "Mail is on")
        assert "operator:ann mail.resume.alone" in await desk.acts()
        assert not await _paused(desk)


def test_every_command_of_the_terminal_is_a_command_of_the_chat() -> None:
    registry = Registry()
    admin.register(registry)
    assert set(admin.COMMANDS) <= set(registry.commands)
