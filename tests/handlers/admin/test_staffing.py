"""Who is of the staff: invitations, roles, the last owner (section 11, TF-1, A109), the gate's own times (CM-6)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.errors import Misconfigured
from bot.core.events import Event
from bot.engine.phone import Phone
from bot.engine.staff import TERMINAL
from bot.engine.state import Conversation
from bot.engine.turn import Turn
from handlers.admin import roles
from storage import operators
from tests.handlers.admin.desk import Desk, ann, told


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk with ann, an owner, and bob, an admin; both are logged in."""
    async with Desk.staffed(tmp_path) as opened:
        await opened.member("bob", "5002", "admin")
        await ann(opened).say(f"/login {opened.code()}")
        yield opened


def _bob(desk: Desk) -> Phone:
    return desk.phone("telegram", "7:5002")


async def _agreed(desk: Desk, words: str, typed: str) -> str:
    """Let ann begin an act and bob agree; return what ann hears in the end, or why it was refused."""
    shown = await told(ann(desk), words)
    if f"{typed} CODE" not in shown:
        return shown
    await ann(desk).say(f"{typed} {desk.fresh()}")
    await _bob(desk).tap("Approve")
    return ann(desk).last.text


async def _invited(desk: Desk, name: str = "carol") -> str:
    answer = await _agreed(desk, f"/staff invite {name}", f"staff invite {name}")
    match = re.search(r"/start staff_(\S+)", answer)
    assert match is not None, answer
    return match[1]


async def test_tf_1_an_invitation_binds_one_telegram_user_once_and_they_set_up_a_factor(desk: Desk) -> None:
    token = await _invited(desk)
    assert len(f"staff_{token}") <= 64
    carol, dave = desk.phone("telegram", "7:7001"), desk.phone("telegram", "7:7002")
    assert "Welcome, carol" in await told(carol, f"/start staff_{token}")
    assert "Welcome" not in await told(dave, f"/start staff_{token}")
    assert "Set up your second factor first" in await told(carol, "/whoami")
    shown = await told(carol, "/tfa setup")
    secret = re.search(r"secret there: ([A-Z2-7]{32})", shown)
    assert secret is not None
    desk.clock.advance(timedelta(seconds=31))
    assert "Your second factor is set" in await told(carol, f"/login {desk.code(secret[1])}")
    assert "operator:carol, support_viewer" in await told(carol, "/whoami")


async def test_tf_1_an_invitation_ends_after_a_day_and_at_a_disabling(desk: Desk) -> None:
    token = await _invited(desk)
    desk.clock.advance(timedelta(hours=24))
    carol = desk.phone("telegram", "7:7001")
    assert "Welcome" not in await told(carol, f"/start staff_{token}")
    for phone in (ann(desk), _bob(desk)):
        await phone.say(f"/login {desk.fresh()}")
    token = await _invited(desk)
    await ann(desk).say("/staff disable carol")
    assert "carol is disabled" in await told(ann(desk), f"staff disable carol {desk.fresh()}")
    assert "Welcome" not in await told(carol, f"/start staff_{token}")


async def test_the_link_of_an_invitation_names_the_bot_when_it_is_known(desk: Desk) -> None:
    desk.registry.bot_username = "parley_bot"
    answer = await _agreed(desk, "/staff invite carol", "staff invite carol")
    assert "https://t.me/parley_bot?start=staff_" in answer
    assert "staff_" not in _bob(desk).last.text, "who approves does not get it"


async def test_a_disabled_member_is_out_at_once_and_comes_back_by_a_new_invitation(desk: Desk) -> None:
    carl = await desk.member("carl", "5003", "support")
    await ann(desk).say("/staff disable carl")
    await ann(desk).say(f"staff disable carl {desk.fresh()}")
    assert "carl" not in await told(carl, "/whoami")
    answer = await _agreed(desk, "/staff enable carl", "staff enable carl")
    assert "/start staff_" in answer
    assert (await desk.row("carl")).role == roles.FIRST


async def test_a_role_is_granted_and_revoked_when_somebody_else_agrees(desk: Desk) -> None:
    await desk.member("carl", "5003", roles.FIRST)
    shown = await told(ann(desk), "/role grant carl finance")
    assert "ROLE of carl: support_viewer -> finance. Somebody else has to agree." in shown
    assert "carl is finance now" in await _agreed(desk, "/role grant carl finance", "role carl")
    assert "operator:ann role.grant operator:carl" in await desk.acts()
    assert "finance (carl)" in await told(ann(desk), "/role list")
    assert "carl is support_viewer now" in await _agreed(desk, "/role revoke carl", "role carl")


@pytest.mark.parametrize("words", ["/role grant ann admin", "/role revoke ann", "/staff disable ann", "/tfa reset ann"])
async def test_nobody_changes_their_own_role(desk: Desk, words: str) -> None:
    assert "Nobody does that to themselves" in await told(ann(desk), words)


@pytest.mark.parametrize(
    "words", ["/role grant ann support", "/role revoke ann", "/staff disable ann", "/tfa reset ann"]
)
async def test_a109_the_last_owner_is_not_demoted_disabled_or_reset_even_from_the_host(desk: Desk, words: str) -> None:
    assert "leave nobody to own this" in await _at_host(desk, words)
    row = await desk.row("bob")
    await desk.writers.run(lambda work: operators.change(work, row.id, role="owner"))
    assert "leave nobody" not in await _at_host(desk, words), "with two owners it is a dry run"
    assert (await desk.row("ann")).role == "owner"


async def test_a109_two_owners_cannot_demote_each_other(desk: Desk) -> None:
    carl, row = await desk.member("carl", "5003", "admin"), await desk.row("bob")
    await desk.writers.run(lambda work: operators.change(work, row.id, role="owner"))
    await ann(desk).say("/role revoke bob")
    await ann(desk).say(f"role bob {desk.fresh()}")
    await _bob(desk).say("/role revoke ann")
    await _bob(desk).say(f"role ann {desk.fresh()}")
    for message in list(carl.messages):
        if "Approve" in message.buttons:
            await carl.press(message.buttons["Approve"])
    assert [(await desk.row(name)).role for name in ("ann", "bob")] == ["owner", roles.FIRST]


async def _at_host(desk: Desk, text: str) -> str:
    """Let whoever sits at the host's terminal say something; return what comes back."""

    def hear(work: Any) -> str:
        event = Event(TERMINAL, "terminal:1", "command", {"user": "root"})
        turn = Turn(desk.registry, work, event, inbox_id=1, person=None, address=None, conversation=Conversation())
        assert desk.registry.gate is not None
        assert desk.registry.gate(turn, text)
        return "\n".join(turn.lines)

    said: str = await desk.writers.run(hear)
    return said


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        ("/staff invite x", "A name is"),
        ("/staff invite bob", "bob is on the staff already"),
        ("/role grant nobody finance", "There is nobody"),
        ("/role grant bob king", "There is no such role"),
        ("/staff enable bob", "There is nobody"),
    ],
)
async def test_what_makes_no_sense_is_refused_before_any_code(desk: Desk, words: str, answer: str) -> None:
    assert answer in await told(ann(desk), words)


async def test_an_admin_manages_no_roles_and_sees_them(desk: Desk) -> None:
    assert "Your role" in await told(_bob(desk), "/role grant ann support")
    assert "Your role" in await told(_bob(desk), "/staff invite eve")
    assert "owner (ann)" in await told(_bob(desk), "/role list")


async def test_cm_6_the_gates_times_are_shortened_by_two_and_never_lengthened(desk: Desk) -> None:
    assert "code is 1 minutes now" in await _agreed(desk, "/gate set code 1", "gate set code")
    assert "Type within 1 minutes" in await told(ann(desk), "/purse pay 5")
    assert "code: 1 min (1 to 2)" in await told(ann(desk), "/gate show")
    assert "Use /gate set" in await told(ann(desk), "/gate set code 3")
    assert "Your role" in await told(_bob(desk), "/gate set code 2")


# -- the file of roles -------------------------------------------------------------------------------------------------


def test_the_roles_of_the_rules_carry_what_the_rules_say() -> None:
    found = roles.packaged()
    assert found.role("support_viewer").permissions == {"self", "ticket.list", "ticket.view", "report.ops"}
    assert found.role("finance").limits["refund_minor"] == 10_000
    assert found.role("admin").limits["refund_minor"] == 50_000
    assert found.role("owner").permissions == found.permissions
    guards = {"role.manage", "tfa.reset", "gate.set"}
    assert [role.name for role in found.by_name.values() if guards & role.permissions] == ["owner"]
    assert found.role("admin").permissions >= found.role("finance").permissions | found.role("marketing").permissions


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (lambda table: table.pop("finance"), "the roles must be"),
        (lambda table: table.update(king={"permissions": []}), "the roles must be"),
        (lambda table: table["support"].update(limit={}), "support has limit"),
        (lambda table: table["support"]["limits"].update(goodwill_letters="one"), "no whole number"),
        (lambda table: table["support"].update(includes=["boss"]), "includes boss"),
        (lambda table: table["support_viewer"].update(includes=["support"]), "includes"),
        (lambda table: table["owner"].update(includes=[]), "an owner lacks"),
    ],
)
def test_a_broken_file_of_roles_stops_the_start(change: object, named: str) -> None:
    table = tomllib.loads(roles.FILE.read_text("utf-8"))
    assert callable(change)
    change(table)
    with pytest.raises(Misconfigured, match=named):
        roles.read(table)
