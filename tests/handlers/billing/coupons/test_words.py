"""COUPON in the chat: neutral texts, the limit on guessing, codes that give quota (CP-2 to CP-4, A64 to A66)."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator
from datetime import timedelta
from importlib import resources
from pathlib import Path

import pytest

from bot.core.sms import encoding_of
from tests.handlers.billing.coupons.desk import Desk, open_desk

NEUTRAL, LIMITED = "This code does not work here.", "Too many codes that did not work. Try again in 10 minutes."
COUNTS = "Code SPRING20: 20 percent off. It counts for your next payment; NO COUPON drops it."
FILE = resources.files("handlers.billing.coupons").joinpath("texts/en.toml")
TEXTS: dict[str, str] = tomllib.loads(FILE.read_text("utf-8"))


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path) as opened:
        yield opened


def test_every_text_is_plain_and_short_by_sms() -> None:
    assert [key for key, text in TEXTS.items() if encoding_of(text) != "GSM-7" or len(text) > 140] == []


@pytest.mark.parametrize(
    "said", ["coupon spring 20", "/coupon SPRING20", "Coupon code spring-20", "promo code Spring20"]
)
async def test_a64_the_word_is_heard_as_people_say_it(desk: Desk, said: str) -> None:
    assert [message.text for message in await desk.me.say(said)] == [f"Parley: {COUNTS}"]


async def test_a65_cp_2_after_five_wrong_codes_none_is_heard_for_ten_minutes_also_after_a_restart(desk: Desk) -> None:
    for number in range(5):
        assert await desk.tell(f"wrong{number}") == NEUTRAL
    assert await desk.tell("spring20") == LIMITED
    await desk.wait(minutes=9)
    desk.h.restart = True
    assert await desk.tell("spring20") == LIMITED
    await desk.wait(minutes=1)
    assert await desk.tell("spring20") == COUNTS


async def test_a65_the_limit_is_that_of_one_person(desk: Desk) -> None:
    for number in range(5):
        await desk.tell(f"wrong{number}")
    assert await desk.tell("spring20", desk.h.phone("telegram", "7:4242")) == COUNTS


async def test_a66_cp_3_unknown_off_not_started_and_somebody_elses_are_one_text(desk: Desk) -> None:
    await desk.staff("coupon new", "GONE 20%")
    await desk.staff("coupon off", "GONE")
    await desk.staff("coupon new", "LATER 20% starts=2026-12-01")
    await desk.staff("coupon new", "HERS 20%")
    await desk.me.say("hi")
    other = desk.h.phone("telegram", "7:4242")
    await other.say("hi")
    person = await desk.act(lambda turn: turn.person_id, other)
    assert await desk.staff("coupon assign", f"HERS {person}") == f"{person}: HERS"
    told = [await desk.tell(code) for code in ("NOSUCH", "GONE", "LATER", "HERS")]
    assert told == [NEUTRAL] * 4
    assert (await desk.tell("HERS", other)).startswith("Code HERS: 20 percent off.")


async def test_cp_3_ended_and_used_are_said_as_such(desk: Desk) -> None:
    await desk.staff("coupon new", "SHORT 20% days=1")
    await desk.staff("coupon new", "GIFT receipts.read+100 uses=1")
    await desk.wait(days=1)
    assert await desk.tell("short") == "This code has ended."
    assert await desk.tell("gift") == "Code GIFT: 100 receipts read, yours until 18 Nov."
    assert await desk.tell("gift") == "This code is already used."


async def test_a_code_that_gives_quota_gives_it_at_once_and_once_though_the_message_comes_twice(desk: Desk) -> None:
    await desk.staff("coupon new", "GIFT receipts.read+100")
    desk.h.redeliver = True
    await desk.tell("gift")
    assert "0 of 115 receipts read" in "\n".join(message.text for message in await desk.me.say("my plan"))
    assert "1 redeemed" in await desk.staff("coupon stats", "GIFT")


async def test_a_code_waits_until_it_is_dropped(desk: Desk) -> None:
    await desk.tell("spring20")
    await desk.h.wait(timedelta(days=3))
    assert [message.text.removeprefix("Parley: ") for message in await desk.me.say("my coupon")] == [COUNTS]
    await desk.staff("coupon off", "SPRING20")
    assert [message.text.removeprefix("Parley: ") for message in await desk.me.say("coupon")] == [NEUTRAL]


@pytest.mark.parametrize("said", ["coupons", "I used a coupon at Target", "coupon book for the school fair 20 dollars"])
async def test_talk_about_coupons_is_no_code(desk: Desk, said: str) -> None:
    assert "code" not in "\n".join(message.text for message in await desk.me.say(said))
