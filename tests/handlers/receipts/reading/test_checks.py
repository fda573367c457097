"""The checks after reading (CHK-1 to CHK-6) and what they ask."""

from __future__ import annotations

from datetime import date

import pytest

from handlers.receipts.reading import Context, Flag, Question, Reading, page_of_text, read_receipt

CONTEXT = Context(date(2026, 3, 18), "USD")


def read(*lines: str, context: Context = CONTEXT) -> Reading:
    """Read a text layer of these lines."""
    return read_receipt([page_of_text(lines)], context)


def test_chk_1_sums_that_fit_raise_confidence() -> None:
    fitting = read("LUNA", "SUBTOTAL 10.00", "TAX 1.00", "TOTAL 11.00", "TOTAL DUE 13.00")
    plain = read("LUNA", "SUBTOTAL 10.00", "TAX 9.00", "TOTAL 11.00", "TOTAL DUE 13.00")
    assert fitting.total is not None
    assert plain.total is not None
    assert (fitting.total.value, plain.total.value) == (1100, 1300)
    assert Flag.SUMS_FIT in fitting.flags
    assert Flag.SUMS_FIT not in plain.flags
    assert fitting.total.confidence > plain.total.confidence


@pytest.mark.parametrize(("total", "fits"), [("11.02", True), ("11.03", False)])
def test_chk_1_two_hundredths_are_tolerated(total: str, fits: bool) -> None:
    reading = read("LUNA", "SUBTOTAL 10.00", "TAX 1.00", f"TOTAL {total}")
    assert (Flag.SUMS_FIT in reading.flags) is fits


@pytest.mark.parametrize(
    ("day", "question"),
    [
        ("2026-03-19", None),
        ("2026-03-20", Question.DATE_FUTURE),
        ("2024-03-19", None),
        ("2024-03-10", Question.DATE_OLD),
    ],
)
def test_chk_2_future_and_old_dates_are_asked_about(day: str, question: Question | None) -> None:
    reading = read("LUNA", day, "TOTAL 11.00")
    assert [asked for asked in reading.questions if asked.startswith("date")] == ([question] if question else [])


def test_chk_2_an_old_date_is_no_doubt_about_the_reading() -> None:
    assert not read("LUNA CAFE", "2019-03-10", "TOTAL 11.00").needs_review


@pytest.mark.parametrize(
    ("line", "currency"),
    [
        ("ABN 80 092 221 406", "AUD"),
        ("HST 13% 1.00", "CAD"),
        ("Austin, TX 78701", "USD"),
        ("Singapore 068898", "SGD"),
        ("GST Reg No 000123456789 Jalan Ampang", "MYR"),
        ("VAT Reg No GB 123 4567 89", "GBP"),
    ],
)
def test_chk_3_a_dollar_is_settled_by_address_and_tax_words(line: str, currency: str) -> None:
    context = Context(date(2026, 3, 18), "NZD")
    sign = "$" if currency.endswith("D") else ""
    assert read("LUNA", line, f"TOTAL {sign}11.00", context=context).currency.value == currency


def test_chk_3_the_default_stays_without_cues() -> None:
    assert read("LUNA", "TOTAL 11.00", context=Context(date(2026, 3, 18), "GBP")).currency.value == "GBP"


def test_chk_3_two_signs_are_asked_about() -> None:
    assert Question.CURRENCY in read("LUNA", "TOTAL EUR 11.00", "TOTAL USD 12.00").questions


def test_chk_4_high_tax_and_tip_are_flagged() -> None:
    assert Flag.TAX_HIGH in read("LUNA", "TAX 4.00", "TOTAL 10.00").flags
    assert Flag.TIP_HIGH in read("LUNA", "SUBTOTAL 10.00", "TIP 6.00", "TOTAL 16.00").flags


def test_chk_5_a_total_of_nothing_is_asked_about() -> None:
    reading = read("LUNA", "TOTAL 0.00")
    assert reading.total is not None
    assert reading.total.value == 0
    assert Question.NOT_POSITIVE in reading.questions


def test_chk_6_items_above_the_total_are_kept_and_marked() -> None:
    reading = read("LUNA", "Soup 9.00", "Bread 8.00", "TOTAL 10.00")
    assert [item.amount for item in reading.items] == [900, 800]
    assert Flag.ITEMS_EXCEED in reading.flags


@pytest.mark.parametrize("cue", ["Toronto, ON M5V 2T6", "Thank you"])
def test_dat_4_canadian_dates_and_dates_without_cues_are_asked_about(cue: str) -> None:
    reading = read("LUNA", cue, "02/03/2026", "TOTAL 11.00")
    assert set(reading.dates) == {date(2026, 2, 3), date(2026, 3, 2)}
    assert Question.DATE_ORDER in reading.questions


def test_dat_5_a_reading_in_the_future_gives_way() -> None:
    reading = read("LUNA", "Toronto, ON M5V 2T6", "03/04/2026", "TOTAL 11.00")
    assert reading.dates == (date(2026, 3, 4),)


@pytest.mark.parametrize(
    ("line", "bought"),
    [
        ("0ct 12, 2025", date(2025, 10, 12)),
        ("BIZDATE:10/02/2026 GST No JALAN", date(2026, 2, 10)),
        ("Date 15. März 2026", date(2026, 3, 15)),
        ("15 mars 2026", date(2026, 3, 15)),
        ("2026年3月15日", date(2026, 3, 15)),
        ("20260315 18:22", date(2026, 3, 15)),
        ("15.03.26 18:22", date(2026, 3, 15)),
    ],
)
def test_dat_5_shapes_of_dates(line: str, bought: date) -> None:
    reading = read("LUNA", line, "TOTAL 11.00")
    assert reading.date is not None
    assert reading.date.value == bought


def test_dat_8_due_dates_are_no_purchase() -> None:
    reading = read("LUNA", "Due 2026-03-01", "2026-02-20", "TOTAL 11.00")
    assert reading.date is not None
    assert reading.date.value == date(2026, 2, 20)
