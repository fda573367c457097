"""What holds for every text: no exception, bounded work, one answer, written amounts read back."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from handlers.receipts.currencies import currency_table, exponent, format_amount
from handlers.receipts.typed import Expense, Several, read_expense
from handlers.receipts.typed.amounts import MOST_NUMBERS, find_amounts
from handlers.receipts.typed.message import LONGEST, read_message
from handlers.receipts.typed.trial import check
from tests.effort import short
from tests.handlers.receipts.typed.score import corpus, names, score

MOST_SECONDS = 5.0
TODAY = date(2026, 3, 18)
CODES = sorted(currency_table().exponents)
PIECES = st.sampled_from(
    ["12.50", "$", "€", "at", " ", "\n", "x", "+", "tip", "20%", "split", "3/15", "31.02.", "Rs.", "1,25,000", "'",
     "#a", "kr", "yesterday", "the", "3rd", "*", "²", "٣", "½", "a hundred", "and", "ago", "-", "：",
     "From:", "code is", "0"]
)  # fmt: skip


@settings(max_examples=short(60, whole=150), deadline=None)
@given(
    st.one_of(
        st.text(max_size=120), st.lists(PIECES, max_size=14).map(" ".join), st.lists(PIECES, max_size=14).map("".join)
    )
)
@example("٣٤ coffee")
@example("² x ½")
@example("0/0/00 99999999999999999999.99")
@example("3 x " * 60 + "12.50")
@example("1," * 900 + "12.50")
@example("TCG7KK1P0Q 12.50")
def test_no_text_raises_and_one_text_has_one_answer(text: str) -> None:
    first = read_expense(text, TODAY, "USD")
    assert first == read_expense(text, TODAY, "USD")
    for drafted in first.drafts if isinstance(first, Several) else (first,):
        if isinstance(drafted, Expense):
            assert isinstance(drafted.amount_minor, int)
            assert drafted.merchant is None or 0 < len(drafted.merchant) <= 60


@pytest.mark.parametrize(
    "piece", ["1 ", "1,", "9.99 a ", "at ", "$", "a", "\u0301", "ﷺ", "1/2", "x*", "#", "-", "(", "٣", "\n"]
)
def test_work_is_bounded_by_what_is_read(piece: str) -> None:
    """Of 10,000 characters 2,000 are read, and at most 60 numbers are looked at."""
    text = (piece * 10_000)[:10_000]
    message = read_message(text)
    assert len(message.text) <= LONGEST
    assert len(message.flat) == len(message.text)
    assert len(find_amounts(message, "USD")) <= MOST_NUMBERS
    read_expense(text, TODAY, "USD")


HOSTILE = [
    "AT A ", "the The ", "A & B ", "A. ", "a.b.", "//a/", "SQ *", "UBER *", "OAKLAND CA ", "1,", "٣", "3 x 9 ",
    "first of march ", "a dollar ninety ", "ご利用先 ", "desc: ", "\u202e\u200b", "e\u0301", "<a", "1-1 ", "Sun A",
    "'s ", "@", "£1 or more ", "* * ",
]  # fmt: skip


@pytest.mark.parametrize("piece", short(HOSTILE[::5], whole=HOSTILE))
def test_hostile_text_takes_no_longer_than_a_person_waits(piece: str) -> None:
    """The work does not explode: 10,000 characters of any kind cost processor time that a turn can bear.

    Every third kind; `make fuzz` takes all.
    """
    text = (piece * 10_000)[:9_990]
    began = time.process_time()
    for form in (f"{text} 12.50", f"12.50 at {text[:1_950]}"):
        read_expense(form, TODAY, "USD")
    assert time.process_time() - began < MOST_SECONDS


@settings(max_examples=short(100, whole=250), deadline=None)
@given(st.sampled_from(CODES), st.integers(1, 100_000_000))
def test_written_amounts_read_back(code: str, amount: int) -> None:
    amount = min(amount, 1_000_000 * 10 ** exponent(code))
    for own in ("USD", code):
        reading = read_expense(f"coffee {format_amount(amount, code)}", TODAY, own)
        assert isinstance(reading, Expense), reading
        assert (reading.amount_minor, reading.currency) == (amount, code)


@pytest.mark.parametrize(
    "request_", [None, [], {}, {"text": 5}, {"text": "5", "today": "soon"}, {"text": "5", "currency": "XXX"}]
)
def test_a_bad_request_is_an_error_in_the_answer(request_: object) -> None:
    answer = check(request_)
    assert "bad field" in str(answer["error"])
    assert answer["amount_minor"] is None


LEAST = {"blind_29": 0.90}
"""Half of that set are names of common words beside a whole number, which are asked about ("open kitchen 15")."""


@pytest.mark.parametrize("name", names())
def test_ra_2_the_corpora_are_read_well_enough(name: str) -> None:
    result = score(corpus(name))
    share = {key: count / result.expenses for key, count in result.right.items()}
    assert share["amount"] >= LEAST.get(name, 0.95)
    assert min(share["merchant"], share["date"]) >= LEAST.get(name, 0.90)
    assert result.refused == result.refusals
