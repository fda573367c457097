"""The staff's topics: one per person, answers by reply alone, nothing lost when a topic is deleted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.core.calls import Done, Refused
from bot.core.calls.channels import SendTelegram
from bot.core.calls.groups import React
from handlers.support.settings import SupportSettings
from storage import operators
from storage.people import person
from storage.support.notes import note
from storage.support.pairs import pair
from storage.timers import timer
from tests.handlers.support.counter import Counter
from tests.handlers.support.forum import GROUP, staffed_forum

THUMB, WRITING = "\N{THUMBS UP SIGN}", "\N{WRITING HAND}"


async def _notes(counter: Counter) -> list[str]:
    rows = await counter.database.read(lambda c: list(c.execute(sa.select(note.c.body).order_by(note.c.id))))
    return [counter.seal.open(row.body).decode() for row in rows]


async def test_tb_1_one_topic_per_person_with_a_pinned_card_and_a_header_per_ticket(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        card, header, said = forum.messages
        assert "plan free" in card.text
        assert forum.pinned == [card.number]
        assert "T-1001 medium new nobody" in header.text
        assert list(header.buttons) == ["Assign me", "Priority", "Waiting", "Resolve", "Profile"]
        assert said.text == "T-1001, telegram: the app is broken"
        assert list(forum.topics.values()) == ["#1001 Telegram - new"]
        await counter.dana.say("agent")
        await counter.dana.say("my letter never came")
        assert list(forum.topics.values())[1] == "#1002 SMS *0123 - new"
        assert forum.opened == 2


async def test_a88_two_first_messages_at_once_make_one_topic(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        counter.redeliver = True
        await counter.say_together([(counter.eve, "/support the app is broken"), (counter.eve, "and it is slow")])
        assert forum.opened == 1
        assert [text for text in forum.texts if text.startswith("T-1001, telegram")] == [
            "T-1001, telegram: the app is broken",
            "T-1001, telegram: and it is slow",
        ]


async def test_tb_2_a_reply_to_a_mirrored_message_goes_to_the_person_and_gets_a_reaction(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        reply = await forum.say("Which page?", reply_to="the app is broken")
        counter.eve.expect("T-1001, our staff: Which page?")
        assert reply.reaction == THUMB
        assert list(forum.topics.values()) == ["#1001 Telegram - waiting user"]
        assert "waiting_user ann" in forum.find("T-1001 medium").text
        await counter.eve.say("the first one")
        assert forum.texts[-1] == "T-1001, telegram: the first one"
        await forum.say("/reply Thank you.")
        counter.eve.expect("our staff: Thank you.")
        assert not any("Thank you." in text for text in forum.texts[:-1])


async def test_a89_plain_text_in_a_topic_is_a_note_and_is_not_delivered(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        before = len(counter.eve.messages)
        said = await forum.say("KNOWN CUSTOMER, be kind")
        await forum.say("header reply", reply_to="T-1001 medium")
        await forum.say("/ticket resolve T-1001")
        assert len(counter.eve.messages) == before
        assert await _notes(counter) == ["KNOWN CUSTOMER, be kind", "header reply"]
        assert said.reaction == WRITING
        assert (await counter.row()).first_response_at is None


async def test_cm_2_a_stranger_in_the_group_is_nobody_and_gets_no_account(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        persons = await counter.database.read(lambda c: len(list(c.execute(sa.select(person.c.id)))))
        await forum.say("I am staff too", by="7:9999", reply_to="the app is broken")
        await forum.press("Resolve", by="7:9999")
        await forum.say("so am I", by="7:6001", reply_to="the app is broken")
        assert await counter.database.read(lambda c: len(list(c.execute(sa.select(person.c.id))))) == persons
        assert (await counter.row()).state == "new"
        assert await _notes(counter) == []
        assert not any("staff: " in one.text for one in counter.eve.messages)


async def test_class_2_who_is_not_logged_in_is_told_so_in_the_topic(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        await counter.ann.say("/logout")
        said = await forum.say("Which page?", reply_to="the app is broken")
        assert forum.messages[-1].text.startswith("Log in first")
        assert forum.messages[-1].reply_to == said.number
        await forum.press("Resolve")
        assert (await counter.row()).state == "new"


async def test_a87_a_deleted_topic_is_opened_again_and_no_message_is_lost(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        for number in range(6):
            await counter.eve.say(f"line {number}")
        forum.topics.clear()
        await counter.eve.say("are you there?")
        assert forum.opened == 2
        assert forum.texts[0].startswith("Person ")
        assert "T-1001 medium" in forum.texts[1]
        assert [text.rpartition(": ")[2] for text in forum.texts[2:]] == [
            "line 1", "line 2", "line 3", "line 4", "line 5", "are you there?",
        ]  # fmt: skip
        await forum.say("Yes.", reply_to="line 5")
        counter.eve.expect("our staff: Yes.")


async def test_tb_3_another_group_begins_anew_and_nothing_is_changed_under_the_numbers_of_the_old_one(
    tmp_path: Path,
) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        old = {one.number for one in forum.messages}
        counter.registry.settings[SupportSettings] = SupportSettings(GROUP - 1, "7")
        await counter.eve.say("are you there?")
        await counter.act("ticket take", "T-1001")
        assert forum.opened == 2
        changed = {one.message_id for one in forum.edited}
        assert changed
        assert not changed & old


async def test_tb_3_what_waits_for_a_group_that_cannot_be_reached_comes_later(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        forum.broken = "blocked"
        await counter.eve.say("/support the app is broken")
        assert forum.messages == []
        assert "staff_group" in await counter.alerts()
        forum.broken = ""
        await counter.eve.say("hello?")
        assert [text.rpartition(": ")[2] for text in forum.texts[-2:]] == ["the app is broken", "hello?"]


async def test_a90_an_answer_to_somebody_who_blocked_the_bot_is_an_error_text_in_the_topic(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        counter.world[SendTelegram] = lambda call, _: Refused("blocked") if call.chat_id == 6001 else Done()
        said = await forum.say("Which page?", reply_to="the app is broken")
        last = forum.messages[-1]
        assert last.text == "NOT DELIVERED (they blocked the bot): Which page?"
        assert last.reply_to == said.number
        assert said.reaction == ""
        await forum.say("And now?", reply_to="the app is broken")
        assert "stopped our messages or blocked the bot" in forum.messages[-1].text


async def test_tb_4_albums_are_copied_as_albums_and_files_of_staff_reach_the_person(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        await counter.eve.photo(b"one", b"two", caption="see here")
        assert (forum.messages[-1].text, forum.messages[-1].files) == ("T-1001, telegram: see here", 2)
        media = [counter.upload(b"form", "application/pdf", "telegram")]
        await forum.say("Fill this in", reply_to="see here", media=media)
        assert [one.filename for one in counter.eve.messages if one.file] == ["T-1001-1"]
        counter.eve.expect("our staff: Fill this in")
        await forum.say("The second one, please", reply_to=forum.find("see here").number + 1)
        counter.eve.expect("our staff: The second one, please")


async def test_tb_4_an_album_of_staff_is_one_answer_with_all_its_pictures_in_their_order(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        counter.restart = True
        for number, text in ((2, ""), (0, "Which of these is it?"), (1, "")):  # Telegram promises no order
            media = [counter.upload(f"picture {number}".encode(), "image/jpeg", "telegram")]
            more: dict[str, Any] = {"media": media, "group": "album7", "message_id": 900 + number}
            await forum.say(text, reply_to="the app is broken", **more)
        assert not any("T-1001, our staff" in one.text for one in counter.eve.messages)
        clear = await counter.database.read(lambda c: [row.body for row in c.execute(sa.select(timer.c.body))])
        assert not [one for one in clear if one and b"Which of these" in one]
        await counter.wait(timedelta(seconds=3))
        answers = [one.text for one in counter.eve.messages if "T-1001, our staff" in one.text]
        assert len(answers) == 1
        assert "Which of these is it?" in answers[0]
        sent = [counter.blob(one.file) for one in counter.eve.messages if one.file]
        assert sent == [b"picture 0", b"picture 1", b"picture 2"]
        assert [one.message_id for one in counter.calls if isinstance(one, React) and one.emoji == THUMB] == [900]


async def test_tb_4_changes_are_mirrored_both_ways_and_pairs_are_unique(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken", message_id=71)
        await counter.happen(counter.eve.event("edited", {"text": "the site is broken", "message_id": 71}))
        assert forum.find("the site is broken").text.endswith("(edited)")
        assert "the site is broken" in await counter.act("ticket show", "T-1001")
        reply = await forum.say("Wich page?", reply_to="the site is broken")
        await forum.edit(reply, "Which page?")
        assert [(one.chat_id, one.text) for one in forum.edited if one.chat_id == 6001] == [
            (6001, "T-1001, our staff: Which page?\n\nJust reply here; /menu leaves.")
        ]
        rows = await counter.database.read(lambda c: [tuple(r) for r in c.execute(sa.select(pair))])
        assert len({row[3:] for row in rows}) == len(rows) == 4
        assert {row[4] for row in rows if row[3] == "group"} == {GROUP}


async def test_tb_4_a_change_is_made_where_the_message_stands_now_after_the_topic_was_deleted(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken", message_id=71)
        forum.topics.clear()
        await counter.eve.say("are you there?")
        await counter.happen(counter.eve.event("edited", {"text": "the site is broken", "message_id": 71}))
        assert "T-1001, telegram: the site is broken\n(edited)" in forum.texts


async def test_tb_5_several_segments_by_sms_are_asked_about_and_an_opted_out_number_refuses(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.dana.say("agent")
        await counter.dana.say("my letter never came")
        words = "It was mailed on Friday. " * 9
        await forum.say(words, reply_to="my letter never came")
        assert forum.messages[-1].text == "By SMS this takes 2 segments. Send it?"
        assert not any("It was mailed" in one.text for one in counter.dana.messages)
        await forum.press("Send", by="7:5002")
        assert "Somebody else" in forum.messages[-1].text
        assert "operator:bob staff.denied command:ticket reply" in await counter.acts()
        await forum.press("Send")
        counter.dana.expect("our staff: It was mailed on Friday.")
        await forum.press("Send")
        assert forum.messages[-1].text == "That was decided already."
        await forum.say("One more.", reply_to="my letter never came")
        counter.dana.expect("our staff: One more.")
        await counter.dana.say("STOP")
        await forum.say("Are you there?", reply_to="my letter never came")
        assert "stopped our messages" in forum.messages[-1].text


async def test_tb_5_segments_are_those_of_what_is_sent_also_beside_another_conversation(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.dana.say("agent")
        await counter.dana.say("my letter never came")
        await counter.dana.say("menu")
        words = "It was mailed on Friday, and that is all we know of it. ".ljust(125, "x")
        await forum.say(words, reply_to="my letter never came")
        assert forum.messages[-1].text == "By SMS this takes 2 segments. Send it?"


async def test_cm_1_a_topic_is_no_way_round_the_roles(tmp_path: Path) -> None:
    """Who may not type a command of tickets may not press it in a topic, nor answer there."""
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        demoted = operators.operator.update().values(role="marketing")
        await counter.writers.run(lambda work: work.claim(demoted))
        for label in ("Assign me", "Priority", "Waiting", "Resolve", "Profile"):
            await forum.press(label)
            assert forum.messages[-1].text.startswith("Your role does not allow that"), label
        await forum.say("Which page?", reply_to="the app is broken")
        assert forum.messages[-1].text.startswith("Your role does not allow that")
        row = await counter.row()
        assert (row.state, row.assignee) == ("new", None)
        assert not any("staff: " in one.text for one in counter.eve.messages)


async def test_the_buttons_of_a_header_take_wait_and_resolve(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        await forum.press("Assign me", by="7:5002")
        assert "medium open bob" in forum.find("T-1001 medium").text
        await forum.press("Priority")
        await forum.press("urgent")
        assert (await counter.row()).priority == "urgent"
        await forum.press("Waiting")
        assert (await counter.row()).state == "waiting_user"
        await forum.press("Profile")
        assert "Open tickets: T-1001 urgent waiting_user" in forum.messages[-1].text
        await forum.press("Resolve")
        counter.eve.expect("T-1001 is resolved")
        assert forum.find("T-1001 urgent resolved").buttons == {}
        assert list(forum.topics.values()) == ["#1001 Telegram - resolved"]


async def test_a_file_that_telegram_does_not_take_is_said_and_the_talk_goes_on(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        await counter.eve.say("/support the app is broken")
        forum.broken = "too_large"
        await counter.eve.photo(b"one", caption="see here")
        assert "its files cannot be shown here: too_large" in forum.messages[-1].text
        await counter.eve.say("got it?")
        assert forum.texts[-1] == "T-1001, telegram: got it?"


async def test_the_bridge_goes_on_after_a_restart_in_the_middle(tmp_path: Path) -> None:
    async with staffed_forum(tmp_path) as (counter, forum):
        counter.restart = True
        await counter.eve.say("/support the app is broken")
        await forum.say("Which page?", reply_to="the app is broken")
        counter.eve.expect("our staff: Which page?")
        assert forum.opened == 1
