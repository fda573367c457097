"""An age is heard whatever services are on: no child is served, no minor pays (ID-12)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.assembly.services import register_services
from bot.core.clock import FixedClock
from bot.core.settings import Settings
from bot.engine.harness import Harness
from bot.engine.phone import Phone
from bot.engine.registry import Registry
from storage.alerts import alert
from storage.billing.orders import order
from storage.billing.purchases import purchase
from storage.people import address
from storage.receipts.receipts import receipt
from tests.handlers.people.world import NOW, open_world

CHILD, MINOR = "anyone under 13", "under 18 cannot pay"
ALONE = [
    {"appeals_enabled": False, "coaching_enabled": False, "receipts_enabled": True},
    {"appeals_enabled": False, "coaching_enabled": False, "receipts_enabled": False, "support_enabled": True},
    {"appeals_enabled": False, "coaching_enabled": False, "receipts_enabled": True, "billing_enabled": True},
    {"appeals_enabled": False, "coaching_enabled": True, "receipts_enabled": False},
    {"appeals_enabled": True, "coaching_enabled": False, "receipts_enabled": False},
]


@asynccontextmanager
async def served(folder: Path, **on: bool) -> AsyncIterator[Harness]:
    """Open a house with these services only."""

    def register(registry: Registry) -> None:
        register_services(registry, Settings.model_validate({"parley_mode": "demo", **on}))
        registry.introduces = False

    async with Harness.open(register, folder, FixedClock(NOW)) as harness:
        yield harness


def shown(phone: Phone) -> str:
    return " ".join(one.text for one in phone.messages)


@pytest.mark.parametrize(
    "on", ALONE, ids=lambda on: "+".join(name.split("_")[0] for name, is_on in on.items() if is_on)
)
@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_id_12_a_child_is_refused_and_deleted_whatever_is_switched_on(
    tmp_path: Path, on: dict[str, bool], channel: str
) -> None:
    async with served(tmp_path, **on) as harness:
        phone = harness.phone(channel)
        await phone.say("hello")
        (told,) = await phone.say("I'm 12")
        assert CHILD in told.text
        assert [row.kind for row in await harness.writers.run(lambda w: w.rows(alert.select()))] == ["privacy_wanted"]
        (again,) = await phone.say("12.50 lunch at Joe's")
        assert CHILD in again.text
        await harness.wait(timedelta(hours=24, minutes=1))
        rows = await harness.writers.run(lambda w: w.rows(address.select()))
        assert [row.state for row in rows] == ["unreachable"], "nobody's any more"


@pytest.mark.parametrize("on", ALONE[:3], ids=["receipts", "support", "billing"])
async def test_id_12_who_is_13_to_17_hears_that_they_cannot_pay_and_goes_on(
    tmp_path: Path, on: dict[str, bool]
) -> None:
    async with served(tmp_path, **on) as harness:
        phone = harness.phone("sms")
        (told,) = await phone.say("I am 15")
        assert MINOR in told.text
        assert CHILD not in shown(phone)
        (corrected,) = await phone.say("sorry, I'm 51")
        assert "noted" in corrected.text


async def test_id_12_a_minor_gets_no_pay_link_and_an_open_one_closes(tmp_path: Path) -> None:
    async with served(tmp_path, appeals_enabled=False, coaching_enabled=False, billing_enabled=True) as harness:
        phone = harness.phone("sms")
        for words in ("BUY RECEIPTS", "OK"):
            await phone.say(words)
        before = await harness.writers.run(lambda w: w.rows(order.select()))
        await phone.say("I'm 16")
        after = await harness.writers.run(lambda w: w.rows(order.select()))
        assert [row.state for row in before] == ["created"]
        assert [row.state for row in after] != ["created"]
        for words in ("UPGRADE", "1", "1", "OK", "OK", "BUY RECEIPTS", "OK"):
            await phone.say(words)
        assert len(await harness.writers.run(lambda w: w.rows(order.select()))) == 1
        assert await harness.writers.run(lambda w: w.rows(purchase.select())) == []
        assert "under 18" in shown(phone)


async def test_id_12_the_age_of_a_bottle_is_no_childs(tmp_path: Path) -> None:
    async with served(tmp_path, appeals_enabled=False, coaching_enabled=False) as harness:
        phone = harness.phone("sms")
        await phone.say("12 year old scotch 45.00")
        assert CHILD not in shown(phone)
        assert "45" in shown(phone)


async def test_id_12_a_childs_picture_is_kept_by_nobody(tmp_path: Path) -> None:
    async with served(tmp_path, appeals_enabled=False, coaching_enabled=False) as harness:
        phone = harness.phone("sms")
        await phone.say("I'm 10")
        await phone.photo(b"a picture")
        await harness.wait(timedelta(minutes=1))
        assert CHILD in phone.messages[-1].text
        assert await harness.writers.run(lambda w: w.rows(receipt.select())) == []


async def test_id_13_a_child_may_have_their_data_before_it_goes(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        await world.link(world.sms, world.chat)
        await world.sms.say("ok")
        await world.harness.wait(timedelta(seconds=1))
        await world.sms.say("I'm 12")
        await world.sms.say("EXPORT MY DATA")
        code = re.search(r"\b(\d{6})\b", world.chat.last.text)
        assert code is not None
        await world.sms.say(code[1])
        assert CHILD not in world.sms.messages[-1].text
