"""The edge table of typed and forwarded texts: every row TX and BK with its id."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from handlers.receipts.typed import read_expense
from handlers.receipts.typed.trial import check
from tests.handlers.receipts.typed.score import same_name

TODAY = date(2026, 3, 18)
Row = dict[str, Any]


def row(amount: int, currency: str = "USD", merchant: str | None = None, day: str | None = None, **more: Any) -> Row:
    return {"amount_minor": amount, "currency": currency, "merchant": merchant, "date": day} | more


TYPED: list[tuple[str, str, str, Row]] = [
    ("TX-01", "5.50 coffee", "USD", row(550, description="coffee")),
    ("TX-02", "$12 Joe's Diner", "USD", row(1200, merchant="Joe's Diner")),
    ("TX-03", "12.50 lunch joe's #work", "USD", row(1250, merchant="Joe's", description="lunch", tags=["work"])),
    ("TX-04", "spent 20 on parking yesterday", "USD", row(2000, day="2026-03-17", description="parking")),
    ("TX-05", "1,306.88 IKEA 3/15", "USD", row(130688, merchant="IKEA", day="2026-03-15")),
    ("TX-06", "7-eleven 8.25", "USD", row(825, merchant="7-Eleven")),
    ("TX-07", "Route 66 Cafe 18", "USD", row(1800, merchant="Route 66 Cafe")),
    ("TX-08", "4,80 € Bäckerei Huber", "USD", row(480, "EUR", merchant="Bäckerei Huber")),
    ("TX-09", "1.250,00 EUR rent on the 1st", "USD", row(125000, "EUR", day="2026-03-01", description="rent")),
    ("TX-10", "¥2,400 sushi at Kura", "USD", row(2400, "JPY", merchant="Kura")),
    ("TX-11", "3.250 KWD Costa", "USD", row(3250, "KWD", merchant="Costa")),
    ("TX-12", "£6 pint at The Crown friday", "USD", row(600, "GBP", merchant="The Crown", day="2026-03-13")),
    ("TX-13", "last wednesday target 30.10", "USD", row(3010, merchant="Target", day="2026-03-11")),
    ("TX-14", "wednesday target 30.10", "USD", row(3010, merchant="Target", day="2026-03-18")),
    ("TX-15", "costco 12/28 210.44", "USD", row(21044, merchant="Costco", day="2025-12-28")),
    ("TX-16", "13/03 boots 9.99", "GBP", row(999, "GBP", merchant="Boots", day="2026-03-13")),
    ("TX-17", "04/03 boots 9.99", "GBP", row(999, "GBP", merchant="Boots", day="2026-03-04")),
    (
        "TX-18",
        "04/03 ross 9.99",
        "USD",
        row(999, merchant="Ross", day="2026-03-04", dates=["2026-03-04", "2025-04-03"]),
    ),
    (
        "TX-19",
        "02/03 ross 9.99",
        "USD",
        row(999, merchant="Ross", day="2026-02-03", dates=["2026-02-03", "2026-03-02"]),
    ),
    ("TX-20", "refund 19.99 amazon", "USD", row(-1999, merchant="Amazon", kind="refund")),
    ("TX-21", "40 + 8 tip at Luna", "USD", row(4800, merchant="Luna", tip=800)),
    ("TX-22", "50 dinner plus 20% tip", "USD", row(6000, tip=1000)),
    ("TX-23", "90 pizza split 4", "USD", row(2250, note="90.00 / 4", split=4)),
    ("TX-24", "2 coffees 9.80", "USD", row(980)),
    ("TX-25", "2 x 4.90 coffee", "USD", row(980)),
    ("TX-26", "twelve fifty for lunch at Joe's", "USD", row(1250, merchant="Joe's", description="lunch")),
    ("TX-27", "taxi 1.5k", "INR", row(150000, "INR")),
    ("TX-28", "coffee", "USD", {"amount_minor": None, "reason": "no_amount", "question": "amount"}),
    ("TX-29", "12", "USD", {"amount_minor": None, "reason": "what_for", "candidates": ["$12.00"]}),
    ("TX-30", "did I pay joe's 12.50?", "USD", {"amount_minor": None, "reason": "search"}),
    ("TX-32", "netflix 15.49 monthly", "USD", row(1549, merchant="Netflix", recurring="monthly")),
    ("TX-33", "12.50 lunch tomorrow", "USD", {"amount_minor": None, "reason": "planned", "question": "date"}),
]
BANK: list[tuple[str, str, str, Row]] = [
    ("BK-01", "You paid $1,234.56 at Trader Joe's on 03/15/2026", "USD",
     row(123456, merchant="Trader Joe's", day="2026-03-15")),
    ("BK-02", "card ending in 4421 was charged $23.10 at 7-ELEVEN on 3/5/26", "USD",
     row(2310, merchant="7-Eleven", day="2026-03-05", last4="4421")),
    ("BK-03", "Transaction alert: $45 at Shell. Avail bal $1200", "USD", row(4500, merchant="Shell")),
    ("BK-04", "Purchase of EUR 15,90 at Carrefour", "USD", row(1590, "EUR", merchant="Carrefour")),
    ("BK-05", "Amazon purchase of $19.99 on Mar 5", "USD", row(1999, merchant="Amazon", day="2026-03-05")),
    ("BK-06", "SQ *BLUE DOOR CAFE OAKLAND CA 4.75 03/14", "USD",
     row(475, merchant="Blue Door Cafe", day="2026-03-14")),
    ("BK-07", "Rs.1,25,000.00 debited from A/c XX0042 on 02-03-26 to VPA shop@upi. Avl Bal Rs.3,11,020.10", "USD",
     row(12500000, "INR", merchant="shop@upi", day="2026-03-02")),
    ("BK-08", "Your card 9911 was used for 18.00 at PARKMOBILE 03/17. If not you reply STOP FRAUD", "USD",
     row(1800, merchant="ParkMobile", day="2026-03-17")),
    ("BK-09", "Abbuchung 23,45 EUR bei REWE am 15.03.2026", "USD",
     row(2345, "EUR", merchant="Rewe", day="2026-03-15")),
    ("BK-10", "A refund of $12.00 from TARGET was credited to card 4421", "USD",
     row(-1200, merchant="Target", kind="refund")),
    ("BK-11", "Your code is 482915", "USD", {"amount_minor": None, "reason": "otp"}),
    ("BK-12", "Your card was declined for $80.00 at SHELL", "USD", {"amount_minor": None, "reason": "declined"}),
    ("BK-13", "Payment of $210.00 due 03/28", "USD", {"amount_minor": None, "reason": "due", "seen_minor": 21000}),
    ("BK-14", "Balance below $100: $42.10 on 03/17", "USD", {"amount_minor": None, "reason": "balance"}),
    ("BK-15", "Payroll of $2,100.00 credited", "USD", {"amount_minor": None, "reason": "income", "seen_minor": 210000}),
    ("BK-16", "ATM withdrawal $60.00 on 03/16", "USD", row(6000, day="2026-03-16", kind="transfer")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "currency", "expected"), [pytest.param(*r[1:], id=r[0]) for r in [*TYPED, *BANK]])
def test_row_of_the_edge_table(text: str, currency: str, expected: Row) -> None:
    answer = check({"text": text, "today": TODAY.isoformat(), "currency": currency})
    merchant = answer.get("merchant")
    assert same_name(merchant, expected.get("merchant")), merchant
    assert {key: answer[key] for key in expected if key != "merchant"} == {
        key: value for key, value in expected.items() if key != "merchant"
    }


def test_tx_31_two_amounts_are_two_drafts() -> None:
    answer = check({"text": "5.50 coffee 3.20 bagel", "today": TODAY.isoformat(), "currency": "USD"})
    drafts = answer["drafts"]
    assert isinstance(drafts, list)
    assert [(draft["amount_minor"], draft["merchant"], draft["description"]) for draft in drafts] == [
        (550, None, "coffee"),
        (320, None, "bagel"),
    ]
    assert answer["amount_minor"] == 550


def test_the_same_text_has_the_same_answer() -> None:
    for _, text, currency, _ in [*TYPED, *BANK]:
        assert read_expense(text, TODAY, currency) == read_expense(text, TODAY, currency)
