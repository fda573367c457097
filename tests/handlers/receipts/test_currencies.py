"""ISO 4217: exponents, minor units, amounts as text."""

from __future__ import annotations

import pytest

from handlers.receipts.currencies import currency_table, decimal_text, exponent, format_amount, largest_usual, to_minor


@pytest.mark.parametrize(("code", "digits"), [("JPY", 0), ("KRW", 0), ("USD", 2), ("IDR", 2), ("KWD", 3), ("CLF", 4)])
def test_exponents_of_iso_4217(code: str, digits: int) -> None:
    assert exponent(code) == digits


def test_every_sign_word_and_shown_form_names_a_currency() -> None:
    table = currency_table()
    codes = {*table.signs.values(), *table.words.values(), *table.shown, *table.small_unit}
    codes |= {code for shared in table.shared for code in (*shared.codes, shared.otherwise) if code}
    assert codes <= set(table.exponents)


@pytest.mark.parametrize(
    ("text", "code", "minor"),
    [("1234.5", "USD", 123450), (".99", "USD", 99), ("5.", "USD", 500), ("-3", "JPY", -3), ("0.125", "USD", 13),
     ("3.250", "KWD", 3250)],
)  # fmt: skip
def test_decimals_become_minor_units_half_up(text: str, code: str, minor: int) -> None:
    assert to_minor(text, code) == minor


@pytest.mark.parametrize("text", ["", "1,5", "1e9", "٣", "NaN", "9" * 19, "1.2.3"])
def test_other_text_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError):
        to_minor(text, "USD")


def test_amounts_are_written_for_people_and_for_files() -> None:
    assert format_amount(-123450, "USD") == "-$1,234.50"
    assert (format_amount(2400, "JPY"), format_amount(3250, "KWD")) == ("¥2,400", "3.250 KWD")
    assert (decimal_text(-1250, "EUR"), decimal_text(2400, "JPY")) == ("-12.50", "2400")


def test_sums_in_small_units_are_asked_later() -> None:
    assert largest_usual("USD") == 100_000_000
    assert largest_usual("IDR") == 100_000_000_000
