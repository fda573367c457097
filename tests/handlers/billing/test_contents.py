"""What a plan holds is told before somebody chooses, out of the catalogue alone."""

from __future__ import annotations

import re
from pathlib import Path

from bot.core.clock import FixedClock
from bot.engine.harness import Harness
from handlers.billing.catalogue import catalogue
from tests.simulation.services import business

HOLDS = {
    "what does basic give me?": ("Basic: 1 letter, 150 receipts, 400 coach messages, 10 exports a month.", "1 bank"),
    "What's in Pro": ("Pro: 3 letters, 1,000 receipts", "3 banks"),
    "compare": ("Basic: 1 letter", "Pro: 3 letters"),
    "what do plans include": ("Basic: 1 letter", "audit trail"),
}


async def test_rs_8_what_a_plan_holds_is_told_to_who_asks_and_before_a_choice(
    tmp_path: Path, clock: FixedClock
) -> None:
    async with Harness.open(business, tmp_path, clock) as h:
        p = h.phone("sms")
        for said, parts in HOLDS.items():
            told = " ".join(one.text for one in await p.say(said))
            assert [part for part in parts if part not in told] == [], said
        (asked,) = await p.say("plans")
        assert "Pro: 3 letters, 1,000 receipts, 1,500 coach messages, any number of exports a month." in asked.text
        assert "hearing kit" not in asked.text, "a text is paid by its length"
        chat = h.phone("telegram")
        await chat.say("/start")
        told = " ".join(one.text for one in await chat.say("/plans"))
        assert "hearing kit" in told
        assert "Stars" in told


async def test_what_no_plan_is_called_is_left_to_others(tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(business, tmp_path, clock) as h:
        p = h.phone("sms")
        told = " ".join(one.text for one in await p.say("what does my letter include"))
        assert "a month" not in told


def test_every_feature_of_the_catalogue_can_be_told() -> None:
    from bot.core.texts import Catalogue
    from handlers import billing

    texts = Catalogue()
    texts.add_folder(Path(billing.__file__).with_name("texts"))
    assert [key for key in catalogue().features if not texts.has(f"billing.holds.{key}")] == []


async def test_section_6_telegram_shows_no_other_way_to_pay_where_plans_are_chosen_by_text(
    tmp_path: Path, clock: FixedClock
) -> None:
    """One account on both channels: the question that is open by text is no advertisement inside Telegram."""
    async with Harness.open(business, tmp_path, clock) as h:
        sms, chat = h.phone("sms"), h.phone("telegram")
        (told,) = [one.text for one in await sms.say("link")]
        await chat.say("/start")
        await chat.say(re.findall(r"LINK \d{6}", told)[0])
        await sms.say("ok")
        for words in (("plans",), ("1", "1")):
            for choice in words:
                (asked,) = await sms.say(choice)
                assert "$9.00 a month" in asked.text
            for text in ("hello", "1", "ok", "basic"):
                shown = "\n".join(one.text for one in await chat.say(text))
                assert "$" not in shown, (choice, text)
                assert "by text" in shown
        offered = "\n".join(one.text for one in await chat.say("/plans"))
        assert "700 Stars" in offered
        assert "$" not in offered


async def test_id_12_who_is_under_age_is_offered_no_plan(tmp_path: Path, clock: FixedClock) -> None:
    async with Harness.open(business, tmp_path, clock) as h:
        for channel in ("sms", "telegram"):
            p = h.phone(channel)
            await p.say("hello" if channel == "sms" else "/start")
            await p.say("I am 15")
            (told,) = [one.text for one in await p.say("plans")]
            assert "cannot pay here" in told
            assert "Which plan" not in told
            assert "Stars" not in told
