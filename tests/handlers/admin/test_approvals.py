"""Acts that need somebody else: class 4, amounts beyond the role, and what owners hear of it (CM-5, A108, PY-5)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from handlers.admin.members import AdminSettings
from storage import operators
from storage.alerts import alert
from tests.handlers.admin.desk import Desk, ann, told


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk with ann, an owner who is logged in."""
    async with Desk.staffed(tmp_path) as opened:
        await ann(opened).say(f"/login {opened.code()}")
        yield opened


async def _wanted(desk: Desk, words: str, typed: str) -> str:
    """Let ann ask for an act that needs somebody else; return its number."""
    await ann(desk).say(words)
    answer = await told(ann(desk), f"{typed} {desk.fresh()}")
    assert "It waits for somebody else: /approve " in answer, answer
    return answer.split("/approve ")[1].split(",")[0]


async def test_class_4_is_done_when_somebody_else_approves(desk: Desk) -> None:
    bob = await desk.member("bob", "5002", "admin")
    mia = await desk.member("mia", "5003", "marketing")
    number = await _wanted(desk, "/purse guard x", "guard off")
    bob.expect("operator:ann wants: GUARD OFF.", "[Approve] [Refuse]")
    assert desk.purse.taken == []
    assert "Your role" in await told(mia, f"/approve {number}")
    await bob.tap("Approve")
    assert desk.purse.taken == [("x", "operator:ann")]
    ann(desk).expect("Did x.")
    assert "Did x." not in bob.screen, "the answer is the author's"
    assert await desk.trail("purse guard") == ["requested", "challenged", "approved", "executed"]


async def test_a108_nobody_approves_their_own_act(desk: Desk) -> None:
    await desk.member("bob", "5002")
    number = await _wanted(desk, "/purse guard x", "guard off")
    assert "Somebody else has to approve" in await told(ann(desk), f"/approve {number}")
    assert desk.purse.taken == []
    assert "denied own act" in await desk.trail("purse guard")


async def test_an_approval_is_over_after_fifteen_minutes(desk: Desk) -> None:
    bob = await desk.member("bob", "5002")
    number = await _wanted(desk, "/purse guard x", "guard off")
    desk.clock.advance(timedelta(minutes=15))
    await bob.say(f"/login {desk.fresh()}")
    assert "expired" in await told(bob, f"/approve {number}")
    assert desk.purse.taken == []
    assert (await desk.trail("purse guard"))[-1] == "expired"


async def test_an_approval_finds_the_state_that_was_shown_or_does_nothing(desk: Desk) -> None:
    bob = await desk.member("bob", "5002")
    number = await _wanted(desk, "/purse guard x", "guard off")
    desk.purse.left = 5
    assert "is off: changed" in await told(bob, f"/approve {number}")
    assert desk.purse.taken == []
    assert "Nothing of that number waits" in await told(bob, f"/approve {number}")


async def test_an_author_who_was_demoted_meanwhile_gets_nothing(desk: Desk) -> None:
    bob = await desk.member("bob", "5002")
    number = await _wanted(desk, "/purse guard x", "guard off")
    row = await desk.row()
    await desk.writers.run(lambda work: operators.change(work, row.id, role="support"))
    assert "is off" in await told(bob, f"/approve {number}")
    assert desk.purse.taken == []


async def test_somebody_else_refuses_and_the_author_hears_it(desk: Desk) -> None:
    bob = await desk.member("bob", "5002")
    await _wanted(desk, "/purse guard x", "guard off")
    await bob.tap("Refuse")
    ann(desk).expect("is off: refused")
    assert desk.purse.taken == []


async def test_with_nobody_else_a_guarded_act_is_off_and_in_demo_it_is_said_loudly(desk: Desk) -> None:
    await ann(desk).say("/purse guard x")
    assert "Nobody else could approve" in await told(ann(desk), f"guard off {desk.fresh()}")
    assert desk.purse.taken == []
    desk.registry.settings[AdminSettings] = AdminSettings(demo=True)
    await ann(desk).say("/purse guard x")
    answer = await told(ann(desk), f"guard off {desk.fresh()}")
    assert "Demo mode: nobody else is enrolled" in answer
    assert "Did x." in answer
    await desk.member("carol", "5003", "support")
    await ann(desk).say("/purse guard y")
    assert "Did y." in await told(ann(desk), f"guard off {desk.fresh()}"), "an agent cannot agree, so nobody else can"
    assert "approved demo mode with a single operator" in await desk.trail("purse guard")


async def test_pay_5_an_amount_beyond_the_role_needs_a_second_and_below_it_does_not(desk: Desk) -> None:
    bob = await desk.member("bob", "5002", "admin")
    number = await _wanted(desk, "/purse pay 1500", "pay P-1")
    assert desk.purse.taken == []
    await bob.say(f"/approve {number}")
    assert desk.purse.taken == [("1500", "operator:ann")]


async def test_cm_5_grave_acts_are_told_to_the_owners(desk: Desk) -> None:
    await ann(desk).say("/purse pay 500")
    await ann(desk).say(f"pay P-1 {desk.fresh()}")
    (row,) = await desk.database.read(lambda c: list(c.execute(sa.select(alert).where(alert.c.kind == "staff_act"))))
    assert json.loads(row.details)["command"] == "purse pay"
    assert json.loads(row.details)["by"] == "operator:ann"
