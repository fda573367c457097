"""The decision: asked for in time, reported by the person, next level, silence (REM-5 to REM-7, ST-19 to ST-26)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from handlers.appeals import level_two
from storage.appeals import followups as stored
from storage.schema import moment
from tests.handlers.appeals.order_kit import Shop, facts


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[Shop]:
    async with Shop.open(tmp_path) as opened:
        yield opened


async def _to_question(shop: Shop) -> None:
    await shop.mail()
    await shop.wait(days=7)
    await shop.lob("certified.delivered")
    await shop.wait(days=91)


async def test_rem_6_asked_after_the_citys_days_from_delivery(shop: Shop) -> None:
    await shop.mail()
    await shop.wait(days=7)
    await shop.lob("certified.delivered")
    (due,) = await shop.timers("appeals.decision")
    assert moment(due.due_at) == datetime(2027, 2, 22, 17, tzinfo=UTC)
    await shop.wait(days=91)
    assert "Did San Francisco answer?" in shop.me.last.text
    assert "4 Not yet" in shop.me.last.text


async def test_ac_76_standard_mail_counts_from_the_planned_arrival(shop: Shop) -> None:
    await shop.mail(city_id="us-ny-new_york", number="9000000021", mail_class="standard", issue_date=date(2026, 11, 10))
    (due,) = await shop.timers("appeals.decision")
    assert moment(due.due_at) == datetime(2027, 1, 11, 14, tzinfo=UTC)


async def test_st_19_st_21_won_closes_with_thanks(shop: Shop) -> None:
    await _to_question(shop)
    await shop.me.say("1")
    case = await shop.case()
    assert (case.stage, case.outcome) == ("closed", "won")
    assert (await shop.rules())[-2:] == ["ST-19", "ST-21"]
    assert "Good news" in shop.me.last.text


async def test_dl_10_lost_shows_the_shorter_window_with_source_and_reminds_rem_7(shop: Shop) -> None:
    await _to_question(shop)
    await shop.me.say("3")
    assert "What date is on the city's letter" in shop.me.last.text
    await shop.me.say("2/16")
    for part in ("administrative hearing", "Tue Mar 9 (21 days", "CVC 40215", "deposit of the full penalty"):
        assert part in shop.me.last.text
    await shop.me.say("remind me")
    assert "Thu Feb 25 and Thu Mar 4" in shop.me.last.text
    before = len(shop.me.messages)
    await shop.wait(days=20)
    texts = [m.text for m in shop.me.messages[before:]]
    assert len([t for t in texts if "the last day to ask San Francisco for the next step is Tue Mar 9" in t]) == 2


async def test_routes_are_shown_and_the_question_stays(shop: Shop) -> None:
    await _to_question(shop)
    await shop.me.say("denied")
    await shop.me.say("2/16")
    await shop.me.say("1")
    assert "https://parley.example/d/" in shop.me.last.text
    assert "sfmta.com" not in shop.me.last.text
    await shop.me.say("3")
    case = await shop.case()
    assert (case.stage, case.reason, case.decided_on) == ("closed", "declined", date(2027, 2, 16))


async def test_ac_87_next_window_past_says_so_and_closes(shop: Shop) -> None:
    await _to_question(shop)
    await shop.me.say("3")
    await shop.me.say("1/5")
    await shop.me.say("ok")
    said = shop.me.last.text
    assert "ended on Tue Jan 26" in said
    assert "The city's own ways are on the page below" in said
    assert (await shop.case()).stage == "closed"


async def test_reduced_keeps_the_new_amount(shop: Shop) -> None:
    await _to_question(shop)
    await shop.me.say("2")
    await shop.me.say("$45.50")
    await shop.me.say("2/16")
    case = await shop.case()
    assert (case.outcome, case.amount_after_minor, case.stage) == ("reduced", 4550, "decided")


async def test_rem_6_not_yet_asks_again_in_thirty_days(shop: Shop) -> None:
    await _to_question(shop)
    await shop.me.say("4")
    (due,) = await shop.timers("appeals.decision")
    assert timedelta(days=29) < moment(due.due_at) - shop.h.clock.now() <= timedelta(days=30)
    await shop.wait(days=31)
    assert "Did San Francisco answer?" in shop.me.last.text


async def test_ac_88_st_20_st_26_three_silences_close_and_a_late_report_reopens(shop: Shop) -> None:
    await _to_question(shop)
    await shop.wait(days=85)
    assert len([m for m in shop.me.messages if "Did San Francisco answer?" in m.text]) == 3
    assert await shop.stage() == "submitted"
    await shop.wait(days=6)
    case = await shop.case()
    assert (case.stage, case.outcome) == ("closed", "unknown")
    await shop.me.say("decision")
    await shop.me.say("denied")
    await shop.me.say("6/1")
    assert "could not read that date" in shop.me.last.text
    await shop.me.say("5/20")
    case = await shop.case()
    assert (case.stage, case.outcome) == ("decided", "lost")
    assert "ST-26" in await shop.rules()


async def test_no_question_before_anything_was_mailed(shop: Shop) -> None:
    await shop.me.say("decision")
    assert "no letter of yours that waits" in shop.me.messages[-1].text + shop.said


async def test_an_open_question_is_not_asked_twice_at_once(shop: Shop) -> None:
    await _to_question(shop)
    await shop.me.say("3")
    rows = await shop.read(lambda work: stored.of_case(work, shop.case_id, "decision"))
    assert [row.n for row in rows] == [1]


async def test_st_22_child_case_copies_the_facts_and_leaves_the_letter(shop: Shop) -> None:
    await _to_question(shop)
    await shop.me.say("3")
    await shop.me.say("2/16")

    def child(turn: Any) -> Any:
        from storage.appeals import cases

        row = cases.load(turn.work, shop.case_id)
        assert row is not None
        return level_two.open_child(turn, row), level_two.child_facts(row, facts())

    opened, copied = await shop.act(child)
    row = await shop.case(opened.case_id)
    assert (row.level, row.parent_id, row.stage, row.deadline) == (2, shop.case_id, "intake", date(2027, 3, 9))
    assert (copied.number, copied.statement, copied.signature) == ("900000417", None, None)
    assert await shop.stage() == "decided"


async def test_rem_5_certified_without_delivery_alarms_then_tells(shop: Shop) -> None:
    await shop.mail()
    await shop.lob("certified.in_transit")
    (due,) = await shop.timers("appeals.letter_late")
    assert moment(due.due_at).date() == date(2026, 12, 4)
    await shop.wait(days=21)
    assert "letter_late" in await shop.alerts()
    assert "no sign of your letter's arrival" in shop.said


async def test_rem_5_standard_with_a_scan_is_left_alone(shop: Shop) -> None:
    await shop.mail(mail_class="standard")
    await shop.lob("in_transit")
    await shop.wait(days=40)
    assert "letter_late" not in await shop.alerts()
