"""What staff do by rows of their catalogue: priority, waiting, merging, the calendar, the targets and the report."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from bot.core.settings import Settings
from bot.engine.registry import Registry
from bot.engine.staff import Risk
from handlers import support
from handlers.support import report
from storage.support.messages import message
from storage.support.tickets import ticket
from tests.handlers.support.counter import Counter
from tests.rows import each

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def test_section_13_every_command_of_support_has_its_class() -> None:
    registry = Registry()
    support.register_staff(registry)
    classes = {name: int(row.risk) for name, row in registry.staff.items()}
    for names, risk in (
        ("tickets, ticket show, away, sla show, sla report, calendar show", Risk.COUNTERS),
        ("ticket take, ticket assign, ticket prio, ticket note, ticket reply, ticket wait", Risk.REVERSIBLE),
        ("ticket resolve, ticket reopen, ticket merge, sla set, calendar set", Risk.REVERSIBLE),
    ):
        assert {classes[name] for name in names.split(", ")} == {risk}
    assert all(row.usage.startswith(f"/{name}") for name, row in registry.staff.items())
    assert Settings(parley_mode="demo").support_enabled is False


async def test_sla_3_raising_moves_what_is_unfinished_and_lowering_counts_anew(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/support the app is broken")
        opened = (await counter.row()).opened_at
        await counter.wait(2 * HOUR)
        assert await counter.act("ticket prio", "T-1001 high") == "T-1001 is high now, raised from medium."
        row = await counter.row()
        assert (row.priority, row.first_due) == ("high", opened + 3 * HOUR)
        assert "lowered from high" in await counter.act("ticket prio", "1001 low")
        assert (await counter.row()).first_due == opened + DAY  # eight working hours from a minute past nine
        assert "already" in await counter.act("ticket prio", "T-1001 low")
        assert "one of low, medium, high, urgent" in await counter.act("ticket prio", "T-1001 huge")
        assert "operator:ann ticket.prio ticket:1001" in await counter.acts()


async def test_waiting_rests_the_resolution_clock_reminds_and_ends_by_itself(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/support the app is broken")
        assert "waits for its person" in await counter.act("ticket wait", "T-1001")
        row = await counter.row()
        assert (row.state, row.resolution_due, row.first_response_at) == ("waiting_user", None, None)
        await counter.wait(4 * DAY)
        counter.eve.expect("wait for your answer")
        await counter.wait(4 * DAY)
        assert (await counter.row()).state == "resolved"


async def test_reopening_by_staff_is_audited_and_counted(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/support the app is broken")
        assert "not possible" in await counter.act("ticket reopen", "T-1001")
        await counter.act("ticket resolve", "T-1001")
        assert await counter.act("ticket reopen", "T-1001") == "T-1001 is open again."
        row = await counter.row()
        assert (row.state, row.reopened, row.resolved_at) == ("open", 1, None)


async def test_merging_moves_the_words_and_later_words_follow(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/support the app is broken")
        await counter.act("ticket resolve", "T-1001")
        await counter.eve.say("agent")
        await counter.eve.say("agent")
        await counter.eve.say("and my letter is late")
        await counter.act("ticket reopen", "T-1001")
        assert "its words stand in T-1001 now" in await counter.act("ticket merge", "T-1002 T-1001")
        merged, into = await counter.row(1002), await counter.row()
        assert (merged.state, merged.merged_into) == ("closed", into.id)
        shown = await counter.act("ticket show", "T-1001")
        assert "and my letter is late" in shown
        assert "T-1002 was merged into this ticket" in shown
        await counter.eve.say("T-1002 any news?")
        counter.eve.expect("Added to T-1001")
        rows = await counter.database.read(lambda c: {r.ticket_id for r in c.execute(sa.select(message.c.ticket_id))})
        assert rows == {into.id}


async def test_merging_two_persons_tickets_is_refused(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/support the app is broken")
        await counter.dana.say("agent")
        await counter.dana.say("my letter is late")
        assert "not two tickets of one person" in await counter.act("ticket merge", "T-1002 T-1001")
        assert "not two tickets" in await counter.act("ticket merge", "T-1002 T-1002")


async def test_sp_3_a_rating_takes_a_word_and_both_are_shown_to_staff(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.dana.say("agent")
        await counter.dana.say("the app is broken")
        await counter.act("ticket resolve", "T-1001")
        await counter.dana.say("rate 2, it took for ever")
        counter.dana.expect("our staff read it with T-1001")
        assert "rating: 2, it took for ever" in await counter.act("ticket show", "T-1001")
        await counter.dana.say("feedback now it is fine")
        assert "rating: 2, now it is fine" in await counter.act("ticket show", "T-1001")
        assert (await counter.row()).state == "resolved"


async def test_tb_6_reply_mode_sends_what_is_written_under_a_banner_until_it_is_left(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/support the app is broken")
        await counter.ann.say("hello")
        assert "REPLY MODE: what you write here goes to T-1001" in await counter.act("ticket reply", "T-1001")
        await counter.ann.say("any news of 20 dollars at Target?")
        counter.eve.expect("our staff: any news of 20 dollars at Target?")
        counter.ann.expect("T-1001: on its way by telegram", "REPLY MODE")
        await counter.ann.say("/tickets")
        await counter.ann.say("/menu")
        before = len(counter.eve.messages)
        await counter.ann.say("and not this")
        assert len(counter.eve.messages) == before
        await counter.act("ticket reply", "T-1001")
        await counter.ann.say("/logout")
        await counter.ann.say("nor this")
        counter.ann.expect("Log in first")
        assert len(counter.eve.messages) == before


async def test_sp_4_a_ticket_about_a_letter_whose_deadline_is_near_is_urgent(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("hello")
        await counter.case_of("6001", (counter.clock.now() + 30 * HOUR).date())
        await counter.eve.say("/support the app is broken")
        assert (await counter.row()).priority == "medium"
        await counter.eve.say("menu")
        await counter.act("ticket resolve", "T-1001")
        await counter.eve.say("agent")
        await counter.eve.say("agent")
        await counter.eve.say("my letter must go out")
        assert (await counter.row(1002)).priority == "urgent"


async def test_sla_5_the_report_counts_each_clock_in_time_by_staff_category_and_priority(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/support the app is broken")
        await counter.act("ticket reply", "T-1001 We look.")
        await counter.eve.say("please do")
        await counter.wait(5 * HOUR)
        await counter.act("ticket reply", "T-1001 Done.", by="bob")
        await counter.act("ticket resolve", "T-1001")
        said = await counter.act("sla report", "7")
        assert "team: first 100.0 % of 1, next 0.0 % of 1, resolution 100.0 % of 1" in said
        assert "staff ann: first 100.0 % of 1" in said
        assert "priority medium: " in said
        drawn = report.bars(
            await counter.writers.run(lambda work: report.table(work, counter.clock.now() - 7 * 24 * HOUR))
        )
        assert [(bar.label, bar.value, bar.length) for bar in drawn[:2]] == [
            ("team: first", "100.0 % of 1", 1000), ("team: next", "0.0 % of 1", 0),
        ]  # fmt: skip
        lines = await counter.read_csv()
        assert lines[0] == "by,of,clock,ended,met,percent"
        assert "category,bug,next,1,0,0.0" in lines


@each("ended, met, percent", [(3, 2, "66.7"), (8, 1, "12.5"), (1, 1, "100.0"), (2000, 1, "0.1")])
def test_sla_5_percentages_are_rounded_half_up(ended: int, met: int, percent: str) -> None:
    assert report.Line("team", "team", "first", ended, met).percent == percent


async def test_sla_5_tickets_older_than_the_promises_never_breach(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/support the app is broken")
        assert "bind from 2026-03-03 on" in await counter.act("sla set", "enforce_from 2026-03-03")
        await counter.wait(2 * DAY)
        assert not [one for one in await counter.alerts() if one.startswith("sla")]
        assert (await counter.row()).level == 0
        await counter.dana.say("agent")
        await counter.dana.say("my letter is late")
        await counter.wait(2 * HOUR)
        assert "sla_breach" in await counter.alerts()


async def test_a_changed_target_and_calendar_bind_what_is_opened_afterwards(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        await counter.eve.say("/support the app is broken")
        before = (await counter.row()).first_due
        assert "medium response: 30 working minutes" in (await counter.act("sla set", "medium response 30")).lower()
        await counter.act("calendar set", "mon 09:00-09:10 10:00-12:00")
        await counter.dana.say("agent")
        await counter.dana.say("the app is broken")
        due = (await counter.row(1002)).first_due
        assert f"{due:%H:%M}" == "18:21"  # nine minutes of the first span are left, and the rest is counted from ten
        assert (await counter.row()).first_due == before
        assert "medium: response 30" in await counter.act("sla show")
        assert "mon 09:00-09:10 10:00-12:00" in await counter.act("calendar show")


async def test_what_makes_no_sense_is_refused_in_words(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        for command, argument, said in NONSENSE:
            assert said in await counter.act(command, argument), (command, argument)
        assert "support.targets" not in " ".join(await counter.acts())


NONSENSE = [
    ("calendar set", "mon 17:00-09:00", "not changed"),
    ("calendar set", "zone Mars/Base", "not changed"),
    ("calendar set", "closed someday", "not changed"),
    ("calendar set", "", "Use /calendar set"),
    ("calendar set", "always huge", "one of low"),
    ("sla set", "high response 0", "not changed"),
    ("sla set", "high response 99999", "not changed"),
    ("sla set", "high smile 9", "Use /sla set"),
    ("sla set", "enforce_from soon", "a day is written"),
    ("sla report", "0", "Use /sla report"),
    ("away", "perhaps", "Use /away"),
    ("desk set", "ann skills flying", "Use /desk set"),
    ("desk set", "carl capacity 4", "Nobody of that name"),
    ("desk set", "ann capacity 0", "Use /desk set"),
    ("ticket show", "T-9999", "no ticket of that number"),
    ("ticket reply", "T-9999", "no ticket of that number"),
]


async def test_tb_7_a_banned_person_is_told_so_and_a_shadow_banned_one_sees_no_difference(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        dana, eve = counter.phone("sms", "+14155550123"), counter.phone("sms", "+14155550124")
        for phone in (dana, eve):
            for words in ("agent", "my letter never arrived"):
                await phone.say(words)
        assert "10 letters or more" in await counter.act("user ban", "T-1001 rude")
        assert "There is no such person" in await counter.act("user ban", "T-4711 threatens the staff")
        assert "is told so" in await counter.act("user ban", "T-1001 threatens the staff")
        for words in ("one more thing", "agent", "T-1001 hello"):
            assert "take no messages from you" in (await dana.say(words))[0].text
        assert "3" not in [row.text for row in (await dana.say("status"))]
        assert "sees no difference" in await counter.act("user shadowban", "T-1002 floods the desk daily")
        before = len(counter.ann.messages)
        told = [(await eve.say(words))[0].text for words in ("and another thing", "T-1002 are you there")]
        assert all("Added to T-1002" in text for text in told)
        await counter.wait(timedelta(days=1), counter.ann)
        assert len(counter.ann.messages) == before
        listed = await counter.act("tickets")
        assert ("T-1001" in listed, "T-1002" in listed) == (True, False)
        person = (await counter.act("user show", str(await _owner(counter, 1002)))).splitlines()
        assert any(line.startswith("SHADOW ") and line.endswith("floods the desk daily") for line in person)
        assert "Tickets of theirs that go on: T-1002." in await counter.act("user unban", "T-1002")
        assert "not banned" in await counter.act("user unban", "T-1002")
        assert "T-1002" in await counter.act("tickets")
        assert "are you there" in await counter.act("ticket show", "T-1002")


async def test_tb_7_a_person_banned_while_they_write_to_staff_is_told_one_thing_only(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        dana = counter.phone("sms", "+14155550123")
        for words in ("agent", "my letter never arrived"):
            await dana.say(words)
        await counter.act("user ban", "T-1001 threatens the staff")
        answer = "\n".join(message.text for message in await dana.say("agent"))
        assert "take no messages from you" in answer
        assert "goes to our staff" not in answer
        assert await counter.act("user unban", str(await _owner(counter, 1001)))
        assert "T-1001 is with our staff" in (await dana.say("agent"))[0].text


async def test_tb_6_messages_of_several_bots_or_persons_never_share_a_ticket(tmp_path: Path) -> None:
    async with Counter.staffed(tmp_path) as counter:
        phones = [counter.phone("telegram", handle) for handle in ("7:900", "8:900", "7:901")]
        for phone in phones:
            for words in ("agent", "my letter never arrived"):
                await phone.say(words)
        assert len({await _owner(counter, number) for number in (1001, 1002, 1003)}) == 3
        await phones[1].say("T-1001 no news from the other bot")
        assert "no news" not in await counter.act("ticket show", "T-1001")
        assert "my letter never arrived" in await counter.act("ticket show", "T-1002")


async def _owner(counter: Counter, number: int) -> int:
    asked = sa.select(ticket.c.person_id).where(ticket.c.number == number)
    return int(await counter.database.read(lambda c: c.execute(asked).scalar_one()))
