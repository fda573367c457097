"""Two persons who become one, and are told apart again (ID-5 to ID-7, A05 to A07)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.events import Event
from bot.engine.staff import Member, Risk
from bot.engine.turn import Turn
from handlers.people import merging
from storage import timers
from storage.accounts.merges import merge
from storage.accounts.rules import rules
from storage.alerts import alert
from storage.audit import audit
from storage.billing import grants, ledger, purchases, subscriptions, suspensions
from storage.billing.grants import Grant, grant
from storage.billing.subscriptions import subscription
from storage.coaching.projects import project
from storage.conversation import conversation
from storage.inbox import inbox
from storage.people import address, consent, person
from storage.receipts.categories import category
from storage.receipts.ledger import transaction
from storage.receipts.receipts import receipt
from storage.receipts.totals import total
from storage.schema import metadata
from storage.timers import timer
from storage.work import Work
from tests.handlers.people.world import NOW, World, open_world

DAY = timedelta(days=1)
KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)]
OPEN: dict[str, Any] = {
    "plan": "basic", "plan_version": 1, "every": "month", "amount_minor": 900, "currency": "USD", "trial_days": 0,
    "expires_at": NOW + DAY, "wording": "plan-1", "source": "inbox:1",
}  # fmt: skip
BOSS = Member("operator:boss", "admin", frozenset({"person.merge"}))


async def buy(world: World, phone: Any, *lines: str) -> None:
    """Keep purchases, each confirmed."""
    for line in lines:
        await phone.say(line)
        await phone.say("save")


async def two(world: World) -> tuple[int, int]:
    """Let both phones keep a purchase, the texting one first; return (older, younger)."""
    await buy(world, world.sms, "12.50 lunch Joe's")
    await buy(world, world.chat, "4.20 coffee Blue Bottle", "9.99 lunch Joe's")
    return await world.person(world.sms), await world.person(world.chat)


async def merged(world: World) -> tuple[int, int]:
    """Link both, answering both questions."""
    pair = await two(world)
    await world.link(world.sms, world.chat)
    await world.sms.say("ok")
    await world.sms.say("ok")
    return pair


async def left_of(world: World, person_id: int) -> dict[str, int]:
    """Return how many rows name a person, by table, beside those that keep their id."""
    counts = []
    for name, table in metadata.tables.items():
        if "person_id" in table.c and name not in rules().kept:
            waits = [sa.text(rules().open[name])] if name in rules().open else []
            count = sa.select(sa.func.count()).select_from(table).where(table.c.person_id == person_id, *waits)
            counts.append(count.scalar_subquery().label(name))
    (row,) = await world.rows(sa.select(*counts))
    return {name: count for name, count in row._mapping.items() if count}


@pytest.mark.parametrize("kind", KINDS)
async def test_id_6_one_transaction_moves_every_row_to_the_older_person(kind: str, tmp_path: Path) -> None:
    async with open_world(kind, tmp_path) as world:
        older, younger = await two(world)
        question = await world.link(world.sms, world.chat)
        assert "Reply OK" in question
        (second,) = await world.sms.say("ok")
        assert "2 receipts" in second.text or "2 entries" in second.text, second.text
        assert await world.person(world.chat) == younger
        await world.sms.say("ok")
        assert "one account now" in world.sms.last.text
        assert await world.person(world.chat) == older
        assert await left_of(world, younger) == {}
        (row,) = await world.rows(sa.select(merge))
        assert (row.survivor_id, row.absorbed_id) == (older, younger)
        (gone,) = await world.rows(sa.select(person).where(person.c.id == younger))
        assert gone.merged_into == older


async def test_id_6_books_are_one_set_of_categories_words_and_sums(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        older, _ = await merged(world)
        keys = [row.key for row in await world.rows(sa.select(category.c.key).where(category.c.key.is_not(None)))]
        assert len(keys) == len(set(keys))
        rows = await world.rows(sa.select(transaction))
        assert {row.person_id for row in rows} == {older}
        known = {row.id for row in await world.rows(sa.select(category.c.id))}
        assert {row.category_id for row in rows} <= known | {None}
        sums = await world.rows(sa.select(total.c.amount_minor).where(total.c.grain == "month"))
        assert sum(row.amount_minor for row in sums) == 1250 + 420 + 999
        hashes = await world.rows(sa.select(transaction.c.merchant_hash).where(transaction.c.amount_minor != 420))
        assert len({row.merchant_hash for row in hashes}) == 1, "Joe's of both sides is one merchant"
        await world.sms.say("find blue bottle")
        assert "4.20" in world.sms.screen


@pytest.mark.parametrize("kind", KINDS)
async def test_a06_late_events_of_the_old_id_land_on_the_survivor(kind: str, tmp_path: Path) -> None:
    async with open_world(kind, tmp_path) as world:
        await two(world)
        younger = await world.person(world.chat)

        def later(work: Work) -> None:
            timers.set_timer(work, kind="slow_work", key="late", due=NOW + DAY, person_id=younger, body=b'{"name":"x"}')

        await world.write(later)
        await world.link(world.sms, world.chat)
        await world.sms.say("ok")
        await world.sms.say("ok")
        older = await world.person(world.sms)
        for source, key in (("delivery", "late1"), ("call", "late2")):
            payload = {"call_id": 1, "outcome": "done", "then": "nobody"}
            await world.harness.happen(Event(source, key, "delayed", payload, person_id=younger))
        await world.harness.wait(DAY)
        late = await world.rows(sa.select(inbox).where(inbox.c.key.like("late%")))
        assert {row.person_id for row in late} == {older}
        (fired,) = await world.rows(sa.select(timer).where(timer.c.key == "late"))
        assert (fired.person_id, fired.state) == (older, "fired")
        assert await left_of(world, younger) == {}


async def test_id_6_no_chains_come_of_two_merges(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        third = world.harness.phone("sms", "+14155550111")
        await buy(world, third, "3.00 tea")
        first = await world.person(third)
        older, younger = await merged(world)
        await act(world, "user merge", f"{first} {older}")
        rows = await world.rows(sa.select(person.c.id, person.c.merged_into).where(person.c.merged_into.is_not(None)))
        assert {(row.id, row.merged_into) for row in rows} == {(older, first), (younger, first)}


async def chain(world: World) -> tuple[int, int, int]:
    """Let the youngest of three become part of the middle one, and that one of the oldest; return them by age."""
    third = world.harness.phone("sms", "+14155550111")
    await buy(world, third, "3.00 tea")
    oldest = await world.person(third)
    middle, youngest = await merged(world)
    await act(world, "user merge", f"{oldest} {middle}")
    assert await world.person(world.chat) == oldest
    return oldest, middle, youngest


@pytest.mark.parametrize("kind", KINDS)
async def test_id_7_of_a_chain_the_last_merge_is_taken_back_first_and_then_the_one_before(
    kind: str, tmp_path: Path
) -> None:
    async with open_world(kind, tmp_path) as world:
        oldest, middle, youngest = await chain(world)
        with pytest.raises(AssertionError, match="Refusal"):
            await act(world, "user unmerge", str(youngest))
        await act(world, "user unmerge", str(middle))
        leads = dict(await world.rows(sa.select(person.c.id, person.c.merged_into)))
        assert leads == {oldest: None, middle: None, youngest: middle}
        assert await world.person(world.chat) == middle
        await act(world, "user unmerge", str(youngest))
        assert await world.person(world.chat) == youngest
        assert await world.person(world.sms) == middle
        for phone, has, lacks in ((world.chat, "4.20", "12.50"), (world.sms, "12.50", "4.20")):
            await phone.say("find lunch" if has == "12.50" else "find blue bottle")
            assert has in phone.messages[-1].text
            assert lacks not in phone.messages[-1].text


async def test_id_13_a_deletion_empties_the_manifests_of_a_chain_too(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        _, middle, youngest = await chain(world)
        assert [row.manifest is None for row in await world.rows(sa.select(merge))] == [False, False]
        await world.sms.say("delete my data")
        said = [one.messages[-1].text for one in world.harness.phones.values()]
        code = next(text.partition(" ")[0] for text in said if "is your code" in text)
        await world.sms.say(code)
        await world.sms.say("delete")
        await world.harness.wait(DAY + timedelta(minutes=1))
        assert [row.manifest for row in await world.rows(sa.select(merge))] == [None, None]
        for one in (middle, youngest):
            with pytest.raises(AssertionError, match="Refusal"):
                await act(world, "user unmerge", str(one))


async def act(world: World, name: str, argument: str) -> str:
    """Let staff foresee and do something, as the gate would."""
    said: list[str] = []

    def handler(turn: Turn) -> None:
        command = turn.registry.staff[name]
        assert command.risk is Risk.GRAVE
        assert command.foresee is not None
        effect = command.foresee(turn, argument, BOSS)
        said.append(f"{effect.says} / {effect.typed} / {effect.needs_second}")
        said.append(command.act(turn, argument, BOSS))
        turn.silent = True

    world.harness.dispatcher.registry.handlers["staff:test"] = handler
    world.harness.counter += 1
    await world.harness.happen(Event("staff", f"act{world.harness.counter}", "test", {}))
    return "\n".join(said)


@pytest.mark.parametrize("kind", KINDS)
async def test_id_7_a_merge_is_taken_back_within_thirty_days(kind: str, tmp_path: Path) -> None:
    async with open_world(kind, tmp_path) as world:
        older, younger = await two(world)
        before = {one: await left_of(world, one) for one in (older, younger)}
        kept = await world.rows(sa.select(transaction).order_by(transaction.c.id))
        shown = await world.rows(
            sa.select(receipt.c.id, receipt.c.merchant_hash, receipt.c.code).order_by(receipt.c.id)
        )
        said = await act(world, "user merge", f"{younger} {older}")
        assert f"MERGE person {younger} (Telegram *** 4711) into {older} (+1 *** *** 0188)" in said
        assert f"merge {younger} / False" in said
        assert await world.person(world.chat) == older
        await world.harness.wait(29 * DAY)
        said = await act(world, "user unmerge", str(younger))
        assert f"UNMERGE person {younger} from {older}" in said
        assert await world.person(world.chat) == younger
        after = {one: await left_of(world, one) for one in (older, younger)}
        grown = ("inbox", "outbox", "timer", "transcript", "usage", "ledger_book", "ledger_month", "conversation")
        for one in (older, younger):
            assert {n: c for n, c in after[one].items() if n not in grown} == {
                n: c for n, c in before[one].items() if n not in grown
            }
        assert await world.rows(sa.select(transaction).order_by(transaction.c.id)) == kept
        again = await world.rows(
            sa.select(receipt.c.id, receipt.c.merchant_hash, receipt.c.code).order_by(receipt.c.id)
        )
        assert again == shown
        await world.chat.say("find blue bottle")
        assert "4.20" in world.chat.screen
        await world.sms.say("find blue bottle")
        assert "4.20" not in world.sms.messages[-1].text


@pytest.mark.parametrize("kind", KINDS)
async def test_id_6_id_7_of_two_projects_one_rests_and_each_goes_back_with_what_was_said_of_it_since(
    kind: str, tmp_path: Path
) -> None:
    async with open_world(kind, tmp_path) as world:
        for phone in (world.sms, world.chat):
            for line in ("coach", "twitch", "12k", "speedruns", "7", "done 1.2", "9.99 tea"):
                await phone.say(line)
            world.harness.clock.advance(timedelta(hours=2))
        older, younger = await world.person(world.sms), await world.person(world.chat)
        mine = sa.select(project.c.person_id, project.c.status).order_by(project.c.id)
        await act(world, "user merge", f"{older} {younger}")
        assert await world.rows(mine) == [(older, "paused"), (older, "active")], "the one used last goes on"
        for line in ("save", "progress", "launch May 3", "yes", "done 1.1"):
            await world.chat.say(line)
        assert len(await world.rows(sa.select(transaction.c.id))) == 1, "a draft was saved since"
        await act(world, "user unmerge", str(younger))
        assert await world.person(world.chat) == younger
        assert await world.rows(mine) == [(older, "active"), (younger, "active")]
        of = {row.id: row.person_id for table in (project, receipt) for row in await world.rows(sa.select(table))}
        for name, column in (
            ("coach_message", "project_id"), ("decision", "project_id"), ("task_event", "project_id"),
            ("project_pause", "project_id"), ("receipt_history", "receipt_id"), ("ledger_transaction", "receipt_id"),
        ):  # fmt: skip
            table = metadata.tables[name]
            rows = await world.rows(sa.select(table.c.person_id, table.c[column]).where(table.c[column].is_not(None)))
            assert [one for one in rows if of[one[1]] != one[0]] == [], name
        said = metadata.tables["transcript"]
        at = {row.id: row.person_id for row in await world.rows(sa.select(address))}
        assert all(at[row.address_id] == row.person_id for row in await world.rows(sa.select(said)))


async def test_id_7_after_thirty_days_a_merge_stays(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        _, younger = await merged(world)
        await world.harness.wait(30 * DAY + timedelta(minutes=1))
        (row,) = await world.rows(sa.select(merge))
        assert row.manifest is None
        with pytest.raises(AssertionError, match="Refusal"):
            await act(world, "user unmerge", str(younger))


# -- what stands against it --------------------------------------------------------------------------------------------


async def subscribe(world: World, person_id: int, plan: str, state: str = "active") -> None:
    await world.write(lambda work: subscriptions.add(work, person_id, plan=plan, version=1, state=state))


async def test_a05_two_live_subscriptions_are_refused_by_name(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        older, younger = await two(world)
        await subscribe(world, older, "basic")
        await subscribe(world, younger, "pro")
        await world.link(world.sms, world.chat)
        (told,) = await world.sms.say("ok")
        assert "Basic" in told.text
        assert "Pro" in told.text
        assert await world.person(world.chat) == younger
        await world.write(lambda work: work.write(subscription.update().values(state="ended")))
        await world.link(world.sms, world.chat)
        await world.sms.say("ok")
        await world.sms.say("ok")
        assert await world.person(world.chat) == older


def _offer(person_id: int, work: Work) -> None:
    purchases.add(work, person_id, **OPEN)


@pytest.mark.parametrize("kind", KINDS)
async def test_id_6_a_plan_and_an_open_link_move_and_nobody_elses_are_touched(kind: str, tmp_path: Path) -> None:
    async with open_world(kind, tmp_path) as world:
        older, younger = await two(world)
        third = world.harness.phone("sms", "+14155550111")
        await third.say("hello")
        stranger = await world.person(third)
        await subscribe(world, younger, "pro")
        await subscribe(world, stranger, "basic")
        for one in (older, younger, stranger):
            await world.write(partial(_offer, one))
        await act(world, "user merge", f"{older} {younger}")
        plans = await world.rows(sa.select(subscription.c.person_id, subscription.c.plan).order_by(subscription.c.id))
        assert plans == [(older, "pro"), (stranger, "basic")]
        links = sa.select(purchases.purchase.c.person_id, purchases.purchase.c.state).order_by(purchases.purchase.c.id)
        assert await world.rows(links) == [(older, "created"), (older, "replaced"), (stranger, "created")]
        await act(world, "user unmerge", str(younger))
        plans = await world.rows(sa.select(subscription.c.person_id, subscription.c.plan).order_by(subscription.c.id))
        assert plans == [(younger, "pro"), (stranger, "basic")]
        assert await world.rows(links) == [(older, "created"), (younger, "created"), (stranger, "created")]


@pytest.mark.parametrize("stands", ["suspended", "deleting", "staff"])
async def test_id_6_what_stands_against_a_merge_is_told(stands: str, tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        _, younger = await two(world)
        words = {"suspended": "on hold", "deleting": "about to be deleted", "staff": "staff account"}
        if stands == "suspended":
            await world.write(lambda work: suspensions.suspend(work, younger, reason="spam", actor="operator:1"))
        elif stands == "deleting":
            await world.chat.say("delete my data")
            await world.chat.say("delete")
        else:
            await world.write(lambda work: _employ(work, younger))
        await world.link(world.sms, world.chat)
        (told,) = await world.sms.say("ok")
        assert words[stands] in told.text
        assert await world.person(world.chat) == younger


def _employ(work: Work, person_id: int) -> None:
    from storage import operators

    one = operators.enroll(work, name="kim", role="support", state="active", secret="A" * 32)
    operators.change(work, one, person_id=person_id)


async def test_id_6_staff_are_merged_with_somebody_elses_approval_only(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        older, younger = await two(world)
        await world.write(lambda work: _employ(work, younger))
        assert f"merge {younger} / True" in await act(world, "user merge", f"{older} {younger}")


async def test_id_6_what_changed_after_the_second_ok_is_seen_under_the_hold(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        older, younger = await two(world)
        await subscribe(world, older, "basic")

        def order(turn: Turn) -> None:
            merging.order(turn, older, younger, key="t", actor="operator:boss")
            turn.silent = True

        world.harness.dispatcher.registry.handlers["staff:order"] = order
        await subscribe(world, younger, "pro")
        await world.harness.happen(Event("staff", "o1", "order", {}))
        assert await world.person(world.chat) == younger
        kinds = [row.kind for row in await world.rows(sa.select(alert.c.kind))]
        assert "merge_refused" in kinds


# -- quota, projects, conversations ------------------------------------------------------------------------------------


async def test_a07_two_free_persons_have_one_free_grant(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        older, younger = await two(world)
        await world.write(lambda work: work.write(grant.delete()))
        month: dict[str, Any] = {"effective_at": NOW - 17 * DAY, "expires_at": NOW + 13 * DAY}
        free = Grant("receipts.read", "plan", "free", "2026-03", amount=15, **month)
        pack = Grant("receipts.read", "pack", "p1", "", amount=100, **month)
        for one, used in ((older, 10), (younger, 12)):

            def use(work: Work, one: int = one, used: int = used) -> None:
                hold = timedelta(minutes=15)
                ledger.reserve(work, one, free, operation_id=f"op{one}", amount=used, hold=hold)
                ledger.settle(work, one, free, operation_id=f"op{one}", used=used)

            await world.write(use)
        await world.write(lambda work: grants.give(work, younger, pack))
        await world.link(world.sms, world.chat)
        await world.sms.say("ok")
        await world.sms.say("ok")
        live = await world.write(lambda work: grants.live(work, older))
        plans = [one for one in live if one.source == "plan" and one.is_live(NOW + timedelta(minutes=1))]
        assert [(one.amount, one.taken) for one in plans] == [(15, 10)]
        assert [(one.amount, one.taken) for one in live if one.source == "pack"] == [(100, 0)]


async def test_adr_3_the_newer_conversation_stays_open_and_the_other_one_is_parked(tmp_path: Path) -> None:
    async with open_world("sqlite", tmp_path) as world:
        await world.sms.say("ticket")
        older, younger = await world.person(world.sms), 0
        await buy(world, world.chat, "4.20 coffee")
        younger = await world.person(world.chat)
        await act(world, "user merge", f"{older} {younger}")
        rows = await world.rows(sa.select(conversation))
        assert [row.person_id for row in rows] == [older]
        await world.chat.say("resume")
        assert "ticket" in world.chat.screen.lower()


async def test_id_6_consent_and_audit_keep_the_old_id_and_consent_still_counts(tmp_path: Path) -> None:
    from storage.addresses import has_consent

    async with open_world("sqlite", tmp_path) as world:
        await world.chat.say("hello")
        await world.sms.say("REMIND")
        younger = await world.person(world.sms)
        older = await world.person(world.chat)
        await act(world, "user merge", f"{older} {younger}")
        rows = await world.rows(sa.select(consent.c.person_id).where(consent.c.kind == "nudges"))
        assert [row.person_id for row in rows] == [younger]
        handle = f"sms:{world.sms.handle}"
        assert await world.write(lambda work: has_consent(work, person_id=older, kind="nudges", handle=handle))
        (noted,) = await world.rows(sa.select(audit).where(audit.c.action == "person.merge"))
        assert (noted.actor, noted.object) == ("operator:boss", f"person:{older}")


# -- at once, and broken off -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
async def test_a06_a_message_of_the_absorbed_person_during_the_merge_is_the_survivors(
    kind: str, tmp_path: Path
) -> None:
    async with open_world(kind, tmp_path) as world:
        older, younger = await two(world)
        h = world.harness
        timer_event = Event(
            "timer", "900", merging.JOIN, {"beside": younger, "actor": "operator:boss"}, person_id=older
        )
        said = [world.chat.event("text", {"text": f"{n}.50 tea"}) for n in range(1, 5)]
        jobs = [
            h.writers.submit(h.dispatcher.intake(one), key=n)
            for n, one in enumerate([*said[:2], timer_event, *said[2:]])
        ]
        for sent in await asyncio.gather(*jobs):
            assert sent.error is None
        await h.rest()
        assert await left_of(world, younger) == {}
        drafts = await world.rows(sa.select(receipt.c.person_id).where(receipt.c.person_id == older))
        assert len(drafts) == 3 + 4
        (talk,) = await world.rows(sa.select(conversation))
        assert talk.person_id == older


@pytest.mark.parametrize("kind", KINDS)
async def test_id_6_a_merge_that_breaks_off_has_changed_nothing_and_is_done_once_afterwards(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from storage.accounts import merges

    async with open_world(kind, tmp_path) as world:
        older, younger = await two(world)
        before = await left_of(world, younger)
        note, broken = merges.note, list[int]()

        def breaks(work: Work, **values: Any) -> int:
            if len(broken) < 2:
                broken.append(1)
                raise RuntimeError("the process dies here")
            return note(work, **values)

        monkeypatch.setattr("handlers.people.merging.merges.note", breaks)
        event = Event("timer", "901", merging.JOIN, {"beside": younger, "actor": "operator:boss"}, person_id=older)
        sent = await world.harness.writers.run(world.harness.dispatcher.intake(event))
        assert sent.error == "RuntimeError"
        assert await left_of(world, younger) == before
        await world.harness._shut()
        world.harness._boot()
        for _ in range(2):
            await world.harness.wait(timedelta(minutes=1))
        assert await left_of(world, younger) == {}
        assert len(await world.rows(sa.select(merge))) == 1
        again = await world.harness.writers.run(world.harness.dispatcher.intake(event))
        assert again.duplicate
        assert len(await world.rows(sa.select(merge))) == 1
        assert await world.rows(sa.select(address.c.id).where(address.c.person_id == younger)) == []
