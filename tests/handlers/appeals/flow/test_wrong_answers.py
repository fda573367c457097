"""Many wrong answers in a row: each gets one sensible reply, never the same twice running (rules UX-4, UX-25)."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from tests.handlers.appeals.flow.world import SF_TICKET, case_of, opened, seen, too_long, walk

QUESTIONS = [SF_TICKET[:n] for n in (1, 2, 3, 4)]


@pytest.mark.parametrize("begun", QUESTIONS, ids=["city", "number", "issued", "situation"])
@pytest.mark.parametrize("channel", ["sms", "telegram"])
async def test_ux_4_every_wrong_answer_gets_exactly_one_reply(
    tmp_path: Path, channel: str, begun: tuple[str, ...]
) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone(channel)
        await walk(phone, *(begun if channel == "sms" else ("/start", "[Appeal a ticket]")))
        replies = []
        for number in range(12):
            shown = await walk(phone, f"somewhere in the glove box {'x' * number}")
            assert len(shown) == 1, f"{len(shown)} replies to miss {number + 1}"
            replies.append(shown[0].text)
        assert too_long(phone.messages) == [] if channel == "sms" else True
        assert all(a != b for a, b in pairwise(replies)), "the same reply twice running"
        assert any("AGENT" in text for text in replies[:4])
        if channel == "sms":
            assert all("MENU" in text or "?" in text for text in replies)


async def test_ux_4_the_question_can_still_be_answered_after_many_misses(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_TICKET[:2], *(f"no idea where {n}" for n in range(9)))
        assert "What issue date" in seen(await walk(phone, "900000417"))
        assert (await case_of(h))[1].number == "900000417"
        assert "What issue date" in seen(await walk(phone, "soon"))


async def test_sms_47_only_the_loop_guard_is_silent_and_says_so_first(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await walk(phone, *SF_TICKET[:2])
        counts = [len(await walk(phone, f"beep {'o' * n}")) for n in range(26)]
        assert counts.index(0) > 20
        assert "pause for 30 minutes" in phone.last.text
        await h.wait(timedelta(minutes=31), phone)
        assert len(await walk(phone, "still beeping")) == 1
