"""LINK and UNLINK between SMS and Telegram (ID-3, ID-4, ID-5, ID-8, A01 to A04)."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.core.events import Event
from handlers.people.masking import masked
from storage.accounts.codes import person_code
from storage.inbox import inbox
from storage.people import address, person
from storage.transcript import transcript
from tests.handlers.people.world import NUMBER, open_world

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("channel", "handle", "shown"),
    [
        ("sms", "+14155550188", "+1 *** *** 0188"),
        ("sms", "+4915155550188", "+*** *** 0188"),
        ("telegram", "7:12344711", "Telegram *** 4711"),
    ],
)
def test_id_4_addresses_are_masked(channel: str, handle: str, shown: str) -> None:
    assert masked(channel, handle) == shown


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_a01_two_first_messages_at_once_make_one_person(kind: str, tmp_path: Path) -> None:
    async with open_world(kind, tmp_path) as world:
        await world.harness.say_together([(world.sms, "hello"), (world.sms, "anybody there")])
        assert len(await world.rows(sa.select(person.c.id))) == 1
        assert len(await world.rows(sa.select(address.c.id))) == 1
        assert len(await world.rows(sa.select(inbox.c.id))) == 2


async def test_a04_id_2_a_name_taken_over_is_another_person(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        await world.chat.say("12.50 lunch Joe's", username="dana")
        other = world.harness.phone("telegram", "7:9999")
        await other.say("spent", username="dana")
        assert await world.person(other) != await world.person(world.chat)
        assert "12.50" not in other.screen


@pytest.mark.parametrize("asks", ["sms", "telegram"])
async def test_id_4_a_code_goes_back_from_the_other_channel_and_is_confirmed_on_the_first(
    asks: str, tmp_path: Path
) -> None:
    async with open_world("sqlite", tmp_path) as world:
        here, there = (world.sms, world.chat) if asks == "sms" else (world.chat, world.sms)
        question = await world.link(here, there)
        assert "+1 *** *** 0188" in question
        assert "Telegram *** 4711" in question
        assert "0188" not in there.last.text if asks == "telegram" else "+1 *** *** 0188" in there.last.text
        assert await world.person(here) != await world.person(there)
        (done,) = await here.say("ok")
        assert "one account now" in done.text
        assert await world.person(here) == await world.person(there)
        (row,) = await world.rows(sa.select(person_code))
        assert row.used_at is not None


async def test_id_4_a_deep_link_starts_the_chat_with_a_payload_that_telegram_takes(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        (told,) = await world.sms.say("link")
        payload = re.search(r"t\.me/parley_bot\?start=(\S+)", told.text)
        assert payload is not None
        assert re.fullmatch(r"[A-Za-z0-9_-]{1,64}", payload[1])
        await world.chat.say(f"/start {payload[1]}")
        await world.sms.say("ok")
        assert await world.person(world.sms) == await world.person(world.chat)


@pytest.mark.parametrize(
    "form", ['"LINK {}"', "Link: {}", "LINK-{}.", "link{}", "LINK {} please", "/link {}", "Link\n{}"]
)
async def test_id_4_a_code_is_taken_however_it_is_typed(form: str, tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        code = await world.code(world.sms)
        await world.chat.say(form.format(code if "-" not in form else f"{code[:3]}-{code[3:]}"))
        assert "please confirm where you asked" in world.chat.last.text
        assert "Make it one account" in world.sms.last.text


async def test_id_4_no_code_is_kept_in_words(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        code = await world.code(world.sms)
        await world.chat.say(f"LINK {code}")
        said = [world.harness.seal.open(row.body).decode() for row in await world.rows(sa.select(transcript))]
        assert said
        assert not any(code in one for one in said)


async def test_id_4_no_keeps_both_apart(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        await world.link(world.sms, world.chat)
        await world.sms.say("no")
        assert await world.person(world.sms) != await world.person(world.chat)


async def test_a02_after_five_wrong_codes_the_right_one_is_refused_and_a_new_one_is_needed(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        code = await world.code(world.sms)
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"
        for _ in range(5):
            await world.chat.say(f"LINK {wrong}")
        await world.chat.say(f"LINK {code}")
        assert "too many wrong codes" in world.chat.last.text
        other = world.harness.phone("telegram", "7:1234")
        await other.say(f"LINK {code}")
        assert "does not work" in other.last.text
        await world.harness.wait(10 * MINUTE)
        await world.link(world.sms, world.chat)
        await world.sms.say("ok")
        assert await world.person(world.sms) == await world.person(world.chat)


async def test_a03_a_code_is_refused_after_ten_minutes_and_the_second_time(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        late = await world.code(world.sms)
        await world.harness.wait(10 * MINUTE)
        await world.chat.say(f"LINK {late}")
        assert "does not work" in world.chat.last.text
        code = await world.code(world.sms)
        await world.chat.say(f"LINK {code}")
        await world.sms.say("no")
        await world.chat.say(f"LINK {code}")
        assert "does not work" in world.chat.last.text


async def test_id_4_one_code_lives_and_five_are_made_an_hour(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        first = await world.code(world.sms)
        for _ in range(4):
            await world.code(world.sms)
        await world.sms.say("link")
        assert "hour" in world.sms.last.text
        await world.chat.say(f"LINK {first}")
        assert "does not work" in world.chat.last.text


async def test_lg_9_account_addresses_is_asked_before_another_one_is_added(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        await world.link(world.sms, world.chat)
        await world.sms.say("ok")
        (told,) = await world.sms.say("link")
        assert "all the addresses it may have" in told.text
        assert "linked addresses: 2" in told.text


async def test_id_8_the_last_address_cannot_be_unlinked_and_one_that_left_is_new(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        await world.sms.say("unlink")
        assert "only address" in world.sms.last.text
        await world.link(world.sms, world.chat)
        await world.sms.say("ok")
        (asked,) = await world.sms.say("unlink")
        assert "2" in asked.text
        number = re.search(r"(\d)\W+Telegram", asked.text)
        assert number is not None
        await world.sms.say(number[1])
        assert "has left" in world.sms.last.text
        before = await world.person(world.sms)
        await world.chat.say("hello")
        assert await world.person(world.chat) != before
        await world.sms.say("unlink")
        assert "only address" in world.sms.last.text


async def test_id_9_id_11_a_notice_goes_to_one_address_the_last_one_if_it_can_be_reached(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        await world.link(world.sms, world.chat)
        await world.sms.say("ok")
        person_id = await world.person(world.sms)
        counts: list[tuple[int, int]] = []
        for left, said in ((world.chat, None), (world.sms, None), (world.sms, "STOP")):
            await left.say(said or "hello")
            before = (len(world.sms.messages), len(world.chat.messages))
            event = Event("delivery", f"d{len(counts)}", "delayed", person_id=person_id)
            await world.harness.happen(event)
            counts.append((len(world.sms.messages) - before[0], len(world.chat.messages) - before[1]))
        assert counts == [(0, 1), (1, 0), (0, 1)]
        assert world.sms.handle == NUMBER
