"""The two transcripts of the specification, as golden session files: one by SMS, one on Telegram.

To write them anew after a change of wording: PARLEY_GOLDEN=write.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from bot.core.calls.workshop import TypesetLetter
from tests.handlers.appeals.flow.world import called, case_of, opened, play, script, too_long

GOLDEN = Path(__file__).with_name("golden")
SESSIONS = [("san_francisco.sms", "sms"), ("new_york.telegram", "telegram")]


@pytest.mark.parametrize(("name", "channel"), SESSIONS)
async def test_golden_session(tmp_path: Path, name: str, channel: str) -> None:
    async with opened(tmp_path) as h:
        shown = await play(h.phone(channel), script(name))
        row, facts = await case_of(h)
    if os.environ.get("PARLEY_GOLDEN") == "write":
        (GOLDEN / f"{name}.txt").write_text(shown, "utf-8")
    assert shown == (GOLDEN / f"{name}.txt").read_text("utf-8")
    assert row.stage == "awaiting_payment"
    assert facts.number in ("900000417", "9000000021")


@pytest.mark.parametrize(("name", "channel"), SESSIONS)
@pytest.mark.parametrize("how", ["redeliver", "restart"])
async def test_session_is_the_same_with_redelivery_and_after_restarts(
    tmp_path: Path, name: str, channel: str, how: str
) -> None:
    async with opened(tmp_path) as h:
        setattr(h, how, True)
        shown = await play(h.phone(channel), script(name))
    assert shown == (GOLDEN / f"{name}.txt").read_text("utf-8")


async def test_conv_2_every_sms_fits_two_segments_and_each_message_gets_one_reply(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        for line in script("san_francisco.sms"):
            before = len(phone.messages)
            await play(phone, [line])
            assert len(phone.messages) - before == 1, line
        assert too_long(phone.messages) == []
        assert phone.messages[0].text.startswith("Parley:")


async def test_num_7_the_full_number_stands_only_in_its_question_the_check_and_the_letter(
    tmp_path: Path,
) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("sms")
        await play(phone, script("san_francisco.sms"))
        holding = [m.text for m in phone.messages if "900000417" in m.text]
        assert all("I read that as" in text or "Line 1 of" in text for text in holding)
        assert called(h, TypesetLetter)[0].document["citation"] == "900000417"
