"""Every city of the registry, by SMS: what is said first fits two segments and names the city."""

from __future__ import annotations

from pathlib import Path

import pytest

from handlers.appeals.city import City
from handlers.appeals.registry import packaged_registry
from tests.handlers.appeals.flow.world import case_of, opened, seen, too_long, walk

CITIES = list(packaged_registry().cities.values())


@pytest.mark.parametrize("record", CITIES, ids=[city.city_id for city in CITIES])
async def test_conv_2_first_answers_about_a_city_fit_two_segments(tmp_path: Path, record: City) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, "ticket", f"{record.name}, {record.state}")
        if "Reply OK or name the city" in phone.last.text:
            await walk(phone, "ok")
        if "Work out my last day" in phone.last.text:
            await walk(phone, "work out my last day", "nov 16")
        assert (await case_of(h))[0].city_id == record.city_id
        assert too_long(phone.messages) == []
        assert "{" not in seen(phone.messages)
