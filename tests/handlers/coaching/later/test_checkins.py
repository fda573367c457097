"""Check-ins at the person's hour, reviews with three numbers, nudges after silence (NG-1 to NG-3, NG-5, C61 to C63)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core.calls.charts import DrawChart
from handlers import billing
from handlers.coaching.later.schedule import CHECKIN
from storage import addresses
from storage.billing import subscriptions
from storage.people import address
from storage.work import Work
from tests.handlers.coaching.later.world import (
    MONDAY,
    coached,
    decide,
    move,
    open_world,
    person_of,
    sent,
    sent_at,
    staff,
    texts,
    tick,
    write,
)

DAY = timedelta(days=1)
NEXT_MONDAY = datetime(2026, 3, 9, 13, 0, tzinfo=UTC)


async def test_ng_3_the_weekly_review_has_three_numbers_the_promise_and_one_question(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness, opens=date(2026, 4, 6))
        await decide(harness, ann, "platform", "discord")
        await tick(harness, ann, "1.1", "1.4", day=date(2026, 3, 4))
        await ann.say("promise post the welcome note")
        assert texts(await harness.wait(NEXT_MONDAY - harness.clock.now() - timedelta(seconds=1), ann)) == []
        came = await harness.wait(timedelta(seconds=1), ann)
        assert texts(came) == [
            "Your week: tasks done 2, decisions 2 of 5, 28 days to opening. "
            'You promised: "post the welcome note". What got in the way?'
        ]
        assert [one.purpose for one in came if one.text] == ["notice"]
        assert came[-1].file is not None


async def test_ng_3_the_picture_tells_progress_decisions_and_phases_with_the_time_as_a_mark(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness, opens=date(2026, 4, 6))
        await decide(harness, ann, "platform", "discord")
        await tick(harness, ann, "1.1", day=date(2026, 3, 4))
        await harness.wait(14 * DAY, ann)
        await ann.say("progress picture dark")
        (call,) = [one for one in harness.calls if isinstance(one, DrawChart) and one.dark]
        assert [(bar.label, bar.value, bar.length, bar.mark) for bar in call.bars][:3] == [
            ("All (line: time to opening)", "15 %", 150, 400),
            ("Decisions", "2 / 5", 400, None),
            ("1 Foundation", "1 / 4", 250, None),
        ]
        assert len(call.bars) == 6


async def test_ng_3_without_a_date_the_review_says_so(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness)
        (told, *_) = texts(await harness.wait(7 * DAY, ann))
        assert told == "Your week: tasks done 0, decisions 0 of 5, no date yet. What got in the way?"


async def test_ng_1_a_daily_check_in_names_the_promise_and_asks_one_question(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness, checkin_every="day")
        await ann.say("promise call two fans")
        (told,) = texts(await harness.wait(DAY, ann))
        assert told == 'You promised: "call two fans". Next is to decide the platform. What will you do today?'
        assert told.count("?") == 1


async def test_c61_a_check_in_due_in_quiet_hours_comes_at_the_next_opening_once(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness, checkin_every="day", checkin_hour=22, quiet_from=21, quiet_to=8)
        assert texts(await harness.wait(timedelta(hours=21, minutes=59), ann)) == []
        assert len(texts(await harness.wait(timedelta(minutes=1), ann))) == 1
        assert harness.clock.now().astimezone(ZoneInfo("America/New_York")).hour == 8
        await ann.say("thanks")
        assert texts(await harness.wait(timedelta(hours=23, minutes=59), ann)) == []
        assert await sent(harness) == [("review", "2026-03-02")]


async def test_c62_four_silences_bring_nudges_at_1_3_7_and_14_days_and_then_none(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness)
        await harness.wait(NEXT_MONDAY - harness.clock.now(), ann)
        ann.seen = len(ann.messages)
        came = []
        for day in range(1, 60):
            came += [(day, one.purpose, one.text) for one in await harness.wait(DAY, ann) if one.text]
        assert [(day, purpose) for day, purpose, _ in came] == [(1, "nudge"), (3, "nudge"), (7, "nudge"), (14, "nudge")]
        assert "PAUSE" not in came[0][2]
        assert all("SMALLER" in text and "PAUSE 2 WEEKS" in text and "launch" in text for *_, text in came[1:])


@pytest.mark.parametrize("words", ["posted it", "menu", "/help"])
async def test_ng_2_any_inbound_ends_the_silence(tmp_path: Path, words: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness)
        await harness.wait(NEXT_MONDAY - harness.clock.now() + timedelta(hours=26), ann)
        await ann.say(words)
        assert texts(await harness.wait(5 * DAY, ann)) == []
        (told, *_) = texts(await harness.wait(DAY, ann))
        assert told.startswith("Your week")


async def test_c63_daylight_saving_leaves_the_local_hour_as_it_is(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness, checkin_every="day")
        for _ in range(12):
            await harness.wait(DAY, ann)
            await ann.say("hello")
        moments = await sent_at(harness)
        assert len(moments) == 12
        assert {one.astimezone(ZoneInfo("America/New_York")).strftime("%H:%M") for one in moments} == {"09:00"}
        assert {one.hour for one in moments} == {14, 13}


async def test_ng_5_a_new_zone_keeps_the_local_hour(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness)
        await move(harness, ann, "Europe/Berlin")
        assert texts(await harness.wait(datetime(2026, 3, 9, 7, 59, tzinfo=UTC) - harness.clock.now(), ann)) == []
        assert len(texts(await harness.wait(timedelta(minutes=1), ann))) == 1
        await move(harness, ann, "America/Los_Angeles")
        await harness.wait(timedelta(hours=16), ann)
        assert await sent(harness) == [("review", "2026-03-09")]


async def test_ng_1_a_human_who_owns_the_chat_is_not_interrupted_and_the_check_in_is_not_lost(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness)
        await staff(harness, ann, NEXT_MONDAY + timedelta(hours=3))
        assert texts(await harness.wait(NEXT_MONDAY - harness.clock.now() + timedelta(hours=2), ann)) == []
        assert len(texts(await harness.wait(timedelta(hours=1), ann))) == 1


async def test_ng_1_by_sms_nothing_is_sent_without_consent_in_words_and_stop_ends_it(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness, "sms", "+12125550123", zone=None)
        assert len(texts(await harness.wait(7 * DAY, ann))) == 1
        await ann.say("hello there")

        def stop(work: Work) -> None:
            (kept,) = work.rows(address.select())
            addresses.end_consent(work, address_id=kept.id, handle="sms:" + ann.handle)

        await write(harness, stop)
        assert texts(await harness.wait(14 * DAY, ann)) == []


async def test_ng_5_a_timer_that_fires_twice_sends_once(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        harness.redeliver = True
        ann = await coached(harness)
        assert len(texts(await harness.wait(7 * DAY, ann))) == 1
        await ann.say("renew")
        assert texts(await harness.wait(timedelta(hours=2), ann)) == []
        assert CHECKIN == "coaching.checkin"


@pytest.mark.parametrize("words", ["checkin off", "CHECKIN OFF.", "check-in off"])
async def test_checkin_off_ends_check_ins_and_is_no_opt_out(tmp_path: Path, words: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness, "sms", "+12125550123", zone=None)
        (told,) = texts(await ann.say(words))
        assert told.startswith("No check-ins.")
        assert texts(await harness.wait(14 * DAY, ann)) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("checkin fri 18", "Check-in: Friday at 18:00, your time (America/New_York). Quiet from 21:00 to 8:00."),
        ("CHECKIN DAILY 8am", "Check-in: every day at 8:00, your time (America/New_York), with a review on Monday."),
        ("check-in on sundays at 7 pm", "Check-in: Sunday at 19:00"),
        ("checkin lunes 10", "Check-in: Monday at 10:00"),
        ("checkin 22", "22:00 lies in your quiet hours, so it comes at 8:00."),
        ("checkin", "Check-in: Monday at 9:00"),
        ("checkin banana", "Like CHECKIN MON 9"),
        ("checkin 25", "Like CHECKIN MON 9"),
        ("quiet 22-7", "Quiet from 22:00 to 7:00"),
        ("quiet hours from 10pm to 6am", "Quiet from 22:00 to 6:00"),
    ],
)
async def test_the_person_chooses_day_hour_and_quiet_hours_in_words(tmp_path: Path, words: str, told: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness)
        await ann.say(words)
        ann.expect(told)


async def test_a_person_without_a_plan_is_not_heard(tmp_path: Path) -> None:
    async with open_world(tmp_path, MONDAY) as harness:
        bob = harness.phone("telegram", "7:9")
        assert "Check-in" not in " ".join(texts(await bob.say("checkin fri 18")))
        assert "rests" not in " ".join(texts(await bob.say("pause 2 weeks")))


async def test_ng_1_another_hour_that_passed_today_begins_with_the_next_day(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness, checkin_every="day")
        await harness.wait(DAY, ann)
        await ann.say("checkin daily 8")
        assert texts(await harness.wait(timedelta(hours=21), ann)) == []
        assert len(texts(await harness.wait(timedelta(hours=2), ann))) == 1


async def test_coaching_checkins_come_as_often_as_the_plan_has_them(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness, opens=date(2026, 6, 1))
        billing.register(harness.registry)
        told = " ".join(texts(await ann.say("checkin daily 9")))
        assert "another plan: PLANS lists them. Free plan: check-ins: weekly." in told
        assert "Check-in: Monday at 9:00" in told, "the week stands meanwhile"
        await ann.say("hello")
        asked = [text for text in texts(await harness.wait(6 * DAY, ann)) if "will you do today?" in text]
        assert asked == []
        who = await person_of(harness, ann)
        await write(harness, lambda work: subscriptions.add(work, who, plan="basic", version=1, state="active"))
        assert "every day at 9:00" in " ".join(texts(await ann.say("checkin daily 9")))
        asked = []
        for _ in range(3):
            await ann.say("thanks")
            asked += texts(await harness.wait(DAY, ann))
        assert sum("will you do today?" in text for text in asked) == 2, asked
