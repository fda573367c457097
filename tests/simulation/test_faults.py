"""Each fault of the vendors at every call between approval and letter: the end is that of an undisturbed run (FAKE-1).

A story has the fault at each vendor's call in turn, so one that changed the end would do so whoever had it.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.core.clock import FixedClock
from tests.conftest import FRIDAY
from tests.crash.orders import register
from tests.databases import prepared_database
from tests.simulation.ending import DELIVERED, ending
from tests.simulation.world import LINK, World

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


async def story(tmp_path: Path, *faults: tuple[str, dict[str, Any]]) -> tuple[dict[str, Any], list[str]]:
    """Play one order by SMS with faults of vendors armed; return how it ended and what the person read."""
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path) as world:
            for vendor, fault in faults:
                world.vendors.all[vendor].faults.add(**fault)
            phone = world.phone()
            for words in ("order ann", "one", "go"):
                await phone.say(words)
                await world.rest()
            for _ in range(12):
                if any(LINK.search(text) for text in phone.texts):
                    break
                await world.advance(timedelta(minutes=1))
            assert world.pay_all() == 1, phone.texts
            await world.advance(timedelta(days=13))
            return await ending(world), phone.texts


def check(end: dict[str, Any], texts: list[str]) -> None:
    """The end is the undisturbed one; the person read the receipt and the printing once."""
    assert end == DELIVERED
    assert sum("receipt R-" in text for text in texts) == 1
    assert sum("at the printer" in text for text in texts) == 1
    assert not [text for text, n in Counter(texts).items() if n > 1]


async def test_the_undisturbed_order(tmp_path: Path) -> None:
    check(*await story(tmp_path))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: "-".join(str(v) for v in f.values()))
async def test_fake_1_a_fault_of_each_call_changes_nothing_in_the_end(fault: dict[str, Any], tmp_path: Path) -> None:
    check(*await story(tmp_path, *((vendor, {"operation": operation, **fault}) for vendor, operation in CALLS)))


@pytest.mark.parametrize("skip", [0, 1, 2, 3])
@pytest.mark.parametrize("fault", ["timeout_after", "status_after"])
async def test_fake_2_an_uncertain_sms_is_never_sent_twice(fault: str, skip: int, tmp_path: Path) -> None:
    check(*await story(tmp_path, ("twilio", {"fault": fault, "operation": "CreateMessage", "skip": skip})))


@pytest.mark.parametrize("fault", HOOKS, ids=lambda f: str(f["fault"]))
async def test_hook_5_events_twice_out_of_order_late_or_spoilt_change_nothing(
    fault: dict[str, Any], tmp_path: Path
) -> None:
    hit = [
        (vendor, {"operation": operation, **fault})
        for vendor, operation in EVENTS
        if operation != "inbound" or fault["fault"] not in ("delay", "reorder")  # a person waits for the answer
    ]
    check(*await story(tmp_path, *hit))


async def test_pay_7_a_payment_whose_event_never_came_is_found(tmp_path: Path) -> None:
    check(
        *await story(tmp_path, ("stripe", {"fault": "drop", "operation": "checkout.session.completed", "times": None}))
    )


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param([{"fault": "timeout_after", "operation": "letter_create"}], id="AC-64"),
        pytest.param(
            [
                {"fault": "timeout_after", "operation": "letter_create"},
                {"fault": "status_before", "operation": "letters_list", "times": 3, "status": 500},
            ],
            id="AC-66",
        ),
    ],
)
async def test_an_uncertain_letter_is_looked_for_before_anything_is_posted(
    faults: list[dict[str, Any]], tmp_path: Path
) -> None:
    with prepared_database("sqlite", tmp_path) as url:
        async with World.open(register, url, FixedClock(FRIDAY), tmp_path) as world:
            for fault in faults:
                world.vendors.lob.faults.add(**fault)
            for words in ("order ann", "go"):
                await world.phone().say(words)
                await world.rest()
            world.pay_all()
            await world.advance(timedelta(days=13))
            assert await ending(world) == DELIVERED
            assert world.vendors.lob.calls["letter_create"] == 1
