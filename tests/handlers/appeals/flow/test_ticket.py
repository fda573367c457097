"""Part 1: city, number, dates, the other office, the class, as a person types them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.core.calls import Done
from bot.core.calls.workshop import ReadText, TextFound
from bot.engine.harness import Harness
from handlers.appeals.grounds import packaged_checklist
from tests.handlers.appeals.flow.world import SF_ALL, SF_TICKET, all_cases, called, case_of, opened, play, seen, walk
from tests.rows import each


async def test_ac_1_number_before_the_city_is_kept_and_the_city_is_asked(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        first = seen(await walk(phone, "900000417"))
        assert "Which city gave the ticket?" in first
        assert await all_cases(h) == []
        assert "Number: 900000417" in seen(await walk(phone, "SF"))
        row, facts = await case_of(h)
        assert (row.city_id, facts.number) == ("us-ca-san_francisco", "900000417")


async def test_ac_1_number_sent_at_the_city_question_is_kept_too(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("telegram")
        assert "I kept that number" in seen(await walk(phone, "/start", "[Appeal a ticket]", "citation 900000417"))
        await walk(phone, "San Francisco")
        assert (await case_of(h))[1].number == "900000417"


async def test_conv_4_several_answers_in_one_message_are_all_taken_and_echoed(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, "ticket 900000417 issued 11/16 in san francisco")
        shown = seen(await walk(phone, "ok"))
        assert "Number: 900000417." in shown
        assert "Mon Nov 16, 2026. Which fits?" in shown


async def test_conv_4_number_and_date_in_one_answer(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        shown = seen(await walk(h.phone("sms"), *SF_TICKET[:2], "900000417, it was on nov 16"))
        assert "Mon Nov 16, 2026. Which fits?" in shown
        assert (await case_of(h))[1].number == "900000417"


async def test_ac_2_san_francisco_number_in_new_york_is_asked_again_and_the_city_stays(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, "ticket", "New York", "900000417"))
        assert "not how this city's numbers look" in shown
        row, facts = await case_of(h)
        assert (row.city_id, facts.number) == ("us-ny-new_york", None)


@pytest.mark.parametrize("text", ["hello there friend", "12", "9" * 40])
async def test_ac_6_what_is_no_number_gets_the_hint(tmp_path: Path, text: str) -> None:
    async with opened(tmp_path) as h:
        shown = seen(await walk(h.phone("sms"), *SF_TICKET[:2], text))
        assert "9 digits, starts with 9" in shown
        assert (await case_of(h))[1].number is None


@pytest.mark.parametrize("text", ["９０００００４１７", "900-000-417", "#900 000 417", "Ticket no. 900000417"])
async def test_ac_7_numbers_are_normalised(tmp_path: Path, text: str) -> None:
    async with opened(tmp_path) as h:
        await walk(h.phone("sms"), *SF_TICKET[:2], text)
        assert (await case_of(h))[1].number == "900000417"


async def test_ac_4_too_many_confusions_are_typed_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        shown = seen(await walk(h.phone("sms"), *SF_TICKET[:2], "9OO OOO 4I7"))
        assert "digits only" in shown
        assert (await case_of(h))[1].number is None


async def test_ac_9_the_senders_own_phone_number_is_asked_about(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        shown = seen(await walk(h.phone("sms"), "ticket", "New York", "415 555 0123"))
        assert "looks like your phone number" in shown
        assert (await case_of(h))[1].number is None


async def test_ac_12_number_rejected_twice_asks_for_a_photo_and_sells_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, *SF_TICKET[:2], "12345678", "12345678"))
        assert "send a photo of the ticket" in shown
        row, facts = await case_of(h)
        assert (row.stage, row.reason, facts.number_status) == ("informed", "number_rejected", "rejected")
        assert "our staff will look" in seen(await walk(phone, "[photo]"))
        assert "What issue date" in seen(await walk(phone, "900000417"))
        assert (await case_of(h))[0].stage == "intake"


async def test_ac_13_num_9_two_numbers_ask_which_and_the_other_waits(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, *SF_TICKET[:2], "900000417 and 900000418"))
        assert "1 900000417" in shown
        assert "2 900000418" in shown
        assert "when this one is done" in seen(await walk(phone, "2"))
        assert (await case_of(h))[1].number == "900000418"


def _photo(text: str) -> dict[type, object]:
    return {ReadText: lambda call, h: Done(TextFound(text))}


async def test_photo_of_the_ticket_is_read_and_confirmed(tmp_path: Path) -> None:
    text = "CITY OF NEW YORK\nSummons No. 9000000021\nDate of offense 11/16/2026\nNO STANDING"
    async with opened(tmp_path, more=_photo(text)) as h:
        phone = h.phone("telegram")
        shown = seen(await walk(phone, "/start", "[Appeal a ticket]", "[New York]", "[photo]"))
        assert "I read: number 9000000021, issued Mon Nov 16, 2026. Right?" in shown
        assert "Has a letter come since" in seen(await walk(phone, "[All right]"))
        assert (await case_of(h))[1].number == "9000000021"


async def test_num_3_photo_that_cannot_be_read_asks_to_type(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("telegram")
        shown = seen(await walk(phone, "/start", "[Appeal a ticket]", "[New York]", "[photo]"))
        assert "Please type it" in shown
        assert len(called(h, ReadText)) == 1


async def test_ac_13_two_tickets_on_one_photo_ask_which(tmp_path: Path) -> None:
    async with opened(tmp_path, more=_photo("Summons 9000000021\n\nfine print\n\nSummons 9000000022")) as h:
        shown = seen(await walk(h.phone("telegram"), "/start", "[Appeal a ticket]", "[New York]", "[photo]"))
        assert "[9000000021] [9000000022]" in shown


async def test_ac_14_the_same_number_in_two_cities_makes_two_cases(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, "ticket", "New York", "9000000021", "menu", "menu", "ticket", "2", "Philadelphia")
        cities = [row.city_id for row in await all_cases(h)]
        assert cities == ["us-ny-new_york", "us-pa-philadelphia"]


async def test_conv_9_the_same_ticket_again_goes_on_with_its_case(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_TICKET)
        shown = seen(await walk(phone, "menu", "menu", "ticket", "2", "SF", "900000417"))
        assert "This is your case A-" in shown
        live = [row for row in await all_cases(h) if row.stage != "withdrawn"]
        assert len(live) == 1
        assert (await case_of(h)) is not None


async def test_ac_16_washington_asks_which(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        shown = seen(await walk(h.phone("sms"), "ticket", "Washington"))
        assert "Washington, DC" in shown
        assert "Washington State" in shown


async def test_ac_17_californian_city_without_record_gets_the_states_clock_and_no_letter(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, "ticket", "Fresno", "1", "11/16"))
        assert "Last day to ask for a review: Mon Dec 7 (21 days" in shown
        assert (await case_of(h))[0].reason == "unknown_city"


# -- dates -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["11/19/2026", "2019-01-01", "tomorrow", "some day"])
async def test_ac_35_future_old_and_unread_dates_are_asked_again(tmp_path: Path, text: str) -> None:
    async with opened(tmp_path) as h:
        shown = seen(await walk(h.phone("sms"), *SF_TICKET[:3], text))
        assert "What issue date is printed" in shown
        assert (await case_of(h))[1].issue_date is None


async def test_ac_36_a_date_with_two_readings_is_offered_never_taken_silently(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, *SF_TICKET[:3], "2/11"))
        assert "Do you mean Wed Feb 11, 2026?" in shown
        assert (await case_of(h))[1].issue_date is None
        await walk(phone, "ok")
        assert (await case_of(h))[1].issue_date == date(2026, 2, 11)


async def test_ac_33_leg_3_dates_are_the_citys_and_name_zone_days_and_source(tmp_path: Path) -> None:
    late_evening_in_hawaii = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
    async with opened(tmp_path, now=late_evening_in_hawaii) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, "ticket", "New York", "9000000021", "nov 20", "1"))
        assert "Sun Dec 20 (30 days, New York City time; city dispute page)" in shown
        assert "Check your ticket." in shown


async def test_ac_34_no_days_are_shown_without_an_issue_date(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_TICKET[:3])
        assert not any("Last day" in m.text for m in phone.messages)


async def test_ac_30_the_last_day_is_open_and_says_so(tmp_path: Path) -> None:
    one_minute_before_midnight = datetime(2026, 12, 8, 7, 59, tzinfo=UTC)
    async with opened(tmp_path, now=one_minute_before_midnight) as h:
        shown = seen(await walk(h.phone("sms"), *SF_TICKET[:3], "11/16", "1"))
        assert "Today is the last day" in shown
        assert "Free ways" in shown
        assert (await case_of(h))[0].reason == "too_late_for_mail"


async def test_ac_31_one_minute_later_it_is_past_and_the_second_clock_is_explained(tmp_path: Path) -> None:
    async with opened(tmp_path, now=datetime(2026, 12, 8, 8, 0, tzinfo=UTC)) as h:
        shown = seen(await walk(h.phone("sms"), *SF_TICKET[:3], "11/16", "1"))
        assert "The last day was Mon Dec 7" in shown
        assert "If a late notice comes" in shown
        assert (await case_of(h))[0].reason == "past_deadline"


async def test_ac_37_st_25_a_late_notice_opens_the_second_clock(tmp_path: Path) -> None:
    async with opened(tmp_path, now=datetime(2026, 12, 8, 18, 0, tzinfo=UTC)) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_TICKET[:3], "nov 3", "1")
        assert (await case_of(h))[0].stage == "informed"
        shown = seen(await walk(phone, "2", "dec 7"))
        assert "Mon Dec 21 (14 days, San Francisco time" in shown
        assert (await case_of(h))[0].stage == "intake"


async def test_ac_39_after_mail_by_the_portal_is_named_and_no_price(tmp_path: Path) -> None:
    async with opened(tmp_path, now=datetime(2026, 12, 1, 18, 0, tzinfo=UTC)) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, *SF_TICKET[:3], "11/16", "1"))
        assert "would not be there in time" in shown
        assert "https://parley.example/d/" in shown
        assert not any("$" in m.text for m in phone.messages)


# -- agency and class --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("answers", [("UCSF",), ("1", "2"), ("it says ucsf at the top",)])
async def test_ac_15_another_offices_ticket_is_not_mailed_to_the_city(tmp_path: Path, answers: tuple[str, ...]) -> None:
    async with opened(tmp_path) as h:
        shown = seen(await walk(h.phone("sms"), *SF_TICKET[:5], *answers))
        assert "UCSF gave this ticket" in shown
        row, facts = await case_of(h)
        assert (row.stage, row.reason, facts.agency_answer) == ("informed", "wrong_agency", "UCSF")


async def test_ac_10_camera_notices_are_not_parking_tickets(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        shown = seen(await walk(h.phone("sms"), *SF_TICKET[:6], "6"))
        assert "own process" in shown
        assert (await case_of(h))[0].reason == "not_parking"


@each(
    ("text", "wanted"),
    [
        ("meter was broken", "meter"), ("it was an expired meter", "meter"), ("expired tags", "registration"),
        ("they were sweeping that day", "sweeping"), ("the red curb thing", "sign"), ("no parking sign", "sign"),
        ("I have a disabled placard", "permit"), ("meter and street cleaning", None), ("it was unfair", None),
        ("ok", None),
    ],
)  # fmt: skip
def test_what_a_ticket_is_for_is_understood_in_a_persons_words(text: str, wanted: str | None) -> None:
    assert packaged_checklist().class_named(text) == wanted


async def test_what_the_ticket_is_for_may_be_told(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        assert "Please pick one" in seen(await walk(phone, *SF_TICKET[:6], "it was unfair"))
        assert "2 of 6" in seen(await walk(phone, "meter was broken"))
        assert (await case_of(h))[1].violation_class == "meter"


async def test_ac_43_a_paid_ticket_is_not_sold_a_letter(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        shown = seen(await walk(h.phone("sms"), *SF_TICKET[:4], "3"))
        assert "paying closes" in shown
        assert (await case_of(h))[0].reason == "already_paid"


@pytest.mark.parametrize(
    ("city", "reason", "words"),
    [
        pytest.param("Denver", "no_letter_route", ("1437 Bannock St.", "20 days"), id="AC-18"),
        pytest.param("Portland, OR", "no_letter_route", ("plea of no contest",), id="AC-19"),
        pytest.param("Los Angeles", "record_not_usable", ("ladotparking.org",), id="AC-20"),
        pytest.param("Austin", "upl_blocked", ("20 business days",), id="AC-21-austin"),
        pytest.param("Houston", "upl_blocked", ("30 days",), id="AC-21-houston"),
        pytest.param("Dallas", "upl_blocked", ("15 days",), id="AC-21-dallas"),
        pytest.param("Charlotte", "upl_blocked", ("30 days",), id="AC-21-charlotte"),
        pytest.param("Seattle", "upl_blocked", ("30 days",), id="AC-21-seattle"),
    ],
)
@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_informed_cities_get_the_real_way_and_no_letter(
    tmp_path: Path, channel: str, city: str, reason: str, words: tuple[str, ...]
) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone(channel)
        opening = ("ticket",) if channel == "sms" else ("/start", "[Appeal a ticket]")
        shown = seen(await walk(phone, *opening, city))
        pages = await _pages(h)
        for word in words:
            assert word in shown or word in pages, f"{word} is neither in {shown} nor in {pages}"
        row, _ = await case_of(h)
        assert (row.stage, row.reason) == ("informed", reason)
        assert not any("$" in m.text for m in phone.messages)


async def _pages(h: Harness) -> str:
    from storage import blobs

    rows = await h.writers.run(lambda work: work.rows(blobs.blob.select()))
    return "\n".join(h.seal.open(row.data).decode() for row in rows if row.media_type.startswith("text/plain"))


async def test_conv_2_the_citys_own_site_is_reached_through_our_page(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, "ticket", "Los Angeles"))
        assert "ladotparking" not in shown
        assert "https://parley.example/d/" in shown
        assert "ladotparking.org" in await _pages(h)


async def test_st_25_a_corrected_city_opens_the_letter_path_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, "ticket", "Denver")
        assert "What is the citation number" in seen(await walk(phone, "edit city", "San Francisco"))
        row, _ = await case_of(h)
        assert (row.city_id, row.stage) == ("us-ca-san_francisco", "intake")


# -- ways out ----------------------------------------------------------------------------------------------------------


async def test_ux_22_back_keeps_and_offers_what_was_given(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, *SF_TICKET[:5], "back", "back"))
        assert "You gave: Mon Nov 16, 2026. Reply OK to keep it." in shown
        assert "Does the ticket name" in seen(await walk(phone, "ok"))


async def test_ac_86_upl_4_will_i_win_is_answered_and_the_step_kept(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        done: list[str] = []
        for line in SF_ALL[:34]:
            done.append(line)
            await walk(phone, line)
            shown = seen(await walk(phone, "will i win?"))
            assert "I cannot advise on that" in shown, done
        assert (await case_of(h))[1].statement is not None


async def test_ux_8_coming_back_after_days_shows_where_the_draft_stands(tmp_path: Path) -> None:
    from datetime import timedelta

    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_TICKET)
        await h.wait(timedelta(days=3), phone)
        shown = seen(await walk(phone, "1"))
        assert shown.splitlines()[:2] == [
            "Your ticket: San Francisco ...0417.",
            "Last day to ask: Mon Dec 7, San Francisco time.",
        ]
        assert "What did the meter show" in shown


async def test_ux_8_resume_shows_where_the_draft_stands(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = seen(await walk(phone, *SF_TICKET, "menu", "menu", "resume"))
        assert "Your ticket: San Francisco ...0417." in shown
        assert "2 of 6: your reason" in shown


async def test_ac_81_a_stale_button_repeats_the_current_question(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("telegram")
        await walk(phone, "/start", "[Appeal a ticket]")
        data = phone.last.buttons["New York"]
        await walk(phone, "San Francisco", "900000417")
        shown = seen(await phone.press(data))
        assert "older question" in shown
        assert "What issue date" in shown
        assert (await case_of(h))[0].city_id == "us-ca-san_francisco"


async def test_play_writes_silence_down(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        assert "(silence)" in await play(h.phone("sms"), ["ticket", "HELP"])
