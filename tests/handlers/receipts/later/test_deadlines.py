"""Return days and warranties: offered from the print, set by the person, told before (REM-1, PR-47, PR-48)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from handlers.receipts.later.days import after, day_ahead
from storage.receipts.reminders import reminder
from tests.handlers.receipts.flow.world import met, open_world, photo, rows, screens

DAY = timedelta(days=1)
TODAY = date(2026, 3, 18)
IKEA = ("IKEA", "03/15/2026", "TOTAL $402.60", "Return by 04/17/2026")


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("Apr 17", "2026-04-17"), ("17 april", "2026-04-17"), ("4/17", "2026-04-17"), ("2026-04-17", "2026-04-17"),
        ("Mar 3", "2027-03-03"), ("april 17, 2027", "2027-04-17"), ("in 30 days", "2026-04-17"),
        ("17.4.2026", "2026-04-17"), ("soon", None), ("Feb 30", None), ("17", None), ("Apr 17 2025", None),
        ("13/45", None), ("in 999 years", None), ("Apr", None),
    ],
)  # fmt: skip
def test_rem_1_a_day_ahead_is_read_and_never_guessed(said: str, day: str | None) -> None:
    found = day_ahead(said, TODAY)
    assert (found.isoformat() if found else None) == day


def test_rem_1_the_length_of_a_warranty_is_counted_from_the_purchase() -> None:
    assert after("2 year limited warranty", date(2024, 2, 29)) == date(2026, 2, 28)
    assert after("warranty: 24 months", date(2026, 3, 15)) == date(2028, 3, 15)
    assert after("lifetime warranty", TODAY) is None


async def test_pr_47_a_printed_return_day_is_offered_and_reminded_of_twice(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.photo(photo(*IKEA))
        (saved,) = screens(await ann.say("ok"))
        assert saved.endswith("UNDO within a day.\nReturn by Apr 17: RETURN R7K2 reminds you.")
        assert await rows(harness, reminder) == []
        code = ann.last.text.split()[1].strip(".")
        (told,) = screens(await ann.say(f"return {code}"))
        assert told == "I remind you 3 days and 1 day before Apr 17. RETURN R7K2 OFF ends it."
        assert await harness.wait(26 * DAY, ann) == []
        sent = [(screens([one])[0], one.purpose) for one in await harness.wait(5 * DAY, ann)]
        assert sent == [("Parley: Return by Apr 17: IKEA $402.60 (R7K2).", "notice")] * 2


async def test_pr_48_on_telegram_the_offer_is_a_button_beside_undo(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        await ann.photo(photo("IKEA", "03/15/2026", "TOTAL $402.60", "Returns within 30 days"))
        (saved, *_) = await ann.tap("Save")
        assert list(saved.buttons) == ["Undo", "Remind me to return"]
        await ann.tap("Remind me")
        assert [row.day for row in await rows(harness, reminder)] == [date(2026, 4, 14)]


async def test_rem_1_the_person_sets_changes_and_ends_a_day(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        await ann.say("402.60 ikea")
        await ann.say("ok")
        code = ann.last.text.split()[1].strip(".")
        assert "Until which day" in screens(await ann.say(f"return {code}"))[0]
        assert await rows(harness, reminder) == []
        await ann.say(f"RETURN {code} Apr 10")
        await ann.say(f"RETURN {code} Apr 17")
        await ann.say(f"warranty {code} 2 years")
        (listed,) = screens(await ann.say("returns"))
        assert listed == "2 to remember:\n- R7K2: return by Apr 17\n- R7K2: warranty until Mar 18, 2028"
        assert await harness.wait(20 * DAY, ann) == []
        await ann.say(f"return {code} off")
        assert await harness.wait(15 * DAY, ann) == []
        (ends,) = await harness.wait(timedelta(days=680), ann)
        assert ends.text.startswith("The warranty of IKEA $402.60")
        assert harness.clock.now().date() > date(2028, 2, 16)


async def test_rem_1_a_deleted_receipt_reminds_of_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        await ann.say("402.60 ikea")
        await ann.say("ok")
        code = ann.last.text.split()[1].strip(".")
        await ann.say(f"return {code} Apr 17")
        await ann.say(f"delete {code}")
        await ann.tap("Delete")
        assert await harness.wait(40 * DAY, ann) == []


async def test_ra_17_anothers_code_answers_like_an_unknown_one(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann, bob = await met(harness, "telegram"), await met(harness, "sms")
        await ann.say("402.60 ikea")
        await ann.say("ok")
        code = ann.last.text.split()[1].strip(".")
        for said in (f"return {code} Apr 17", f"track {code}"):
            assert screens(await bob.say(said)) == ["I know no receipt R7K2."]
        assert await rows(harness, reminder) == []
