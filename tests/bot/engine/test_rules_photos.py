"""Pictures that come unasked: the open step first, then the one service that takes them, else a question (SMS-43)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.clock import FixedClock
from bot.core.prompts import Answer, Choice
from bot.engine import stray
from bot.engine.harness import Harness
from bot.engine.phone import Phone
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from tests.bot.engine.talk import register

JPEG = b"\xff\xd8\xff\xe0"
LABELS = {"receipts": "A receipt", "tickets": "Your ticket"}
Register = Callable[[Registry], None]


def with_takers(*names: str) -> Register:
    """Return a registration of the talk with services that take stray pictures."""

    def all_of_it(registry: Registry) -> None:
        register(registry)
        stray.register(registry)
        registry.catalogue.add("en", {f"{name}.choice": label for name, label in LABELS.items()})
        registry.catalogue.add("en", {"filed": "filed {n} with {name}: {caption}"})
        for name in names:
            registry.takes_photos(Choice(name, key=f"{name}.choice"))(_taker(name))

    return all_of_it


def _taker(name: str) -> Callable[[Turn, Answer], None]:
    return lambda turn, answer: turn.say("filed", n=len(answer.pictures), name=name, caption=answer.text)


async def _shown(phone: Phone, *pictures: bytes, caption: str = "") -> str:
    (reply,) = await phone.photo(*(pictures or (JPEG,)), caption=caption)
    return reply.text + "".join(f" [{label}]" for label in reply.buttons)


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_sms_43_the_current_step_gets_the_first_refusal(channel: str, tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(with_takers("receipts", "tickets"), tmp_path, clock) as h:
        p = h.phone(channel)
        for text in ("talk", "picture"):
            await p.say(text)
        assert "got 2 pictures: mine" in await _shown(p, JPEG, JPEG + b"1", caption="mine")


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_sms_42_words_typed_while_pictures_settle_are_their_caption(
    channel: str, tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(with_takers("receipts"), tmp_path, clock) as h:
        p = h.phone(channel)
        for text in ("talk", "picture"):
            await p.say(text)
        assert await p.photo(JPEG, settles=False) == []
        assert await p.say("the meter at two") == []
        (reply,) = await h.wait(timedelta(seconds=2), p)
        assert "got 1 pictures: the meter at two" in reply.text
        assert "that will not do" in (await p.say("picture") and await p.say("only words"))[0].text


async def test_sms_42_a_story_is_no_caption(tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(with_takers("receipts"), tmp_path, clock) as h:
        p = h.phone("telegram")
        for text in ("talk", "picture"):
            await p.say(text)
        await p.photo(JPEG, settles=False)
        (reply,) = await p.say("long " * 300)
        assert "that will not do" in reply.text


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_sms_42_a_menu_word_is_no_caption(channel: str, tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(with_takers("receipts"), tmp_path, clock) as h:
        p = h.phone(channel)
        for text in ("talk", "picture"):
            await p.say(text)
        await p.photo(JPEG, settles=False)
        (reply,) = await p.say("options")
        assert "a picture?" in reply.text


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_sms_43_exactly_one_taker_gets_it_without_a_question(
    channel: str, tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(with_takers("receipts"), tmp_path, clock) as h:
        shown = await _shown(h.phone(channel), JPEG, JPEG + b"1", caption="lunch")
        assert "filed 2 with receipts: lunch" in shown
        assert "What is this photo for?" not in shown


@pytest.mark.parametrize("disturbance", ["plain", "redeliver", "restart"])
@pytest.mark.parametrize(("answer", "name"), [("1", "receipts"), ("your ticket", "tickets"), ("tickets", "tickets")])
async def test_sms_43_several_takers_are_asked_between_and_the_photo_waits(
    answer: str, name: str, disturbance: str, tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(with_takers("receipts", "tickets"), tmp_path, clock) as h:
        h.redeliver, h.restart = disturbance == "redeliver", disturbance == "restart"
        p = h.phone("sms")
        shown = await _shown(p, JPEG, caption="this one")
        assert shown.splitlines()[-4:] == [
            "Parley: What is this photo for?", "1 A receipt", "2 Your ticket", "3 None of them"
        ]  # fmt: skip
        assert "What is this photo for?" in (await p.say("OPTIONS"))[0].text
        assert "What is this photo for?" in await _shown(p, JPEG + b"2")
        (reply,) = await p.say(answer)
        assert f"filed 2 with {name}: this one" in reply.text
        assert "What is this photo for?" not in (await p.say("talk"))[0].text


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_sms_43_with_no_taker_it_is_asked_what_the_photo_is_for_and_the_answer_leads_there(
    channel: str, tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(with_takers(), tmp_path, clock) as h:
        p = h.phone(channel)
        shown = await _shown(p)
        assert "What is this photo for?" in shown
        assert "None of them" in shown
        (reply,) = await p.say("talk")
        assert "send the photo again when I ask" in reply.text
        assert reply.text.endswith("next?")


async def test_sms_43_a_photo_for_nothing_is_put_aside_and_leaves_nothing_open(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(with_takers("receipts", "tickets"), tmp_path, clock) as h:
        p = h.phone("sms")
        await _shown(p)
        (reply,) = await p.say("3")
        assert "I will not use that photo" in reply.text
        await _shown(p)
        (left,) = await p.say("MENU")
        assert "saved for 30 days" not in left.text, "nobody parks a question about a photo"
        assert "Nothing is waiting" in (await p.say("RESUME"))[0].text


async def test_sms_43_the_first_message_of_a_person_may_be_a_photo(tmp_path: Path, clock: FixedClock) -> None:
    def introduced(registry: Registry) -> None:
        with_takers("receipts")(registry)
        registry.introduces = True

    async with Harness.open(introduced, tmp_path, clock) as h:
        shown = await _shown(h.phone("sms"))
        assert shown.startswith("Parley: automated helper")
        assert "filed 1 with receipts" in shown


# -- UX-21 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_ux_21_a_photo_beside_the_matter_is_filed_in_one_line_and_the_open_question_repeated(
    channel: str, tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(with_takers("receipts"), tmp_path, clock) as h:
        p = h.phone(channel)
        for text in ("talk", "choose"):
            await p.say(text)
        shown = await _shown(p)
        assert shown.index("filed 1 with receipts") < shown.index("red or blue?")
        (reply,) = await p.say("2")
        assert "picked blue" in reply.text, "the repeated question is open"


async def test_ux_21_the_question_repeated_is_the_one_now_due_not_the_one_the_photo_was_sent_at(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(with_takers("receipts"), tmp_path, clock) as h:
        p = h.phone("sms")
        await p.say("talk")
        from bot.core.events import Event

        media = [h.upload(JPEG, "image/jpeg", "sms")]
        await h.happen(
            Event("sms", "p1", "media", {"text": "", "media": media}, channel="sms", handle=p.handle)
        )  # the picture settles for a second and a half; meanwhile the person goes on
        await p.say("choose")
        from datetime import timedelta

        (reply,) = await h.wait(timedelta(seconds=3), p)
        assert "filed 1 with receipts" in reply.text
        assert "red or blue?" in reply.text
        assert "next?" not in reply.text


async def test_ux_21_a_question_between_services_gives_way_to_the_open_one(tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(with_takers("receipts", "tickets"), tmp_path, clock) as h:
        p = h.phone("sms")
        for text in ("talk", "choose"):
            await p.say(text)
        assert "What is this photo for?" in await _shown(p)
        (reply,) = await p.say("1")
        assert "filed 1 with receipts" in reply.text
        assert "red or blue?" in reply.text
        await p.say("1")
        p.expect("picked red")
