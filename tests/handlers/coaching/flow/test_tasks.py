"""Ticks, skips, streaks and changes of the plan in chat (TK-1 to TK-3, PJ-4, C21 to C25)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from storage.coaching.tasks import event, task
from tests.handlers.coaching.flow.world import begun, open_world, rows, said


async def test_c21_done_twice_is_once(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        assert (await said(ann, "DONE 1.2")).startswith("Task 1.2 done.")
        assert await said(ann, "done 1.2") == "Task 1.2 is done already."
        assert [row.kind for row in await rows(harness, event)] == ["done"]


async def test_c22_three_weeks_in_a_row_count_with_their_streak(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        assert (await said(ann, "DONE 3.1")).startswith("Task 3.1 logged: 1 of 3, streak 1.")
        await harness.wait(timedelta(days=7))
        await ann.say("DONE 3.1")
        await harness.wait(timedelta(days=7))
        answer = await said(ann, "DONE 3.1")
        assert answer.startswith("Task 3.1 logged, 3 times, streak 3. It counts as done.")


async def test_c23_a_daily_task_happens_once_a_day(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        await ann.say("DONE 3.2")
        assert await said(ann, "DONE 3.2") == "Task 3.2 is logged for today already."
        assert len(await rows(harness, event)) == 1


async def test_tk_3_c24_an_unknown_task_is_refused(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        for words in ("DONE 9.9", "skip 9.9", "task 9.9", "reopen 9.9", "remove task 9.9"):
            assert await said(ann, words) == "I do not know a task 9.9. PLAN lists your tasks."
        assert await rows(harness, event) == []


async def test_c25_reopening_keeps_both_events(database: str) -> None:
    async with open_world(database) as harness:
        ann = await begun(harness, "sms")
        await ann.say("DONE 1.2: in an afternoon")
        assert (await said(ann, "Mark 1.2 as not done")).startswith("Task 1.2 is open again.")
        done, reopened = await rows(harness, event)
        assert (done.kind, reopened.kind, reopened.undoes) == ("done", "reopened", done.id)
        assert harness.seal.open(done.note).decode() == "in an afternoon"
        states = {row.task_id: row.state for row in await rows(harness, task)}
        assert states["1.2"] == "todo"
        assert await said(ann, "undo") == "Taken back. Task 1.2 is done again."
        assert "1 of 22 tasks" in await said(ann, "progress")
        assert (await said(ann, "reopen 1.2")).startswith("Task 1.2 is open again.")


async def test_dd_9_a_finished_task_in_words_is_asked_for(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        assert await said(ann, "Stripe is connected and the test purchase went through") == "Tick task 1.4? Reply OK."
        assert await rows(harness, event) == []
        await ann.say("ok")
        (ticked,) = await rows(harness, event)
        assert (ticked.task_id, ticked.how) == ("1.4", "proposal")


async def test_c28_a_skipped_task_leaves_the_count(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        assert "0 of 21 tasks" in await said(ann, "skip 3.5")
        assert await said(ann, "skip 3.5") == "Task 3.5 is skipped already."
        assert await said(ann, "undo") == "Taken back. Task 3.5 is open again."


async def test_pj_4_the_plan_changes_by_a_yes_and_back(database: str) -> None:
    async with open_world(database) as harness:
        ann = await begun(harness, "sms")
        assert await said(ann, "add task Film a trailer to phase 2") == (
            'Add task c1 "Film a trailer" to phase 2? Reply OK.'
        )
        await ann.say("ok")
        assert "c1 Film a trailer" in await said(ann, "plan 2")
        assert "of 23 tasks" in await said(ann, "progress")
        for words in ("remove task 3.5", "ok"):
            await ann.say(words)
        assert "of 22 tasks" in await said(ann, "progress")
        assert await said(ann, "undo") == "Taken back. Your plan is as it was before."
        await ann.say("undo")
        assert "0 of 22 tasks" in await said(ann, "progress")
        assert "c1" not in await said(ann, "plan 2")


async def test_pj_4_tasks_are_reworded_moved_and_dated(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        for words in ("rename 1.4 to Set up Stripe", "ok", "move 1.4 before 1.1", "ok", "move 1.2 to March 20", "ok"):
            await ann.say(words)
        shown = (await said(ann, "plan 1")).splitlines()
        assert shown[1] == "1.4 Set up Stripe"
        assert "1.2 Set the price and tiers, by March 20" in shown
        for _ in range(3):
            await ann.say("undo")
        assert (await said(ann, "plan 1")).splitlines()[1:5] == [
            "1.1 Pick the home for the community",
            "1.2 Set the price and tiers",
            "1.3 Write the welcome material and the promise",
            "1.4 Turn on payments",
        ]


async def test_a_task_is_explained_with_its_hours_and_its_cost(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "telegram")
        answer = (await ann.say("task 3.5"))[0].text
        for part in ("Monthly contest", "About 4 h a month.", "Costs $50.00 a month.", "Tip:", "Pitfall:"):
            assert part in answer


async def test_ch_4_a_plan_is_one_message_whichever_phase_it_shows(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "telegram")
        (plan,) = await ann.say("plan")
        assert list(plan.buttons) == ["Phase 2", "Phase 3", "Phase 4"]
        (other,) = await ann.tap("Phase 3")
        assert other.text.startswith("Phase 3, Growth")
        assert other.replaces
