"""Persons as staff see them: found by whole numbers, masked, noted, suspended and restored."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage import person_notes
from storage.billing import suspensions
from storage.people import address
from storage.person_notes import person_note
from tests.handlers.admin.desk import Desk, ann, told

NUMBER = "+14155550123"


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    """A desk with ann logged in, and a person who wrote by SMS."""
    async with Desk.staffed(tmp_path) as opened:
        await opened.phone("sms").say("hello")
        await ann(opened).say(f"/login {opened.code()}")
        yield opened


async def _person(desk: Desk) -> int:
    query = sa.select(address.c.person_id).where(address.c.channel == "sms")
    return int(await desk.database.read(lambda c: c.execute(query).scalar_one()))


@pytest.mark.parametrize("words", [NUMBER, "4155550123", "(415) 555-0123", "14155550123"])
async def test_a_person_is_found_by_their_whole_number_and_shown_masked(desk: Desk, words: str) -> None:
    answer = await told(ann(desk), f"/user find {words}")
    assert answer == f"person {await _person(desk)} (sms +1********23 active)"
    assert NUMBER not in answer


async def test_a_person_is_found_by_telegram_id_and_by_our_number_and_by_nothing_less(desk: Desk) -> None:
    assert "telegram **01 active" in await told(ann(desk), "/user find 5001")
    known = await _person(desk)
    assert f"person {known} " in await told(ann(desk), f"/user find {known}")
    for words in ("0123", "dana", "+1415555", "A-23456", "T-1001", "@dana"):
        assert (await told(ann(desk), f"/user find {words}")).startswith("Nobody. Give"), words


async def test_showing_a_person_is_audited_and_says_nothing_of_theirs(desk: Desk) -> None:
    known = await _person(desk)
    answer = await told(ann(desk), f"/user show {known}")
    assert f"person {known}, active, en" in answer
    assert "cases: none" in answer
    assert NUMBER not in answer
    assert f"operator:ann person.view person:{known}" in await desk.acts()
    assert "There is no such person" in await told(ann(desk), "/user show 12")


async def test_a_note_is_sealed_shown_to_staff_and_goes_with_its_person(desk: Desk) -> None:
    known = await _person(desk)
    await ann(desk).say(f"/user note {known} calls on Fridays")
    assert "operator:ann: calls on Fridays" in await told(ann(desk), f"/user show {known}")
    rows = await desk.database.read(lambda c: list(c.execute(sa.select(person_note))))
    assert b"Fridays" not in rows[0].remark
    assert person_notes.erase in desk.registry.erasers
    for erase in desk.registry.erasers:
        await desk.writers.run(lambda work, erase=erase: erase(work, known))
    assert "Fridays" not in await told(ann(desk), f"/user show {known}")


async def test_suspending_takes_a_reason_a_dry_run_and_a_code_and_is_undone(desk: Desk) -> None:
    known = await _person(desk)
    assert "Say why" in await told(ann(desk), f"/user suspend {known} fraud")
    shown = await told(ann(desk), f"/user suspend {known} three chargebacks")
    assert f"SUSPEND person {known} (sms +1********23 active)" in shown
    assert not await _suspended(desk, known)
    assert "is suspended" in await told(ann(desk), f"suspend {known} {desk.fresh()}")
    assert await _suspended(desk, known)
    assert "SUSPENDED" in await told(ann(desk), f"/user show {known}")
    assert "suspended already" in await told(ann(desk), f"/user suspend {known} three chargebacks")
    assert "active again" in await told(ann(desk), f"/user restore {known}")
    assert "not suspended" in await told(ann(desk), f"/user restore {known}")
    assert f"operator:ann account.suspend person:{known}" in await desk.acts()


async def _suspended(desk: Desk, person_id: int) -> bool:
    found: Any = await desk.writers.run(lambda work: suspensions.is_suspended(work, person_id))
    return bool(found)


async def test_nobody_suspends_themselves_and_support_suspends_nobody(desk: Desk) -> None:
    row = await desk.row()
    assert "Nobody does that" in await told(ann(desk), f"/user suspend {row.person_id} three chargebacks")
    sue = await desk.member("sue", "5004", "support")
    assert "person" in await told(sue, f"/user find {NUMBER}")
    assert "Your role" in await told(sue, f"/user suspend {await _person(desk)} three chargebacks")
