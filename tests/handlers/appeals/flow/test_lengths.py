"""Every SMS of every way through an appeal fits two GSM-7 segments, also beside the longest answer (CONV-2, SMS-36)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.engine.phone import Phone
from handlers.appeals.grounds import packaged_checklist
from handlers.appeals.registry import packaged_registry
from tests.handlers.appeals.flow.driver import MOST_ANSWERS, NUMBERS, Person
from tests.handlers.appeals.flow.world import act, opened, too_long

MONDAY = datetime(2026, 11, 16, 18, 30, tzinfo=UTC)
ASIDES = ("will i win?", "terms", "options", "privacy", "delete my data", "status", "edit")
"""What people ask in between; the step is kept, and its question comes again behind the answer."""

LONG = Person(
    name="Maximiliana Wolfeschlegelsteinhausen Bergerdorff-Vandenberg",
    address="12345 North Extraordinarily Long Street Name Blvd Apt 1234B, San Francisco CA 94110-1234",
    place="1200 block of North Extraordinarily Long Street Name Boulevard, between First and Second, north",
    said="it did not work at all, whatever I tried on it, " * 5 + "and so on",
    words="I got to the meter around 2 and the screen said FAIL. " * 12,
    caption="the display of the meter with its error message and the slot for coins below, Nov 16 2:05pm",
    photos=True,
)  # fmt: skip
GROUNDS = [ground.id for ground in packaged_checklist().grounds]
CITIES = [city for city in packaged_registry().cities.values() if city.name not in NUMBERS]


async def _walk(phone: Phone, person: Person, asides: tuple[str, ...], *, until: str = "Pay (until") -> None:
    """Answer every question, and ask something else before each answer."""
    answers = person.answers()
    await act(phone, "ticket")
    for _ in range(MOST_ANSWERS):
        question = phone.last.text
        if until in question:
            return
        for aside in asides:
            phone._harness.clock.advance(timedelta(minutes=1))
            shown = await act(phone, aside)
            assert len(shown) == 1, f"{aside}: {[message.text for message in shown]}"
            assert aside != ASIDES[0] or "I cannot advise on that." in shown[0].text
        reply = next((answer for part, answer in answers if re.search(part, question)), None)
        assert reply is not None, f"no answer to: {question}"
        await act(phone, reply)
    raise AssertionError(f"still asked: {phone.last.text}")


@pytest.mark.parametrize("city", NUMBERS)
async def test_conv_2_every_text_fits_in_every_city_that_takes_letters(tmp_path: Path, city: str) -> None:
    async with opened(tmp_path, now=MONDAY) as h:
        phone = h.phone("sms")
        await _walk(phone, Person(**{**vars(LONG), "city": city}), ("will i win?",))
        assert too_long(phone.messages) == []


@pytest.mark.parametrize("ground", GROUNDS)
async def test_conv_2_every_text_fits_for_every_reason(tmp_path: Path, ground: str) -> None:
    words = "something else" if ground == "other" else ground.replace("_", " ")
    async with opened(tmp_path, now=MONDAY) as h:
        phone = h.phone("sms")
        await _walk(phone, Person(**{**vars(LONG), "ground": words}), ("will i win?",))
        assert too_long(phone.messages) == []


async def test_conv_2_every_text_fits_whatever_is_asked_in_between(tmp_path: Path) -> None:
    async with opened(tmp_path, now=MONDAY) as h:
        phone = h.phone("sms")
        await _walk(phone, LONG, ASIDES)
        assert too_long(phone.messages) == []
