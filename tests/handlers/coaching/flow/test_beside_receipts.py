"""Which service a message belongs to, when all of them are there (one chat for everything)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.assembly.services import register_services
from bot.core.clock import FixedClock
from bot.core.errors import Misconfigured
from bot.core.settings import Settings
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from storage.coaching.decisions import decision
from storage.coaching.tasks import event
from storage.receipts.receipts import receipt
from tests.handlers.coaching.flow.world import MONDAY, begun, rows, said
from tests.rows import each


def _all_services(registry: Registry) -> None:
    register_services(registry, Settings(parley_mode="demo"))
    registry.introduces = False


@asynccontextmanager
async def _town(where: Path) -> AsyncIterator[Harness]:
    async with Harness.open(_all_services, where, FixedClock(MONDAY), {}) as harness:
        yield harness


async def test_cap_6_a_purchase_is_a_receipt_and_a_price_is_a_decision(tmp_path: Path) -> None:
    async with _town(tmp_path) as harness:
        ann = await begun(harness, "sms")
        assert (await said(ann, "12.50 lunch joe's")).startswith("Joe's $12.50")
        await ann.say("ok")
        assert (await said(ann, "I'll charge $29 a month")).endswith("Reply OK, or send another price.")
        await ann.say("ok")
        assert [row.state for row in await rows(harness, receipt)] == ["confirmed"]
        assert [row.state for row in await rows(harness, decision)] == ["current"]


async def test_undo_takes_back_what_was_done_last(tmp_path: Path) -> None:
    async with _town(tmp_path) as harness:
        ann = await begun(harness, "sms")
        await ann.say("12.50 lunch joe's")
        await ann.say("ok")
        await ann.say("DONE 1.4")
        assert await said(ann, "undo") == "Taken back. Task 1.4 is open again."
        assert [row.kind for row in await rows(harness, event)] == ["done", "undone"]
        await ann.say("12.90 lunch joe's")
        await ann.say("ok")
        assert "Task" not in await said(ann, "undo")


async def test_the_menu_names_the_coach_and_opens_it(tmp_path: Path) -> None:
    async with _town(tmp_path) as harness:
        ann = harness.phone("telegram")
        (menu,) = await ann.say("menu")
        assert "Launch a community" in menu.buttons
        (asked, *_) = await ann.tap("Launch a community")
        assert "Where do you mostly publish?" in asked.text


async def test_a_parking_ticket_is_no_word_to_the_coach(tmp_path: Path) -> None:
    async with _town(tmp_path) as harness:
        ann = await begun(harness, "sms")
        assert "I did not get that" not in await said(ann, "parking ticket")


async def test_oc_2_the_plan_is_obeyed_in_the_middle_of_another_service(tmp_path: Path) -> None:
    async with _town(tmp_path) as harness:
        ann = await begun(harness, "sms")
        await ann.say("parking ticket")
        assert "Phase 1" in " ".join(m.text for m in await ann.say("PLAN"))
        assert "Task 1.4 done" in " ".join(m.text for m in await ann.say("DONE 1.4"))
        assert [row.kind for row in await rows(harness, event)] == ["done"]


@each("enabled", [True, False])
def test_the_switch_turns_the_coach_off(enabled: bool) -> None:
    registry = Registry()
    register_services(registry, Settings(parley_mode="demo", coaching_enabled=enabled))
    assert ("coach_profile" in registry.flows) is enabled
    assert any(entry[0] == "coach" for entry in registry.menu) is enabled


def test_c04_a_broken_plan_of_an_operator_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "mine.json").write_text("{}", "utf-8")
    settings = Settings(parley_mode="demo", coaching_plans=str(tmp_path))
    with pytest.raises(Misconfigured, match=r"mine\.json"):
        register_services(Registry(), settings, at_once=False)
    register_services(Registry(), settings.model_copy(update={"coaching_enabled": False}), at_once=False)
