"""The catalogue of staff: every row and every button goes through the gate, whoever comes (CM-1, CM-3, A103, A104)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.assembly.services import register_services
from bot.core.clock import FixedClock
from bot.core.errors import Misconfigured
from bot.core.settings import Settings, with_business
from bot.engine.registry import Registry
from bot.engine.staff import Risk, StaffCommand
from bot.engine.turn import Turn
from handlers import admin
from handlers.admin.roles import packaged
from handlers.support.bridge import cards, hearing
from storage.audit import audit
from storage.staff_actions import staff_action
from tests.handlers.admin.desk import NOW, Desk, button, told

# -- CM-1: the catalogue -----------------------------------------------------------------------------------------------


def test_a103_a_command_without_a_row_stops_the_start() -> None:
    registry = Registry()
    admin.register(registry)
    registry.command("frob")(lambda turn, argument: True)
    with pytest.raises(Misconfigured, match="/frob"):
        registry.complete()


def test_cm_1_a_row_whose_permission_no_role_has_stops_the_start() -> None:
    registry = Registry()
    admin.register(registry)
    registry.staff_command(StaffCommand("frob", Risk.COUNTERS, "frob.all", "/frob", _nothing, "frob"))
    with pytest.raises(Misconfigured, match=r"frob\.all"):
        registry.complete()


@pytest.mark.parametrize("risk", [Risk.GRAVE, Risk.GUARDED])
def test_cm_4_a_grave_row_without_a_dry_run_stops_the_start(risk: Risk) -> None:
    with pytest.raises(ValueError, match="dry run"):
        Registry().staff_command(StaffCommand("frob", risk, "self", "/frob", _nothing, "frob"))


def _nothing(turn: Turn, argument: str, member: object) -> str:
    return ""


def _bare(registry: Registry) -> list[StaffCommand]:
    """Return the rows that ask for a role; /status is a person's word too."""
    return [row for row in registry.staff.values() if row.name not in (*registry.commands, "status")]


async def _silenced(desk: Desk) -> tuple[int, int]:
    """Return how many rows of the audit speak of something done beyond counters, and how many acts were begun."""
    harmless = [f"command:{row.name}" for row in desk.registry.staff.values() if row.risk is Risk.COUNTERS]
    done = sa.select(sa.func.count()).where(audit.c.action == "staff.executed", audit.c.object.not_in(harmless))
    begun = sa.select(sa.func.count()).select_from(staff_action).where(staff_action.c.kind == "act")
    return await desk.database.read(lambda c: (c.execute(done).scalar_one(), c.execute(begun).scalar_one()))


def _release(registry: Registry) -> None:
    """Register every service that there is: whatever rows they add are tried here too."""
    settings = with_business(Settings(_env_file=None, parley_mode="demo"))
    register_services(registry, settings)


@pytest.fixture
async def release(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk with all commands of a release, and ann, an owner who is logged in."""
    async with Desk.open(_release, tmp_path, FixedClock(NOW)) as opened:
        assert isinstance(opened, Desk)
        await opened.member("ann", "5001")
        yield opened


async def test_cm_1_every_command_refuses_a_stranger_a_small_role_and_a_locked_member(release: Desk) -> None:
    """A stranger hears what they would hear if there were no commands (A104), and nothing was done by anybody."""
    desk = release
    small, locked = await desk.member("mia", "5003", "marketing"), await desk.member("leo", "5004")
    await locked.say("/lock")
    before, roles = await _silenced(desk), packaged()
    gate = desk.registry.gate
    for number, row in enumerate(_bare(desk.registry), 6000):
        heard = []
        for other, door in ((0, gate), (1000, None)):
            desk.registry.gate = door
            heard.append(await told(desk.phone("telegram", f"7:{number + other}"), f"/{row.name} 1"))
        desk.registry.gate = gate
        assert heard[0] == heard[1], row.name
        if row.permission not in roles.role("marketing").permissions:
            assert "Your role does not allow that" in await told(small, f"/{row.name} 1"), row.name
        if row.risk >= Risk.PERSONAL:
            assert "Log in first" in await told(locked, f"/{row.name} 1"), row.name
    assert await _silenced(desk) == before
    names = [row.name for row in _bare(desk.registry)]
    assert {name for name in names if "denied stranger" not in await desk.trail(name)} == set()


async def test_a104_by_sms_nobody_hears_of_any_command_and_who_is_of_the_staff_hears_no_more(release: Desk) -> None:
    """One phone with the gate and one without it say the same; /login is judged without a row's permission, too."""
    desk, gate = release, release.registry.gate
    phones = [desk.phone("sms", number) for number in ("+14155550177", "+14155550178")]
    before = await _silenced(desk)
    for name in desk.registry.staff:
        heard = []
        for phone, door in zip(phones, (gate, None), strict=True):
            desk.registry.gate = door
            heard.append((await told(phone, f"/{name} 123456")).replace(phone.handle, "number"))
        desk.registry.gate = gate
        assert heard[0] == heard[1], name
        desk.clock.advance(timedelta(seconds=5))
    assert await _silenced(desk) == before


def test_cm_1_every_door_of_staff_is_known_and_stands_for_rows(release: Desk) -> None:
    """A button or an event of staff that somebody adds is not behind the gate until it is named here."""
    registry = release.registry
    persons = {"books", "coach", "coach_later", "plans", "quote", "receipt", "receipt_later", "stars_plan", "support"}
    assert set(registry.buttons) - persons == {"gate", "support_draft"}
    staffs = {"staff_group:button", "staff_group:edited", "staff_group:message"}
    assert {name for name in registry.handlers if "staff" in name.partition(":")[0]} == staffs
    assert set(registry.commands) == {"login"}
    assert set(hearing.GATED.values()) <= set(registry.staff)
    assert {name for _, name in cards.WAYS} | {"send", "discard"} == set(hearing.GATED)


async def test_cm_3_every_button_refuses_a_stranger_a_small_role_a_locked_member_and_another(release: Desk) -> None:
    desk = release
    stranger = desk.phone("telegram", "7:6001")
    small, locked = await desk.member("mia", "5003", "marketing"), await desk.member("leo", "5004")
    await locked.say("/lock")
    before, old = await _silenced(desk), [m.text for m in await stranger.press("!nosuch:1")]
    for row in _bare(desk.registry):
        if row.risk is Risk.COUNTERS:
            continue
        for phone, name, words in (
            (small, "mia", "Your role does not allow that"), (locked, "leo", "Log in first"),
            (small, "ann", "This button is not yours"),
        ):  # fmt: skip
            if name == "mia" and row.permission in packaged().role("marketing").permissions:
                continue
            data = await button(desk, row.name, "1", of=name)
            assert words in "\n".join(m.text for m in await phone.press(data)), row.name
        assert [m.text for m in await stranger.press(await button(desk, row.name, "1", of="ann"))] == old, row.name
    assert await _silenced(desk) == before
