"""Danger, age, scope, who speaks, abuse: over the engine (SF-1 to SF-4, SF-9, C66, C67)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.sms import size
from bot.engine.harness import Harness
from bot.engine.turn import Turn
from handlers.coaching.safety.crisis import crisis
from storage.alerts import alert
from storage.coaching.care import care
from storage.coaching.model_calls import model_call
from storage.coaching.privacy import OF_PERSON, OF_PROJECT
from storage.coaching.projects import project
from storage.coaching.turns import turn
from tests.handlers.coaching.later.world import coached, open_world, sent, texts, write

DAY = timedelta(days=1)


async def rows(harness: Harness, table: sa.Table) -> list[Any]:
    found: list[Any] = []
    await write(harness, lambda work: found.extend(work.rows(table.select())))
    return found


@pytest.mark.parametrize(
    ("channel", "handle", "zone", "words", "parts"),
    [
        ("sms", "+12125550123", None, "I don't want to live anymore", ("Call or text 988", "call 911", "AGENT")),
        ("sms", "+34600111222", None, "quiero suicidarme", ("Llama al 024", "llama al 112")),
        ("sms", "+447700900123", None, "my husband beats me", ("Call 0808 2000 247", "call 999", "not your fault")),
        ("telegram", None, "Europe/Madrid", "me quiero morir", ("024", "112")),
        ("telegram", None, "America/New_York", "he is going to kill me", ("911", "988")),
        ("telegram", None, "Africa/Lagos", "I want to die", ("US and Canada: call or text 988", "112 or 911")),
    ],
)  # fmt: skip
async def test_c66_a_crisis_phrase_gets_fixed_words_and_help_near_the_person(
    tmp_path: Path, channel: str, handle: str | None, zone: str | None, words: str, parts: tuple[str, ...]
) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness, channel, handle, zone=zone)
        (told,) = await ann.say(words)
        for part in parts:
            assert part in told.text
        assert not told.buttons
        if channel == "sms":
            assert size(told.text).segments <= 2
        assert await rows(harness, model_call) == await rows(harness, turn) == []
        assert [one.kind for one in await rows(harness, alert)] == ["coach_crisis"]


async def test_c66_nudges_and_check_ins_rest_for_a_week_after_it(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness, checkin_every="day")
        await ann.say("I want to kill myself")
        assert texts(await harness.wait(7 * DAY - timedelta(hours=2), ann)) == []
        assert len(texts(await harness.wait(DAY, ann))) == 1
        assert len(await sent(harness)) == 1


async def test_sf_3_danger_is_heard_from_a_person_without_a_plan_too(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        bob = harness.phone("telegram", "7:9")
        await bob.say("I want to end my life")
        bob.expect("988")


async def test_sf_3_what_is_only_likely_is_heard_from_whom_the_coach_knows(tmp_path: Path) -> None:
    told = "no reason to be in this world"
    assert crisis(told) is not None
    assert crisis(told, guessed=False) is None
    async with open_world(tmp_path) as harness:
        stranger = harness.phone("telegram")
        await stranger.say("/start")
        assert not any("988" in one.text for one in await stranger.say(told))
        ann = await coached(harness, "sms", "+12125550123")
        assert any("988" in one.text for one in await ann.say(told))


async def test_sf_1_c67_are_you_human_is_answered_truthfully(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness)
        for words in ("are you human?", "are you a person?", "am I talking to a bot?", "¿eres una persona?"):
            await ann.say(words)
            ann.expect("automated assistant, not a person")


async def test_sf_2_other_fields_get_one_sentence_a_pointer_and_the_next_step(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness)
        for words, part in (
            ("should I invest in bitcoin?", "licensed adviser"),
            ("do I have to pay taxes on memberships?", "tax adviser"),
            ("is it legal to run a giveaway?", "legal clinic"),
            ("what medication helps with stage fright?", "doctor"),
            ("who should I bet on tonight?", "no tips"),
        ):
            await ann.say(words)
            ann.expect(part, "Next is to decide the platform.")


async def test_sf_4_a_child_is_refused_and_what_they_told_the_coach_is_deleted(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness)
        (told,) = await ann.say("I'm 12 years old")
        assert told.text.startswith("I can only coach people who are 13 or older.")
        for table in (*OF_PROJECT, project, *OF_PERSON):
            assert await rows(harness, table) == [], table.name
        assert [one.kind for one in await rows(harness, alert)] == ["privacy_wanted"]
        (again,) = await ann.say("launch May 3")
        assert again.text.startswith("I cannot help anyone under 13.")
        assert texts(await harness.wait(30 * DAY, ann)) == []


async def test_sf_4_a_minor_may_plan_and_hears_of_a_guardian(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann, closed = await coached(harness), list[int]()

        def close(turn: Turn, argument: str) -> bool:
            closed.append(turn.person.id)
            return False

        harness.registry.word("minor")(close)
        await ann.say("I'm 15")
        ann.expect("parent or guardian")
        assert len(closed) == 1, "billing closes what could still be paid (ID-12)"
        assert [one.age_band for one in await rows(harness, care)] == ["minor"]
        await ann.say("I'll charge $29 a month")
        ann.expect("agree prices and payments with a parent or guardian", "Save price")


async def test_sf_4_ages_in_words_are_heard_and_a_minor_celebrity_is_none(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness)
        (told,) = await ann.say("I'm a minor celebrity in my town")
        assert "guardian" not in told.text
        assert [one.age_band for one in await rows(harness, care)] in ([], [None])
        await ann.say("im in 8th grade")
        ann.expect("parent or guardian")
        assert [one.age_band for one in await rows(harness, care)] == ["minor"]
        assert await rows(harness, project) != []
        (refused,) = await ann.say("sorry, 5th grader here")
        assert refused.text.startswith("I can only coach people who are 13 or older.")


async def test_sf_4_a_child_opens_the_coach_by_no_button_either(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness)
        await ann.say("menu")
        button = next(iter(ann.last.buttons.values()))
        await ann.say("I'm 11")
        told = await ann.press(button)
        assert "project" not in " ".join(one.text for one in told).casefold()
        (again,) = await ann.say("coach")
        assert again.text.startswith("I cannot help anyone under 13.")
        assert await rows(harness, project) == []


async def test_sf_9_five_insults_in_a_day_give_the_chat_to_the_script_for_a_day_and_staff_a_note(
    tmp_path: Path,
) -> None:
    async with open_world(tmp_path, datetime(2026, 3, 2, 20, tzinfo=UTC)) as harness:
        ann = await coached(harness)
        for _ in range(4):
            await ann.say("you are a stupid bot")
        assert [one.scripted_until for one in await rows(harness, care)] == [None]
        await ann.say("you are a useless bot")
        await ann.say("you are a useless bot again")
        (known,) = await rows(harness, care)
        assert known.scripted_until == harness.clock.now() + DAY
        assert [one.kind for one in await rows(harness, alert)] == ["coach_abuse"]
        await harness.wait(DAY, ann)
        await ann.say("you are a stupid bot")
        assert [one.flags for one in await rows(harness, care)] == [1]


async def test_sf_3_in_the_middle_of_another_service_a_story_is_a_story(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await coached(harness)
        await ann.say("delete my data")
        came = await ann.say("a man said he is going to shoot me, so I left the car")
        assert "988" not in came[-1].text
