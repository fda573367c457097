"""The banner of an incident, flags with a life, and who we are in versions (BC-2, OR-1, OR-3)."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from importlib import resources
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.assembly.services import register_services
from bot.core.settings import Settings
from bot.core.sms import encoding_of
from bot.engine.registry import Registry
from handlers.campaigns.banner import FRESH
from storage import organisation
from storage.alerts import alert
from storage.audit import audit
from storage.billing import suspensions
from storage.switches import switch_value
from tests.handlers.campaigns.world import open_house, texts

DAY = timedelta(days=1)
DELAY = "Letters are a day late; nothing is lost."


async def test_bc_2_the_banner_stands_once_before_the_next_reply_of_each(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        dana, eve = await house.people(1, 1)
        await house.do("incident on", DELAY)
        assert texts(dana, DELAY) == 0
        for phone in (dana, eve):
            house.harness.clock.advance(FRESH)
            await phone.say("menu")
            await phone.say("menu")
            assert texts(phone, DELAY) == 1
            assert DELAY in phone.messages[-2].text
        await house.do("incident on", "Telegram is slow.")
        house.harness.clock.advance(FRESH)
        await dana.say("menu")
        assert "Telegram is slow." in dana.last.text


async def test_bc_2_the_banner_goes_and_reaches_nobody_who_is_not_answered(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        dana, eve = await house.people(2)
        await house.do("incident on", DELAY)
        house.harness.clock.advance(FRESH)
        await eve.say("stop")
        await eve.say("what?")
        assert texts(eve, DELAY) == 0
        await house.do("incident off")
        house.harness.clock.advance(FRESH)
        await dana.say("menu")
        assert texts(dana, DELAY) == 0


async def test_or_3_a_kill_switch_switches_a_feature_off_for_everybody(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        assert await house.do("flag off", "coaching kill_switch") == "coaching is off."
        assert await house.harness.writers.run(suspensions.switched_off) == {"coaching"}
        await house.harness.wait(400 * DAY)
        assert "coaching off, kill_switch, stays, by ada" in await house.do("flag list")
        await house.do("flag drop", "coaching")
        assert await house.harness.writers.run(suspensions.switched_off) == frozenset()
        assert "no such flag" in await house.do("flag drop", "coaching")


async def test_or_3_a_kill_switch_of_nothing_is_refused_by_name(tmp_path: Path) -> None:
    """In an emergency a mistyped name must not be answered "is off"."""
    async with open_house(tmp_path) as house:
        said = await house.do("flag off", "coachng kill_switch")
        assert said == "Nothing is called coachng. A kill_switch is for one of: coaching, receipts."
        assert await house.do("flag list") == "No flags."
        assert await house.do("flag off", "coaching.messages kill_switch") == "coaching.messages is off."


def test_or_3_what_billing_answers_for_can_be_switched_off() -> None:
    registry = Registry()
    register_services(registry, Settings(parley_mode="demo", billing_enabled=True))
    assert {"coaching", "coaching.messages", "appeals"} <= registry.features


@pytest.mark.parametrize(("kind", "days"), [("release", 40), ("operational", 7)])
async def test_or_3_a_flag_that_outlived_its_kind_is_told_every_night(tmp_path: Path, kind: str, days: int) -> None:
    async with open_house(tmp_path) as house:
        await house.do("flag on", f"new_menu {kind}")
        assert await house.harness.writers.run(lambda work: switch_value(work, "flag.new_menu")) == "on"
        await house.harness.wait((days - 1) * DAY)
        assert await house.rows(sa.select(alert)) == []
        assert "OVERDUE" not in await house.do("flag list")
        await house.do("flag off", "new_menu")
        await house.harness.wait(3 * DAY)
        assert [row.kind for row in await house.rows(sa.select(alert))] == ["flag_overdue"] * 3
        assert f"new_menu off, {kind}" in await house.do("flag list")
        assert "OVERDUE" in await house.do("flag list")
        await house.do("flag drop", "new_menu")
        await house.harness.wait(5 * DAY)
        assert len(await house.rows(sa.select(alert))) == 3


@pytest.mark.parametrize("argument", ["", "Big", "x", "name gold", "a b c"])
async def test_or_3_a_flag_without_a_name_or_kind_is_refused(tmp_path: Path, argument: str) -> None:
    async with open_house(tmp_path) as house:
        assert "one kind" in await house.do("flag on", argument)
        await house.do("flag on", "mine release")
        assert "one kind" in await house.do("flag off", "mine operational")


async def test_or_1_every_change_is_a_version_and_the_old_one_stays(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        assert (await house.do("org show")).startswith("Version 0\nname: Parley")
        assert "Version 1" in await house.do("org set", "name Asha Traders")
        assert "Version 2" in await house.do("org set", "legal 12 Mill Road; Reg. 4711")
        number, found = await house.harness.writers.run(organisation.current)
        assert (number, found.block) == (2, ["Asha Traders", "12 Mill Road", "Reg. 4711"])
        rows = await house.rows(sa.select(organisation.organisation.c.version, organisation.organisation.c.body))
        assert [row.version for row in rows] == [1, 2]
        assert b"Mill" not in rows[1].body
        acts = await house.rows(sa.select(audit.c.action, audit.c.object))
        assert [tuple(row) for row in acts] == [("org.set", "organisation:1"), ("org.set", "organisation:2")]


@pytest.mark.parametrize("argument", ["", "colour red", "zone Mars/Base", "name", "owners_channel us"])
async def test_or_1_a_field_that_does_not_fit_is_refused(tmp_path: Path, argument: str) -> None:
    async with open_house(tmp_path) as house:
        assert "and a value that fits" in await house.do("org set", argument)


async def test_or_1_what_the_host_sets_is_shown_with_its_name_and_not_set_here(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        house.harness.registry.house = organisation.Organisation("Asha Traders", zone="Asia/Kolkata", tax="IN-KA")
        shown = await house.do("org show")
        assert "name: Asha Traders\n" in shown
        assert "zone: Asia/Kolkata\n" in shown
        assert "tax: IN-KA (BILLING_TAX and QUOTES_FILE)" in shown
        for field, place in {"tax none": "BILLING_TAX", "staff_group -1": "TELEGRAM_STAFF_GROUP"}.items():
            assert f"is not set here but by {place}" in await house.do("org set", field)
        await house.do("org set", "legal 12 Mill Road")
        found = await house.harness.writers.run(organisation.current)
        assert (found[1].name, found[1].zone) == ("Asha Traders", "Asia/Kolkata"), "the first version begins there"


async def test_or_1_two_at_once_make_two_versions_or_one_refusal(tmp_path: Path) -> None:
    async with open_house(tmp_path) as house:
        _, found = await house.harness.writers.run(organisation.current)
        stale = await house.harness.writers.run(lambda work: organisation.amend(work, 0, found, actor="a"))
        again = await house.harness.writers.run(lambda work: organisation.amend(work, 0, found, actor="b"))
        assert (stale, again) == (True, False)


def test_the_texts_of_campaigns_are_plain_and_name_no_word_that_they_do_not_mean() -> None:
    source = resources.files("handlers.campaigns").joinpath("texts/en.toml").read_text("utf-8")
    found: dict[str, str] = tomllib.loads(source)
    assert [key for key, text in found.items() if encoding_of(text) != "GSM-7" or len(text) > 153] == []
    reserved = re.compile(r"\b(?:YES|CANCEL|END|QUIT|START|HELP|INFO|UNSUBSCRIBE|REVOKE|OPTOUT)\b")
    assert [key for key, text in found.items() if reserved.search(text)] == []
