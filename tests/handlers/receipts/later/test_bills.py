"""A bill that is due is never a draft: a reminder is offered, set, listed, told and ended (BK-13)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.engine.harness import Harness
from handlers.receipts.later.dues import due_day, read_bill
from handlers.receipts.typed import NoExpense, read_expense
from storage.receipts.bills import bill
from storage.receipts.ledger import transaction
from tests.handlers.receipts.flow.world import TODAY, met, open_world, receipt_states, rows, screens
from tests.rows import each

DAY = timedelta(days=1)
BILL = "Payment of $210.00 due 03/28"
VERIZON = "Reminder: your Verizon bill of $84.12 is due on 03/25"

READ = [
    ("BK-13", BILL, (None, 21000, "USD", "2026-03-28")),
    ("biller in the words", VERIZON, ("Verizon", 8412, "USD", "2026-03-25")),
    ("in front", "PG&E: Your bill of $45.10 is due tomorrow. Pay at pge.com", ("PG&E", 4510, "USD", "2026-03-19")),
    ("behind", "Your bill of £54.20 from Thames Water is due 1 April", ("Thames Water", 5420, "GBP", "2026-04-01")),
    ("own words", "rent 1200 due on the 1st", ("Rent", 120000, "USD", "2026-04-01")),
    ("weekday", "electric bill $92 due friday", ("Electric", 9200, "USD", "2026-03-20")),
    ("to be taken", "Netflix will charge $15.49 on Mar 22", ("Netflix", 1549, "USD", "2026-03-22")),
    ("day first by currency", "Airtel bill of Rs 799 due on 02-04-26. Pay now", ("Airtel", 79900, "INR", "2026-04-02")),
    ("month in letters", "Airtel bill of Rs 799 due on 25-Mar-26. Pay now", ("Airtel", 79900, "INR", "2026-03-25")),
    ("impossible order gives way", "Payment of $210.00 due 28/03", (None, 21000, "USD", "2026-03-28")),
    ("a card", "Your credit card payment of $35.00 is due 2026-04-02", ("Credit card", 3500, "USD", "2026-04-02")),
    ("of the two days the due one", "Statement of 03/20: $61.20 is due 04/03", (None, 6120, "USD", "2026-04-03")),
    (
        "the least of a statement", "Statement ready: balance $820.11, minimum payment $35 due 04/09",
        (None, 3500, "USD", "2026-04-09"),
    ),
    (
        "of a bank's", "Your Chase statement is ready. Balance $820.11, minimum payment due $35.00 by 04/09/2026",
        ("Chase", 3500, "USD", "2026-04-09"),
    ),
    (
        "a total goes first", "Axis Card xx1234 statement: Total due Rs 12,340.00, Min due Rs 617.00. Due 05-04-2026",
        ("Axis Card", 1234000, "INR", "2026-04-05"),
    ),
    ("no biller is a month", "Your March statement: total due $61.20 by 04/03", (None, 6120, "USD", "2026-04-03")),
    ("in Spanish", "Tu factura de Movistar por 34,90 EUR vence el 30/03/2026", ("Movistar", 3490, "EUR", "2026-03-30")),
    ("no day of a balance", "Statement ready: balance $820.11", None),
    ("past", "Your payment of $55 was due 03/10", None),
    ("no day", "Venmo: Sam requests $25.00 for pizza", None),
    ("debt", "i owe you 20 for dinner", None),
]  # fmt: skip


@each("row, text, wanted", READ)
def test_bk_13_a_bill_is_read_with_its_payee_amount_and_day(
    row: str, text: str, wanted: tuple[str | None, int, str, str] | None
) -> None:
    found = read_expense(text, TODAY, "USD")
    assert isinstance(found, NoExpense)
    read = read_bill(text, found, TODAY, currency="USD", country="US")
    assert (read and (read.payee, read.amount_minor, read.currency, read.day.isoformat())) == wanted


def test_bk_13_an_amount_is_no_day_and_a_day_long_past_is_none() -> None:
    assert due_day("Amount due $3.28", TODAY) is None
    assert due_day("due 03/10", TODAY) is None
    assert due_day("due 03/10/2027", TODAY) == date(2027, 3, 10)


@pytest.fixture(params=["plain", "redelivered", "restarted"])
def mode(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def disturb(harness: Harness, mode: str) -> None:
    harness.redeliver, harness.restart = mode == "redelivered", mode == "restarted"


async def test_bk_13_on_sms_ok_sets_a_reminder_for_the_morning_before(tmp_path: Path, mode: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        disturb(harness, mode)
        assert screens(await ann.say(BILL)) == [
            "A bill of $210.00 is due Mar 28: nothing saved. Shall I remind you the day before? OK or NO."
        ]
        assert screens(await ann.say("ok")) == ["I remind you Mar 27 at 9:00. BILLS lists what is set."]
        assert screens(await ann.say("bills")) == [
            "1 to pay. BILL 1 OFF ends the first.\n1 A bill of $210.00, due Mar 28"
        ]
        assert await harness.wait(8 * DAY, ann) == []
        sent = [(one.text, one.purpose) for one in await harness.wait(DAY, ann)]
        text = "Parley: A bill of $210.00 is due tomorrow. Send it again when it is paid, and I save it."
        assert sent == [(text, "notice")]
        assert await harness.wait(20 * DAY, ann) == []
        assert await receipt_states(harness) == []
        assert await rows(harness, transaction) == []
        assert [row.state for row in await rows(harness, bill)] == ["ended"]


async def test_bk_13_on_telegram_buttons_set_it_or_forget_it(tmp_path: Path, mode: str) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "telegram")
        disturb(harness, mode)
        (asked,) = await ann.say(VERIZON)
        assert list(asked.buttons)[:2] == ["Remind me", "No"]
        assert asked.text.startswith("Verizon $84.12 is due Mar 25: nothing saved.")
        assert screens(await ann.tap("No")) == ["All right, no reminder."]
        await ann.say(VERIZON)
        await ann.tap("Remind me")
        assert [row.state for row in await rows(harness, bill)] == ["ended", "set"]
        (told,) = await harness.wait(7 * DAY, ann)
        assert told.text.startswith("Verizon $84.12 is due tomorrow.")


async def test_bk_13_what_is_due_soon_is_told_as_it_can_be(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        (asked,) = screens(await ann.say("Your rent of $900.00 is due tomorrow"))
        assert asked.endswith("is due tomorrow: nothing saved. Shall I remind you that morning? OK or NO.")
        assert screens(await ann.say("yes")) == ["I remind you tomorrow at 9:00. BILLS lists what is set."]
        (told,) = await harness.wait(DAY, ann)
        assert "is due today" in told.text
        (today,) = screens(await ann.say("Your Comcast bill of $89.99 is due today"))
        assert today.startswith("Comcast $89.99 is due today: nothing saved, and too late to remind you.")
        (past,) = screens(await ann.say("Your payment of $55 was due 03/10"))
        assert past == "That bill is still due: nothing saved. Send it again when it is paid."
        assert len(await rows(harness, bill)) == 1


async def test_bk_13_other_words_go_on_as_usual_and_lose_nothing(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        await ann.say(VERIZON)
        (draft,) = screens(await ann.say("12.50 lunch joe's"))
        assert draft.startswith("Joe's $12.50, today")
        beside = screens(await ann.say(BILL))
        assert beside[0].startswith("A bill of $210.00 is due Mar 28: nothing saved. BILL ON reminds you of it.")
        await ann.say("bill on")
        await ann.say("ok")
        assert await receipt_states(harness) == ["confirmed"]
        assert [row.state for row in await rows(harness, bill)] == ["offered", "set"]
        assert screens(await ann.say(BILL)) == [
            "A bill of $210.00 is due Mar 28. A reminder is set already: BILLS lists it."
        ]


async def test_bk_13_bills_are_listed_with_the_other_days_and_ended_by_number(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann, bob = await met(harness, "telegram"), await met(harness, "sms")
        for text in (BILL, VERIZON):
            await ann.say(text)
            await ann.say("ok")
        (listed,) = screens(await ann.say("returns"))
        assert listed.endswith("1 Verizon $84.12, due Mar 25\n2 A bill of $210.00, due Mar 28")
        assert screens(await bob.say("bills"))[0].startswith("No bill to remind you of.")
        assert screens(await bob.say("bill 1 off")) == ["There is no bill 1. BILLS lists them."]
        assert screens(await ann.say("bill 1 off")) == ["No reminder any more: Verizon $84.12."]
        assert await harness.wait(8 * DAY, ann) == []
        assert len(await harness.wait(2 * DAY, ann)) == 1
