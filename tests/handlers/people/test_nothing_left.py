"""ID-13: after a deletion every table is read, every sealed value opened: nothing of the person is left."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

import storage.tables  # noqa: F401 - every table is read
from bot.core.errors import Permanent
from storage.schema import metadata
from tests.handlers.people.test_step_up import digits
from tests.handlers.people.world import NUMBER, World, open_world

SAID = ("quixote", "dulcinea", "joe's", "blue bottle", "windmill", "hunter street", NUMBER[1:], "7:4711")
"""Words, a name, numbers and handles that the person said or wrote from."""
HASHES_KEPT = {"suppression", "trial_used", "consent"}
"""An opt-out outlives its person, a trial is had once, and a consent is proof for three years (SMS-6, ID-13)."""
LEDGER = {"pay_order", "plan_purchase", "usage"}
EMPTIED = {"address", "consent", "conversation", "inbox", "link", "outbox", "timer", "transcript"}
"""Rows that stay by the person's id alone; what they held is looked through like all the rest."""
SMS = (
    "12.50 lunch Joe's", "save", "5000 Quixote retainer", "save", "REMIND", "pack 1", "ticket in san francisco", "menu",
    "menu", "agent", "my parcel at Hunter street is lost, Dulcinea", "coupon WINDMILL", "find quixote", "upgrade", "1",
    "ok", "quiet 21-8", "menu",
)  # fmt: skip
CHAT = ("4.20 coffee Blue Bottle", "save", "coach", "twitch", "12k", "windmill", "7", "launch May 3")


def noted(world: World) -> dict[str, bytes]:
    """Note from now on every keyed hash of a text that holds something of the person."""
    made: dict[str, bytes] = {}
    digest = world.harness.seal.digest

    def note(kind: str, text: str) -> bytes:
        found = digest(kind, text)
        if any(one in text.casefold() for one in SAID):
            made[f"hash of {kind} {text}"] = found
        return found

    world.harness.seal.digest = note  # type: ignore[method-assign]
    return made


def words(world: World, value: Any) -> str:
    """Return a stored value as text, opened where it is sealed."""
    if isinstance(value, bytes):
        try:
            value = world.harness.seal.open(value).decode("utf-8", "replace")
        except Permanent:
            value = value.decode("latin-1")
    return str(value).casefold()


async def found(world: World, hashes: dict[str, bytes]) -> dict[str, set[str]]:
    """Return what of the person stands in which column."""
    places: dict[str, set[str]] = defaultdict(set)
    for name, table in metadata.tables.items():
        for row in await world.rows(sa.select(table)):
            for column, value in row._mapping.items():
                text = words(world, value)
                places[f"{name}.{column}"] |= {one for one in SAID if one in text}
                if isinstance(value, bytes) and name not in HASHES_KEPT:
                    places[f"{name}.{column}"] |= {kind for kind, one in hashes.items() if one in value}
    return {where: what for where, what in places.items() if what}


async def named(world: World, person_id: int) -> set[str]:
    """Return the tables that name a person."""
    tables = [table for table in metadata.tables.values() if "person_id" in table.c]
    return {
        table.name
        for table in tables
        if await world.rows(sa.select(sa.literal(1)).select_from(table).where(table.c.person_id == person_id).limit(1))
    }


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_id_13_no_table_holds_a_word_a_number_or_a_hash_of_who_is_gone(kind: str, tmp_path: Path) -> None:
    async with open_world(kind, tmp_path) as world:
        hashes = noted(world)
        for phone, lines in ((world.sms, SMS), (world.chat, CHAT)):
            for line in lines:
                await phone.say(line)
        await world.link(world.sms, world.chat)
        for _ in range(2):
            await world.sms.say("ok")
        me = await world.person(world.chat)
        assert {one for what in (await found(world, hashes)).values() for one in what} >= set(SAID), "all was stored"
        await world.chat.say("delete my data")
        await world.chat.say(digits(world))
        await world.chat.say("delete")
        await world.sms.say("STOP")
        await world.harness.wait(timedelta(hours=24, minutes=31))
        assert await found(world, hashes) == {}
        assert await named(world, me) <= LEDGER | EMPTIED
        await world.sms.say("find quixote")
        assert await world.person(world.sms) != me
