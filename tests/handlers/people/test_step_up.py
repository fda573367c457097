"""Data rights need a code to another address of the person, and nothing else stands in their way (ID-13, A12, TF-1)."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
import sqlalchemy as sa

from storage.accounts.codes import person_code
from storage.billing import suspensions
from storage.blobs import blob
from storage.people import suppression
from storage.transcript import transcript
from tests.handlers.people.world import World, open_world


async def linked(world: World) -> None:
    await world.sms.say("12.50 lunch Joe's")
    await world.sms.say("save")
    await world.link(world.sms, world.chat)
    await world.sms.say("ok")
    await world.chat.say("hello")


def digits(world: World) -> str:
    found = re.search(r"\b(\d{6})\b", world.sms.last.text)
    assert found is not None, world.sms.last.text
    return found[1]


async def test_a12_who_has_two_addresses_shows_the_code_from_the_other_before_deleting(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        await linked(world)
        (asked,) = await world.chat.say("delete my data")
        assert "+1 *** *** 0188" in asked.text
        code = digits(world)
        wrong = f"{(int(code) + 1) % 1_000_000:06d}"
        await world.chat.say(wrong)
        assert "does not work" in world.chat.last.text
        await world.chat.say(code)
        assert "This deletes" in world.chat.last.text
        await world.chat.say("delete")
        assert "deleted in 24 hours" in world.chat.last.text
        said = [row.body for row in await world.rows(sa.select(transcript.c.body))]
        assert not any(code.encode() in world.harness.seal.open(body) for body in said)


async def test_a12_five_wrong_codes_end_it_and_a_code_lives_ten_minutes(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        await linked(world)
        await world.chat.say("delete my data")
        code = digits(world)
        for n in range(1, 6):
            await world.chat.say(f"{(int(code) + n) % 1_000_000:06d}")
        await world.chat.say(code)
        assert "does not work" in world.chat.last.text
        await world.chat.say("delete my data")
        code = digits(world)
        await world.harness.wait(timedelta(minutes=10))
        await world.chat.say(code)
        assert "does not work" in world.chat.last.text


async def test_a12_one_address_answers_on_its_own_channel(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        await world.sms.say("hello")
        await world.sms.say("delete my data")
        assert "This deletes" in world.sms.last.text
        assert await world.rows(sa.select(person_code)) == []


@pytest.mark.parametrize("right", ["delete my data", "export my data"])
async def test_a12_id_13_a_suspended_person_has_the_same_rights_after_the_same_code(right: str, tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        await linked(world)
        owner = await world.person(world.sms)
        await world.write(lambda work: suspensions.suspend(work, owner, reason="spam spam spam", actor="operator:1"))
        await world.chat.say(right)
        await world.chat.say(digits(world))
        words = {"delete my data": "This deletes", "export my data": "all that is kept of you"}
        assert words[right] in world.chat.last.text


async def test_a12_the_copy_holds_what_was_said_and_kept_and_no_secret(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        await linked(world)
        owner = await world.person(world.sms)
        await world.write(lambda work: suspensions.suspend(work, owner, reason="spam spam spam", actor="operator:1"))
        await world.chat.say("export my data")
        code = digits(world)
        await world.chat.say(code)
        assert "my-data.json" in [message.filename for message in world.chat.messages]
        (row,) = await world.rows(sa.select(blob).where(blob.c.media_type == "application/json"))
        data = orjson.loads(world.harness.seal.open(row.data))["data"]
        assert {one["handle"] for one in data["address"]} == {world.sms.handle, world.chat.handle}
        assert any("12.50 lunch" in one["body"] for one in data["transcript"])
        assert data["ledger_transaction"][0]["amount_minor"] == 1250
        assert not {"person_code", "support_note", "conversation", "link"} & set(data)
        assert not any("hash" in name for rows in data.values() for one in rows for name in one)


async def test_a12_by_sms_a_link_and_a_code_hand_the_copy_over(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        await world.sms.say("hello")
        told = await world.sms.say("export my data")
        assert len(told) == 2
        assert "/d/" in told[0].text
        assert re.search(r"\b\d{6}\b", told[1].text)


async def test_id_13_a_deletion_keeps_the_opt_out_and_nothing_of_the_person(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        await linked(world)
        await world.chat.say("delete my data")
        await world.chat.say(digits(world))
        await world.chat.say("delete")
        await world.sms.say("STOP")
        await world.harness.wait(timedelta(hours=24, minutes=1))
        assert len(await world.rows(sa.select(suppression))) == 1
        assert {row.body for row in await world.rows(sa.select(transcript.c.body))} == {None}
        assert await world.rows(sa.select(person_code)) == []
