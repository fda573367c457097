"""A paid letter in staff's hands: shown, held, released, tried again; never past its day in silence (section 13)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from handlers import admin
from tests.handlers.admin.test_rules_desk import Operator
from tests.handlers.appeals.order_kit import PRIVATE, Shop

WHY = "the plate may be another one"


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with Shop.open(tmp_path) as opened:
        admin.register(opened.h.registry)
        yield opened


async def _code(shop: Shop) -> str:
    return str((await shop.case()).code)


async def _state(shop: Shop) -> tuple[str, str | None]:
    letter = await shop.letter()
    return letter.status, letter.error_code


async def test_a_held_letter_waits_until_it_is_released_and_is_posted_once(shop: Shop) -> None:
    await shop.order()
    ann, code = await Operator.logged_in(shop), await _code(shop)
    assert "10 characters" in await ann.say(f"/letter hold {code} why")
    assert "is held" in await ann.say(f"/letter hold {code} {WHY}")
    shown = await ann.say(f"/letter show {code}")
    assert "certified, blocked (held), 0 tries" in shown
    assert not any(one in shown for one in PRIVATE)
    await shop.wait(hours=1)
    assert await _state(shop) == ("blocked", "held")
    assert shop.vendors.posted == {}
    await ann.say(f"/login {await ann.code()}")
    assert "Staff hold" in await ann.say(f"/letter retry {code}")
    assert "RELEASE letter" in await ann.say(f"/letter release {code}")
    assert "goes on" in await ann.say(f"letter release {code} {await ann.code()}")
    await shop.wait(minutes=1)
    assert len(shop.vendors.posted) == 1
    assert await shop.stage() == "submitted"
    await ann.say(f"/login {await ann.code()}")
    assert "cannot be held" in await ann.say(f"/letter hold {code} {WHY}")
    assert "Nobody holds" in await ann.say(f"/letter release {code}")


async def test_st_11_a_held_letter_that_would_be_late_is_told_and_refunded(shop: Shop) -> None:
    await shop.order()
    ann, code = await Operator.logged_in(shop), await _code(shop)
    await ann.say(f"/letter hold {code} {WHY}")
    await shop.wait(days=40)
    assert shop.vendors.posted == {}
    assert "paid_blocked" in await shop.alerts()
    assert len(shop.vendors.refunded) == 1


async def test_a_retry_names_the_order_and_its_answer_follows(shop: Shop) -> None:
    await shop.order()
    ann, letter = await Operator.logged_in(shop), await shop.letter()
    assert "No letter of" in await ann.say("/letter show A-99999")
    shown = await ann.say(f"/letter retry {letter.id}")
    found = re.search(r": (letter retry A-\w+) CODE", shown)
    assert found is not None, shown
    assert "the answer follows" in await ann.say(f"{found[1]} {await ann.code()}")
    await shop.wait(minutes=1)
    assert await shop.stage() == "submitted"


def test_the_rows_have_the_classes_of_section_13(shop: Shop) -> None:
    rows = shop.h.registry.staff
    assert {name: int(rows[f"letter {name}"].risk) for name in ("show", "retry", "hold", "release")} == {
        "show": 1, "retry": 3, "hold": 2, "release": 3,
    }  # fmt: skip
