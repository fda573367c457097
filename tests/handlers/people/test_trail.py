"""A person's own audit trail (account.audit_view): theirs alone, newest first, without who of the staff it was."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from storage.audit import chain, record
from storage.billing import subscriptions
from tests.handlers.people.world import World, open_world


async def _seal(world: World) -> None:
    world.harness.clock.advance(timedelta(minutes=1))
    while await world.write(chain.seal) is not None:
        pass


async def _on_pro(world: World) -> int:
    await world.chat.say("hello")
    me = await world.person(world.chat)
    await world.write(lambda work: subscriptions.add(work, me, plan="pro", version=1, state="active"))
    return me


async def test_audit_view_a_plan_without_it_says_which_one_has_it(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        await world.chat.say("my audit")
        assert world.chat.last.text == (
            "Your audit trail is not part of your plan. Free plan: audit trail: no. Pro has it, see PLANS."
        )


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
async def test_audit_view_shows_what_one_did_and_what_others_did_to_the_account(kind: str, tmp_path: Path) -> None:
    async with open_world(kind, tmp_path) as world:
        me = await _on_pro(world)
        await world.chat.say("MY AUDIT")
        assert world.chat.last.text == "Nothing is in your audit trail yet."
        await world.sms.say("hello")
        other = await world.person(world.sms)

        def acts(work: object) -> None:
            for actor, action, person in (
                ("operator:ann", "person.view", me), ("operator:ann", "person.note", me),
                ("operator:ann", "sub.cancel.refused", me), ("operator:ann", "person.suspend", other),
                (f"person:{other}", "person.unlink", other), ("engine", "plan.second.refunded", me),
            ):  # fmt: skip
                record(work, actor=actor, action=action, obj=f"person:{person}", why="secret words")  # type: ignore[arg-type]

        await world.write(acts)
        await world.chat.say("link")
        await _seal(world)
        await world.chat.say("my audit trail")
        at = "Mar 18 11:00"
        assert world.chat.last.text.splitlines() == [
            f"{at} you: person link asked", f"{at} Parley: plan second refunded",
            f"{at} our staff: sub cancel refused, refused", f"{at} our staff: person view",
        ]  # fmt: skip


async def test_audit_view_comes_in_pages_shorter_by_sms(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        me = await _on_pro(world)
        await world.link(world.sms, world.chat)
        for _ in range(2):
            await world.sms.say("ok")
        me = await world.person(world.chat)

        def many(work: object) -> None:
            for number in range(25):
                record(work, actor=f"person:{me}", action=f"test.act{number:02d}")  # type: ignore[arg-type]

        await world.write(many)
        await _seal(world)
        await world.chat.say("/myaudit 2")
        lines = world.chat.last.text.splitlines()
        assert (lines[0][-5:], lines[9][-5:], lines[10]) == ("act14", "act05", "Older: MY AUDIT 3")
        await world.sms.say("my audit")
        assert world.sms.last.text.splitlines()[-1] == "Older: MY AUDIT 2"
        assert len(world.sms.last.text.splitlines()) == 5
