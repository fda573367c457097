"""The ticket by photo: what was read is shown and confirmed part by part; without a reader the number is typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.workshop import ReadText, TextFound
from bot.engine.harness import Harness
from tests.handlers.appeals.flow.world import (
    SF_PROOF,
    SF_REASON,
    all_cases,
    called,
    case_of,
    opened,
    seen,
    settings,
    too_long,
    walk,
)

NY = ("/start", "[Appeal a ticket]", "[New York]")
SF = ("ticket in san francisco", "ok")
LINES = "CITY OF NEW YORK\nSUMMONS 9000000021\nISSUED 11/10/2026\nNO STANDING\n20 MAIN ST\nABC1234 NY"
ENTRY = {
    "number": "9000000021", "issued": "11/10/2026", "violation": "NO STANDING", "place": "20 MAIN ST",
    "plate": "ABC1234", "plate_state": "NY",
}  # fmt: skip


def reader(text: str = LINES, *found: dict[str, str]) -> dict[type, Callable[[Any, Harness], Outcome]]:
    """Return a reader that finds this on every photo."""
    entries = list(found) if found or text != LINES else [ENTRY]
    return {ReadText: lambda call, h: Done(TextFound(text, entries, model="small-1"))}


def refuses(code: str) -> dict[type, Callable[[Any, Harness], Outcome]]:
    return {ReadText: lambda call, h: Refused(code)}


async def test_the_telegram_transcript_reads_a_photo_and_takes_it_over(tmp_path: Path) -> None:
    async with opened(tmp_path, more=reader()) as h:
        phone = h.phone("telegram")
        shown = seen(await walk(phone, *NY, "[photo]"))
        assert 'I read: number 9000000021, issued Tue Nov 10, 2026, "NO STANDING". Right?' in shown
        assert "[All right] [Fix number] [Fix date] [Type it]" in shown
        assert (await case_of(h))[1].number is None, "a proposal is no fact"
        assert "Has a letter come since" in seen(await walk(phone, "[All right]"))
        facts = (await case_of(h))[1]
        assert (facts.number, facts.issue_date) == ("9000000021", date(2026, 11, 10))
        assert (facts.place, facts.plate) == (None, None), "each waits for its own line"


async def test_an_mms_is_read_too_within_two_segments(tmp_path: Path) -> None:
    text = LINES.replace("9000000021", "9I2 34S 678")
    async with opened(tmp_path, more=reader(text, ENTRY | {"number": "9I2 34S 678"})) as h:
        phone = h.phone("sms")
        shown = await walk(phone, *SF, "[photo]")
        assert "I read: number 912345678 (with a one for the letter I and a five for the letter S)" in seen(shown)
        assert too_long(shown) == []
        assert "Which fits?" in seen(await walk(phone, "1"))
        assert (await case_of(h))[1].number == "912345678"


async def test_place_and_plate_are_confirmed_on_their_own_lines(tmp_path: Path) -> None:
    text = LINES.replace("9000000021", "900000417")
    async with opened(tmp_path, more=reader(text, ENTRY | {"number": "900000417"})) as h:
        phone = h.phone("sms")
        words = "I got to the meter around 2 and the screen said FAIL, so I could not pay."
        await walk(phone, *SF, "[photo]", "1", "1", "2", "1", *SF_REASON, *SF_PROOF, words, "1", "ok")
        shown = await walk(phone, "ok")
        assert "Line 3 of 7, as I read it on your photo: place 20 MAIN ST. OK?" in seen(shown)
        assert too_long(shown) == []
        assert (await case_of(h))[1].place is None
        assert "Line 4 of 7, as I read it on your photo: plate ABC1234, NY. OK?" in seen(await walk(phone, "ok"))
        assert "Line 4 of 7" not in seen(await walk(phone, "XYZ9999 CA"))
        facts = (await case_of(h))[1]
        assert (facts.place, facts.plate, facts.plate_state) == ("20 MAIN ST", "XYZ9999", "CA")


async def test_edit_of_a_read_line_asks_for_it(tmp_path: Path) -> None:
    text = LINES.replace("9000000021", "900000417")
    async with opened(tmp_path, more=reader(text, ENTRY | {"number": "900000417"})) as h:
        phone = h.phone("sms")
        words = "I got to the meter around 2 and the screen said FAIL, so I could not pay."
        await walk(phone, *SF, "[photo]", "1", "1", "2", "1", *SF_REASON, *SF_PROOF, words, "1", "ok", "ok")
        assert "Where was the car?" in seen(await walk(phone, "edit place"))
        assert "Line 4 of 7" in seen(await walk(phone, "1200 Valencia St"))
        assert (await case_of(h))[1].place == "1200 Valencia St"


async def test_fix_number_keeps_the_date_and_fix_date_keeps_the_number(tmp_path: Path) -> None:
    async with opened(tmp_path, more=reader()) as h:
        phone = h.phone("telegram")
        assert "type the number" in seen(await walk(phone, *NY, "[photo]", "[Fix number]"))
        assert "Has a letter come since" in seen(await walk(phone, "9000000022"))
        facts = (await case_of(h))[1]
        assert (facts.number, facts.issue_date) == ("9000000022", date(2026, 11, 10))
    other = tmp_path / "date"
    other.mkdir()
    async with opened(other, more=reader()) as h:
        phone = h.phone("telegram")
        assert "What issue date" in seen(await walk(phone, *NY, "[photo]", "[Fix date]"))
        assert (await case_of(h))[1].number == "9000000021"


async def test_type_it_drops_all_that_was_read(tmp_path: Path) -> None:
    async with opened(tmp_path, more=reader()) as h:
        phone = h.phone("telegram")
        assert "type the number" in seen(await walk(phone, *NY, "[photo]", "[Type it]"))
        assert "What issue date" in seen(await walk(phone, "9000000022"))
        assert (await case_of(h))[1].issue_date is None


async def test_another_photo_at_the_confirmation_is_read_instead(tmp_path: Path) -> None:
    numbers = iter(["9000000021", "9000000022"])

    def answer(call: ReadText, h: Harness) -> Outcome:
        number = next(numbers)
        return Done(TextFound(f"SUMMONS {number}", [{"number": number}]))

    async with opened(tmp_path, more={ReadText: answer}) as h:
        phone = h.phone("telegram")
        await walk(phone, *NY, "[photo]")
        assert "I read: number 9000000022. Right?" in seen(await walk(phone, "[photo]"))


async def test_ac_13_two_tickets_in_one_photo_ask_which_and_keep_its_date(tmp_path: Path) -> None:
    text = f"{LINES}\nSUMMONS 9000000022\nISSUED 11/12/2026"
    second = {"number": "9000000022", "issued": "11/12/2026"}
    async with opened(tmp_path, more=reader(text, ENTRY, second)) as h:
        phone = h.phone("telegram")
        assert "[9000000021] [9000000022]" in seen(await walk(phone, *NY, "[photo]"))
        shown = seen(await walk(phone, "[9000000022]"))
        assert "when this one is done" in shown
        assert "I read: number 9000000022, issued Thu Nov 12, 2026. Right?" in shown
        await walk(phone, "[All right]")
        assert (await case_of(h))[1].number == "9000000022"


async def test_num_1_a_number_that_is_not_the_citys_is_told_and_typed(tmp_path: Path) -> None:
    async with opened(tmp_path, more=reader("CITATION 912345678", {"number": "912345678"})) as h:
        phone = h.phone("telegram")
        shown = seen(await walk(phone, *NY, "[photo]"))
        assert "On that photo I read 912345678. This city's numbers look different (10 digits)." in shown
        assert "type the number" in shown
        row, facts = await case_of(h)
        assert (row.city_id, facts.number) == ("us-ny-new_york", None)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("timed_out", "I could not read the photo just now. Nothing is lost."),
        ("no_result", "I could not read the photo just now. Nothing is lost."),
        ("gave_up", "I could not read the photo just now. Nothing is lost."),
        ("unauthorized", "I could not read the photo just now. Nothing is lost."),
        ("not_configured", "I cannot read photos here."),
        ("unreadable", "I could not open that picture."),
        ("too_large", "up to 10 MB works"),
        ("unsupported", "I cannot use that kind of file."),
    ],
)
@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_conv_6_every_failure_is_told_truthfully_and_asks_to_type(
    tmp_path: Path, code: str, words: str, channel: str
) -> None:
    async with opened(tmp_path, more=refuses(code)) as h:
        phone = h.phone(channel)
        await walk(phone, *(SF if channel == "sms" else NY))
        shown = await walk(phone, "[photo]")
        assert words in seen(shown)
        assert "1 of 6" in seen(shown), "the question follows"
        assert len(shown) == 1
        assert too_long(shown) == [] or channel == "telegram"
        await walk(phone, "900000417" if channel == "sms" else "9000000021")
        assert (await case_of(h))[1].number


async def test_nothing_to_read_on_the_photo_asks_to_type(tmp_path: Path) -> None:
    async with opened(tmp_path, more={ReadText: lambda call, h: Done(TextFound(""))}) as h:
        shown = seen(await walk(h.phone("telegram"), *NY, "[photo]"))
        assert "I could not read a number on that photo. Please type it." in shown


async def test_fake_6_without_a_key_a_photo_is_not_asked_for_and_the_number_is_typed_at_once(tmp_path: Path) -> None:
    async with opened(tmp_path, settings=settings(has_model=False), more=reader()) as h:
        phone = h.phone("telegram")
        first = seen(await walk(phone, *NY))
        assert "photo" not in first
        shown = seen(await walk(phone, "[photo]"))
        assert "I cannot read photos here. Please type it." in shown
        assert called(h, ReadText) == []
        sms = h.phone("sms")
        assert "photo" not in seen(await walk(sms, *SF))


async def test_conv_4_a_photo_before_the_city_is_kept_and_read_once_it_is_known(tmp_path: Path) -> None:
    async with opened(tmp_path, more=reader()) as h:
        phone = h.phone("telegram")
        await walk(phone, "/start", "[Appeal a ticket]")
        shown = seen(await walk(phone, "[photo]"))
        assert "I keep that photo and read it once I know the city." in shown
        assert "Which city" in shown
        assert called(h, ReadText) == [], "NUM-1: without a city nothing is parsed"
        assert await all_cases(h) == []
        assert "I read: number 9000000021" in seen(await walk(phone, "[New York]"))


async def test_a_photo_kept_for_a_city_without_letters_is_not_read(tmp_path: Path) -> None:
    async with opened(tmp_path, more=reader()) as h:
        phone = h.phone("sms")
        await walk(phone, "parking ticket", "[photo]", "Austin")
        assert called(h, ReadText) == []


async def test_priv_3_the_reader_gets_pictures_and_a_keyed_hash_and_nothing_else(tmp_path: Path) -> None:
    async with opened(tmp_path, more=reader()) as h:
        phone = h.phone("sms", "+14155550123")
        await walk(phone, *SF, "[photo x3]")
        (call,) = called(h, ReadText)
        assert len(call.blobs) == 3
        assert len(call.person) == 32
        assert "4155550123" not in repr(call)


async def test_many_photos_are_read_up_to_eight_and_that_is_said(tmp_path: Path) -> None:
    async with opened(tmp_path, more=reader()) as h:
        shown = seen(await walk(h.phone("telegram"), *NY, "[photo x10]"))
        assert "I look at the first 8 pictures." in shown
        assert len(called(h, ReadText)[0].blobs) == 8


async def test_num_5_a_weak_format_confirmed_on_the_photo_is_not_asked_twice(tmp_path: Path) -> None:
    async with opened(tmp_path, more=reader("CITATION 12345671", {"number": "12345671"})) as h:
        phone = h.phone("sms")
        assert "I read: number 12345671." in seen(await walk(phone, "ticket in boston", "ok", "[photo]"))
        assert "What issue date" in seen(await walk(phone, "1"))
        assert (await case_of(h))[1].number_status == "user_confirmed"


async def test_the_answer_of_a_reader_nobody_waits_for_is_dropped(tmp_path: Path) -> None:
    late: list[ReadText] = []

    def hold(call: ReadText, h: Harness) -> Outcome:
        late.append(call)
        return Refused("timed_out")

    async with opened(tmp_path, more={ReadText: hold}) as h:
        phone = h.phone("telegram")
        await walk(phone, *NY, "[photo]", "9000000021")
        assert (await case_of(h))[1].number == "9000000021"


@pytest.mark.parametrize("way", ["redeliver", "restart"])
async def test_a_photo_survives_redelivery_and_a_restart(tmp_path: Path, way: str) -> None:
    async with opened(tmp_path, more=reader()) as h:
        setattr(h, way, True)
        phone = h.phone("telegram")
        await walk(phone, *NY, "[photo]", "[All right]")
        assert (await case_of(h))[1].number == "9000000021"
        assert len(called(h, ReadText)) == 1
