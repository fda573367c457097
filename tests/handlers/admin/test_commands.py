"""The operators' commands over a real database, with appeals' own operations behind them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.clock import FixedClock
from bot.core.events import Event
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers import admin, appeals
from handlers.admin.members import AdminSettings
from storage.switches import switch_value
from tests.handlers.admin.desk import NOW, Desk, ann, told
from tests.simulation.services import business, everything


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
        letter = await _kill(desk)
        await _open(desk)
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


async def test_ful_9_a_dead_letter_is_dropped_after_its_dry_run_and_a_code(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        _with_bug_registered(desk)
        letter = await _kill(desk)
        await _open(desk)
        assert f"DROP {letter} inbox stripe:boom Boom" in await told(ann(desk), f"/job drop {letter}")
        assert f"{letter} is dropped" in await told(ann(desk), f"drop {letter} {desk.fresh()}")
        assert "No dead letters" in await told(ann(desk), "/dead")
        assert f"operator:ann dead.drop inbox:{letter}" in await desk.acts()


def _with_bug_registered(desk: Desk) -> None:
    """Register a handler with a bug, until it is mended."""

    @desk.registry.on("stripe:boom")
    def boom(turn: Turn) -> None:
        if desk.registry.settings.get(Boom) is None:
            raise Boom


@pytest.mark.parametrize("text", ["/dead frob", "/user", "/gate set unlock 99", "/gate set frob 1", "/tfa"])
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
        await ann(desk).say("/stats qoutes")
        ann(desk).expect("There are no such figures.")
        assert {"operator:ann staff.executed command:status", "operator:ann login operator:ann"} <= set(
            await desk.acts()
        )


# -- mail, with appeals' own switch ----------------------------------------------------------------------------------


def _appeals_mail(desk: Desk) -> None:
    from handlers.appeals.staff import register_rows

    desk.registry.add_texts(Path(appeals.__file__).with_name("texts_after"))
    register_rows(desk.registry)


async def _paused(desk: Desk) -> bool:
    value: str | None = await desk.writers.run(lambda work: switch_value(work, "pause_all_mail"))
    return value == "on"


async def test_ful_10_one_pauses_and_a_second_must_agree_to_resume(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        _appeals_mail(desk)
        bob = await desk.member("bob", "5002", "admin")
        await _open(desk)
        await ann(desk).say("/mail pause")
        assert await _paused(desk)
        assert "RESUME MAIL" in await told(ann(desk), "/mail resume")
        answer = await told(ann(desk), f"mail resume {desk.fresh()}")
        assert "It waits for somebody else" in answer
        assert await _paused(desk)
        await bob.tap("Approve")
        ann(desk).expect("Mail is on")
        assert not await _paused(desk)


async def test_ful_10_in_demo_a_single_operator_may_resume_saying_so(tmp_path: Path) -> None:
    async with Desk.staffed(tmp_path) as desk:
        _appeals_mail(desk)
        desk.registry.settings[AdminSettings] = AdminSettings(demo=True)
        await _open(desk)
        await ann(desk).say("/mail pause")
        await ann(desk).say("/mail resume")
        await ann(desk).say(f"mail resume {desk.fresh()}")
        ann(desk).expect("Demo mode", "Mail is on")
        assert "approved demo mode with a single operator" in await desk.trail("mail resume")
        assert not await _paused(desk)


def test_every_command_of_the_terminal_is_a_command_of_the_chat() -> None:
    registry = Registry()
    everything(registry)
    assert set(admin.COMMANDS) <= {name.partition(" ")[0] for name in registry.staff}


async def test_cm_1_a_command_without_its_words_says_how_it_is_used_and_asks_for_no_code(tmp_path: Path) -> None:
    async with Desk.open(business, tmp_path, FixedClock(NOW)) as desk:
        assert isinstance(desk, Desk)
        await desk.enroll("ann", "5001")
        desk.registry.complete()
        wanting = {n: row for n, row in desk.registry.staff.items() if row.wants_words and not row.needs_code}
        assert {"sub change", "user suspend", "ticket show", "coupon new", "reply"} <= set(wanting)
        assert not {"audit", "tickets", "city", "dead", "stats today", "whoami"} & set(wanting)
        for name, row in wanting.items():
            if name != "login":
                await desk.wait(timedelta(seconds=31))
                await ann(desk).say(f"/login {desk.code()}")
                assert f"Use {row.usage}"[:60] in await told(ann(desk), f"/{name}"), name
        assert not [act for act in await desk.acts() if "staff.challenged" in act]


@pytest.mark.parametrize(
    "text", ["/sub change frob pro month", "/sub cancel frob now", "/sub comp frob pro 30 long enough"]
)
async def test_cm_4_a_grave_act_that_does_not_fit_has_no_dry_run(text: str, tmp_path: Path) -> None:
    async with Desk.open(business, tmp_path, FixedClock(NOW)) as desk:
        assert isinstance(desk, Desk)
        await desk.enroll("ann", "5001")
        await _open(desk)
        answer = await told(ann(desk), text)
        assert "There is no such person" in answer
        assert "Type within" not in answer
