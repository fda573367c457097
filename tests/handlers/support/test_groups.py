"""Groups of staff by category: one topic per person, in the group of what they ask about first (TB-1, TB-6)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.assembly.services import staff_groups
from bot.core.errors import Misconfigured
from bot.core.settings import Settings
from handlers.support.settings import groups_of
from tests.handlers.support.counter import Counter
from tests.handlers.support.forum import GROUP, Forum
from tests.rows import each

MONEY = GROUP - 1


@asynccontextmanager
async def _grouped(folder: Path) -> AsyncIterator[tuple[Counter, Forum]]:
    async with Counter.staffed(folder, group=GROUP, groups={"billing_payment": MONEY}) as counter:
        yield counter, Forum(counter)


async def test_tb_6_a_category_of_its_own_group_has_its_topic_there_and_all_others_in_the_usual_one(
    tmp_path: Path,
) -> None:
    async with _grouped(tmp_path) as (counter, forum):
        await counter.eve.say("/support I was charged twice")
        await counter.dana.say("agent")
        await counter.dana.say("the app is broken")
        assert [forum.chats[thread] for thread in sorted(forum.topics)] == [MONEY, GROUP]
        await forum.say("Which charge?", reply_to="I was charged twice", thread=min(forum.topics))
        counter.eve.expect("our staff: Which charge?")


async def test_tb_6_a_topic_waits_for_the_first_words_which_tell_its_group_and_not_for_ever(tmp_path: Path) -> None:
    async with _grouped(tmp_path) as (counter, forum):
        await counter.dana.say("agent")
        await counter.eve.say("agent")
        assert forum.opened == 0
        await counter.dana.say("I was charged twice")
        assert [forum.chats[thread] for thread in forum.topics] == [MONEY]
        await counter.wait(timedelta(minutes=15))
        assert [forum.chats[thread] for thread in sorted(forum.topics)] == [MONEY, GROUP]


async def test_tb_1_a_person_keeps_one_topic_until_what_opened_it_is_over(tmp_path: Path) -> None:
    async with _grouped(tmp_path) as (counter, forum):
        await counter.eve.say("/support I was charged twice SECRETBILL")
        await counter.eve.say("/menu")
        await counter.act("ticket resolve", "T-1001")
        await counter.act("ticket reopen", "T-1001")
        await counter.act("ticket resolve", "T-1001")
        for words in ("agent", "agent", "the app is broken"):
            await counter.eve.say(words)
        first, second = sorted(forum.topics)
        assert [forum.chats[first], forum.chats[second]] == [MONEY, GROUP]
        there = [one.text for one in forum.messages if one.thread == second]
        assert not any("SECRETBILL" in text for text in there), "what is over stays where it was"
        assert forum.messages[-1].text == "T-1002, telegram: the app is broken"
        told = [one.text for one in forum.messages if one.thread == first]
        assert told[-1] == "What this person writes now stands in a topic of another group."
        await counter.act("ticket reopen", "T-1001")
        assert forum.opened == 3, "the oldest that is not over says where, and it is the first one again"


@each(
    "text, said",
    [
        ("billing_payment", "CATEGORY:GROUP"),
        ("billing_payment:money", "CATEGORY:GROUP"),
        ("flying:-1001", "flying"),
        ("billing_payment:5", "CATEGORY:GROUP"),
    ],
)
def test_tb_6_a_map_that_makes_no_sense_stops_the_start(text: str, said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        groups_of(text)


def test_tb_6_a_map_names_categories_and_groups() -> None:
    assert groups_of("") == {}
    assert groups_of("billing_payment:-1001, privacy:-1002") == {"billing_payment": -1001, "privacy": -1002}


def test_tb_6_staff_are_heard_in_all_their_groups_and_a_map_needs_the_usual_one() -> None:
    named = Settings(
        _env_file=None, support_enabled=True, telegram_staff_group=GROUP, telegram_staff_groups=f"bug:{MONEY}"
    )
    assert staff_groups(named) == {GROUP, MONEY}
    assert staff_groups(named.model_copy(update={"support_enabled": False})) == set()
    assert staff_groups(Settings(_env_file=None, support_enabled=True)) == set()
    with pytest.raises(Misconfigured, match="set TELEGRAM_STAFF_GROUP too"):
        staff_groups(named.model_copy(update={"telegram_staff_group": 0}))
