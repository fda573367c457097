"""How people who were never told the words write to the coach, with every other service beside it (OC-2, CAP-6)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bot.assembly.services import register_services
from bot.core.clock import FixedClock
from bot.core.settings import Settings
from bot.engine.harness import Harness
from bot.engine.phone import Phone
from bot.engine.registry import Registry
from handlers.coaching.flow.phrases import wants_coach
from handlers.coaching.flow.profile import read_field
from storage.coaching.decisions import decision
from storage.coaching.projects import project
from storage.receipts.categories import category
from storage.receipts.receipts import receipt
from tests.handlers.coaching.flow.world import MONDAY, begun, met, open_world, rows, said
from tests.rows import each

PLATFORM, PRICE = "Where will members gather?", "What will you charge?"


def _all_services(registry: Registry) -> None:
    register_services(registry, Settings(parley_mode="demo"))
    registry.introduces = False


@asynccontextmanager
async def _town(where: Path) -> AsyncIterator[Harness]:
    async with Harness.open(_all_services, where, FixedClock(MONDAY), {}) as harness:
        yield harness


async def _decide(phone: Phone, *texts: str) -> str:
    """Say each text with an OK behind it; return the last answer."""
    answer = ""
    for text in texts:
        await phone.say(text)
        answer = await said(phone, "ok")
    return answer


async def test_whoever_wants_a_community_is_asked_where_they_publish(tmp_path: Path) -> None:
    async with _town(tmp_path) as harness:
        for n, text in enumerate((
            "I want to start a paid community", "how do i launch a membership?", "help me build a discord community",
            "coach me", "i'd like to monetize my audience", "can you coach me please?", "launch a community",
            "starting a paid membership for my fans",
        )):  # fmt: skip
            phone = await met(harness, "sms", f"+1212555{2000 + n}")
            assert "Where do you mostly publish?" in await said(phone, text), text
        for n, text in enumerate(("community college parking ticket", "members only parking lot fine $40", "start")):
            phone = await met(harness, "sms", f"+1212555{3000 + n}")
            assert "publish" not in "".join(m.text for m in await phone.say(text)), text


async def test_pr_1_no_idea_leaves_a_question_open_however_it_is_said(tmp_path: Path) -> None:
    async with _town(tmp_path) as harness:
        for n, text in enumerate(("i dont know", "idk", "No clue", "dunno yet", "rather not say", "next", "n/a")):
            phone = await met(harness, "sms", f"+1212555{4000 + n}")
            for word in ("coach", "twitch", text):
                answer = await said(phone, word)
            assert answer.startswith("What is it about?"), text
            assert "How many hours" in await said(phone, text), text


async def test_pr_1_a_price_is_no_niche(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        for n, price in enumerate(("29.99/month", "$29", "I'll charge $29 a month")):
            ann = await met(harness, "sms", f"+1212555{5000 + n}")
            for word in ("coach", "twitch", "12k"):
                await ann.say(word)
            assert "A few words please" in await said(ann, price), price
            assert "How many hours" in await said(ann, "living on $5 a day")


async def test_oc_2_what_people_ask_for_has_many_names(tmp_path: Path) -> None:
    async with _town(tmp_path) as harness:
        ann = await begun(harness, "sms")

        async def answers(text: str, part: str) -> None:
            answer = await said(ann, text)
            assert part in answer, f"{text!r}: {answer}"

        for text in (
            "what do i do next", "What should I do now?", "where do i start", "i'm stuck", "I have no idea what to do",
            "what's first?", "sure", "yes", "let's go",
        ):  # fmt: skip
            await answers(text, PLATFORM)
        for text in ("how far am i", "Where am I?", "how am i doing", "show me my progress"):
            await answers(text, "Planning 0%")
        for text in ("show me the plan", "what's in phase 2?", "what happens in phase 3", "show me phase 2"):
            await answers(text, "Phase ")
        for text in ("whats task 3.1", "what is 3.1?", "tell me about task 3.1"):
            await answers(text, "3.1 ")
        for text in ("show me my decisions", "what are my decisions?", "what have i decided so far"):
            await answers(text, "Nothing is decided")
        for text in ("what should i charge?", "how much should it cost", "is 29 too much?"):
            await answers(text, "What will you charge?")
        for text in ("which app should i use?", "where should i host it?"):
            await answers(text, PLATFORM)


async def test_tk_1_ticking_and_skipping_in_own_words(tmp_path: Path) -> None:
    async with _town(tmp_path) as harness:
        ann = await begun(harness, "sms")
        for text, part in (
            ("did 2.1 and 2.2", "2.1"), ("mark 1.3 as done", "1.3 done"), ("i did 2.3", "2.3 done"),
            ("check off 2.4", "2.4 done"), ("i dont want to do 2.5", "2.5 is skipped"),
            ("undo that", "2.5 is open again"), ("take that back", "2.4 is open again"),
        ):  # fmt: skip
            answer = await said(ann, text)
            assert part in answer, f"{text!r}: {answer}"
        assert await rows(harness, receipt) == []


async def test_pp_2_yes_has_many_words_and_an_unclear_price_is_asked_for_again(tmp_path: Path) -> None:
    async with _town(tmp_path) as harness:
        ann = await begun(harness, "sms")
        for text, yes in (
            ("let's use discord", "yes please"), ("29 a month", "yeah save it"), ("just one tier", "Save that"),
            ("they get a weekly q&a", "yep that works"), ("we open in 6 weeks", "ok save it please"),
        ):  # fmt: skip
            await ann.say(text)
            answer = await said(ann, yes)
            assert answer.startswith("Saved"), f"{yes!r}: {answer}"
        assert len(await rows(harness, decision)) == 5


async def test_oc_2_an_answer_that_is_no_answer_gets_an_example_of_one(tmp_path: Path) -> None:
    async with _town(tmp_path) as harness:
        ann = await begun(harness, "sms")
        await _decide(ann, "discord")
        await ann.say("next")
        answer = await said(ann, "maybe around 25 bucks would be fair")
        assert "like: $25.00 a month" in answer
        assert answer.endswith(PRICE)


async def test_nobody_gets_categories_of_receipts_by_talking_to_the_coach(tmp_path: Path) -> None:
    async with _town(tmp_path) as harness:
        ann = await begun(harness, "sms")
        for text in ("how do i get people to join?", "hello there", "what now", "is it hard?"):
            await ann.say(text)
        assert await rows(harness, category) == []


async def test_cap_6_receipts_and_appeals_are_heard_in_the_middle_of_a_project(tmp_path: Path) -> None:
    async with _town(tmp_path) as harness:
        ann = await begun(harness, "sms")
        await _decide(ann, "discord")
        assert (await said(ann, "12.50 lunch Joe's")).startswith("Joe's $12.50")
        await ann.say("ok")
        assert (await said(ann, "spent $40 on a mic yesterday")).endswith("OK, EDIT or DROP.")
        await ann.say("ok")
        assert "price" in await said(ann, "$29 a month")
        assert "ticket" in (await said(ann, "got a ticket in Oakland")).lower()
        await ann.say("menu")
        await ann.say("menu")
        assert "Next" in await said(ann, "coach") or PLATFORM in ann.last.text
        assert len(await rows(harness, receipt)) == 2
        assert [row.category for row in await rows(harness, decision)] == ["platform"]


async def test_pj_1_a_rest_can_be_asked_for_and_ended_in_own_words(tmp_path: Path) -> None:
    async with _town(tmp_path) as harness:
        ann = await begun(harness, "sms")
        assert (await said(ann, "i need a break")).startswith("Paused")
        assert "is paused" in await said(ann, "pause 2 weeks")
        assert "done" in await said(ann, "resume coaching")
        assert (await said(ann, "take a break for 2 weeks")).startswith("Paused until March 16")
        assert [row.status for row in await rows(harness, project)] == ["paused"]


PLATFORM_WORDS = {
    "yt": "youtube", "youtub": "youtube", "on my insta": "instagram", "Tik Tok": "other", "tictok": "tiktok",
    "twitch mostly": "twitch", "youtube and twitch": "youtube", "my own blog": "other",
}  # fmt: skip


def test_pr_1_a_platform_is_known_by_its_short_name_and_with_a_letter_wrong() -> None:
    assert {words: read_field("primary_platform", words) for words in PLATFORM_WORDS} == PLATFORM_WORDS


async def test_cx_4_the_welcome_speaks_of_an_instagram_audience(tmp_path: Path) -> None:
    async with _town(tmp_path) as harness:
        ann = await met(harness, "telegram")
        for words in ("coach", "insta", "12k", "plants", "7"):
            await ann.say(words)
        assert "an Instagram audience" in ann.messages[-1].text


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_dd_2_an_option_named_by_its_label_is_chosen(channel: str, tmp_path: Path) -> None:
    async with _town(tmp_path) as harness:
        ann = await begun(harness, channel)
        assert "Discord?" in await said(ann, "discord")
        await ann.say("ok")
        await ann.say("I'll charge $29 a month")
        assert "one tier or several" in (await ann.say("ok"))[0].text
        assert "one tier" in (await said(ann, "One.")).lower()
        await ann.say("ok")
        assert sorted(row.category for row in await rows(harness, decision)) == ["platform", "pricing", "structure"]


OTHERS = ("start my appeal", "community service instead of a fine", "my membership at the gym 40", "members lot")


@each("text", OTHERS)
def test_the_words_of_other_services_open_no_coach(text: str) -> None:
    assert not wants_coach(text)
