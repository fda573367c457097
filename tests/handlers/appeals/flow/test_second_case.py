"""Two tickets in one message: two cases, one after the other (rule NUM-9, AC-13)."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.calls import Done
from bot.core.calls.stripe import OpenCheckout
from bot.core.calls.workshop import ReadText, TextFound
from handlers.appeals.flow.city import article_of
from tests.handlers.appeals.flow.world import (
    SF_CHECK,
    SF_PROOF,
    SF_REASON,
    SF_SENDER,
    SF_TICKET,
    SF_WORDS,
    all_cases,
    called,
    case_of,
    opened,
    seen,
    too_long,
    walk,
)

BOTH = ("ticket in san francisco", "ok", "900000417 and 900000418")
FIRST = (*BOTH, "1", *SF_TICKET[3:], *SF_REASON, *SF_PROOF, *SF_WORDS, *SF_CHECK, *SF_SENDER)


async def numbers(h: object) -> list[str | None]:
    from handlers.appeals.case_files import facts_of

    rows = await all_cases(h)  # type: ignore[arg-type]
    return [await h.writers.run(lambda work, row=row: facts_of(work, row).number) for row in rows]  # type: ignore[attr-defined]


async def test_a_city_that_begins_with_a_vowel_is_asked_in_good_english(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        assert "Is it an Oakland, CA ticket?" in seen(await walk(h.phone("sms"), "ticket in Oakland"))
    assert [article_of(name) for name in ("Denver", "Atlanta", "Eugene", "Union City")] == ["a", "an", "a", "a"]


async def test_num_9_the_other_number_is_kept_and_told_by_its_last_four(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        shown = seen(await walk(h.phone("sms"), *BOTH, "1"))
        assert "I keep the other one (...0418)" in shown
        assert "900000418" not in shown
        assert (await case_of(h))[1].number == "900000417"


async def test_num_9_two_numbers_before_the_city_are_two_cases_as_well(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, "my tickets 900000417 and 900000418 in san francisco")
        assert "I see more than one number" in seen(await walk(phone, "ok"))
        await walk(phone, "2", "11/16", "3")
        shown = seen(await walk(phone, "save"))
        assert "The other ticket: number ...0417." in shown
        await walk(phone, "ok")
        assert await numbers(h) == ["900000418", "900000417"]


async def test_num_9_after_the_free_way_the_other_ticket_is_asked_next(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, *FIRST, "1", "done"))
        assert "All saved" in shown
        assert "The other ticket: number ...0418." in shown
        assert "Is it a San Francisco, CA ticket?" in shown
        shown = seen(await walk(phone, "ok"))
        assert "What issue date is printed on the ticket?" in shown
        assert await numbers(h) == ["900000417", "900000418"]
        assert too_long(phone.messages) == []


async def test_num_9_the_other_ticket_may_be_of_another_city(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *FIRST, "1", "done", "Philadelphia")
        assert [row.city_id for row in await all_cases(h)] == ["us-ca-san_francisco", "us-pa-philadelphia"]


@pytest.mark.parametrize("words", [("drop this case", "drop it"), ("edit situation", "3", "save")])
async def test_num_9_however_the_first_case_ends_the_other_is_asked(tmp_path: Path, words: tuple[str, ...]) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, *BOTH, "1", *SF_TICKET[3:5], *words))
        assert "The other ticket: number ...0418." in shown
        await walk(phone, "ok", "11/16", "1")
        assert (await case_of(h))[1].number == "900000418"


async def test_num_9_the_receipt_says_that_the_other_ticket_waits_and_resume_opens_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *FIRST, "2", "2", "Dana Reyes", "ok")
        call = called(h, OpenCheckout)[0]
        await h.vendor("stripe", "checkout.session.completed", {
            "id": f"cs_{call.reference}", "object": "checkout.session", "status": "complete", "payment_status": "paid",
            "amount_total": call.amount_minor, "currency": call.currency, "payment_intent": "pi_1",
            "client_reference_id": call.reference, "metadata": call.metadata, "livemode": False,
        })  # fmt: skip
        assert "Your other ticket (...0418) waits: text RESUME." in phone.last.text
        shown = seen(await walk(phone, "resume"))
        assert "The other ticket: number ...0418." in shown
        await walk(phone, "ok", "11/16")
        assert await numbers(h) == ["900000417", "900000418"]
        assert too_long(phone.messages) == []


async def test_ac_13_the_second_ticket_of_a_photo_keeps_what_was_read_of_it(tmp_path: Path) -> None:
    entries = [
        {"number": "9000000021", "issued": "11/10/2026"},
        {"number": "9000000022", "issued": "11/12/2026", "place": "20 Main St"},
    ]
    text = "SUMMONS 9000000021 ISSUED 11/10/2026\nSUMMONS 9000000022 ISSUED 11/12/2026 20 Main St"
    async with opened(tmp_path, more={ReadText: lambda call, h: Done(TextFound(text, entries))}) as h:
        phone = h.phone("telegram")
        await walk(phone, "/start", "[Appeal a ticket]", "[New York]", "[photo]", "[9000000021]", "[All right]")
        shown = seen(await walk(phone, "[I paid]", "[Save my dates]"))
        assert "The other ticket: number ...0022." in shown
        shown = seen(await walk(phone, "[Yes]"))
        assert "Issued Thu Nov 12, 2026" in shown
        assert await numbers(h) == ["9000000021", "9000000022"]


async def test_num_9_menu_and_a_new_ticket_offer_what_waits(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *BOTH, "1", "menu", "menu")
        assert "not finished" in seen(await walk(phone, "ticket"))
