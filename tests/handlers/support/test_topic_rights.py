"""Doors of staff that no typed command passes: a topic of their group, the reply mode (CM-1, CM-2).

Who may not type a command may not do the same by plain words, by a reply, by a change of an old message, or by words
that somebody else wrote. What was tried is in the audit; a stranger sees nothing of it.
"""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from storage import operators
from storage.audit import audit
from storage.people import address, person
from storage.support.notes import note
from storage.support.tickets import ticket
from tests.handlers.support.counter import Counter
from tests.handlers.support.forum import staffed_forum


async def _notes(counter: Counter) -> list[str]:
    rows = await counter.database.read(lambda c: list(c.execute(sa.select(note.c.body).order_by(note.c.id))))
    return [counter.seal.open(row.body).decode() for row in rows]


async def _denied(counter: Counter) -> list[tuple[str, str]]:
    """Return what was denied and why, oldest first."""
    asked = sa.select(audit).where(audit.c.action == "staff.denied").order_by(audit.c.id)
    rows = await counter.database.read(lambda c: list(c.execute(asked)))
    return [(row.object.removeprefix("command:"), json.loads(row.details)["why"]) for row in rows]


async def _become(counter: Counter, role: str) -> None:
    changed = operators.operator.update().values(role=role)
    await counter.writers.run(lambda work: work.claim(changed))


@pytest.mark.parametrize("role", ["support_viewer", "marketing", "finance"])
async def test_cm_1_plain_words_of_who_may_not_write_notes_are_none(tmp_path: Path, role: str) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        await _become(counter, role)
        said = await forum.say("KNOWN CUSTOMER")
        assert await _notes(counter) == []
        assert (forum.messages[-1].text[:28], forum.messages[-1].reply_to) == (
            "Your role does not allow tha", said.number,
        )  # fmt: skip
        assert said.reaction == ""
        assert await _denied(counter) == [("ticket note", "not_yours")]


async def test_class_2_a_note_in_a_topic_needs_the_unlocked_period_and_keeps_it_open(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        for number in range(4):
            counter.clock.advance(timedelta(minutes=8))
            await forum.say(f"note {number}")
        assert await _notes(counter) == [f"note {number}" for number in range(4)]
        counter.clock.advance(timedelta(minutes=11))
        await forum.say("too late")
        assert forum.messages[-1].text.startswith("Log in first")
        assert len(await _notes(counter)) == 4


@pytest.mark.parametrize("by", ["7:9999", "7:6001"])
async def test_cm_2_a_stranger_in_the_group_sees_nothing_and_every_try_is_audited(tmp_path: Path, by: str) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        shown, heard = list(forum.texts), len(counter.eve.messages)
        persons = await counter.database.read(lambda c: len(list(c.execute(sa.select(person.c.id)))))
        tried = [
            await forum.say("I am staff too", by=by),
            await forum.say("so am I", by=by, reply_to="the app is broken"),
            await forum.say("/reply me too", by=by),
            await forum.say("not my words", by=by, forwarded=True),
        ]
        await forum.press("Resolve", by=by)
        await forum.press("Profile", by=by)
        assert forum.texts == [*shown, *(one.text for one in tried)]
        assert {one.reaction for one in tried} == {""}
        assert len(counter.eve.messages) == heard
        assert await _notes(counter) == []
        assert (await counter.row()).state == "new"
        assert await counter.database.read(lambda c: len(list(c.execute(sa.select(person.c.id))))) == persons
        assert await _denied(counter) == [
            ("ticket note", "stranger"), ("ticket reply", "stranger"), ("ticket reply", "stranger"),
            ("ticket note", "stranger"), ("ticket resolve", "stranger"), ("user show", "stranger"),
        ]  # fmt: skip


async def test_cm_2_what_is_said_in_the_name_of_a_chat_is_audited_and_nothing_else(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        shown, heard = list(forum.texts), len(counter.eve.messages)
        await forum.say("KNOWN CUSTOMER", by="", anonymous=True)
        await forum.say("Which page?", by="", anonymous=True, reply_to="the app is broken")
        assert forum.texts == [*shown, "KNOWN CUSTOMER", "Which page?"]
        assert (len(counter.eve.messages), await _notes(counter)) == (heard, [])
        assert await _denied(counter) == [("ticket note", "anonymous"), ("ticket reply", "anonymous")]


@pytest.mark.parametrize("more", [{}, {"reply_to": "the app is broken"}])
async def test_cm_2_forwarded_words_are_neither_sent_nor_noted(tmp_path: Path, more: dict[str, Any]) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        before = len(counter.eve.messages)
        said = await forum.say("words of somebody else", forwarded=True, **more)
        assert "Forwarded words do not count as yours" in forum.messages[-1].text
        assert forum.messages[-1].reply_to == said.number
        assert (await _notes(counter), len(counter.eve.messages)) == ([], before)
        assert [why for _, why in await _denied(counter)] == ["forwarded"]


@pytest.mark.parametrize(("was", "told"), [("role", "Your role does not allow that"), ("period", "Log in first")])
async def test_cm_1_an_answer_is_changed_only_by_who_may_answer(tmp_path: Path, was: str, told: str) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        reply = await forum.say("Wich page?", reply_to="the app is broken")
        if was == "role":
            await _become(counter, "support_viewer")
        else:
            await counter.ann.say("/logout")
        await forum.edit(reply, "You are a fool")
        assert not [one for one in forum.edited if one.chat_id == 6001]
        assert forum.messages[-1].text.startswith(told)
        assert forum.messages[-1].reply_to == reply.number
        assert "Wich page?" in await counter.act("ticket show", "T-1001")


async def test_a_change_that_is_too_long_is_refused_in_words(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        reply = await forum.say("Which page?", reply_to="the app is broken")
        await forum.edit(reply, "x" * 1201)
        assert not [one for one in forum.edited if one.chat_id == 6001]
        assert "At most 1200 characters" in forum.messages[-1].text


async def test_cm_2_an_edited_plain_message_becomes_no_note_and_no_answer(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        said = await forum.say("/nothing")
        before = len(counter.eve.messages)
        for text in ("/reply words for them", "a note"):
            await forum.edit(said, text)
        assert (await _notes(counter), len(counter.eve.messages)) == ([], before)


async def test_a_command_in_a_topic_runs_nothing_and_staff_alone_are_told_where_it_works(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        await forum.say("/ticket resolve T-1001")
        assert (
            forum.messages[-1].text
            == "Commands work in our private chat. Here a reply, /reply WORDS and the buttons do."
        )
        shown = list(forum.texts)
        for text in ("/ticket resolve T-1001", "/resolve", "/user show T-1001"):
            await forum.say(text, by="7:9999")
        assert forum.texts[len(shown) :] == ["/ticket resolve T-1001", "/resolve", "/user show T-1001"]
        assert await _denied(counter) == [("ticket resolve", "stranger"), ("user show", "stranger")]
        assert (await counter.row()).state == "new"


async def test_cm_1_who_lost_the_role_in_reply_mode_sends_nothing_more(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/support the app is broken")
        await counter.ann.say("hello")
        assert "REPLY MODE" in await counter.act("ticket reply", "T-1001")
        await _become(counter, "support_viewer")
        before = len(counter.eve.messages)
        await counter.ann.say("You are a fool")
        counter.ann.expect("Your role does not allow that")
        assert len(counter.eve.messages) == before
        assert await _denied(counter) == [("ticket reply", "not_yours")]


async def test_cm_2_forwarded_words_are_not_sent_in_reply_mode(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/support the app is broken")
        await counter.ann.say("hello")
        await counter.act("ticket reply", "T-1001")
        before = len(counter.eve.messages)
        await counter.happen(counter.ann.event("text", {"text": "words of somebody else", "forwarded": True}))
        counter.ann.expect("Forwarded words do not count as yours")
        assert len(counter.eve.messages) == before
        await counter.ann.say("my own words")
        counter.eve.expect("our staff: my own words")


async def test_tf_6_work_in_reply_mode_keeps_the_period_open(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/support the app is broken")
        await counter.ann.say("hello")
        await counter.act("ticket reply", "T-1001")
        for number in range(3):
            counter.clock.advance(timedelta(minutes=8))
            await counter.ann.say(f"line {number}")
            counter.eve.expect(f"our staff: line {number}")


@pytest.mark.parametrize("kind", ["ban", "shadowban"])
async def test_tb_7_a_banned_persons_change_of_old_words_reaches_no_topic(tmp_path: Path, kind: str) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken", message_id=71)
        assert "ends it" in await counter.act(f"user {kind}", "T-1001 threatens the staff daily")
        await counter.happen(counter.eve.event("edited", {"text": "I know where you live", "message_id": 71}))
        assert not any("I know where" in text for text in forum.texts)


async def test_tb_4_a_change_goes_to_where_the_answer_went_also_when_the_person_writes_elsewhere_now(
    tmp_path: Path,
) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        reply = await forum.say("Wich page?", reply_to="the app is broken")
        await counter.dana.say("hello")
        moved = sa.select(address.c.id).where(address.c.channel == "sms").scalar_subquery()
        owner = sa.select(ticket.c.person_id).scalar_subquery()
        joined = address.update().where(address.c.id == moved).values(person_id=owner)
        await counter.writers.run(lambda work: work.claim(joined))
        await counter.writers.run(lambda work: work.claim(ticket.update().values(address_id=moved, channel="sms")))
        await forum.edit(reply, "Which page?")
        assert [(one.chat_id, str(one.text)[:32]) for one in forum.edited if one.chat_id > 0] == [
            (6001, "T-1001, our staff: Which page?\n\n")
        ]
