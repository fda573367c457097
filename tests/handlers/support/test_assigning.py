"""Tickets that are given out by themselves, come back from who stays silent, and wait when nobody is there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from jobs.alerts import AlertTeller
from storage.support.history import assignment
from tests.handlers.support.counter import Counter

HOUR = timedelta(hours=1)


async def _given(counter: Counter) -> list[tuple[str, str]]:
    """Return who had tickets and why, oldest first."""
    rows = await counter.database.read(lambda c: list(c.execute(sa.select(assignment).order_by(assignment.c.id))))
    names = await counter.names()
    return [(names.get(row.operator_id, "queue"), row.reason) for row in rows]


async def test_as_2_the_first_words_give_a_ticket_to_who_knows_the_matter_and_they_are_told(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path, away=False) as counter:
        await counter.act("desk set", "bob skills billing_payment")
        await counter.dana.say("agent")
        assert (await counter.row()).assignee is None
        await counter.dana.say("I was charged twice")
        assert await _given(counter) == [("bob", "initial")]
        assert (await counter.row()).state == "open"
        assert any("T-1001 is yours: high, billing_payment" in one.text for one in counter.bob.messages)
        assert not any("is yours" in one.text for one in counter.ann.messages)
        assert "bob: here, 1 of 20, en; billing_payment" in await counter.act("desk show")


async def test_a85_with_all_staff_at_95_percent_a_ticket_waits_and_staff_are_told_once(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path, away=False) as counter:
        await counter.profile(capacity=20)
        for name in ("ann", "bob"):
            await counter.burden(name, 19)
        await counter.eve.say("/support my letter is late")
        row = await counter.row(1039)
        assert (row.assignee, row.state) == (None, "new")
        assert (await counter.alerts()).count("ticket_queued") == 1
        await counter.wait(3 * HOUR)
        assert (await counter.alerts()).count("ticket_queued") == 1
        await counter.act("desk set", "bob capacity 40")
        assert await _given(counter) == [("bob", "initial")]


@pytest.mark.parametrize("way", ["person", "silence", "staff"])
async def test_as_1_whoever_ends_a_ticket_what_waits_is_tried_again_at_once(tmp_path: Path, way: str) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.profile("ann", available=True, capacity=1)
        await counter.eve.say("/support my letter is late")
        for words in ("agent", "the app is broken"):
            await counter.dana.say(words)
        assert (await counter.row(1002)).assignee is None
        if way == "person":
            await counter.eve.say("never mind")
        elif way == "staff":
            await counter.act("ticket resolve", "T-1001")
        else:
            await counter.act("ticket wait", "T-1001")
            await counter.act("ticket wait", "T-1002")
            await counter.wait(timedelta(days=6, hours=23))
            await counter.dana.say("T-1002 hello?")
            await counter.wait(2 * HOUR)
        assert (await counter.row(1002)).assignee is not None


async def test_as_1_who_is_away_gets_nothing_and_coming_back_looks_at_what_waits(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/support my letter is late")
        assert await _given(counter) == []
        assert "new tickets may come" in await counter.act("away", "off", by="bob")
        assert await _given(counter) == [("bob", "initial")]
        assert "no new tickets" in await counter.act("away", "on", by="bob")
        await counter.dana.say("/support")
        await counter.dana.say("agent")
        await counter.dana.say("the app is broken")
        assert (await counter.row(1002)).assignee is None


async def test_a86_an_urgent_ticket_comes_back_after_60_silent_working_minutes_and_another_gets_it(
    tmp_path: Path,
) -> None:
    async with Counter.staffed(tmp_path, away=False) as counter:
        await counter.act("desk set", "ann skills appeal_letter")
        await counter.eve.say("/support my letter is late")
        await counter.act("ticket prio", "T-1001 urgent")
        await counter.wait(timedelta(minutes=58))
        assert await _given(counter) == [("ann", "initial")]
        await counter.wait(timedelta(minutes=3))
        assert await _given(counter) == [("ann", "initial"), ("queue", "return"), ("bob", "reassign")]
        assert "ticket_returned" not in await counter.alerts()
        await counter.wait(timedelta(minutes=62))
        assert (await _given(counter))[3:] == [("queue", "return"), ("ann", "reassign")]
        assert (await counter.alerts()).count("ticket_returned") == 1


async def test_as_3_who_stayed_silent_does_not_get_it_again_while_it_waits_for_another(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.profile("ann", available=True)
        await counter.eve.say("/support my letter is late")
        await counter.wait(4 * HOUR)
        assert await _given(counter) == [("ann", "initial"), ("queue", "return")]
        assert "ticket_queued" in await counter.alerts()
        await counter.eve.say("hello?")
        assert len(await _given(counter)) == 2
        await counter.act("away", "off", by="bob")
        assert (await _given(counter))[2:] == [("bob", "reassign")]


async def test_as_3_who_stayed_silent_may_take_it_by_hand(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.profile("ann", available=True)
        await counter.eve.say("/support my letter is late")
        await counter.wait(2 * HOUR)
        assert "is with ann" in await counter.act("ticket take", "T-1001")


async def test_as_3_who_answered_keeps_the_ticket_until_the_person_asks_again(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path, away=False) as counter:
        await counter.act("desk set", "ann skills appeal_letter")
        await counter.eve.say("/support my letter is late")
        await counter.act("ticket reply", "T-1001 --open We look into it.")
        await counter.wait(2 * HOUR)
        assert await _given(counter) == [("ann", "initial")]
        await counter.eve.say("any news?")
        await counter.wait(timedelta(minutes=61))
        assert [reason for _, reason in await _given(counter)] == ["initial", "return", "reassign"]


async def test_as_3_nights_do_not_count_as_silence(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path, away=False) as counter:
        await counter.wait(timedelta(hours=7, minutes=30))
        await counter.eve.say("/support my letter is late")
        await counter.wait(15 * HOUR)
        assert len(await _given(counter)) == 1
        await counter.wait(2 * HOUR)
        assert ("queue", "return") in await _given(counter)


async def _told(counter: Counter) -> None:
    """Let the alerts that nobody was told of go out."""
    await AlertTeller(counter.database, counter.writers, counter.registry.catalogue).run()
    await counter.rest()


async def test_a_new_ticket_that_somebody_got_at_once_is_news_to_the_others_alone(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path, away=False) as counter:
        await counter.act("desk set", "bob skills appeal_letter")
        before = {phone: len(phone.messages) for phone in (counter.ann, counter.bob)}
        await counter.eve.say("/support my letter is late")
        await _told(counter)
        ann, bob = ([one.text for one in phone.messages[start:]] for phone, start in before.items())
        assert ann == ["A new ticket (ticket T-1001, with bob). /tickets lists what waits; /ticket shows one."]
        assert len(bob) == 1
        assert bob[0].startswith("T-1001 is yours: high, appeal_letter")


async def test_a_new_ticket_is_told_before_it_is_given_when_nothing_was_said_yet(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path, away=False) as counter:
        await counter.act("desk set", "bob skills appeal_letter")
        before = {phone: len(phone.messages) for phone in (counter.ann, counter.bob)}
        await counter.dana.say("agent")
        await _told(counter)
        await counter.dana.say("my letter is late")
        await _told(counter)
        ann, bob = ([one.text for one in phone.messages[start:]] for phone, start in before.items())
        assert [text.partition(" (")[0] for text in ann] == ["A new ticket"]
        assert [text.partition(" ")[0] for text in bob] == ["A", "T-1001"]


async def test_a_ticket_that_nobody_got_is_told_to_all_once(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/support my letter is late")
        assert await counter.alerts() == ["ticket_opened", "ticket_queued"]
