"""Reminders fall due, look again, and stay silent when they no longer fit (REM-1 to REM-3, REM-8, REM-9, ST-23)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from handlers.appeals import cases as api
from handlers.appeals import records, reminders
from storage.schema import moment
from tests.handlers.appeals.order_kit import Shop, facts


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with Shop.open(tmp_path) as opened:
        yield opened


async def test_rem_1_idle_draft_is_reminded_twice_then_of_its_end_st_23(shop: Shop) -> None:
    opened = await shop.act(lambda turn: api.open_case(turn, facts()))
    shop.case_id, before = opened.case_id, len(shop.me.messages)
    counts = []
    for days in (0.9, 0.2, 1.8, 0.2, 23.8, 0.2):
        await shop.wait(days=days)
        counts.append(len(shop.me.messages) - before)
    assert counts == [0, 1, 1, 2, 2, 3]
    assert "will be put away on Thu Dec 17" in shop.me.last.text
    assert shop.me.last.purpose == "nudge"
    await shop.wait(days=3)
    assert await shop.stage() == "abandoned"
    assert (await shop.rules())[-1] == "ST-23"


async def test_rem_1_ux_4_no_two_reminders_of_a_draft_are_alike_and_they_name_the_ticket(shop: Shop) -> None:
    opened = await shop.act(lambda turn: api.open_case(turn, facts()))
    shop.case_id, before = opened.case_id, len(shop.me.messages)
    await shop.wait(days=29)
    told = [message.text for message in shop.me.messages[before:]]
    assert len(told) == 3 == len(set(told))
    assert all("A-" in text and "RESUME" in text for text in told)
    assert "San Francisco" in told[0]
    assert "the last day to ask San Francisco for a review is Mon Dec 7. Check it on your ticket." in told[1]


async def test_rem_1_a_draft_without_a_date_is_reminded_without_one(shop: Shop) -> None:
    opened = await shop.act(lambda turn: api.open_case(turn, facts(issue_date=None)))
    shop.case_id, before = opened.case_id, len(shop.me.messages)
    await shop.wait(days=4)
    told = [message.text for message in shop.me.messages[before:]]
    assert len(told) == 2 == len(set(told))
    assert not any("last day" in text for text in told)


async def test_rem_1_any_message_starts_the_silence_anew(shop: Shop) -> None:
    opened = await shop.act(lambda turn: api.open_case(turn, facts()))
    shop.case_id = opened.case_id
    await shop.wait(hours=20)
    await shop.me.say("hello")
    before = len(shop.me.messages)
    await shop.wait(hours=10)
    assert len(shop.me.messages) == before
    await shop.wait(hours=15)
    assert len(shop.me.messages) == before + 1
    await shop.wait(days=28)
    await shop.me.say("hello")
    await shop.wait(days=5)
    assert await shop.stage() == "intake"


async def test_rem_2_last_order_day_is_told_three_times_without_pressure(shop: Shop) -> None:
    await shop.approve()
    due = [moment(row.due_at) for row in await shop.timers("appeals.mail_by")]
    assert [d.date() for d in due] == [date(2026, 11, 18), date(2026, 11, 23), date(2026, 11, 25)]
    assert {d.hour for d in due} == {17}
    await shop.wait(days=9)
    told = [m for m in shop.me.messages if "Wed Nov 25, 5pm" in m.text]
    assert [m.purpose for m in told] == ["nudge"] * 3
    assert len({m.text for m in told}) == 3
    assert not [m for m in told if any(word in m.text.lower() for word in ("urgent", "hurry", "final notice", "must"))]


async def test_rem_2_stops_with_the_payment(shop: Shop) -> None:
    await shop.order()
    assert not await shop.timers("appeals.mail_by")
    await shop.wait(days=9)
    assert "can be ordered until" not in shop.said


async def test_rem_3_link_is_sent_once_more_two_hours_before_its_end(shop: Shop) -> None:
    await shop.approve()
    await shop.request()
    await shop.wait(hours=21, minutes=59)
    assert "is open until" not in shop.said
    await shop.wait(minutes=2)
    assert shop.said.count("is open until Wed 10am") == 1


async def test_rem_3_not_after_payment(shop: Shop) -> None:
    await shop.order()
    await shop.wait(hours=23)
    assert "is open until" not in shop.said


async def test_rem_8_late_notice_is_asked_for_three_times(shop: Shop) -> None:
    opened = await shop.act(lambda turn: api.open_case(turn, facts()))
    await shop.act(lambda turn: api.informed(turn, opened.case_id, "past_deadline"))
    await shop.act(lambda turn: reminders.wait_for_notice(turn, opened.case_id))
    await shop.wait(days=80)
    assert shop.said.count("did a late notice come") == 3


async def test_rem_8_stops_when_the_case_goes_on(shop: Shop) -> None:
    opened = await shop.act(lambda turn: api.open_case(turn, facts()))
    await shop.act(lambda turn: api.informed(turn, opened.case_id, "past_deadline"))
    await shop.act(lambda turn: reminders.wait_for_notice(turn, opened.case_id))
    await shop.wait(days=15)
    await shop.act(lambda turn: api.save_facts(turn, opened.case_id, facts(notice_date=date(2026, 11, 30))))
    await shop.wait(days=20)
    assert shop.said.count("did a late notice come") == 1


async def test_rem_9_verification_expiry_is_told_14_and_3_days_before(shop: Shop) -> None:
    today = shop.h.clock.now().date()
    await shop.act(
        lambda t: records.verify_record(
            t,
            "us-ca-san_francisco",
            actor="admin:1",
            method="phone",
            answered_by="clerk",
            verified_on=today,
            words="ok",
        )
    )
    await shop.wait(days=75)
    assert "verification_expires" not in await shop.alerts()
    await shop.wait(days=2)
    assert (await shop.alerts()).count("verification_expires") == 1
    await shop.wait(days=11)
    assert (await shop.alerts()).count("verification_expires") == 2


async def test_rem_9_unmailed_order_is_told_a_day_before_its_last_day(shop: Shop) -> None:
    from bot.core.calls import Again
    from bot.core.calls.lob import MailLetter

    shop.vendors.answers[MailLetter] = lambda call: Again("status_500", timedelta(hours=8))
    await shop.order()
    await shop.wait(days=6)
    assert "unmailed" not in await shop.alerts()
    await shop.wait(days=1)
    assert "unmailed" in await shop.alerts()
