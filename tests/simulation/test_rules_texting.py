"""The law and the manner of texting, played through the whole server (rules SMS-* and VOC-* of the chat rules)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.sms import size
from integrations.fakes.twilio.keywords import Mode
from storage.alerts import alert
from storage.inbox import inbox
from storage.people import address, person, suppression
from storage.transcript import transcript
from tests.simulation.services import NUMBER, Someone, dead_letters, full_town
from tests.simulation.world import World

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"
STATES: dict[str, tuple[str, ...]] = {
    "nobody yet": (),
    "no flow": ("hello",),
    "a choice": ("hello", "ticket"),
    "a city": ("hello", "1", "San Francisco"),
    "parked": ("hello", "1", "menu"),
    "opted in again": ("hello", "STOP", "START"),
}
WORDS = (
    "OPTIONS", "?", "MENU", "BACK", "RESTART", "RESUME", "AGENT", "STATUS", "PRIVACY", "EXPORT", "DELETE MY DATA",
    "SETTINGS", "ENGLISH", "EDIT", "EDIT 3", "UNDO", "MORE", "CANCEL PLAN", "START OVER", "are you a bot?", "thanks",
    "REMIND", "HELP", "lol", "\N{THUMBS UP SIGN}", "9", "asdf",
)  # fmt: skip


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with full_town(tmp_path, twilio_keyword_mode="self") as opened:
        opened.vendors.twilio.keyword_mode = Mode.SELF
        yield opened


async def rows(world: World, query: sa.Select[Any]) -> list[Any]:
    return await world.app.database.read(lambda c: list(c.execute(query)))


async def sent(world: World) -> list[Any]:
    """Return the messages that we handed to Twilio."""
    return [row for row in world.vendors.twilio.messages.shelf if row["direction"] == "outbound-api"]


# -- every word in every state -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", STATES, ids=lambda s: s.replace(" ", "-"))
async def test_voc_2_ux_5_sms_17_every_word_in_every_state_has_exactly_one_reply(state: str, world: World) -> None:
    """A crowd comes into the state together, then each person says a word of their own."""
    crowd = {word: Someone(world, "sms", f"+1415555{number:04d}") for number, word in enumerate(WORDS)}
    for text in STATES[state]:
        await say_all(world, dict.fromkeys(crowd.values(), text))
    before = {word: len(ann.heard) for word, ann in crowd.items()}
    assert set(before.values()) == {len(STATES[state])}, "each word on the way into the state has one reply"
    await say_all(world, {ann: word for word, ann in crowd.items()})
    for word, ann in crowd.items():
        assert len(ann.heard) - before[word] == 1, (word, ann.heard)
    assert await dead_letters(world) == []


async def say_all(world: World, words: dict[Someone, str]) -> None:
    """Let everybody say theirs, then let everybody act; so many replies at once leave in the carrier's pace."""
    for one, text in words.items():
        await one.phone.say(text)
    await world.advance(timedelta(seconds=30))


@pytest.mark.parametrize("channel", ["sms", "telegram"])
@pytest.mark.parametrize("word", ["HELP", "OPTIONS", "?"])
async def test_voc_7_help_and_options_change_nothing_and_repeat_the_open_question(
    channel: str, word: str, world: World
) -> None:
    ann = Someone(world, channel)
    await ann.say("hello")
    (question,) = await ann.say("ticket")
    asked = question.splitlines()[-1]
    (reply,) = await ann.say(word)
    assert asked in reply
    (after,) = await ann.say("San Francisco")
    assert asked not in after


async def test_voc_2_an_opt_out_comes_before_everything_else(world: World) -> None:
    ann = Someone(world, "sms")
    for text in ("hello", "1"):
        await ann.say(text)
    (reply,) = await ann.say("Stop.")
    assert "opted out" in reply
    assert (await rows(world, sa.select(address.c.state)))[0].state == "opted_out"


# -- opt-out -----------------------------------------------------------------------------------------------------------


async def test_sms_8_an_opted_out_number_hears_nothing_more_and_is_still_heard(world: World) -> None:
    ann = Someone(world, "sms")
    for text in ("hello", "1", "STOP"):
        await ann.say(text)
    for text in ("HELP", "INFO", "ticket", "12", "I paid, where is my letter?", "AGENT", "STOP", "remind"):
        assert await ann.say(text) == [], text
    await world.advance(timedelta(days=3))
    assert ann.heard[-1].startswith("Parley: you are opted out")
    stored = await rows(world, sa.select(transcript.c.body).where(transcript.c.direction == "in"))
    said = [world.app.seal.open(row.body).decode() for row in stored]
    assert "I paid, where is my letter?" in said


async def test_sms_9_pictures_are_the_same_channel(world: World) -> None:
    ann = Someone(world, "sms")
    for text in ("hello", "STOP"):
        await ann.say(text)
    before = len(ann.heard)
    await ann.phone.mms([JPEG], "look")
    await world.advance(timedelta(minutes=1))
    assert len(ann.heard) == before


async def test_sms_4_exactly_one_confirmation_however_often_it_is_said(world: World) -> None:
    ann = Someone(world, "sms")
    await ann.say("hello")
    heard = [await ann.say(text) for text in ("stop texting me please", "STOP", "leave me alone")]
    assert [len(texts) for texts in heard] == [1, 0, 0]
    assert "?" not in heard[0][0]


@pytest.mark.parametrize("mode", [Mode.DEFAULT, Mode.SELF])
async def test_sms_4_none_of_ours_where_the_carrier_answers(mode: Mode, tmp_path: Path) -> None:
    async with full_town(tmp_path, twilio_keyword_mode=mode.value) as world:
        world.vendors.twilio.keyword_mode = mode
        ann = Someone(world, "sms")
        await ann.say("hello")
        before = len(await sent(world))
        await ann.say("STOP")
        assert len(await sent(world)) - before == (1 if mode is Mode.SELF else 0)


async def test_sms_6_the_ledger_holds_a_hash_and_outlives_the_person(world: World) -> None:
    ann = Someone(world, "sms")
    for text in ("hello", "stop texting me please"):
        await ann.say(text)
    (kept,) = await rows(world, sa.select(suppression))
    assert NUMBER.encode() not in kept.hash
    assert (kept.source, kept.lifted_at) == ("text", None)
    assert world.app.seal.open(kept.wording) == b"stop texting me please"

    await world.app.writers.run(lambda work: work.write(address.delete()))
    assert await rows(world, sa.select(address)) == []
    before = len(ann.heard)
    for text in ("hello again", "ticket"):
        assert await ann.say(text) == []
    assert len(ann.heard) == before
    assert len(await ann.say("START")) == 1
    assert len(await ann.say("ticket")) == 1


@pytest.mark.parametrize("state", ["muted", "a human owns the chat", "a call is waited for"])
async def test_sms_24_an_opt_out_is_taken_whoever_owns_the_chat(state: str, world: World) -> None:
    ann = Someone(world, "sms")
    await ann.say("hello")
    if state == "muted":
        for n in range(30):
            await ann.say(f"zzz {n}")
    if state == "a human owns the chat":
        until = 2**60
        await world.app.writers.run(lambda work: work.write(person.update().values(staffed_until=until)))
        assert await ann.say("ticket") == []
    if state == "a call is waited for":
        for text in ("1", "San Francisco"):
            await ann.say(text)
    await ann.say("STOP")
    assert (await rows(world, sa.select(address.c.state)))[0].state == "opted_out"
    assert await ann.say("ticket") == []


@pytest.mark.parametrize(
    ("text", "silent"),
    [("STOP", ["sms"]), ("stop texting me", ["sms"]), ("stop all messages on all channels", ["sms", "telegram"])],
)
async def test_sms_25_one_channel_does_not_silence_the_other_unless_it_is_said(
    text: str, silent: list[str], world: World
) -> None:
    ann, also_ann = Someone(world, "sms"), Someone(world, "telegram")
    await ann.say("hello")
    await also_ann.say("hello")
    people = await rows(world, sa.select(address.c.person_id).order_by(address.c.id))
    one = address.update().values(person_id=people[0].person_id)
    await world.app.writers.run(lambda work: work.write(one))
    await ann.say(text)
    states = await rows(world, sa.select(address.c.channel, address.c.state))
    assert sorted(row.channel for row in states if row.state == "opted_out") == silent


async def test_sms_5_one_stop_ends_all_topics(world: World) -> None:
    ann = Someone(world, "sms")
    await ann.say("hello")
    await ann.say("REMIND")
    await ann.say("stop the reminders")
    assert (await rows(world, sa.select(address.c.state)))[0].state == "opted_out"


# -- required texts ----------------------------------------------------------------------------------------------------


async def test_sms_12_help_names_what_is_due_in_one_segment(world: World) -> None:
    ann = Someone(world, "sms")
    await ann.say("hello")
    (reply,) = await ann.say("HELP")
    for part in ("Parley", "letters", "STOP", "Msgs vary", "msg & data rates may apply", "AGENT"):
        assert part in reply
    text = world.app.registry.catalogue.text("engine.help", "en", "sms", url="https://parley.example")
    assert size(text).segments == 1


async def test_sms_33_help_leads_to_the_page_how_to_know_us(world: World) -> None:
    ann = Someone(world, "sms")
    await ann.say("hello")
    (reply,) = await ann.say("HELP")
    assert f"{world.url}/about" in reply


async def test_sms_30_the_first_text_to_a_number_begins_with_the_brand(world: World) -> None:
    for n, text in enumerate(("hello", "ticket", "HELP", "?", "SETTINGS")):
        (reply,) = await Someone(world, "sms", f"+1415555{n:04d}").say(text)
        assert reply.startswith("Parley: ")


async def test_sms_28_nobody_is_texted_who_did_not_write_first(world: World) -> None:
    for n, texts in enumerate((("hello", "1", "Oakland, CA"), ("ticket",), ("REMIND", "menu"), ("STOP",))):
        for text in texts:
            await Someone(world, "sms", f"+1415555{n:04d}").say(text)
    await world.advance(timedelta(days=4))
    book = world.vendors.twilio.book.rows
    wrote: set[str] = set()
    for row in book:
        value = row.get("value") or {}
        if value.get("direction") == "inbound":
            wrote.add(value["from"])
        elif str(value.get("direction", "")).startswith("outbound"):
            assert value["to"] in wrote
    assert len(wrote) == 4


def test_sms_28_addresses_are_made_by_an_inbound_message_alone() -> None:
    import re

    root = Path(__file__).parents[2]
    makers = [
        path.name
        for room in ("bot", "handlers", "jobs", "storage")
        for path in (root / room).rglob("*.py")
        if re.search(r"CLAIM_ADDRESS|address\.insert\(", path.read_text("utf-8"))
    ]
    assert sorted(makers) == ["dispatch.py", "people.py"]


def test_sms_31_no_text_threatens_or_hurries() -> None:
    from bot.engine.registry import Registry
    from tests.simulation.services import everything

    registry = Registry()
    everything(registry)
    forbidden = (
        "immediately", "final notice", "suspended", "warrant", "act now", "avoid late fees", "legal action", "urgent",
    )  # fmt: skip
    for locale in ("en", "es"):
        for key, text in registry.catalogue.entries(locale).items():
            if key.startswith("admin."):
                continue  # what staff read
            said = text.lower().replace("warranty", "")  # a promise of a maker, and no warrant
            assert not [word for word in forbidden if word in said], key


# -- craft -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answer", ["1", "1.", "1)", "one", "One", "appeal a ticket", "appeal", "Appeal a"])
async def test_sms_40_chn_1_a_choice_is_taken_by_digit_word_and_unique_prefix(answer: str, world: World) -> None:
    ann = Someone(world, "sms")
    (menu,) = await ann.say("hello")
    services = ["1 Appeal a ticket", "2 Receipts and spending", "3 Launch a community"]
    assert menu.splitlines()[-4:] == [*services, "4 My cases"]
    (reply,) = await ann.say(answer)
    assert "Which city" in reply


async def test_sms_42_pictures_within_a_second_and_a_half_are_one_answer_and_later_ones_another(world: World) -> None:
    ann = Someone(world, "sms")
    await ann.say("hello")
    before = len(ann.heard)
    for pause in (1.0, 1.0, 60.0):
        await ann.phone.mms([JPEG, JPEG])
        world.clock.advance(timedelta(seconds=pause))
    await world.advance(timedelta(seconds=30))
    assert len(ann.heard) - before == 1
    await ann.phone.mms([JPEG])
    await world.advance(timedelta(seconds=30))
    assert len(ann.heard) - before == 2


async def test_ux_1_it_says_what_it_is_at_any_step_and_keeps_the_step(world: World) -> None:
    ann = Someone(world, "sms")
    for text in ("hello", "ticket"):
        await ann.say(text)
    for asked in ("are you a bot?", "are you a real person", "is this AI", "am I talking to a human?"):
        (reply,) = await ann.say(asked)
        assert "automated" in reply, asked
        assert "Which city" in reply, asked


async def test_ux_12_the_bot_is_silent_while_a_human_owns_the_chat_and_comes_back(world: World) -> None:
    ann = Someone(world, "sms")
    await ann.say("hello")
    until = int((world.clock.now() + timedelta(hours=24)).timestamp() * 1e6)
    await world.app.writers.run(lambda work: work.write(person.update().values(staffed_until=until)))
    assert await ann.say("ticket") == []
    world.clock.advance(timedelta(hours=25))
    assert len(await ann.say("ticket")) == 1


async def test_ux_14_a_copy_of_all_data_comes_at_once_as_a_link_and_a_code(world: World) -> None:
    ann = Someone(world, "sms")
    await ann.say("hello")
    (kinds,) = await ann.say("EXPORT")
    assert "All my data" in kinds
    told = " ".join(await ann.say("all my data"))
    assert "/d/" in told
    assert "is the code for the page" in told
    assert "privacy_wanted" not in [row.kind for row in await rows(world, sa.select(alert.c.kind))]


async def test_adr_1_an_unknown_address_makes_a_person_and_is_asked_nothing(world: World) -> None:
    for n in range(3):
        await Someone(world, "sms", f"+1415555{n:04d}").say("hello")
    await Someone(world, "telegram").say("hello")
    assert len(await rows(world, sa.select(person.c.id))) == 4
    assert len(await rows(world, sa.select(address.c.id))) == 4
    assert {row.state for row in await rows(world, sa.select(inbox.c.state))} == {"done"}


@pytest.mark.parametrize("agrees", [True, False])
async def test_ux_8_sms_11_a_draft_is_reminded_of_by_text_only_where_that_was_asked_for(
    agrees: bool, world: World
) -> None:
    ann = Someone(world, "sms")
    (question,) = await ann.say("ticket")
    assert "Reply REMIND for reminders" in question
    await ann.say("San Francisco")
    if agrees:
        await ann.say("REMIND")
    before = len(ann.heard)
    await world.advance(timedelta(hours=30))
    reminded = [text for text in ann.heard[before:] if "RESUME" in text]
    assert len(reminded) == agrees
    assert all(text.startswith("Parley: ") for text in reminded)
    (again,) = await ann.say("STATUS")
    assert "Reply REMIND" not in again, "the offer is made once"


async def test_ux_8_a_draft_is_reminded_of_on_telegram(world: World) -> None:
    ann = Someone(world, "telegram")
    for text in ("ticket", "San Francisco"):
        await ann.say(text)
    before = len(ann.heard)
    await world.advance(timedelta(hours=30))
    assert len([text for text in ann.heard[before:] if "RESUME" in text]) == 1
