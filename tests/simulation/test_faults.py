"""Each fault of the vendors at every call between approval and letter: the end is that of an undisturbed run (FAKE-1).

A person has the fault at each vendor's call in turn, so one that changed the end would do so whoever had it; the
persons of a town order one after the other, so that each meets only the fault of their own.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.clock import FixedClock
from integrations.fakes.twilio.phone import Phone
from tests.conftest import FRIDAY
from tests.crash.orders import register
from tests.databases import prepared_database
from tests.effort import short
from tests.simulation.ending import DELIVERED, ending
from tests.simulation.world import LINK, World

FAULT_LASTS = timedelta(minutes=30)
"""After so long a fault was met and what it broke was tried again, so the next person can order."""
CALLS = [
    ("stripe", "checkout.sessions.create"),
    ("lob", "letter_create"),
    ("twilio", "CreateMessage"),
]
FAULTS: list[dict[str, Any]] = [
    {"fault": "status_before", "status": 503},
    {"fault": "status_after", "status": 500},
    {"fault": "timeout_before"},
    {"fault": "timeout_after"},
    {"fault": "reset_before"},
    {"fault": "reset_during"},
    {"fault": "rate_limit", "retry_after": 7},
    {"fault": "rate_limit"},
    {"fault": "latency", "seconds": 0.2},
    {"fault": "truncate"},
]
EVENTS = [
    ("stripe", "checkout.session.completed"),
    ("lob", "letter.*"),
    ("twilio", "inbound"),
    ("twilio", "status.*"),
]
HOOKS: list[dict[str, Any]] = [
    {"fault": "duplicate", "times": None},
    {"fault": "reorder", "times": None},
    {"fault": "bad_signature", "times": None},
    {"fault": "delay", "delay": timedelta(days=3)},
]


Case = tuple[str, list[tuple[str, dict[str, Any]]]]
"""A name, and the faults of vendors that are armed while its person orders and pays."""
NUMBERS = [f"+1415555{n:04d}" for n in range(300, 320)]


async def stories(tmp_path: Path, *cases: Case) -> None:
    """Play one order by SMS for each case, one after the other in one town, and check how each ended."""
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path) as world:
            phones = [(name, world.phone(number)) for (name, _), number in zip(cases, NUMBERS, strict=False)]
            for (name, faults), (_, phone) in zip(cases, phones, strict=True):
                for vendor, fault in faults:
                    world.vendors.all[vendor].faults.add(**fault)
                await order(world, phone)
                assert world.pay_all() == 1, (name, phone.texts)
                if len(cases) > 1:
                    await world.advance(FAULT_LASTS)
                    assert not armed(world), f"{name}: nobody met {armed(world)}"
            await world.advance(timedelta(days=13))
            for name, phone in phones:
                check(name, phone.texts)
            assert await ending(world) == ending_of(len(cases))


async def order(world: World, phone: Phone) -> None:
    """Order, and wait for the link."""
    for words in ("order ann", "one", "go"):
        await phone.say(words)
        await world.rest()
    for _ in range(12):
        if any(LINK.search(text) for text in phone.texts):
            return
        await world.advance(timedelta(minutes=1))


def armed(world: World) -> list[dict[str, Any]]:
    """Return the faults that no call has met yet."""
    return [fault for fake in world.vendors.all.values() for fault in fake.faults.armed()]


def ending_of(orders: int) -> dict[str, Any]:
    """Return the end of so many undisturbed orders."""
    return {key: value * orders for key, value in DELIVERED.items()}


def check(name: str, texts: list[str]) -> None:
    """The person read the receipt and the printing once."""
    assert sum("receipt R-" in text for text in texts) == 1, (name, texts)
    assert sum("at the printer" in text for text in texts) == 1, (name, texts)
    assert not [text for text, n in Counter(texts).items() if n > 1], name


def named(fault: dict[str, Any]) -> str:
    """Return what a fault is called when its story ends otherwise."""
    return "-".join(str(value) for value in fault.values())


async def test_fake_1_a_fault_of_each_call_changes_nothing_in_the_end(tmp_path: Path) -> None:
    """The first order is undisturbed; each of the others meets one fault at each vendor's call in turn."""
    disturbed: list[Case] = [
        (named(fault), [(vendor, {"operation": operation, **fault}) for vendor, operation in CALLS]) for fault in FAULTS
    ]
    await stories(tmp_path, ("undisturbed", []), *disturbed)


async def test_fake_2_an_uncertain_sms_is_never_sent_twice(tmp_path: Path) -> None:
    """Each of the first texts of an order leaves without an answer, in both ways that it can."""
    uncertain = [
        {"fault": fault, "operation": "CreateMessage", "skip": skip}
        for skip in short((0, 2), whole=(0, 1, 2, 3))
        for fault in ("timeout_after", "status_after")
    ]
    await stories(tmp_path, *((named(fault), [("twilio", fault)]) for fault in uncertain))


@pytest.mark.parametrize("fault", HOOKS, ids=lambda f: str(f["fault"]))
async def test_hook_5_events_twice_out_of_order_late_or_spoilt_change_nothing(
    fault: dict[str, Any], tmp_path: Path
) -> None:
    hit = [
        (vendor, {"operation": operation, **fault})
        for vendor, operation in EVENTS
        if operation != "inbound" or fault["fault"] not in ("delay", "reorder")  # a person waits for the answer
    ]
    await stories(tmp_path, (str(fault["fault"]), hit))


async def test_pay_7_a_payment_whose_event_never_came_is_found(tmp_path: Path) -> None:
    lost = {"fault": "drop", "operation": "checkout.session.completed", "times": None}
    await stories(tmp_path, ("drop", [("stripe", lost)]))


async def test_ac_64_ac_66_an_uncertain_letter_is_looked_for_before_anything_is_posted(tmp_path: Path) -> None:
    """The letter was posted without an answer; for the second person, looking for it fails three times as well."""
    silent = {"fault": "timeout_after", "operation": "letter_create"}
    blind = {"fault": "status_before", "operation": "letters_list", "times": 3, "status": 500}
    trouble: list[list[dict[str, Any]]] = [[silent], [silent, blind]]
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path) as world:
            for posted, (number, faults) in enumerate(zip(NUMBERS, trouble, strict=False), start=1):
                for fault in faults:
                    world.vendors.lob.faults.add(**fault)
                await order(world, world.phone(number))
                world.pay_all()
                await world.advance(FAULT_LASTS)
                assert not armed(world)
                assert world.vendors.lob.calls["letter_create"] == posted
            await world.advance(timedelta(days=13))
            assert await ending(world) == ending_of(2)
            assert world.vendors.lob.calls["letter_create"] == 2
