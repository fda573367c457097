"""Nothing is saved without a yes; what was saved can be taken back (PP-1 to PP-7, C09 to C20)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.engine.harness import Harness
from bot.engine.phone import Phone
from storage.coaching.decisions import decision
from storage.coaching.messages import message
from storage.coaching.proposals import proposal
from tests.handlers.coaching.flow.world import begun, open_world, rows, said, screens


async def _saved(harness: Harness) -> list[str]:
    return [row.state for row in await rows(harness, decision)]


async def _tell(phone: Phone, *words: str) -> None:
    for one in words:
        await phone.say(one)


async def test_pp_3_c13_c14_a_price_supersedes_the_former_and_undo_brings_it_back(database: str) -> None:
    async with open_world(database) as harness:
        ann = await begun(harness, "sms")
        await _tell(ann, "I'll charge $29 a month", "ok", "I'll charge $39 a month", "ok")
        old, new = await rows(harness, decision)
        assert (old.state, old.superseded_by, new.state) == ("superseded", new.id, "current")
        assert await said(ann, "undo") == "Taken back. The price is $29/month again."
        assert await _saved(harness) == ["current", "undone"]
        assert await said(ann, "undo") == "Taken back. No price is saved now."
        assert await _saved(harness) == ["undone", "undone"]


async def test_c15_a_second_press_of_save_changes_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "telegram")
        (asked,) = await ann.say("I'll charge $29 a month")
        await ann.press(asked.buttons["Save"])
        assert screens(await ann.press(asked.buttons["Save"]))[0] == "That is saved already."
        assert await _saved(harness) == ["current"]


async def test_c16_save_on_a_replaced_proposal_is_out_of_date(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "telegram")
        (old,) = await ann.say("I'll charge $29 a month")
        await ann.say("I'll charge $39 a month")
        assert screens(await ann.press(old.buttons["Save"]))[0].startswith("That question is out of date.")
        assert await _saved(harness) == []
        assert [row.state for row in await rows(harness, proposal)] == ["replaced", "pending"]


async def test_c17_ok_with_nothing_asked_saves_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        await _tell(ann, "I'll charge $29 a month", "plan", "ok")
        assert await _saved(harness) == []
        assert [row.state for row in await rows(harness, proposal)] == ["pending"]


async def test_c18_numbers_save_some_and_decline_the_others(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        await _tell(ann, "discord at $29/month, single tier, launch may 3", "1 3")
        assert sorted(row.category for row in await rows(harness, decision)) == ["platform", "structure"]
        asked = [row.state for row in await rows(harness, proposal) if row.kind == "decision"]
        assert sorted(asked) == ["declined", "declined", "saved", "saved"]


async def test_c19_a_proposal_of_eight_days_has_expired(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        await ann.say("I'll charge $29 a month")
        await harness.wait(timedelta(days=8))
        assert "expired" in await said(ann, "ok")
        assert await _saved(harness) == []
        assert [row.state for row in await rows(harness, proposal)] == ["expired"]


async def test_c20_a_decision_keeps_the_persons_own_message(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        await _tell(ann, "I'll charge $29 a month because my fans are students", "ok")
        (kept,) = await rows(harness, decision)
        said_ = {row.id: row for row in await rows(harness, message)}[kept.message_id]
        assert said_.role == "person"
        assert harness.seal.open(said_.body).decode().startswith("I'll charge $29 a month")
        assert harness.seal.open(kept.rationale).decode() == "my fans are students"
        assert kept.how == "ok"


async def test_pp_6_one_confirmation_is_one_act(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        await _tell(ann, "discord at $29/month, single tier, launch may 3", "ok")
        assert await _saved(harness) == ["current"] * 4
        await ann.say("undo")
        assert await _saved(harness) == ["undone"] * 4


async def test_pp_6_undo_reaches_back_30_days(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        await _tell(ann, "I'll charge $29 a month", "ok")
        await harness.wait(timedelta(days=31))
        await ann.say("undo")
        assert await _saved(harness) == ["current"]


async def test_pp_4_what_waits_expires_with_its_project(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        await _tell(ann, "I'll charge $29 a month", "abandon", "abandon")
        assert [row.state for row in await rows(harness, proposal)] == ["expired"]


async def test_pp_7_an_unusual_price_is_repeated_in_words(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        assert "$1,500.00 USD a month" in await said(ann, "I'll charge 1,500 dollars per month")
        assert "no income" in await said(ann, "Let's make it free")


async def test_pp_2_no_declines_and_the_history_stays(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        await _tell(ann, "I'll charge $29 a month", "no")
        assert await _saved(harness) == []
        await _tell(ann, "I'll charge $29 a month", "ok", "forget the price", "ok")
        assert await said(ann, "decisions") == (
            "Nothing is decided yet.\nOpen: platform, price, tiers, benefits, opening."
        )
        assert "$29/month (taken back)" in await said(ann, "decisions all")
        assert await said(ann, "undo") == "Taken back. The price is $29/month again."


async def test_a_month_is_no_day_and_the_coach_asks_for_it(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        assert await said(ann, "launch in May") == "Which day in May 2026?"
        assert await said(ann, "we open on May 3") == "Save opening May 3? Reply OK, or send another opening."


async def test_c29_tomorrow_is_the_persons_own(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        await harness.wait(timedelta(hours=13, minutes=30))  # 23:30 in New York, the next day in UTC
        assert "opening March 3?" in await said(ann, "we open tomorrow")


async def test_a_forwarded_message_decides_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "telegram")
        await ann.say("We charge $12 a month", forwarded=True)
        assert await rows(harness, proposal) == []
