"""The opening has passed: one message with three ways on (NG-4, C64); pauses stop all and freeze streaks (C65)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.engine.harness import Harness
from bot.engine.phone import Phone
from handlers.coaching.plan.rhythm import streak
from storage.coaching import projects, tasks
from storage.work import Work
from tests.handlers.coaching.later.world import coached, decide, open_world, project_of, sent, texts, tick, write

DAY = timedelta(days=1)


async def test_c64_when_the_opening_has_passed_one_message_offers_a_date_fewer_tasks_or_a_pause(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness, opens=date(2026, 3, 6), checkin_every="never")
        await tick(harness, ann, "1.1", "1.2", "1.3", "1.4", day=date(2026, 3, 4))
        assert texts(await harness.wait(datetime(2026, 3, 7, 13, 59, tzinfo=UTC) - harness.clock.now(), ann)) == []
        (told,) = texts(await harness.wait(timedelta(minutes=1), ann))
        assert told.startswith("Your opening date, 6 March, has passed with 6 tasks open")
        for part in ("LAUNCH 28 March", "SKIP", "2.1, 2.2, 2.3", "PAUSE 2 WEEKS"):
            assert part in told
        for _ in range(30):
            assert texts(await harness.wait(DAY, ann)) == []
        assert await sent(harness) == [("replan", "2026-03-06")]


async def test_ng_4_a_new_date_that_passes_too_is_told_again_and_a_plan_that_is_done_is_not(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness, opens=date(2026, 3, 6), checkin_every="never")
        await harness.wait(5 * DAY, ann)
        await decide(harness, ann, "timeline", "2026-03-20", "date")
        await ann.say("renew")
        await harness.wait(20 * DAY, ann)
        assert await sent(harness) == [("replan", "2026-03-06"), ("replan", "2026-03-20")]
        await decide(harness, ann, "timeline", "2026-04-10", "date")
        every = [f"{phase}.{place}" for phase, count in ((1, 4), (2, 6)) for place in range(1, count + 1)]
        await tick(harness, ann, *every, day=date(2026, 4, 1))
        await ann.say("renew")
        assert texts(await harness.wait(30 * DAY, ann)) == []


async def test_c65_a_pause_of_two_weeks_stops_everything_and_leaves_the_streak(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness, opens=date(2026, 3, 6), checkin_every="day")
        for day in (date(2026, 3, 2), date(2026, 3, 3)):
            await tick(harness, ann, "3.2", day=day)
        await harness.wait(DAY, ann)
        before = await streak_of(harness, ann, date(2026, 3, 3))
        (told, *_) = texts(await ann.say("/pause 2 weeks"))
        assert told.startswith("Paused until 17 March")
        assert texts(await harness.wait(13 * DAY, ann)) == []
        assert await streak_of(harness, ann, date(2026, 3, 16)) == before == 2
        (told, *_) = texts(await harness.wait(DAY, ann))
        assert "What will you do today?" in told or told.startswith("Your")
        assert await streak_of(harness, ann, date(2026, 3, 17)) == before


async def streak_of(harness: Harness, phone: Phone, today: date) -> int:
    person_id, project_id = await project_of(harness, phone)
    found: list[int] = []

    def look(work: Work) -> None:
        (task,) = [one for one in tasks.load_all(work, person_id, project_id) if one.task_id == "3.2"]
        rests = projects.pauses(work, person_id, project_id)
        found.append(streak(task.cadence, task.days, today, rests))

    await write(harness, look)
    return found[0]


async def test_ng_4_resume_goes_on_sooner(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness, checkin_every="day")
        await ann.say("pause 1 week")
        assert texts(await harness.wait(4 * DAY, ann)) == []
        (told, *_) = texts(await ann.say("resume"))
        assert told.startswith("Premium Community")
        came = texts(await harness.wait(DAY, ann))
        assert [one for one in came if "What will you do today?" in one] == came
        assert len(came) == 1


async def test_resume_without_a_pause_is_the_word_of_the_engine(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness)
        assert "Premium" not in " ".join(texts(await ann.say("resume")))


async def test_ng_2_a_smaller_step_is_given_when_asked_for(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness)
        await ann.say("smaller")
        ann.expect("two options for the platform")
        for category in ("platform", "pricing", "structure", "content"):
            await decide(harness, ann, category, "discord")
        await ann.say("smaller step")
        ann.expect("20 minutes on task 1.")
