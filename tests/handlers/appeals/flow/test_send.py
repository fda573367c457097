"""Part 6: free and paid, classes in time, signature, preview, approval, and what voids it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.core.calls import Done
from bot.core.calls.stripe import OpenCheckout
from bot.core.calls.workshop import TypesetLetter, TypesetPages
from storage import blobs
from tests.handlers.appeals.flow.world import (
    SF_ALL,
    SF_CHECK,
    SF_PROOF,
    SF_REASON,
    SF_SENDER,
    SF_TICKET,
    SF_WORDS,
    called,
    case_of,
    opened,
    refuse,
    seen,
    settings,
    too_long,
    walk,
)

C = (*SF_TICKET, *SF_REASON, *SF_PROOF, *SF_WORDS)
A = (*C, *SF_CHECK, *SF_SENDER)


async def test_upl_5_free_is_named_first_and_has_the_same_review(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, *A))
        assert shown.index("1 Free") < shown.index("2 Paid")
        assert "The city reviews both" in shown
        assert not any("$" in m.text for m in phone.messages)


async def test_st_7_the_free_route_gives_the_text_to_copy_and_charges_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, *A, "1"))
        assert "Nothing was charged" in shown
        rows = await h.writers.run(lambda work: work.rows(blobs.blob.select()))
        page = "\n".join(h.seal.open(r.data).decode() for r in rows if r.media_type.startswith("text/plain"))
        assert "sfmta.com/protest" in page
        assert "the screen said FAIL" in page
        row, _ = await case_of(h)
        assert (row.stage, row.reason) == ("informed", "free_route")
        assert "Which mail?" in seen(await walk(phone, "2"))
        assert (await case_of(h))[0].stage in ("intake", "review")


async def test_nothing_is_sold_when_the_service_is_off(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(sells=False)) as h:
        shown = seen(await walk(h.phone("sms"), *A, "2"))
        assert "We mail no letters at the moment" in shown
        assert called(h, OpenCheckout) == []


async def test_signature_must_be_the_name_that_was_given(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        assert "sign with the name" in seen(await walk(phone, *A, "2", "1", "Dan Rey"))
        assert called(h, TypesetLetter) == []
        assert "Your letter, 4 pages" in seen(await walk(phone, "dana  reyes"))


async def test_reg_5_the_preview_shows_the_agencys_full_address_and_the_letter(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        shown = await walk(h.phone("sms"), *SF_ALL)
        assert "To: SFMTA Customer Service Center, Attn: Citation Review, 11 South Van Ness Avenue" in shown[-1].text
        assert "San Francisco, CA 94103" in shown[-1].text
        assert shown[-1].text.splitlines()[-1].startswith("https://parley.example/d/")
        assert too_long(shown) == []


async def test_conv_5_only_the_preview_is_approved_and_a_second_ok_does_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_ALL)
        assert (await case_of(h))[0].stage == "review"
        shown = seen(await walk(phone, "ok"))
        assert "total $19.95" in shown
        assert "https://parley.example/p/" in shown
        assert (await case_of(h))[0].stage == "awaiting_payment"
        await walk(phone, "ok")
        assert len(called(h, OpenCheckout)) == 1


@pytest.mark.parametrize("text", ["1", "a", "-1", "app", "o", "ok?? what is this", "👍"])
async def test_conv_5_nothing_looser_than_the_word_approves(tmp_path: Path, text: str) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, *SF_ALL, text))
        assert "Your letter, 4 pages" in shown
        assert called(h, OpenCheckout) == []


async def test_conv_5_ok_before_the_preview_approves_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        await walk(h.phone("sms"), *A, "ok", "ok", "ok")
        assert called(h, TypesetLetter) == []
        assert (await case_of(h))[0].stage in ("intake", "review")


async def test_ac_57_an_edit_after_the_preview_needs_a_new_preview(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, *SF_ALL, "edit place", "500 Howard St"))
        assert "Line 3 of 7: place 500 Howard St. OK?" in shown
        assert "Type your full name to sign" in seen(await walk(phone, "ok"))
        await walk(phone, "Dana Reyes", "ok")
        assert [call.document["re"].endswith("500 Howard St") for call in called(h, TypesetLetter)] == [False, True]


async def test_ac_57_an_edit_after_approval_closes_the_link_first(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_ALL, "ok")
        assert "closing your pay link first" in seen(await walk(phone, "edit place"))
        assert (await case_of(h))[0].stage == "review"
        await walk(phone, "edit place", "500 Howard St", "ok", "Dana Reyes", "ok")
        assert (await case_of(h))[1].place == "500 Howard St"
        assert len(called(h, OpenCheckout)) == 2


async def test_ac_41_a_class_that_ran_out_of_time_is_not_approved(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_ALL)
        await h.wait(timedelta(days=8), phone)
        shown = seen(await walk(phone, "ok"))
        assert "would not be there in time" in shown
        assert called(h, OpenCheckout) == []


async def test_ac_79_voc_3_a_lone_cancel_by_sms_opts_out_charges_nothing_and_keeps_the_draft(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_ALL, "CANCEL")
        assert (await case_of(h))[0].stage == "review"
        assert called(h, OpenCheckout) == []
        await walk(phone, "START")
        assert "Your letter" in seen(await walk(phone, "resume"))


async def test_st_24_dropping_asks_once_more_and_then_withdraws(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        assert "Drop this case?" in seen(await walk(phone, *A, "drop this case"))
        assert "6 of 6" in seen(await walk(phone, "go on"))
        await walk(phone, "drop this case", "drop it")
        assert (await case_of(h))[0].stage == "withdrawn"


async def test_voc_4_cancel_appeal_is_a_flow_command_and_no_opt_out(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        assert "Drop this case?" in seen(await walk(h.phone("sms"), *A, "cancel appeal"))


async def test_ac_56_a_placeholder_stops_the_letter_before_approval(tmp_path: Path) -> None:
    answers = ("1", "[Your contest grounds]", "two cards", "skip", "no")
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_TICKET, *answers, *SF_PROOF, *SF_WORDS, *SF_CHECK, *SF_SENDER, "2", "2", "Dana Reyes")
        said_by_the_person = called(h, TypesetLetter)
        assert said_by_the_person, "brackets that the person wrote are printed"
        facts = (await case_of(h))[1]
        assert "[Your contest grounds]" in facts.answers.values()


async def test_let_7_a_seam_in_the_frame_stops_the_letter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from handlers.appeals.flow.document import document

    spoilt = "handlers.appeals.flow.send.document"
    monkeypatch.setattr(spoilt, lambda turn: {**document(turn), "opening": "I request [review]."})
    async with opened(tmp_path) as h:
        shown = seen(await walk(h.phone("sms"), *SF_ALL))
        assert "LET-7" in shown
        assert "Nothing was charged" in shown
        assert called(h, TypesetLetter) == []


async def test_ux_11_a_letter_that_cannot_be_made_says_so_with_a_code(tmp_path: Path) -> None:
    async with opened(tmp_path, TypesetLetter=refuse("timed_out")) as h:
        shown = seen(await walk(h.phone("sms"), *SF_ALL))
        assert "PDF-1" in shown
        assert "Nothing was charged" in shown


async def test_let_4_too_many_pages_ask_what_to_leave_out(tmp_path: Path) -> None:
    pages = [12, 9]

    def typeset(call: TypesetLetter, h: object) -> Done:
        return Done(TypesetPages(1, "a" * 64, pages.pop(0)))

    async with opened(tmp_path, TypesetLetter=typeset) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_TICKET, *SF_REASON, "[photo x3] the block", "done", *SF_WORDS, "ok", "ok", "1 Main St")
        await walk(phone, "8ABC123 CA", "ok", "ok", "ok", "ok", *SF_SENDER, "2", "2")
        assert "too many pages" in seen(await walk(phone, "Dana Reyes"))
        await walk(phone, "B")
        while "Line" in phone.last.text:
            await walk(phone, "ok")
        assert "Your letter, 9 pages" in seen(await walk(phone, "Dana Reyes"))


async def test_let_6_dropped_characters_are_announced(tmp_path: Path) -> None:
    def typeset(call: TypesetLetter, h: object) -> Done:
        return Done(TypesetPages(1, "a" * 64, 4, [], "😀"))

    async with opened(tmp_path, TypesetLetter=typeset) as h:
        assert "left out" in seen(await walk(h.phone("sms"), *SF_ALL))


async def test_telegram_preview_is_the_pdf_and_its_first_page(tmp_path: Path) -> None:
    from tests.handlers.appeals.flow.world import script

    async with opened(tmp_path) as h:
        phone = h.phone("telegram")
        await walk(phone, *script("new_york.telegram")[:-1])
        files = [m.filename for m in phone.messages if m.filename]
        assert files == ["your-letter.pdf", "page-1.png"]
        assert list(phone.last.buttons) == ["Approve", "Edit"]


async def test_pay_2_ux_9_item_tax_total_arrival_deadline_and_refund_rule_stand_before_the_link(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        text = (await walk(h.phone("sms"), *SF_ALL, "ok"))[-1].text
        for part in (
            "Certified letter $19.95",
            "tax $0.00",
            "total $19.95",
            "Planned arrival",
            "Mon Dec 7",
            "Full refund",
        ):
            assert text.index(part) < text.index("https://")
        assert too_long([h.phone("sms").last]) == []


async def test_gates_run_again_at_the_summary(tmp_path: Path) -> None:
    from storage.switches import turn_switch

    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *A, "2", "2")
        await h.writers.run(lambda work: turn_switch(work, "pause_all_mail", "on", actor="operator:1"))
        shown = seen(await walk(phone, "Dana Reyes"))
        assert "stopped all mail" in shown
        assert called(h, TypesetLetter) == []


async def test_ac_26_demo_letters_are_marked(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        await walk(h.phone("sms"), *SF_ALL)
        assert called(h, TypesetLetter)[0].document["demo"] is True


async def test_ac_25_live_mode_without_verification_sells_nothing(tmp_path: Path) -> None:
    from handlers.appeals.usability import Mode

    async with opened(tmp_path, settings=settings(mode=Mode.LIVE)) as h:
        shown = seen(await walk(h.phone("sms"), "ticket", "San Francisco"))
        assert "no checked address" in shown
        assert (await case_of(h))[0].reason == "record_not_usable"


async def test_the_offered_hour_is_the_cutoff_of_the_last_order_day(tmp_path: Path) -> None:
    async with opened(tmp_path, now=datetime(2026, 11, 25, 20, 0, tzinfo=UTC)) as h:
        assert "Order by Wed Nov 25, 5pm." in seen(await walk(h.phone("sms"), *A, "2"))


async def test_conv_1_words_work_at_every_step(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        for line in SF_ALL:
            await walk(phone, line)
            before = seen([phone.last]).splitlines()[-1]
            shown = seen(await walk(phone, "options"))
            assert "MENU leaves" in shown
            assert before in shown
