"""The pay step: the word PAY right after the link and again, a session that is slow, what is said meanwhile."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.core.calls import Again, Done
from bot.core.calls.stripe import ExpireCheckout, OpenCheckout
from bot.core.calls.workshop import TypesetLetter, TypesetPages
from bot.engine.harness import Harness
from tests.handlers.appeals.flow.world import SF_ALL, called, checkout, opened, script, seen, too_long, walk

LINK = "Pay (until"
SLOW = "The pay page takes a moment longer. Nothing was charged; I will send the link as soon as it is there."


@pytest.mark.parametrize("word", ["PAY", "pay", "pay link", "link", "send the link again", "1"])
async def test_pay_at_the_pay_step_sends_the_same_link_again_and_nothing_else(tmp_path: Path, word: str) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        link = (await walk(phone, *SF_ALL, "ok"))[-1].text
        for _ in range(3):
            if word == "1":
                await walk(phone, "status")
            shown = await walk(phone, word)
            assert [message.text for message in shown] == [link]
        assert len(called(h, OpenCheckout)) == 1
        assert called(h, ExpireCheckout) == []


async def test_pay_after_the_menu_is_one_text_with_the_link(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        link = (await walk(phone, *SF_ALL, "ok"))[-1].text
        await walk(phone, "menu", "menu")
        assert [message.text for message in await walk(phone, "pay")] == [link]


async def test_pay_while_the_session_is_made_is_answered_too(tmp_path: Path) -> None:
    answers = [Again("slow", timedelta(seconds=30)), None]

    def slow(call: OpenCheckout, h: Harness) -> object:
        return answers.pop(0) if len(answers) > 1 else checkout(call, h)

    async with opened(tmp_path, OpenCheckout=slow) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_ALL, "ok")
        shown = await walk(phone, "pay")
        assert [message.text for message in shown] == ["Your link comes in a moment."]
        await h.wait(timedelta(seconds=31), phone)
        assert LINK in phone.last.text
        assert len({call.reference for call in called(h, OpenCheckout)}) == 1


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_ux_24_a_slow_pay_session_is_told_once_after_20_seconds(tmp_path: Path, channel: str) -> None:
    def never(call: OpenCheckout, h: Harness) -> object:
        return Again("slow", timedelta(seconds=15))

    async with opened(tmp_path, OpenCheckout=never) as h:
        phone = h.phone(channel)
        if channel == "sms":
            await walk(phone, *SF_ALL, "ok")
        else:
            await walk(phone, *script("new_york.telegram"))
        before = len(phone.messages)
        await h.wait(timedelta(seconds=19), phone)
        assert len(phone.messages) == before
        await h.wait(timedelta(minutes=3), phone)
        told = [message.text for message in phone.messages[before:]]
        assert told == [SLOW]


async def test_the_question_at_the_pay_step_says_that_the_link_is_there(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_ALL, "ok")
        shown = await walk(phone, "status")
        assert "Reply PAY for the link again, or EDIT to change the letter." in seen(shown)
        assert too_long(phone.messages) == []


@pytest.mark.parametrize(("pages", "words"), [(1, "Your letter, 1 page."), (2, "Your letter, 2 pages.")])
@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_one_page_is_a_page(tmp_path: Path, channel: str, pages: int, words: str) -> None:
    def typeset(call: TypesetLetter, h: object) -> Done:
        return Done(TypesetPages(1, "a" * 64, pages))

    async with opened(tmp_path, TypesetLetter=typeset) as h:
        phone = h.phone(channel)
        if channel == "sms":
            assert words in seen(await walk(phone, *SF_ALL))
            assert words.removesuffix(".") in seen(await walk(phone, "will i win?"))
        else:
            await walk(phone, *script("new_york.telegram")[:-1])
            assert words in phone.last.text
