"""A newcomer's receipts on both phones: a photo read by the real reader, corrected, saved, and asked about."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

from bot.web.simulator.receipt import sample_receipt
from tests.e2e.journey import SmsPerson, TelegramPerson, demo, until

YESTERDAY, TWO_SECONDS = date(2026, 11, 15), timedelta(seconds=2)


async def test_a_photo_becomes_a_saved_receipt_on_both_phones(tmp_path: Path) -> None:
    async with demo(tmp_path) as running:
        sms, telegram = SmsPerson(running), TelegramPerson(running)
        first, second = sample_receipt(YESTERDAY, 0), sample_receipt(YESTERDAY, 1)

        await sms.say("hi", "1 ")
        await sms.phone.mms([first.photo])
        await running.time.advance(TWO_SECONDS)
        await until(lambda: "OK to save" in sms.texts()[-1])
        assert f"North Harbor Bakery & Cafe ${first.total}, Nov 15" in sms.texts()[-1]
        saved = await sms.say("ok", f"November so far ${first.total}")
        code = re.findall(r"Saved (\w{4})\.", saved)[0]
        await sms.say(f"picture {code}", f"{code}: North Harbor", "/d/")

        await telegram.say("/start", "What do you need?")
        await telegram.person.photo(second.photo)
        await running.time.advance(TWO_SECONDS)
        await until(lambda: f"Luna Books ${second.total}" in telegram.texts()[-1])
        await telegram.tap("Save", "Saved")
        await telegram.tap("Undo", "waits again")
