"""Profiles and projects in chat: begun, rested, ended, deleted (PR-1, PJ-1 to PJ-3, C01 to C07)."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from bot.core.clock import FixedClock
from bot.core.sms import size
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from handlers.coaching.plan.template import Shelf, shelf
from handlers.coaching.settings import CoachSettings
from storage.coaching.decisions import decision
from storage.coaching.messages import message
from storage.coaching.profiles import profile
from storage.coaching.projects import pause, project
from storage.coaching.tasks import task
from tests.handlers.coaching.flow import world
from tests.handlers.coaching.flow.world import MONDAY, begun, forget, met, open_world, rows, said, screens


async def _statuses(harness: Harness) -> list[str]:
    return [row.status for row in await rows(harness, project)]


async def test_c01_a_project_is_begun_once(database: str) -> None:
    async with open_world(database) as harness:
        ann = await begun(harness, "telegram")
        await ann.say("new project")
        assert await _statuses(harness) == ["active"]
        assert len(await rows(harness, task)) == 22


async def test_c02_a_second_project_is_asked_about(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        assert await said(ann, "new project") == (
            "You work on Premium Community (0%). What becomes of it?\n1 Pause it\n2 Finish it\n3 Abandon it\n4 Keep it"
        )
        assert (await said(ann, "1")).startswith("Paused:")
        assert await _statuses(harness) == ["paused", "active"]


async def test_c03_a_foreign_project_answers_like_an_unknown_one(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        await begun(harness, "sms")
        (hers,) = await rows(harness, project)
        bob = await begun(harness, "sms", "+12125550124")
        assert await said(bob, f"project {hers.code}") == (
            f"I do not know a project {hers.code} of yours. PROJECTS lists them."
        )
        assert (await said(bob, "project P-ZZZZZZ")).startswith("I do not know a project P-ZZZZZZ")


async def test_c05_an_edited_plan_changes_no_running_project(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        before = await said(ann, "plan 1")
        raw = json.loads(shelf().bodies["premium-community"])
        raw["phases"][0]["title"] = "Something else"
        raw["phases"][0]["tasks"][0]["title"] = "Something else"
        body = json.dumps(raw | {"version": 2}).encode()
        old = harness.registry.settings[CoachSettings]
        harness.registry.settings[CoachSettings] = CoachSettings(Shelf([("x.json", body)]), old.answer)
        assert await said(ann, "plan 1") == before
        bob = await begun(harness, "telegram")
        assert "Something else" in screens(await bob.say("plan 1"))[0], "who begins now has the new one"
        assert await said(ann, "plan 1") == before


async def test_c06_c07_the_welcome_fits_and_has_no_braces(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        for word in ("coach", "skip", "skip", "skip"):
            await ann.say(word)
        told = await said(ann, "skip")
        assert size(told).segments <= 2
        assert "automated" in told
        assert "{" not in told
        assert "comment again" not in told
        assert "where will members gather?" in told.casefold()
        assert harness.calls == []


async def test_cx_4_the_welcome_names_what_is_known(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        for word in ("coach", "twitch", "1.2M", "cooking", "7"):
            await ann.say(word)
        told = ann.messages[-1].text
        assert "A paid space for a Twitch audience" in told
        assert len(told.split()) <= 150
        (kept,) = await rows(harness, profile)
        assert (kept.follower_count, kept.hours_per_week, kept.primary_platform) == (1_200_000, 7, "twitch")
        assert b"cooking" not in bytes(kept.words)


async def test_pr_1_fields_are_skipped_refused_and_changed_later(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.say("coach")
        await ann.say("myspace of old")
        assert "like 12k" in await said(ann, "a lot")
        await ann.say("12k")
        assert "no links" in await said(ann, "see www.spam.com")
        await ann.say("skip")
        assert "from 1 to 80" in await said(ann, "100")
        await ann.say("7")
        assert await said(ann, "profile hours 12") == "Your profile is changed."
        await ann.say("profile engagement")
        assert await said(ann, "4.5%") == "Your profile is changed."
        told = await said(ann, "profile")
        for part in ("platform Elsewhere", "followers 12,000", "hours 12", "engagement 4.5 %"):
            assert part in told
        await ann.say("profile hours none")
        assert "hours 12" not in await said(ann, "profile")
        assert "from 1 to 80" in await said(ann, "profile hours 81")


async def test_c65_a_pause_ends_by_itself_and_says_when(tmp_path: Path) -> None:
    clock = FixedClock(MONDAY)
    async with open_world(tmp_path, clock) as harness:
        ann = await begun(harness, "telegram")
        await ann.say("done 3.1")
        assert "Paused until 16 March" in screens(await ann.say("pause 2 weeks"))[0]
        assert await _statuses(harness) == ["paused"]
        forget(ann)
        await harness.wait(timedelta(days=15))
        assert [one.text for one in ann.messages] == [
            "Your pause is over: Premium Community goes on. COACH shows the next step."
        ]
        assert await _statuses(harness) == ["active"]
        assert "streak 2" in screens(await ann.say("done 3.1"))[0]
        (rested,) = await rows(harness, pause)
        assert (rested.ended_day - rested.from_day).days == 14


async def test_pj_1_a_paused_project_comes_back(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        await ann.say("done 1.1")
        await ann.say("pause")
        (row,) = await rows(harness, project)
        assert row.code in await said(ann, "coach")
        for words in ("what's next", "plan", "done 1.2", "progress"):
            assert "is paused" in await said(ann, words), words
        told = await said(ann, row.code)
        assert told.startswith("Premium Community: 3% done.\n")
        assert "Where will members gather?" in told
        assert await _statuses(harness) == ["active"]


async def test_pj_3_a_project_ends_by_an_explicit_word(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        assert (await said(ann, "finish")).startswith(
            "Finish Premium Community? It is at 0%, 12 one-time tasks are open."
        )
        assert (await said(ann, "keep")).startswith("All right")
        assert await _statuses(harness) == ["active"]
        await ann.say("finish")
        await ann.say("finish")
        assert await _statuses(harness) == ["completed"]
        assert "finished, 0%" in await said(ann, "projects")


async def test_pj_3_a_deleted_project_leaves_no_words(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        for words in ("I'll charge $29 a month", "ok", "delete project", "delete"):
            await ann.say(words)
        for table in (project, task, decision, message):
            assert await rows(harness, table) == []
        assert (await rows(harness, profile)) != []


async def test_ux_14_everything_goes_with_the_persons_data(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await begun(harness, "sms")
        for words in ("I'll charge $29 a month", "ok", "delete my data", "delete"):
            await ann.say(words)
        await harness.wait(timedelta(hours=25))
        for table in (project, task, decision, message, profile):
            assert await rows(harness, table) == []


async def test_several_plans_are_offered(tmp_path: Path) -> None:
    folder = tmp_path / "plans"
    folder.mkdir()
    raw = json.loads(shelf().bodies["premium-community"]) | {"id": "newsletter", "title": "Newsletter"}
    (folder / "newsletter.json").write_text(json.dumps(raw), "utf-8")

    def register(registry: Registry) -> None:
        registry.settings[CoachSettings] = CoachSettings(shelf(folder), lambda turn, said: None)
        world.register(registry)

    async with Harness.open(register, tmp_path, FixedClock(MONDAY), {}) as harness:
        ann = await met(harness, "sms")
        for word in ("coach", "skip", "skip", "skip"):
            await ann.say(word)
        assert await said(ann, "skip") == "Which plan do you want to follow?\n1 Premium Community\n2 Newsletter"
        await ann.say("newsletter")
        (row,) = await rows(harness, project)
        assert row.template_id == "newsletter"
