"""Who may be helped, who may pay, and what is said of us (UPL-1, UPL-8)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.calls.stripe import ExpireCheckout, OpenCheckout
from bot.engine.turn import Turn
from storage.alerts import alert
from tests.handlers.appeals.flow.world import (
    SF_ALL,
    SF_CHECK,
    SF_PROOF,
    SF_REASON,
    SF_SENDER,
    SF_TICKET,
    SF_WORDS,
    all_cases,
    called,
    opened,
    script,
    seen,
    too_long,
    walk,
)

TO_SEND = (*SF_TICKET, *SF_REASON, *SF_PROOF, *SF_WORDS, *SF_CHECK, *SF_SENDER)


# -- UPL-8: ages -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["I'm 12", "i am 9 years old", "I'm a kid in elementary school"])
@pytest.mark.parametrize("steps", [1, 8, len(SF_ALL)])
async def test_upl_8_id_12_under_13_is_refused_at_any_step_and_the_draft_dropped(
    tmp_path: Path, said: str, steps: int
) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_ALL[:steps])
        (reply,) = await walk(phone, said)
        assert "anyone under 13" in reply.text
        assert "?" not in reply.text
        assert {row.stage for row in await all_cases(h)} <= {"withdrawn"}
        for text in ("ticket in san francisco", "resume", "pay", "ok"):
            shown = seen(await walk(phone, text))
            assert "anyone under 13" in shown or "Nothing is waiting" in shown, text
        assert called(h, OpenCheckout) == []
        assert [r.kind for r in await h.writers.run(lambda w: w.rows(alert.select()))] == ["privacy_wanted"]


async def test_upl_8_a_childs_button_opens_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("telegram")
        await walk(phone, "/start", "I'm 11", "/menu")
        assert "anyone under 13" in seen(await walk(phone, "[Appeal a ticket]"))
        assert await all_cases(h) == []


async def test_sf_4_other_services_drop_what_a_child_told_them(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        dropped: list[int | None] = []

        @h.registry.word("child")
        def drop(turn: Turn, argument: str) -> bool:
            dropped.append(turn.person_id)
            return False

        await walk(h.phone("sms"), "I'm 12")
        assert len(dropped) == 1


@pytest.mark.parametrize("steps", [1, len(TO_SEND)])
async def test_upl_8_id_12_from_13_to_17_the_free_way_and_no_payment(tmp_path: Path, steps: int) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        asked = await walk(phone, *TO_SEND[:steps])
        (reply,) = await walk(phone, "I'm 15")
        assert "under 18 cannot pay" in reply.text
        assert asked[-1].text.splitlines()[-1] in reply.text, "the step is kept"
        shown = await walk(phone, *TO_SEND[steps:], "2")
        assert "under 18 cannot pay" in seen(shown)
        assert "Nothing was charged" in seen(shown)
        assert not any("$" in message.text for message in phone.messages)
        assert called(h, OpenCheckout) == []
        assert too_long(phone.messages) == []


async def test_upl_8_a_minor_at_the_preview_gets_no_link(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_ALL, "i am 16 btw")
        shown = seen(await walk(phone, "ok"))
        assert "under 18 cannot pay" in shown
        assert "/p/" not in shown
        assert called(h, OpenCheckout) == []
        assert [row.reason for row in await all_cases(h)] == ["under_age"]


async def test_upl_8_a_minors_open_link_is_closed(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_ALL, "ok")
        await walk(phone, "I'm 17")
        assert len(called(h, ExpireCheckout)) == 1
        assert [row.stage for row in await all_cases(h)] == ["ready"]
        assert "under 18 cannot pay" in seen(await walk(phone, "pay"))
        assert len(called(h, OpenCheckout)) == 1


async def test_upl_8_a_story_that_tells_an_age_is_an_answer_all_the_same(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        asked = await walk(phone, *SF_TICKET, *SF_REASON, *SF_PROOF)
        told = seen(await walk(phone, "I'm 16 and I got to the meter around 2, and the screen said FAIL twice."))
        assert "under 18 cannot pay" in told
        assert asked[-1].text.splitlines()[-1] not in told, "the question is answered"


@pytest.mark.parametrize("said", ["I'm 34", "I am 34 years old"])
async def test_upl_8_an_adult_who_was_misread_may_pay(tmp_path: Path, said: str) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *TO_SEND, "I'm 15")
        await walk(phone, said)
        assert "Which mail?" in seen(await walk(phone, "2"))


async def test_upl_8_an_adult_who_says_so_is_asked_on(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_TICKET[:-1])
        assert "noted" not in seen(await walk(phone, "I'm 34"))


# -- UPL-8: what we are ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_upl_8_are_you_a_person_is_answered_truthfully_at_every_step(tmp_path: Path, channel: str) -> None:
    steps = SF_ALL if channel == "sms" else tuple(script("new_york.telegram"))
    async with opened(tmp_path) as h:
        phone = h.phone(channel)
        asked = 0
        for line in steps:
            shown = await walk(phone, line)
            reply = seen(await walk(phone, "are you a person?"))
            assert "I am an automated assistant, not a person." in reply, line
            if shown and shown[-1].text:
                asked += shown[-1].text.splitlines()[-1] in reply
        assert asked > len(steps) // 2, "the open question is repeated"
        assert channel != "sms" or too_long(phone.messages) == []


# -- UPL-1: the notice -------------------------------------------------------------------------------------------------

NOTICE = ("utomated", "elf-help letter", "not a law firm", "legal advice", "o result is promised")


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_upl_1_the_first_reply_says_what_we_are_and_are_not(tmp_path: Path, channel: str) -> None:
    async with opened(tmp_path) as h:
        shown = seen(await walk(h.phone(channel), "got a ticket"))
        assert [part for part in NOTICE if part not in shown] == []


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_upl_1_help_says_so_at_any_step(tmp_path: Path, channel: str) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone(channel)
        await walk(phone, "hello")
        for line in ("help" if channel == "telegram" else "?", *SF_TICKET[:3]):
            await walk(phone, line)
            shown = seen(await walk(phone, "/help" if channel == "telegram" else "HELP ME"))
            assert "Automated, not a law firm" in shown, line


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_upl_1_all_of_it_stands_before_the_price_and_an_attorney_is_named(tmp_path: Path, channel: str) -> None:
    lines = SF_ALL if channel == "sms" else tuple(script("new_york.telegram"))
    async with opened(tmp_path) as h:
        phone = h.phone(channel)
        for line in lines:
            await walk(phone, line)
            if "$" in seen(phone.messages):
                break
        before = seen(phone.messages).partition("$")[0].rpartition("6 of 6")[2]
        assert [part for part in (*NOTICE, "ask an attorney") if part not in before] == []
        assert channel != "sms" or too_long(phone.messages) == []


async def test_upl_1_the_free_way_needs_no_notice_and_the_paid_one_after_it_has_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        assert "ask an attorney" not in seen(await walk(phone, *TO_SEND, "1"))
        assert "ask an attorney" in seen(await walk(phone, "2"))


async def test_upl_8_a_minor_who_took_the_free_way_cannot_order_after_all(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *TO_SEND, "1", "I'm 15")
        shown = seen(await walk(phone, "2"))
        assert "under 18 cannot pay" in shown
        assert "$" not in shown
