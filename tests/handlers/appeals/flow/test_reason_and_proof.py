"""Parts 2 and 3: reasons and their questions; papers, captions, the limit of ten."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.core.calls import Done
from bot.core.calls.workshop import PreparedPicture, PreparedPictures, PreparePictures
from bot.engine.rights import Decision, Reason, Unlimited
from bot.engine.turn import Turn
from handlers.appeals.evidence_pages import pages_of
from handlers.appeals.facts import EvidenceItem
from tests.handlers.appeals.flow.world import (
    SF_REASON,
    SF_TICKET,
    called,
    case_of,
    opened,
    refuse,
    seen,
    walk,
)

SF = (*SF_TICKET, *SF_REASON)
OAKLAND = ("ticket", "Oakland", "123456789", "11/16", "1", "2", "3")


async def test_grd_1_every_question_can_be_skipped_and_is_then_not_stated(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        await walk(h.phone("sms"), *SF_TICKET, "1", "skip", "skip", "skip", "no")
        assert set((await case_of(h))[1].answers.values()) == {""}


async def test_several_reasons_by_number_and_from_the_next_page(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, *SF_TICKET, "5"))
        assert "Car broke down" in shown or "stolen" in shown
        await walk(phone, "1 2")
        assert len((await case_of(h))[1].grounds) == 2


async def test_reasons_by_button_until_done(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("telegram")
        await walk(
            phone, "/start", "[Appeal a ticket]", "[San Francisco]", "900000417", "11/16", "[No]", "[None]", "[Meter]"
        )
        await walk(phone, "[I had paid]", "[Meter did not work]")
        assert (await case_of(h))[1].grounds == []
        assert "What did the meter show" in seen(await walk(phone, "[Done]"))
        assert set((await case_of(h))[1].grounds) == {"paid", "meter_broken"}


async def test_ux_26_answers_are_quoted_never_interpreted(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        await walk(h.phone("sms"), *SF_TICKET, "1", "{0} {name} <b>FAIL</b> %s")
        assert (await case_of(h))[1].answers["meter_broken.shown"] == "{0} {name} <b>FAIL</b> %s"


async def test_a_number_is_an_answer_and_not_the_skip_choice(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        await walk(h.phone("sms"), *SF_TICKET, "1", "1")
        assert (await case_of(h))[1].answers["meter_broken.shown"] == "1"


async def test_grd_2_papers_are_asked_one_by_one_and_skipped_ones_leave_no_trace(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        assert "a photo of the meter screen" in seen(await walk(phone, *SF))
        assert "the ticket, front and back" in seen(await walk(phone, "skip"))
        assert "Anything else?" in seen(await walk(phone, "skip"))
        assert "4 of 6" in seen(await walk(phone, "done"))
        assert (await case_of(h))[1].evidence == []


@pytest.mark.parametrize(
    ("reported", "asked"),
    [("NO", False), ("no I did not", False), ("skip", False), ("No. 311-4455", True), ("yes", True)],
)
async def test_the_confirmation_of_a_report_is_asked_for_if_there_was_one(
    tmp_path: Path, reported: str, asked: bool
) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_TICKET, *SF_REASON[:-1], reported)
        assert ("the confirmation of your report" in seen(await walk(phone, "skip"))) == asked


async def test_conv_7_an_album_is_one_answer_with_a_caption_for_each(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("telegram")
        await walk(
            phone, "/start", "[Appeal a ticket]", "[San Francisco]", "900000417", "11/16", "[No]", "[None]", "[Meter]"
        )
        await walk(phone, "[Meter did not work]", "[Done]", "[Skip]", "[Skip]", "[Skip]", "[Skip]")
        shown = seen(await walk(phone, "[photo x3]"))
        assert "Exhibits A, B and C" in shown
        await walk(phone, "A the screen nov 16 2:05pm, B the pole, C the block")
        evidence = (await case_of(h))[1].evidence
        assert [(e.letter, e.caption, e.taken_at) for e in evidence] == [
            ("A", "the screen", "nov 16 2:05pm"), ("B", "the pole", ""), ("C", "the block", ""),
        ]  # fmt: skip
        assert len(called(h, PreparePictures)) == 1


async def test_words_sent_with_a_photo_are_its_caption(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        await walk(h.phone("sms"), *SF, "[photo] the dead screen at 2:10 pm")
        item = (await case_of(h))[1].evidence[0]
        assert (item.caption, item.taken_at) == ("the dead screen", "at 2:10 pm")


async def test_grd_4_the_cameras_time_is_never_taken_by_itself(tmp_path: Path) -> None:
    def with_time(call: PreparePictures, h: object) -> Done:
        return Done(
            PreparedPictures([PreparedPicture(b, "c" * 64, [b], taken_at="2026-11-16 14:05") for b in call.blobs])
        )

    async with opened(tmp_path, PreparePictures=with_time) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, *SF, "[photo]"))
        assert "The file says" in shown
        await walk(phone, "the screen")
        assert (await case_of(h))[1].evidence[0].taken_at == ""


@pytest.mark.parametrize("trouble", ["unreadable", "too_large", "unsupported", "gone"])
async def test_grd_4_a_file_that_cannot_be_used_is_asked_for_again(tmp_path: Path, trouble: str) -> None:
    def broken(call: PreparePictures, h: object) -> Done:
        return Done(PreparedPictures([PreparedPicture(b, "", trouble=trouble) for b in call.blobs]))

    async with opened(tmp_path, PreparePictures=broken) as h:
        shown = seen(await walk(h.phone("sms"), *SF, "[photo]"))
        assert "a photo of the meter screen" in shown
        assert (await case_of(h))[1].evidence == []


async def test_ux_11_a_failed_preparation_loses_nothing_and_names_a_code(tmp_path: Path) -> None:
    async with opened(tmp_path, PreparePictures=refuse("timed_out")) as h:
        shown = seen(await walk(h.phone("sms"), *SF, "[photo]"))
        assert "PIC-1" in shown
        assert "SKIP" in shown


async def test_the_same_picture_twice_is_kept_once(tmp_path: Path) -> None:
    def same(call: PreparePictures, h: object) -> Done:
        return Done(PreparedPictures([PreparedPicture(b, "d" * 64, [b]) for b in call.blobs]))

    async with opened(tmp_path, PreparePictures=same) as h:
        await walk(h.phone("sms"), *SF, "[photo] the screen", "[photo]")
        assert len((await case_of(h))[1].evidence) == 1


async def test_ac_53_fourteen_exhibits_ask_which_ten_stay(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, *SF, "[photo x14] the block", "done"))
        assert "You sent 14 exhibits. The letter holds 10. Which 4 should stay out?" in shown
        assert "Name 4 of them" in seen(await walk(phone, "C F"))
        assert "4 of 6" in seen(await walk(phone, "C F, M and N"))
        facts = (await case_of(h))[1]
        assert [item.letter for item in facts.exhibits] == list("ABCDEFGHIJ")
        assert len(facts.evidence) == 14


class SoManyPages(Unlimited):
    """A plan with so many pages of proof."""

    def __init__(self, pages: int) -> None:
        self.pages = pages

    def decide(self, turn: Turn, feature: str) -> Decision:
        value = self.pages if feature == "appeals.evidence_pages" else None
        return Decision(value, Reason.PLAN, told=f"Free plan: pages of proof a letter: {self.pages}. Basic gives 6.")


def test_evidence_pages_are_those_of_print_and_papers_of_the_city_are_none() -> None:
    def items(*kinds: str, prints: int = 1) -> list[EvidenceItem]:
        return [EvidenceItem(kind=kind, original=n, prints=[n] * prints) for n, kind in enumerate(kinds)]

    photos = ["photo"] * 10
    assert [pages_of(items(*photos[:n])) for n in range(11)] == [0, 1, 2, 3, 4, 3, 3, 4, 4, 5, 5]
    assert pages_of(items("document", prints=3)) == 3
    assert pages_of(items("form", "photo_id", *photos[:2])) == 2
    assert pages_of(items("form", *photos[:4])) == 2, "five pictures in all: two share a page"
    assert pages_of(items("photo", "form", *photos[:4])) == 3, "a form between two pictures parts them"


async def test_evidence_pages_beyond_the_plan_ask_what_stays_out_and_name_the_plan_that_has_more(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as h:
        h.registry.rights = SoManyPages(4)
        phone = h.phone("sms")
        shown = seen(await walk(phone, *SF, "[photo x9] the block", "done"))
        assert (
            "Your proof fills 5 pages. Free plan: pages of proof a letter: 4. Basic gives 6. Which 1 of the exhibits"
            " should stay out? Example: I"
        ) in shown
        assert "4 of 6" in seen(await walk(phone, "C"))
        assert [item.letter for item in (await case_of(h))[1].exhibits] == list("ABCDEFGH")


async def test_evidence_pages_that_a_plan_bought_meanwhile_has_need_nothing_left_out(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        h.registry.rights = plan = SoManyPages(3)
        phone = h.phone("sms")
        assert "Which 3 of the exhibits" in seen(await walk(phone, *SF, "[photo x9] the block", "done"))
        assert "Name 3 of them" in seen(await walk(phone, "B"))
        plan.pages = 6
        assert "4 of 6" in seen(await walk(phone, "B"))


async def test_let_10_the_original_ticket_is_exhibit_a_after_the_free_way_was_named(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, "ticket", "Oakland"))
        assert "1 of 6" in shown
        facts = (await case_of(h))[1]
        assert facts.city_id == "us-ca-oakland"


async def test_ac_22_atlanta_without_the_form_is_informed_and_the_form_reopens_it(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    async with opened(tmp_path, now=datetime(2026, 11, 17, 15, tzinfo=UTC)) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, "ticket", "Atlanta"))
        shown = seen(await walk(phone, "1234567890"))
        if "exactly as printed" in shown:
            shown = seen(await walk(phone, "ok"))
        shown = seen(await walk(phone, "11/16", "1", "2", "3", "1", "skip", "skip", "skip"))
        assert "The city wants this in the letter: the city dispute form" in shown
        shown = seen(await walk(phone, "skip"))
        assert "the city dispute form" in shown
        row, _ = await case_of(h)
        assert (row.stage, row.reason) == ("informed", "enclosure_missing")
        shown = seen(await walk(phone, "send it now"))
        assert "The city wants this in the letter: the city dispute form" in shown
        shown = seen(await walk(phone, "[photo x2]"))
        assert "Saved as Exhibits A and B: the city dispute form" in shown
        assert "copy of the ticket" in shown
        assert (await case_of(h))[0].stage == "intake"


async def test_done_ends_the_papers(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        assert "4 of 6" in seen(await walk(h.phone("sms"), *SF, "[photo] the screen", "done"))
