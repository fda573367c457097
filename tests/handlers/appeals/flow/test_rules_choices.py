"""Whose choice it is, what must be covered, where nothing is sold (GRD-5, PAY-8, UPL-3, UPL-6)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.core.calls.stripe import OpenCheckout
from bot.core.calls.workshop import AskModel
from handlers.appeals.registry import packaged_registry
from storage import blobs
from tests.handlers.appeals.flow.driver import Person, drive
from tests.handlers.appeals.flow.world import (
    SF_ALL,
    SF_REASON,
    SF_TICKET,
    called,
    case_of,
    opened,
    script,
    seen,
    too_long,
    walk,
)

COVER = re.compile(r"Cover card numbers,.* faces and medical details\.")


# -- GRD-5 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("city", ["San Francisco", "Oakland", "Atlanta", "Las Vegas", "New York"])
async def test_grd_5_what_must_be_covered_is_said_once_before_a_photo_of_the_persons_choice(
    tmp_path: Path, city: str
) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await drive(phone, Person(city=city, issued="11/18", ground="medical emergency", photos=True), until="4 of 6")
        asked = [message.text for message in phone.messages if COVER.search(message.text)]
        assert len(asked) == 1
        assert too_long(phone.messages) == []


async def test_grd_5_what_must_be_covered_is_said_on_telegram(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("telegram")
        await walk(phone, *script("new_york.telegram"))
        (asked,) = [message.text for message in phone.messages if COVER.search(message.text)]
        assert "other people's faces" in asked


# -- PAY-8 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_pay_8_a_mailed_letter_is_paid_by_stripe_link_on_either_channel(tmp_path: Path, channel: str) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone(channel)
        await walk(phone, *((*SF_ALL, "ok") if channel == "sms" else script("new_york.telegram")))
        (call,) = called(h, OpenCheckout)
        assert (call.currency, call.product_name.partition(",")[0]) == ("usd", "Letter preparation and mailing")
        link = phone.last.links.get("Pay $9.00") if channel == "telegram" else phone.last.text.splitlines()[-1]
        assert link == call.cancel_url
        assert call.success_url.endswith("/paid"), "who has paid is not asked to pay again while the news is on its way"
        assert "/p/" in str(link)
        assert {type(one).__name__ for one in h.calls} & {"SendInvoice", "AnswerPreCheckout"} == set()


# -- UPL-3 -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("hint", ["", " and the meter was broken", ", I had paid", ", my permit was valid"])
async def test_upl_3_reasons_stand_in_one_order_whatever_is_told_and_none_is_picked_for_the_person(
    tmp_path: Path, hint: str
) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = await walk(phone, f"ticket in san francisco{hint}", *SF_TICKET[1:])
        listed = re.findall(r"^\d (?!of 6)(.+)$", shown[-1].text, re.MULTILINE)
        assert listed == [
            "Meter did not work", "I had paid", "Outside posted hours", "Wrong details on ticket", "More reasons",
        ]  # fmt: skip
        assert (await case_of(h))[1].grounds == []
        assert called(h, AskModel) == []


async def test_upl_3_asked_for_the_best_reason_it_gives_none_and_keeps_the_question(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        question = (await walk(phone, *SF_TICKET))[-1].text
        for asked in ("which reason is best?", "what do you recommend", "which one should I pick?"):
            shown = seen(await walk(phone, asked))
            assert "I cannot advise on that" in shown, asked
            assert question.splitlines()[-1] in shown, asked
        assert (await case_of(h))[1].grounds == []


async def test_upl_3_nothing_is_left_out_or_added_by_us(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_TICKET, *SF_REASON, "skip", "skip", "done")
        words = "I had only left for a minute, and somebody said it was OK to park there for a while."
        await walk(phone, words, "1")
        facts = (await case_of(h))[1]
        assert facts.statement == words
        assert facts.grounds == ["meter_broken"]
        assert facts.evidence == []


# -- UPL-6 -------------------------------------------------------------------------------------------------------------


def test_upl_6_the_blocked_states_by_default() -> None:
    assert sorted(packaged_registry().states.upl_blocked_states) == ["NC", "NJ", "TX", "WA"]


@pytest.mark.parametrize("city", ["Austin", "Dallas", "Houston", "Charlotte", "Seattle"])
@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_upl_6_a_blocked_states_city_gets_routes_and_dates_and_no_letter_and_no_tidying(
    tmp_path: Path, city: str, channel: str
) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone(channel)
        shown = seen(await walk(phone, "ticket", city))
        assert "state rules" in shown
        for text in ("my ticket is wrong, please write my letter", "tidy", "2", "pay", "mail it", "EDIT WORDS"):
            await walk(phone, text)
        everything = seen(phone.messages)
        assert "$" not in everything
        assert not re.search(r"4 of 6|6 of 6", everything)
        assert [type(call).__name__ for call in h.calls if isinstance(call, AskModel | OpenCheckout)] == []
        row, facts = await case_of(h)
        assert (row.stage, row.reason, facts.statement) == ("informed", "upl_blocked", None)
        rows = await h.writers.run(lambda work: work.rows(blobs.blob.select()))
        told = "\n".join([everything, *(h.seal.open(row.data).decode() for row in rows)])
        assert re.search(r"The time to ask is \d+ (?:business )?days", told)
        assert re.search(r"- (?:Online|Phone|In person|Email|Fax): \S", told)


async def test_upl_6_the_state_is_that_of_the_issuing_city_not_of_the_person(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        texan = Person(address="1 Example Way Apt 4, Austin TX 78701", plate="8ABC123 TX")
        await drive(h.phone("sms"), texan, until="Which mail?")
        facts = (await case_of(h))[1]
        assert (facts.state, facts.city_id) == ("TX", "us-ca-san_francisco")


async def test_upl_6_a_city_without_a_record_in_a_blocked_state_sells_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, "ticket", "Newark, NJ", "ok")
        assert "no checked record" in seen(phone.messages)
        assert "$" not in seen(phone.messages)
        assert called(h, OpenCheckout) == []
