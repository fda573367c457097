"""What may happen once happens once, on both databases: topics, pairs, drafts, deliveries, numbers of events."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.clock import FixedClock
from bot.core.ids import Ids
from bot.core.seal import Seal
from storage import people
from storage.database import Database, Writers
from storage.support import desk, drafts, messages, pairs, posts, rules, tickets, topics
from storage.support.privacy import OF_PERSON, erase
from storage.webhooks import deliveries, subscriptions
from storage.work import Work

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
PERSON, GROUP = 11, -100


@pytest.fixture
async def write(database: str) -> Any:
    """Runs functions of a unit of work, each in a commit of its own."""
    clock = FixedClock(NOW)
    opened = Database(database)
    seal = Seal([hashlib.sha256(b"claims").digest()])
    writers = Writers(opened, clock=clock, ids=Ids(clock), seal=seal)
    writers.start()

    async def run(act: Callable[[Work], Any]) -> Any:
        return await writers.run(act)

    await run(lambda work: work.claim(people.person.insert().values(id=PERSON, locale="en", created_at=1)))
    yield run
    await writers.stop()
    await opened.close()


def _ticket(work: Work) -> sa.Row[Any]:
    made = tickets.add(
        work, PERSON, address_id=1, channel="sms", category="bug", priority="low", source="s", parent_id=None
    )
    row = tickets.load(work, made)
    assert row is not None
    return row


async def test_a88_a_person_has_one_topic_and_each_message_one_place(write: Any) -> None:
    def act(work: Work) -> list[Any]:
        made = [topics.ensure(work, PERSON, GROUP, "one")[1] for _ in range(2)]
        topics.change(work, PERSON, thread_id=7, asked=5)
        pairs.add(work, PERSON, 1, place="group", chat=GROUP, number=9)
        pairs.add(work, PERSON, 2, place="group", chat=GROUP, number=9)
        moved = topics.ensure(work, PERSON, GROUP - 1, "two")[1]
        return [*made, moved, pairs.message_at(work, "group", GROUP, 9), topics.of_thread(work, GROUP, 7)]

    assert await write(act) == [True, False, True, 1, None]


async def test_drafts_and_deliveries_are_decided_once(write: Any) -> None:
    def act(work: Work) -> list[Any]:
        made = drafts.add(work, _ticket(work), operator_id=1, text="x", model="m")
        decided = [drafts.decide(work, made, "sent"), drafts.decide(work, made, "discarded")]
        subscriptions.add(work, name="A", url="https://x.test", events="*", secret="s", actor="ann")
        row = subscriptions.named(work, "A")
        assert row is not None
        deliveries.add(work, 77, person_id=PERSON, subscription_id=row.id, event="case.mailed", body=b"{}")
        tried = [deliveries.tried(work, 77, 1, "waiting", "x"), deliveries.tried(work, 77, 1, "dead", "x")]
        tried += [deliveries.tried(work, 77, 2, "dead", "x"), deliveries.again(work, 77), deliveries.again(work, 77)]
        return [decided, tried, [subscriptions.next_seq(work, row.id) for _ in range(3)]]

    assert await write(act) == [[True, False], [True, False, True, True, False], [1, 2, 3]]


async def test_rules_in_force_are_those_of_the_moment(write: Any) -> None:
    await write(lambda work: rules.add(work, "calendar", "first", actor="ann"))
    found = await write(lambda work: [rules.in_force(work, "calendar", NOW + timedelta(hours=h)) for h in (-1, 0)])
    assert found == [None, "first"]


async def test_profiles_change_piece_by_piece_and_a_person_who_leaves_takes_everything(write: Any) -> None:
    def act(work: Work) -> dict[str, Any]:
        desk.change(work, 5, skills="bug")
        desk.change(work, 5, capacity=7)
        row = _ticket(work)
        messages.add(
            work, PERSON, row.id, author="person", operator_id=None, channel="sms", text="hi", files=(), source="m"
        )  # fmt: skip
        posts.add(work, PERSON, row.id, kind="header", text="")
        topics.ensure(work, PERSON, GROUP, "one")
        erase(work, PERSON)
        left = sum(len(work.rows(sa.select(table))) for table in OF_PERSON)
        found = desk.profiles(work)[5]
        return {"left": left, "skills": found.skills, "capacity": found.capacity, "available": found.available}

    assert await write(act) == {"left": 0, "skills": "bug", "capacity": 7, "available": True}
