"""LG-9: after a downgrade the addresses beyond the plan only read; nothing is deleted, and the person chooses."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.engine.phone import Phone
from storage.billing import subscriptions, suspensions
from storage.people import address, suppression
from storage.receipts.ledger import transaction
from tests.handlers.people.world import World, open_world

DAY = timedelta(days=1)
RESTS = (
    "This address only reads now. Free plan: linked addresses: 2. Basic gives 4, see PLANS."
    " LINK KEEP uses it in place of "
)


async def downgraded(world: World) -> tuple[Phone, Phone, Phone]:
    """Link a third address on Basic, use them in turn, and let the plan end; return them, the last used first."""
    third = world.harness.phone("telegram", "7:9999")
    await world.sms.say("12.50 lunch Joe's")
    await world.sms.say("save")
    me = await world.person(world.sms)
    plan = await world.write(lambda work: subscriptions.add(work, me, plan="basic", version=1, state="active"))
    for phone in (world.chat, third):
        await world.link(world.sms, phone)
        for _ in range(2):
            await world.sms.say("ok")
    for phone in (third, world.chat, world.sms):
        world.harness.clock.advance(timedelta(hours=1))
        await phone.say("summary")
        assert "$12.50" in phone.last.text
    await world.write(lambda work: subscriptions.change(work, me, plan, state="ended"))
    world.harness.clock.advance(timedelta(hours=1))
    return world.sms, world.chat, third


async def _count(world: World) -> int:
    return len(await world.rows(sa.select(transaction.c.id)))


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_lg_9_what_was_used_longest_ago_only_reads_and_stays(kind: str, tmp_path: Path) -> None:
    async with open_world(kind, tmp_path) as world:
        sms, chat, third = await downgraded(world)
        for _ in range(2):  # being refused does not make it the one used last
            await third.say("9 coffee")
            assert third.last.text == f"{RESTS}Telegram *** 4711."
            await third.say("ok")
        assert await _count(world) == 1
        for phone, said in ((sms, "7 tea"), (chat, "8 cake")):
            await phone.say(said)
            await phone.say("save")
        assert await _count(world) == 3
        rows = await world.rows(sa.select(address.c.person_id, address.c.state))
        assert len({row.person_id for row in rows}) == 1
        assert [row.state for row in rows] == ["active"] * 3


async def test_lg_9_reading_rights_and_the_way_out_work_at_a_resting_address(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        _, _, third = await downgraded(world)
        for said, answer in (
            ("summary", "$12.50"), ("status", ""), ("my plan", "Free plan"), ("usage", "Free plan"),
            ("billing", ""), ("plans", "Basic: 700 Stars"), ("/menu", ""), ("help", ""), ("options", ""),
            ("unlink", "Which one leaves"), ("none", "all stay"), ("my data", "6 digits"),
            ("agent", "Your ticket is T-1001"), ("where is my letter", "our staff have it"),
        ):  # fmt: skip
            before = len(third.messages)
            await third.say(said)
            shown = "\n".join(one.text for one in third.messages[before:])
            assert answer in shown, (said, shown)
            assert ("only reads" in shown) == (said == "/menu"), (said, shown)


async def test_lg_9_the_person_chooses_which_stay(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        sms, chat, third = await downgraded(world)
        await sms.say("link keep")
        assert sms.last.text.endswith("This address is used already.")
        await third.say("LINK KEEP")
        assert third.last.text == "This address is used from now on. Telegram *** 4711 only reads."
        await third.say("9 coffee")
        await third.say("save")
        assert await _count(world) == 2
        await chat.say("8 cake")
        assert chat.last.text == f"{RESTS}+1 *** *** 0188."


async def test_lg_9_my_plan_names_what_rests_of_each_kind_and_how_to_choose(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        sms, _, third = await downgraded(world)
        for phone in (sms, third):
            await phone.say("my plan")
            shown = phone.last.text
            assert "Only reading: Telegram *** 9999. LINK KEEP, sent from there, uses it in place of another." in shown
        await sms.say("unlink")
        await sms.say("Telegram *** 9999")
        await sms.say("my plan")
        assert "Only reading" not in sms.last.text


async def test_lg_9_one_that_leaves_makes_room_and_so_does_a_larger_plan(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        sms, _, third = await downgraded(world)
        await third.say("9 coffee")
        assert "only reads" in third.last.text
        me = await world.person(sms)
        plan = await world.write(lambda work: subscriptions.add(work, me, plan="basic", version=1, state="active"))
        await third.say("9 coffee")
        await third.say("save")
        assert await _count(world) == 2
        await third.say("link keep")
        assert third.last.text == "All your addresses are used."
        await world.write(lambda work: subscriptions.change(work, me, plan, state="ended"))
        await sms.say("unlink")
        await sms.say("Telegram *** 4711")
        await third.say("7 tea")
        await third.say("save")
        assert await _count(world) == 3


async def test_lg_9_an_opt_out_counts_everywhere_and_a_suspension_rests_no_address(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        sms, _, third = await downgraded(world)
        me = await world.person(sms)
        await world.write(lambda work: suspensions.suspend(work, me, reason="a test of it", actor="ann"))
        await third.say("summary")
        assert "only reads" not in third.last.text
        await third.say("link keep")
        await third.say("link keep")
        await sms.say("STOP")
        assert len(await world.rows(sa.select(suppression.c.hash))) == 1
