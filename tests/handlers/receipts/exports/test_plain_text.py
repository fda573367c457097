"""Text made fit for files."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.receipts.exports.plain_text import clean, one_line, shortened, slug


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\r\nb\rc\u2028d\x85e", "a\nb\nc\nd\ne"),
        ("a\x00b\x1b[0m\x7f\x9f", "ab[0m"),
        ("half \ud83c and \ufffe", "half  and "),
        ("tab\tstays 🍕", "tab\tstays 🍕"),
    ],
)
def test_clean_keeps_what_files_can_hold(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_one_line_composes_and_joins() -> None:
    assert one_line("  e\u0301te\u0301 \n\t 2026 ") == "été 2026"


@pytest.mark.parametrize(
    ("text", "length", "expected"),
    [
        ("Miller", 6, "Miller"),
        ("Miller", 5, "Mille"),
        ("Mill er", 5, "Mill"),
        ("q\u0323\u0307x", 2, ""),
        ("aq\u0323\u0307x", 3, "a"),
    ],
)
def test_shortened_cuts_between_letters(text: str, length: int, expected: str) -> None:
    assert shortened(text, length) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Trader Bob's", "trader-bobs"),
        ("Café  Zoë!", "cafe-zoe"),
        ("../x", "x"),
        ("東京", ""),
        ("Straße 7", "strasse-7"),
    ],
)
def test_slug(text: str, expected: str) -> None:
    assert slug(text) == expected


@given(st.text(), st.integers(0, 40))
def test_any_text_is_cut_to_its_length_and_can_be_encoded(text: str, length: int) -> None:
    cut = shortened(text, length)
    assert len(cut) <= length
    assert cut == cut.strip()
    assert "\n" not in cut
    assert unicodedata.is_normalized("NFC", cut)
    cut.encode()
