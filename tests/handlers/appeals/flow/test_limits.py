"""What cities publish about reasons is told once, with its source, on both channels; no reason is refused (GRD-3)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from handlers.appeals.flow import limits
from handlers.appeals.flow import shown as shown_texts
from handlers.appeals.grounds import Checklist, CityList, packaged_checklist
from storage import blobs
from tests.handlers.appeals.flow.driver import Person, drive
from tests.handlers.appeals.flow.world import SF_TICKET, case_of, opened, seen, too_long, walk

SF = "us-ca-san_francisco"
LISTED = ("a minute over", "did not know", "fine too high", "did not see the sign")
TELEGRAM = (
    "/start", "[Appeal a ticket]", "[San Francisco]", "900000417", "11/16", "[No]", "[None]", "[Meter]",
)  # fmt: skip


def with_list(*reasons: str) -> Checklist:
    """Return the checklist with a published list for San Francisco."""
    known = packaged_checklist()
    listed = CityList(source="city appeal page", not_accepted=reasons)
    return known.model_copy(update={"cities": {**known.cities, SF: listed}})


def use(monkeypatch: pytest.MonkeyPatch, checklist: Checklist) -> None:
    for module in (limits, shown_texts):
        monkeypatch.setattr(module, "packaged_checklist", lambda: checklist)


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, with_list(*LISTED))


TOLD = f"San Francisco does not accept: {'; '.join(LISTED)} (city appeal page)."


@pytest.mark.usefixtures("listed")
async def test_grd_3_the_citys_list_of_refused_reasons_is_told_with_its_source_by_sms(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        shown = await walk(phone, *SF_TICKET, "wrong details on ticket")
        assert f"For your information: {TOLD}" in seen(shown)
        assert "Which detail on the ticket is wrong?" in seen(shown)
        assert too_long(shown) == []


@pytest.mark.usefixtures("listed")
async def test_grd_3_the_citys_list_of_refused_reasons_is_told_with_its_source_on_telegram(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("telegram")
        await walk(phone, *TELEGRAM, "[Meter did not work]")
        shown = seen(await walk(phone, "[Done]"))
        assert TOLD in shown
        assert "posted time limit still counts at a broken meter (CVC 22508.5)" in shown
        assert "What did the meter show" in shown


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_grd_3_it_is_told_once_and_no_reason_is_refused(tmp_path: Path, channel: str) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone(channel)
        if channel == "sms":
            await walk(phone, *SF_TICKET, "i cannot pay", "edit reasons", "wrong details on ticket")
        else:
            await walk(phone, *TELEGRAM, "[I cannot pay]", "[Done]", "edit reasons", "[Wrong details]", "[Done]")
        told = ("does not accept", "What San Francisco says about such reasons")
        assert sum(any(words in message.text for words in told) for message in phone.messages) == 1
        assert (await case_of(h))[0].stage == "intake"
        assert (await case_of(h))[1].grounds == ["wrong_details"]


async def test_grd_3_limits_are_told_by_sms_as_well(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        shown = await walk(h.phone("sms"), *SF_TICKET, "1")
        assert "For your information: The posted time limit still counts" in seen(shown)
        assert "What did the meter show" in seen(shown)
        assert too_long(shown) == []


async def test_grd_3_conv_2_what_does_not_fit_a_text_is_a_private_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, with_list(*(f"reason number {n}" for n in range(9))))
    async with opened(tmp_path) as h:
        shown = await walk(h.phone("sms"), *SF_TICKET, "1")
        assert "What San Francisco says about such reasons: the page below." in seen(shown)
        assert shown[-1].text.splitlines()[-1].startswith("https://parley.example/d/")
        assert too_long(shown) == []
        rows = await h.writers.run(lambda work: work.rows(blobs.blob.select()))
        page = "\n".join(h.seal.open(row.data).decode() for row in rows if row.media_type.startswith("text/plain"))
        assert "reason number 8 (city appeal page)" in page
        assert "CVC 22508.5" in page


@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_grd_3_san_diegos_list_is_told_although_no_letter_goes_there(tmp_path: Path, channel: str) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone(channel)
        await walk(phone, "ticket", "San Diego, CA")
        rows = await h.writers.run(lambda work: work.rows(blobs.blob.select()))
        pages = "\n".join(h.seal.open(row.data).decode() for row in rows if row.media_type.startswith("text/plain"))
        told = pages if channel == "sms" else seen(phone.messages)
        assert (
            told.count("San Diego does not accept: a minute over; did not know; fine too high; did not see the sign")
            == 1
        )
        assert "(city appeal page)" in told


@pytest.mark.parametrize("ground", [ground.id for ground in packaged_checklist().grounds])
@pytest.mark.parametrize("city", ["San Francisco", "New York", "Washington DC", "Atlanta"])
async def test_grd_3_every_note_fits_a_text_beside_its_question_or_is_a_page(
    tmp_path: Path, city: str, ground: str
) -> None:
    monday = datetime(2026, 11, 16, 18, 30, tzinfo=UTC)
    async with opened(tmp_path, now=monday) as h:
        phone = h.phone("sms")
        await drive(phone, Person(city=city), until="2 of 6: your reason")
        await walk(phone, "something else" if ground == "other" else ground.replace("_", " "))
        assert "2 of 6" not in phone.last.text
        assert (await case_of(h))[1].grounds == [ground]
        assert too_long(phone.messages) == []
