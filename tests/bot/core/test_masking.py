"""Numbers that must not be stored are masked, and look-alikes are left alone."""

import pytest

from bot.core.masking import is_card, is_iban, mask
from tests.rows import each


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("4111111111111111", "************1111"),
        ("my card is 4111 1111 1111 1111 thanks", "my card is **** **** **** 1111 thanks"),
        ("5555-5555-5555-4444", "****-****-****-4444"),
        ("amex 3782 822463 10005", "amex **** ****** *0005"),
        ("4111111111111111 12/27 123", "************1111 12/27 123"),
        ("4111111111111111 5555555555554444", "************1111 ************4444"),
        ("6011000990139424", "************9424"),
        ("ssn 123-45-6789", "ssn ***-**-6789"),
        ("123 45 6789", "*** ** 6789"),
        ("DE89 3704 0044 0532 0130 00", "**** **** **** **** **30 00"),
        ("iban GB82WEST12345698765432 ok?", "iban ******************5432 ok?"),
    ],
)
def test_priv_5_masks_and_keeps_the_last_four(text: str, stored: str) -> None:
    masked = mask(text)
    assert masked.text == stored
    assert masked.count >= 1


@each(
    "text",
    [
        "ticket 912345678",
        "912 345 678",
        "call me at 415-555-0199",
        "+14155550199",
        "4111111111111112",
        "0000000000000000",
        "9407100000000000000417",
        "123456789",
        "000-12-3456",
        "666-12-3456",
        "912-34-5678",
        "94110-1234",
        "2026-11-16",
        "DE89 3704 0044 0532 0130 02",
        "GB82 is a road",
        "",
    ],
)
def test_priv_5_leaves_other_numbers_alone(text: str) -> None:
    assert mask(text).text == text
    assert mask(text).count == 0


def test_priv_5_spares_what_fits_the_open_step() -> None:
    citation = "4539578763621486"
    assert is_card(citation)
    assert mask(citation, except_fitting=lambda number: number == citation).text == citation
    assert mask(f"{citation} and 4111111111111111", except_fitting=lambda number: number == citation).count == 1


def test_sms_32_masking_twice_changes_nothing() -> None:
    once = mask("4111 1111 1111 1111 and 123-45-6789").text
    assert mask(once).text == once


def test_priv_5_iban_needs_its_check_digits() -> None:
    assert is_iban("FR1420041010050500013M02606")
    assert not is_iban("FR1520041010050500013M02606")
