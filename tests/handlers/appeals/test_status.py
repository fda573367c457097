"""STATUS, case codes, and who may see what (CONV-10, NEVER-6, AC-82, AC-83, NUM-7)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from tests.handlers.appeals.order_kit import NUMBER, Shop


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with Shop.open(tmp_path) as opened:
        yield opened


async def test_status_says_where_a_case_stands(shop: Shop) -> None:
    await shop.approve()
    await shop.me.say("status")
    code = (await shop.case()).code
    assert f"{code}, San Francisco ...0417: approved, not paid. Last day to ask for a review: Mon Dec 7" in shop.said
    assert NUMBER not in shop.said


async def test_status_after_mailing_shows_the_certified_number(shop: Shop) -> None:
    await shop.mail()
    await shop.me.say("STATUS")
    assert "at the printer. Certified number 9407100000000000000417" in shop.me.last.text
    await shop.lob("certified.delivered")
    await shop.me.say("status")
    assert "delivered Tue Nov 17. The city may take up to 90 days" in shop.me.last.text


async def test_own_case_code_is_a_status_request(shop: Shop) -> None:
    await shop.approve()
    code = (await shop.case()).code
    for text in (code, code.lower(), code.replace("-", ""), f"status {code}"):
        await shop.me.say(text)
        assert code in shop.me.last.text
        assert "approved, not paid" in shop.me.last.text


async def test_ac_82_another_persons_code_reads_like_one_that_does_not_exist(shop: Shop) -> None:
    await shop.approve()
    code = (await shop.case()).code
    other = shop.h.phone("sms", "+14155550188")
    await other.say(code)
    theirs = other.last.text
    await other.say("A-ZZZZZ")
    assert theirs.splitlines()[-1] == other.last.text.splitlines()[-1]
    assert "no case of yours" in theirs
    assert "San Francisco" not in theirs


async def test_ac_83_after_120_silent_days_status_asks_first(shop: Shop) -> None:
    await shop.mail()
    await shop.wait(days=120)
    await shop.me.say("status")
    assert "send a case code" in shop.me.last.text
    assert "0417" not in shop.me.last.text
    await shop.me.say("94999")
    assert "does not match" in shop.me.last.text
    await shop.me.say("94110")
    assert "...0417" in shop.me.last.text


async def test_conv_10_small_talk_does_not_replace_the_proof(shop: Shop) -> None:
    await shop.mail()
    await shop.wait(days=120)
    await shop.me.say("hello")
    await shop.me.say("menu")
    await shop.wait(hours=1)
    await shop.me.say("status")
    assert "send a case code" in shop.me.last.text


async def test_conv_10_case_code_is_a_proof(shop: Shop) -> None:
    await shop.mail()
    code = (await shop.case()).code
    await shop.wait(days=120)
    await shop.me.say("status")
    await shop.me.say(code)
    assert "...0417" in shop.me.last.text
    await shop.me.say("status")
    assert "...0417" in shop.me.last.text


async def test_conv_10_guessing_ends_after_five_wrong_answers(shop: Shop) -> None:
    await shop.mail()
    await shop.wait(days=120)
    await shop.me.say("status")
    for zip_code in ("90001", "90002", "90003", "90004", "90005"):
        await shop.me.say(zip_code)
    await shop.me.say("94110")
    assert "0417" not in shop.me.last.text


async def test_a_silence_before_the_first_case_proves_nothing(shop: Shop) -> None:
    await shop.me.say("hello")
    await shop.wait(days=120)
    await shop.approve(issue_date=date(2027, 3, 15))
    await shop.me.say("status")
    assert "...0417" in shop.me.last.text


async def test_telegram_accounts_are_not_reassigned(shop: Shop) -> None:
    shop.me = shop.h.phone("telegram")
    await shop.mail()
    await shop.wait(days=120)
    await shop.me.say("/status")
    assert "...0417" in shop.me.last.text


async def test_plate_like_text_is_not_taken_for_a_code(shop: Shop) -> None:
    await shop.approve()
    before = len(shop.me.messages)
    await shop.me.say("ABC234")
    assert "no case of yours" not in "\n".join(m.text for m in shop.me.messages[before:])


async def test_status_without_a_case_is_not_our_business(shop: Shop) -> None:
    await shop.me.say("status")
    assert "appeals" not in shop.said
    assert "case code" not in shop.said
