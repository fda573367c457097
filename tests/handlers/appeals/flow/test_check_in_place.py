"""Part 5 on Telegram: the same message is edited for each line of the check (transcript 2.3, TG-5, TG-8)."""

from __future__ import annotations

from pathlib import Path

from bot.core.calls.channels import EditTelegram
from tests.handlers.appeals.flow.world import called, opened, seen, walk

TO_THE_CHECK = (
    "/start", "[Appeal a ticket]", "[San Francisco]", "900000417", "11/16", "[No]", "[None]", "[Meter]",
    "[Meter did not work]", "[Done]", "[Skip]", "[Skip]", "[Skip]", "[Skip]", "done",
    "I got to the meter around 2 and the screen said FAIL, so I could not pay.", "[As is]",
)  # fmt: skip


async def test_each_ok_edits_the_same_message(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("telegram")
        (first,) = await walk(phone, *TO_THE_CHECK)
        assert "Line 1 of" in first.text
        assert first.replaces is None, "the check begins with a message of its own"
        before = len(called(h, EditTelegram))
        (second,) = await phone.tap("OK")
        assert ("Line 2 of" in second.text, second.replaces) == (True, 1)
        assert list(second.buttons) == ["OK", "Edit"]
        (third,) = await phone.tap("OK")
        assert ("where was the car?" in third.text, third.replaces) == (True, 1)
        assert len(called(h, EditTelegram)) == before, "no keyboard is taken from a message that got a new one"


async def test_a_typed_value_is_answered_below_and_its_line_goes_on_in_place(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("telegram")
        await walk(phone, *TO_THE_CHECK, "[OK]", "[OK]")
        (typed,) = await phone.say("1200 Valencia St")
        assert typed.replaces is None
        (line,) = await phone.say("8ABC123 CA")
        assert line.replaces is None
        (after,) = await phone.tap("OK")
        assert after.replaces == 1


async def test_edit_and_the_end_of_the_check_are_new_messages(tmp_path: Path) -> None:
    async with opened(tmp_path) as h:
        phone = h.phone("telegram")
        await walk(phone, *TO_THE_CHECK)
        (question,) = await phone.tap("Edit")
        assert question.replaces is None
        assert called(h, EditTelegram)[-1] == EditTelegram(5001, 1)
        shown = await walk(phone, "900000417", "[OK]", "[OK]", "1200 Valencia St", "8ABC123 CA")
        while "registered owner" not in seen(shown):
            shown = await phone.tap("OK")
        assert [message.replaces for message in shown] == [None]
