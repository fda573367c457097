"""A person and staff, from the first word to the rating."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from storage.support.messages import message
from storage.support.notes import note
from storage.support.privacy import OF_PERSON
from tests.handlers.support.counter import Counter

DAY = timedelta(days=1)


async def _opened(counter: Counter, words: str = "my letter never arrived") -> None:
    await counter.dana.say("agent")
    await counter.dana.say(words)


async def test_agent_opens_a_ticket_and_the_first_words_say_what_about(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.dana.say("I want to speak to a human")
        counter.dana.expect("Your ticket is T-1001", "What is it about?")
        await counter.dana.say("my letter never arrived")
        counter.dana.expect("T-1001: our staff have it and answer here by Mon Mar 2, 10:0")
        row = await counter.row()
        assert (row.category, row.priority, row.state, row.channel) == ("appeal_letter", "high", "new", "sms")
        assert "my letter never arrived" in await counter.staff("/tickets")
        assert "ticket_opened" in await counter.alerts()


async def test_agent_twice_goes_on_with_the_same_ticket(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await _opened(counter)
        await counter.dana.say("agent")
        await counter.dana.say("and the fee was 30")
        counter.dana.expect("Added to T-1001")
        await counter.dana.say("menu")
        await counter.dana.say("agent")
        counter.dana.expect("T-1001 is with our staff")
        assert await counter.count() == 1


async def test_a_redelivered_word_opens_one_ticket_and_adds_one_message(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        counter.redeliver = True
        await _opened(counter)
        rows = await counter.database.read(lambda c: list(c.execute(sa.select(message.c.id))))
        assert (await counter.count(), len(rows)) == (1, 1)


async def test_the_conversation_survives_a_restart_after_every_turn(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        counter.restart = True
        await _opened(counter)
        await counter.staff("/reply T-1001 It was mailed on Friday.")
        counter.dana.expect("T-1001, our staff: It was mailed on Friday.")
        await counter.dana.say("to which address?")
        assert (await counter.row()).state == "open"


async def test_an_answer_goes_to_the_address_that_the_person_wrote_from_and_their_words_come_back(
    tmp_path: Path,
) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await _opened(counter)
        await counter.dana.say("menu")
        assert "on its way by sms, 1 segment" in await counter.staff("/reply T-1001 It was mailed on Friday.")
        counter.dana.expect("T-1001, our staff: It was mailed on Friday.", "Just reply.")
        assert (await counter.row()).state == "waiting_user"
        await counter.dana.say("to which address?")
        counter.dana.expect("Added to T-1001")
        row = await counter.row()
        assert row.state == "open"
        assert row.next_due is not None
        assert "to which address?" in await counter.staff("/ticket T-1001")


async def test_pictures_are_kept_and_shown_to_staff(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await _opened(counter)
        await counter.dana.photo(b"one", b"two", caption="the envelope")
        counter.dana.expect("Added to T-1001")
        assert "the envelope [2 pictures]" in await counter.staff("/ticket T-1001")
        assert [one for one in counter.ann.messages if one.file]


async def test_a79_sp_2_only_a_public_message_of_staff_is_a_first_response(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await _opened(counter)
        await counter.dana.say("hello?")
        await counter.staff("/take T-1001")
        await counter.staff("/note T-1001 knows the drill")
        row = await counter.row()
        assert (row.first_response_at, row.state) == (None, "open")
        assert row.first_due is not None
        await counter.staff("/reply T-1001 We look into it.")
        row = await counter.row()
        assert row.first_response_at is not None
        assert row.first_due is None


async def test_a80_sp_1_a_note_reaches_nobody_but_staff(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await _opened(counter)
        await counter.staff("/note T-1001 SECRETREMARK")
        for words in ("my support tickets", "T-1001", "menu", "status", "agent", "T-1001 any news?"):
            await counter.dana.say(words)
        await counter.staff("/reply T-1001 Soon.")
        await counter.staff("/close T-1001")
        await counter.wait(10 * DAY)
        assert not any("SECRETREMARK" in one.text for one in counter.dana.messages)
        assert "NOTE operator:ann: SECRETREMARK" in await counter.staff("/ticket T-1001")
        bodies = await counter.database.read(lambda c: [r.body for r in c.execute(sa.select(note.c.body))])
        assert all(b"SECRETREMARK" not in body for body in bodies)


async def test_a81_an_illegal_move_is_refused_in_words(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await _opened(counter)
        await counter.staff("/close T-1001")
        await counter.wait(8 * DAY)
        assert (await counter.row()).state == "closed"
        for command in ("/reply T-1001 hello", "/close T-1001", "/take T-1001"):
            assert "not possible: the ticket is closed" in await counter.staff(command)


async def test_a82_thanks_after_the_end_start_nothing(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await _opened(counter)
        await counter.staff("/close T-1001")
        counter.dana.expect("T-1001 is resolved", "RATE 1 to RATE 5")
        await counter.dana.say("T-1001 thanks!")
        await counter.dana.say("rate 5")
        counter.dana.expect("noted for T-1001")
        row = await counter.row()
        assert (row.state, row.rating, row.next_due, row.resolution_due) == ("resolved", 5, None, None)


async def test_a83_words_a_week_after_the_end_open_a_new_ticket_with_its_parent(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await _opened(counter)
        await counter.staff("/close T-1001")
        await counter.wait(8 * DAY)
        await counter.dana.say("T-1001 it came back to me")
        counter.dana.expect("T-1002: our staff have it")
        assert (await counter.row(1002)).parent_id == (await counter.row(1001)).id


async def test_sp_3_still_broken_opens_it_again_and_the_rating_is_asked_once_per_end(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await _opened(counter)
        await counter.dana.say("menu")
        await counter.staff("/close T-1001")
        await counter.dana.say("still broken")
        counter.dana.expect("T-1001 is open again")
        row = await counter.row()
        assert (row.state, row.resolved_at, row.reopened) == ("open", None, 1)
        await counter.wait(timedelta(minutes=5))
        await counter.staff("/close T-1001")
        asked = [one for one in counter.dana.messages if "is resolved. How was it" in one.text]
        assert len(asked) == 2


async def test_buttons_rate_and_open_again_and_belong_to_the_person(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/support the app is broken")
        counter.eve.expect("T-1001: our staff have it")
        await counter.staff("/close T-1001")
        counter.eve.expect("[1]", "[5]", "[Still broken]")
        data = counter.eve.last.buttons["4"]
        await counter.dana.press(data)
        assert (await counter.row()).rating is None
        await counter.eve.tap("4")
        assert (await counter.row()).rating == 4
        await counter.eve.press(data.replace("rate", "broken"))
        await counter.eve.say("the same error again")
        assert (await counter.row()).state == "open"


async def test_silence_is_reminded_once_then_resolved_then_closed(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/human where is my letter")
        await counter.staff("/reply T-1001 Which address?")
        await counter.wait(6 * DAY)
        reminders = [one for one in counter.eve.messages if "wait for your answer" in one.text]
        assert (len(reminders), (await counter.row()).state) == (1, "waiting_user")
        await counter.wait(2 * DAY)
        assert (await counter.row()).state == "resolved"
        counter.eve.expect("I heard nothing for a week")
        await counter.wait(8 * DAY)
        assert (await counter.row()).state == "closed"


async def test_a_second_answer_begins_the_silence_anew(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/human where is my letter")
        await counter.staff("/reply T-1001 Which address?")
        await counter.wait(2 * DAY)
        await counter.staff("/reply T-1001 Or which day?")
        await counter.wait(2 * DAY)
        assert not [one for one in counter.eve.messages if "wait for your answer" in one.text]


async def test_the_person_may_say_that_it_is_solved(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await _opened(counter)
        await counter.dana.say("never mind")
        counter.dana.expect("T-1001 is resolved, as you say")
        assert (await counter.row()).state == "resolved"


async def test_sla_2_staff_hear_of_a_clock_three_times_and_a_breach_escalates(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await _opened(counter)
        await counter.wait(timedelta(minutes=50))
        assert [one for one in await counter.alerts() if one.startswith("sla")] == ["sla_warning"]
        await counter.wait(timedelta(minutes=20))
        told = [one for one in await counter.alerts() if one.startswith("sla")]
        assert told == ["sla_warning", "sla_critical", "sla_breach"]
        assert (await counter.row()).level == 1
        await counter.wait(4 * DAY)
        again = [one for one in await counter.alerts() if one.startswith("sla")]
        assert again == [*told, "sla_warning", "sla_escalation", "sla_critical", "sla_breach"]
        assert (await counter.row()).level == 2


async def test_tb_5_an_opted_out_number_refuses_an_answer_in_words(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await _opened(counter)
        await counter.dana.say("STOP")
        assert "stopped our messages" in await counter.staff("/reply T-1001 hello")
        assert (await counter.row()).first_response_at is None


async def test_tb_7_the_chat_goes_back_to_the_bot_after_a_day(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await _opened(counter)
        await counter.wait(DAY + timedelta(minutes=1))
        await counter.dana.say("what about this")
        rows = await counter.database.read(lambda c: list(c.execute(sa.select(message.c.id))))
        assert len(rows) == 1


async def test_only_operators_may_and_every_act_is_audited(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await _opened(counter)
        await counter.eve.say("/ticket T-1001")
        assert not any("letter never arrived" in one.text for one in counter.eve.messages)
        await counter.eve.say("T-1001")
        await counter.eve.say("T-1001 let me in")
        assert "let me in" not in await counter.staff("/ticket T-1001")
        for command in ("/tickets", "/take T-1001", "/assign T-1001 bob", "/note T-1001 x", "/reply T-1001 y"):
            await counter.staff(command)
        acts = [one for one in await counter.acts() if one.startswith("operator:ann ticket")]
        assert acts == [
            "operator:ann ticket.view ticket:1001",
            "operator:ann ticket.list",
            "operator:ann ticket.assign ticket:1001",
            "operator:ann ticket.assign ticket:1001",
            "operator:ann ticket.note ticket:1001",
            "operator:ann ticket.reply ticket:1001",
        ]
        assert "reassign: bob" in await counter.staff("/ticket T-1001")
        assert "Nobody of that name" in await counter.staff("/assign T-1001 carl")
        assert "no ticket of that number" in await counter.staff("/take T-9999")
        assert "Use /reply T-1042" in await counter.staff("/reply")


async def test_deleting_ones_data_deletes_the_tickets(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await _opened(counter)
        await counter.staff("/note T-1001 x")
        await counter.staff("/take T-1001")
        await counter.dana.say("menu")
        await counter.dana.say("delete my data")
        await counter.dana.say("delete")
        await counter.wait(DAY + timedelta(minutes=1))
        for table in OF_PERSON:
            rows = await counter.database.read(lambda c, table=table: list(c.execute(sa.select(table))))  # type: ignore[misc]
            assert rows == [], table.name


async def test_agent_in_another_flow_keeps_its_place(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.dana.say("delete my data")
        await counter.dana.say("agent")
        await counter.dana.say("which data do you have?")
        counter.dana.expect("T-1001: our staff have it", "To add, begin with T-1001", "Reply DELETE or KEEP")
        assert (await counter.row()).category == "general"
        await counter.staff("/reply T-1001 Your tickets.")
        counter.dana.expect("To answer, begin with T-1001")
        await counter.dana.say("T-1001 I see")
        counter.dana.expect("Added to T-1001", "Reply DELETE or KEEP")
        assert (await counter.row()).state == "open"


async def test_agent_after_the_end_reopens_and_once_more_opens_a_new_one(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await _opened(counter)
        await counter.staff("/close T-1001")
        await counter.dana.say("agent")
        counter.dana.expect("T-1001 was resolved")
        await counter.dana.say("agent")
        counter.dana.expect("Your ticket is T-1002")
        await counter.dana.say("a refund please")
        assert ((await counter.row(1002)).category, (await counter.row()).state) == ("billing_payment", "resolved")


async def test_an_answer_at_night_waits_for_the_persons_hours_as_a_notice(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await _opened(counter)
        await counter.staff("/reply T-1001 It was mailed.")
        answer = next(one for one in counter.dana.messages if "our staff: It was mailed" in one.text)
        assert answer.purpose == "notice"


async def test_what_braces_and_markup_staff_write_arrives_as_written(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/human {code} <b>hi</b>")
        await counter.staff("/reply T-1001 use {code} & <i>that</i>")
        counter.eve.expect("use {code} &amp; &lt;i&gt;that&lt;/i&gt;")
        assert "{code} <b>hi</b>" in (await counter.staff("/ticket T-1001")).replace("&lt;", "<").replace("&gt;", ">")


async def test_any_news_while_staff_own_the_chat_is_a_word_to_them_and_status_tells_of_the_ticket(
    tmp_path: Path,
) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/human where is my letter")
        await counter.staff("/reply T-1001 --open We look.")
        counter.eve.expect("We look.", "Just reply here")
        await counter.eve.say("any news?")
        counter.eve.expect("Added to T-1001")
        assert "any news?" in await counter.staff("/ticket T-1001")
        await counter.eve.say("/status")
        counter.eve.expect("T-1001: our staff are on it")
