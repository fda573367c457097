"""Another service is turned to at any question by its words (VOC-2), and what waits beneath loses nothing (UX-21)."""

from __future__ import annotations

from pathlib import Path

from bot.assembly.connect import COMMANDS
from bot.core.clock import FixedClock
from bot.engine.harness import Harness
from tests.simulation.services import business

PLANS, CITY = "Which plan?", "Which city"
TURNS = {
    "ticket": CITY,
    "Tickets!": CITY,
    "got a parking ticket": CITY,
    "cases": "no case",
    "receipts": "Send a photo of a receipt",
    "my expenses": "Nothing spent",
    "budget": "no budget yet",
    "spending": "Nothing spent",
    "review": "Nothing waits",
    "coach": "publish",
    "start a community": "publish",
    "quote": "Which size?",
    "quote 300x200x150 mm 3ply B 1000": "Box 300 x 200 x 150 mm",
    "quotes": "You have no quotes yet",
}
OPENS = (CITY, "publish", "Which size?", "Box 300")


async def test_voc_2_words_of_another_service_are_heard_at_a_question_that_they_do_not_answer(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(business, tmp_path, clock) as h:
        for number, (said, expected) in enumerate(TURNS.items()):
            p = h.phone("sms", f"+1415555{number:04d}")
            (asked,) = await p.say("plans")
            assert PLANS in asked.text
            (answer,) = await p.say(said)
            assert expected in answer.text, said
            assert "Please pick one" not in answer.text
            opened = any(words in answer.text for words in OPENS)
            assert (PLANS in answer.text) is not opened, "a look leaves the question open; nothing was said to it yet"


async def test_voc_2_what_was_entered_waits_beneath_the_other_service(tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(business, tmp_path, clock) as h:
        p = h.phone("sms")
        for text in ("ticket", "San Francisco", "900000417"):
            (number,) = await p.say(text)
        assert "issue date" in number.text
        (quote,) = await p.say("quote 300x200x150 mm 3ply B 1000")
        assert "Box 300" in quote.text
        (priced,) = await p.say("ok")
        assert "Q-1001" in priced.text
        assert "issue date" in priced.text, "the quote is made, the ticket goes on where it was"
        (on,) = await p.say("11/16")
        assert "Nov 16" in on.text


async def test_voc_2_who_turns_back_to_a_service_that_waits_beneath_goes_on_there(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(business, tmp_path, clock) as h:
        p = h.phone("sms")
        for text in ("ticket", "San Francisco", "900000417", "quote"):
            await p.say(text)
        (back,) = await p.say("my ticket")
        assert "issue date" in back.text


async def test_voc_2_a_command_with_a_slash_is_never_the_answer_to_a_question_for_words(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(business, tmp_path, clock) as h:
        p = h.phone("telegram")
        await p.say("/start")
        await p.say("/human")
        (size,) = await p.say("/quote")
        assert "Which size?" in size.text
        (ticket,) = await p.say("/appeal")
        assert CITY in ticket.text
        for command in ("/receipts", "/cases", "/budget", "/coach"):
            (answer,) = await p.say(command)
            assert "Please pick one" not in answer.text, command


async def test_voc_2_the_own_words_of_the_open_question_come_first(tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(business, tmp_path, clock) as h:
        p = h.phone("sms")
        for text in ("ticket", "San Francisco"):
            await p.say(text)
        (refused,) = await p.say("my parking ticket number is on the paper ticket")
        assert CITY not in refused.text, "words of the open service turn nowhere"


async def test_voc_2_words_that_leave_it_open_which_choice_is_meant_are_asked_back(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(business, tmp_path, clock) as h:
        sms, chat = h.phone("sms"), h.phone("telegram")
        for text in ("plans", "basic"):
            (which,) = await sms.say(text)
        assert which.text.startswith("Which of them: 1 or 3?")
        (terms,) = await sms.say("basic yearly")
        assert "$90.00 a year" in terms.text
        await chat.say("/start")
        await chat.say("/export")
        (unclear,) = await chat.say("pictures and everything")
        assert "Which of them" not in unclear.text


async def test_section_13_every_command_that_telegram_lists_is_answered_with_its_own_matter(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(business, tmp_path, clock) as h:
        for number, name in enumerate(name for _, names in COMMANDS for name in names):
            p = h.phone("telegram", f"7:{6000 + number}")
            await p.say("/start")
            answers = [one.text for one in await p.say("/coupon X" if name == "coupon" else f"/{name}")]
            is_menu = any("What do you need?" in one for one in answers)
            assert is_menu is (name in ("start", "menu")), (name, answers)


async def test_section_13_who_has_no_project_or_appeal_hears_where_a_word_belongs(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(business, tmp_path, clock) as h:
        p = h.phone("telegram")
        await p.say("/start")
        for text in ("/progress", "decisions", "done 1.2"):
            (answer,) = await p.say(text)
            assert "no project yet" in answer.text, text
        (photos,) = await p.say("/evidence")
        assert "Photos of proof belong to an appeal" in photos.text
        (spent,) = await p.say("/spent")
        assert "Nothing spent" in spent.text
        for text in ("ticket", "San Francisco"):
            await p.say(text)
        (later,) = await p.say("/evidence")
        assert "It comes later" in later.text


async def test_sp_1_who_calls_our_staff_and_says_why_at_once_has_a_ticket_of_those_words(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(business, tmp_path, clock) as h:
        idle, asked = h.phone("sms", "+14155550001"), h.phone("sms", "+14155550002")
        await idle.say("hello")
        told = " ".join(one.text for one in await idle.say("agent my letter never came"))
        assert "T-1001: our staff have it" in told
        assert "What is it about" not in told
        await asked.say("plans")
        told = " ".join(one.text for one in await asked.say("Support, I paid twice"))
        assert "T-1002: our staff have it" in told
        assert PLANS not in told, "nothing was said to that question yet"
