"""Names of merchants: display and key (rules MER-4, MER-5, MER-6)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.receipts.merchants import LONGEST_NAME, brands, display_name, merchant_key, telling_brands


@pytest.mark.parametrize(
    ("descriptor", "shown"),
    [
        ("SQ *BLUE DOOR CAFE OAKLAND CA", "Blue Door Cafe"),
        ("TST* LUNA CAFE 415-555-0123 SAN FRANCISCO CA", "Luna Cafe"),
        ("PAYPAL *SPOTIFY", "Spotify"),
        ("SP LUNA BOOKS", "Luna Books"),
        ("AMZN Mktp US*2K4TX", "Amazon"),
        ("TRADER JOE'S #123", "Trader Joe's"),
        ("STARBUCKS STORE 00234", "Starbucks"),
        ("PARKMOBILE", "ParkMobile"),
        ("shop@upi", "shop@upi"),
    ],
)
def test_mer_4_trimmings_of_card_networks_go(descriptor: str, shown: str) -> None:
    assert display_name(descriptor) == shown


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("7-eleven", "7-Eleven"),
        ("IKEA", "IKEA"),
        ("joe's", "Joe's"),
        ("O'NEIL PUB", "O'Neil Pub"),
        ("route 66 cafe", "Route 66 Cafe"),
        ("HOUSE OF SOUP", "House of Soup"),
        ("Bäckerei Huber", "Bäckerei Huber"),
        ("EDEN IMPRESSION SDN. BHD.", "Eden Impression"),
        ("LUNA PTE LTD", "Luna Pte Ltd"),
        ("B&Q", "B&Q"),
    ],
)
def test_mer_5_display_is_the_brands_own_or_word_wise(name: str, shown: str) -> None:
    assert display_name(name) == shown


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Joe's Diner", "JOES DINER, INC."),
        ("Café Zürich GmbH", "cafe zurich"),
        ("The Crown", "CROWN"),
        ("LUNA SDN.BHD.", "Luna Sdn Bhd"),
        ("TRADER JOE'S #123", "trader joes"),
    ],
)
def test_mer_5_key_is_the_same_for_two_spellings(one: str, other: str) -> None:
    assert merchant_key(one) == merchant_key(other) != ""


def test_mer_5_a_name_of_nothing_but_legal_forms_keeps_a_key() -> None:
    assert merchant_key("The Co") == "theco"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("https://shop.luna.example/x", "Luna"),
        ("<b>Luna</b>", "Luna"),
        ("Lu\u202ena\u200b Cafe", "Luna Cafe"),
        ("\u200b", None),
        ("***", None),
    ],
)
def test_mer_6_no_links_markup_or_invisible_characters(name: str, shown: str | None) -> None:
    assert display_name(name) == shown


@given(st.text(max_size=200))
def test_mer_6_holds_for_any_text(name: str) -> None:
    shown = display_name(name)
    if shown is not None:
        assert 0 < len(shown) <= LONGEST_NAME
        assert not any(unicodedata.category(c)[0] == "C" for c in shown)
        assert "<" not in shown
        assert "http" not in shown.lower() or "://" not in shown
    merchant_key(name)


def test_every_brand_is_shown_as_the_table_writes_it() -> None:
    assert {display_name(name.upper()) for name in brands().values()} == set(brands().values())


def test_common_nouns_are_no_evidence_of_a_merchant() -> None:
    assert "target" in brands()
    assert "target" not in telling_brands()
