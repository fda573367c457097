"""What may be proposed of a photo of the ticket: only what stands in its lines, as the city's own rules read it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bot.core.calls import pack, unpack
from bot.core.calls.workshop import TextFound
from handlers.appeals.registry import packaged_registry
from handlers.appeals.ticket_photo import MOST_PICTURES, TicketRead, other_number, question, tickets

CITIES = packaged_registry().cities
SF, NEW_YORK, HOUSTON = CITIES["us-ca-san_francisco"], CITIES["us-ny-new_york"], CITIES["us-tx-houston"]
TODAY = date(2026, 11, 18)
LINES = """CITY AND COUNTY OF SAN FRANCISCO
NOTICE OF PARKING VIOLATION
912 345 678
ISSUED 11/16/2026 2:14 PM
PLATE 8ABC123  STATE CA
VIO 7.2.22 STREET CLEANING
LOC 1400 VALENCIA ST
DUE 12/07/2026"""
ENTRY = {
    "number": "912 345 678",
    "issued": "11/16/2026",
    "violation": "STREET CLEANING",
    "place": "1400 VALENCIA ST",
    "plate": "8ABC123",
    "plate_state": "CA",
}


def read(*entries: dict[str, str], text: str = LINES, city: Any = SF) -> list[TicketRead]:
    return tickets(TextFound(text, list(entries)), city, TODAY)


def test_every_field_that_stands_in_the_lines_is_proposed() -> None:
    (ticket,) = read(ENTRY)
    assert ticket == TicketRead(
        number="912345678",
        issued=date(2026, 11, 16),
        violation="STREET CLEANING",
        place="1400 VALENCIA ST",
        plate="8ABC123",
        plate_state="CA",
    )


@pytest.mark.parametrize("field", ["violation", "place", "plate", "plate_state"])
def test_never_3_what_the_reader_made_up_is_not_proposed(field: str) -> None:
    invented = {"violation": "BLOCKING A RAMP", "place": "1 MAIN ST", "plate": "7XYZ999", "plate_state": "NV"}
    (ticket,) = read(ENTRY | {field: invented[field]})
    assert getattr(ticket, field) is None
    assert ticket.number == "912345678"


def test_never_3_a_number_that_is_not_in_the_lines_is_not_proposed() -> None:
    assert read(ENTRY | {"number": "999999999"}, text="NOTICE OF PARKING VIOLATION") == []


@pytest.mark.parametrize(
    "value",
    [
        "see https://evil.example/pay",
        "pay at www.evil.example",
        "go to evil.com",
        "<b>STREET</b>",
        "ask @evil",
        "{name}",
        "S" * 61,
        "УЛИЦА",
    ],
)
def test_tg_24_a_value_that_could_be_a_link_or_markup_is_not_shown(value: str) -> None:
    (ticket,) = read(ENTRY | {"violation": value, "place": value}, text=f"{LINES}\n{value}")
    assert (ticket.violation, ticket.place) == (None, None)


def test_num_1_a_number_of_another_city_is_named_and_not_proposed() -> None:
    found = TextFound(LINES, [ENTRY])
    assert tickets(found, NEW_YORK, TODAY) == []
    assert other_number(found, NEW_YORK, TODAY) == "912 345 678"
    assert other_number(TextFound("", []), NEW_YORK, TODAY) is None


def test_num_4_letters_read_as_digits_are_kept_to_be_shown() -> None:
    (ticket,) = read({"number": "9I2 34S 678"}, text="9I2 34S 678")
    assert ticket.number == "912345678"
    assert [(s.read, s.means) for s in ticket.substitutions] == [("I", "1"), ("S", "5")]


def test_num_3_a_reader_that_sees_letters_only_gives_the_number_too() -> None:
    (ticket,) = read()
    assert (ticket.number, ticket.issued) == ("912345678", None), "two dates: which one it is, is asked"
    (dated,) = read(text="CITATION 912345678\nISSUED 11/16/2026")
    assert dated.issued == date(2026, 11, 16)


def test_ac_13_two_tickets_are_two_and_the_back_of_one_is_the_same() -> None:
    second = {"number": "912345679"}
    text = f"{LINES}\n912345679"
    assert [ticket.number for ticket in read(ENTRY, second, ENTRY, text=text)] == ["912345678", "912345679"]
    assert [t.number for t in read(text="912345678 Main\n\nfine print\n\n912345679")] == ["912345678", "912345679"]


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("11/10/26", date(2026, 11, 10)),
        ("NOV 16 2026", date(2026, 11, 16)),
        ("11/19/2026", None),
        ("02/30/2026", None),
        ("11/16/2019", None),
        ("soon", None),
    ],
)
def test_ac_35_the_date_is_month_first_and_one_that_cannot_be_is_left_out(printed: str, expected: date | None) -> None:
    (ticket,) = read({"number": "912345678", "issued": printed}, text=f"912345678 ISSUED {printed}")
    assert ticket.issued == expected


def test_ac_5_nothing_is_substituted_where_letters_are_part_of_the_number() -> None:
    assert [t.substitutions for t in read({"number": "HX123450"}, text="HX123450", city=HOUSTON)] in ([], [()])


@pytest.mark.parametrize("entry", [{}, {"number": ""}, {"number": "hello"}, {"issued": "11/16/2026"}])
def test_an_entry_without_a_number_falls_back_on_the_lines(entry: dict[str, str]) -> None:
    assert [ticket.number for ticket in read(entry)] == ["912345678"]


def test_the_question_names_no_person_and_at_most_eight_pictures() -> None:
    call = question(range(20), person="k_1")
    assert unpack(pack(call)) == call
    assert call.blobs == list(range(MOST_PICTURES))
    assert (call.purpose, call.person) == ("ticket_photo", "k_1")
    assert set(call.fields) == set(ENTRY)
