"""What holds for any print: nothing raises, the answer is the same, and the total was printed."""

from __future__ import annotations

import re
import time
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.core.calls.reading import PrintedLine, PrintedPage
from handlers.receipts.reading import Context, page_of_text, read_receipt

CONTEXT = Context(date(2026, 3, 18))
WORDS = st.sampled_from(["TOTAL", "SUBTOTAL", "TAX", "GST", "TIP", "CASH", "CHANGE", "ROUNDING", "AMOUNT", "DUE"])
WORDS |= st.sampled_from(
    ["SUMMARY", "VISA", "REFUND", "LUNA", "CAFE", "Jalan", "RM", "$", "€", "¥", "%", "x", "@", "#"]
)
PRINTED = st.one_of(
    WORDS, st.from_regex(r"\A-?\d{1,5}[.,]?\d{0,3}\Z"), st.from_regex(r"\A\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4}\Z")
)
LINE = st.lists(PRINTED, min_size=1, max_size=5).map(" ".join) | st.text(max_size=40)
SIDE = st.integers(-50, 2000)
PLACED = st.builds(
    lambda text, score, box: PrintedLine(text, score, tuple(box)),
    LINE,
    st.integers(0, 1000),
    st.lists(SIDE, min_size=8, max_size=8),
)
CALM = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@CALM
@given(st.lists(st.lists(PLACED, max_size=25), max_size=3))
def test_ocr_4_no_print_raises_and_the_answer_stays(pages: list[list[PrintedLine]]) -> None:
    printed = [PrintedPage(800, 1200, lines) for lines in pages]
    assert read_receipt(printed, CONTEXT) == read_receipt(printed, CONTEXT)


@CALM
@given(st.lists(LINE, max_size=20))
def test_ocr_8_the_total_is_printed_or_restored_by_a_rule(lines: list[str]) -> None:
    reading = read_receipt([page_of_text(lines)], CONTEXT)
    if reading.total is not None and reading.totals:
        digits = re.sub(r"\D", "", reading.totals[0].raw)
        amount = str(abs(reading.total.value))
        assert digits.strip("0").startswith(amount.strip("0")) or amount.strip("0") in digits or not amount.strip("0")


@CALM
@given(st.integers(100, 99_999), st.integers(1, 25))
def test_a_plain_receipt_is_read_without_a_question(subtotal: int, percent: int) -> None:
    tax = subtotal * percent // 100
    lines = [
        "LUNA CAFE",
        "2026-03-15 18:22",
        f"SUBTOTAL {_printed(subtotal)}",
        f"TAX {_printed(tax)}",
        f"TOTAL {_printed(subtotal + tax)}",
    ]
    reading = read_receipt([page_of_text(lines)], CONTEXT)
    assert reading.total is not None
    assert reading.total.value == subtotal + tax
    assert not reading.needs_review


def _printed(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


@pytest.mark.parametrize("line", ["1 ", "1.00 ", "1", "total ", "qty item ", "thank you for ", "www."])
def test_long_lines_cost_no_more_than_a_moment(line: str) -> None:
    started = time.process_time()
    read_receipt([page_of_text([line * 5000])], CONTEXT)
    assert time.process_time() - started < 2.0
