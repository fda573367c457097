"""Layouts that the drawn receipts taught: one row for each class of print, beside the table of the domain."""

from __future__ import annotations

from datetime import date

from bot.core.calls.reading import PrintedLine, PrintedPage
from handlers.receipts.merchants import merchant_key
from handlers.receipts.reading import Context, page_of_text, read_receipt
from handlers.receipts.reading.amounts import amounts_in
from tests.rows import each

CONTEXT = Context(date(2026, 3, 18), "USD")
END = "03/15/2026 / SOUP 9.00 / TOTAL 9.00"

TOTALS = {
    "two taxes of one amount": (
        "Sub Total 440.00 / CGST @2.5% 11.00 / SGST @2.5% 11.00 / Grand Total Rs. 462.00", 46200, 2200,
    ),
    "a net amount below the taxes": (
        "Total 11,950.00 / CGST 2.5% 298.75 / SGST 2.5% 298.75 / Round Off 0.50 / Net Amount"
        " Rs.12,548.00", 1254800, 59750,
    ),
    "a net amount above the taxes": ("Net Amount 40.00 / GST 10% 4.00 / Total 44.00", 4400, 400),
    "a tip below the total": ("TOTAL 31.46 / Tip 0.30 / TOTAL PAID 31.76", 3176, None),
    "what was handed over": ("Total 18.40 / Total paid 20.00 / Change 1.60", 1840, None),
    "a table of tips": (
        "Subtotal 22.65 / Tax 1.96 / Total 24.61 / Suggested Tip: / 18%: (Tip 4.08 Total 28.69) / 20%: (Tip 4.53 Total"
        " 29.14)", 2461, 196,
    ),
    "a balance among the goods": (
        "4 MOUNT/BALANCE 13.75 55.00 / TIRE 356.00 / Sales tax 27.87 / TOTAL 438.87", 43887,
        2787,
    ),
    "tax of which": ("TOTALE COMPLESSIVO 48,00 / di cui IVA 4,36 / Contanti 50,00", 4800, 436),
}  # fmt: skip
DATES = {
    "the day of leaving": ("Arrival 07-12-19 Departure 07-14-19 / 07-12-19 Room 184.00 / 07-12-19 Tax 22.13",
                           (2019, 7, 14)),
    "the last day of exchange": ("03/12/2026 4:11PM 0001 / 7 DAY EXCHANGE BY 03/17/2026", (2026, 3, 12)),
    "an eight for a zero": ("Date 15/03/2826", (2026, 3, 15)),
    "an eight in the month": ("19/83/2018 1:01 PM", (2018, 3, 19)),
    "B and S": ("DATE: 2S/04/201B", (2018, 4, 25)),
    "I and l": ("0l/15/2OI8 10:24AM", (2018, 1, 15)),
    "l in a year of two": ("Date 16 JUL l7", (2017, 7, 16)),
    "I in a day": ("JunI7'13 09:35PM", (2013, 6, 17)),
}  # fmt: skip
MERCHANTS = {
    "a possessive over its trade": ("Rosie's / ROADSIDE DINER / 118 OLD MILL RD", "Rosie's Roadside Diner"),
    "a trade alone": ("CITY OF FAIRVIEW / PARKING / LEVEL P2", "City of Fairview Parking"),
    "and at the beginning": ("HARBOR FEED / AND FARM SUPPLY / 19 DOCK ST", "Harbor Feed and Farm Supply"),
    "an ampersand at the beginning": ("HILLTOP MARKET / & DELI / 200 Summit Ave", "Hilltop Market & Deli"),
    "a year of founding": ("SAL'S BARBERSHOP EST. 1961 / 118 OAK ST", "Sal's Barbershop"),
    "a name with its doctor": ("BRIGHTSIDE OPTOMETRY / Dr. Alan Reyes, O.D. / 7707 Gorge Rd", "Brightside Optometry"),
    "thanks at the foot": (f"118 HIGH ST COLUMBUS OH / {END} / THANKS FOR BOWLING AT / LUCKY LANES", "Lucky Lanes"),
    "a receipt from": ("Your receipt from Lumen Supply / Order 1188", "Lumen Supply"),
    "words on tax": ("POS EKSPRES / CAWANGAN KAJANG / SST No: W10-1808", "Pos Ekspres"),
}


def read(text: str) -> PrintedPage:
    """Return a page of lines that `/` parts."""
    return page_of_text(text.split(" / "))


@each("text, total, tax", TOTALS.values())
def test_totals_and_taxes_of_other_layouts(text: str, total: int, tax: int | None) -> None:
    reading = read_receipt([read(f"LUNA CAFE / 03/15/2026 / {text}")], CONTEXT)
    assert (reading.total and reading.total.value, reading.tax and reading.tax.value) == (total, tax)


@each("text, day", DATES.values())
def test_ocr_8_dates_of_other_layouts_and_their_slips(text: str, day: tuple[int, int, int]) -> None:
    reading = read_receipt([read(f"LUNA CAFE / {text} / TOTAL 9.00")], CONTEXT)
    assert reading.date is not None
    assert reading.date.value == date(*day)


@each("text, name", MERCHANTS.values())
def test_merchants_of_other_layouts(text: str, name: str) -> None:
    reading = read_receipt([read(f"{text} / {END}")], CONTEXT)
    assert reading.merchant is not None
    assert merchant_key(reading.merchant.value) == merchant_key(name)


def test_a_name_in_the_left_column_of_a_heading_is_the_merchant() -> None:
    cells = [("INVOICE", 0, 0), ("Bright Dental Supply", 0, 40), ("Invoice # 118-22", 600, 40), ("TOTAL 322.43", 0, 80)]
    lines = [
        PrintedLine(text, 980, (x, y, x + 11 * len(text), y, x + 11 * len(text), y + 20, x, y + 20))
        for text, x, y in cells
    ]
    reading = read_receipt([PrintedPage(900, 200, lines, "ocr")], CONTEXT)
    assert reading.merchant is not None
    assert reading.merchant.value == "Bright Dental Supply"


@each("text, minor", [("4G.80", 4680), ("$G2.00", 6200), ("347.G0", 34760), ("G 2.00", 200), ("BIG 2.00", 200)])
def test_ocr_8_a_six_is_read_where_a_number_needs_it(text: str, minor: int) -> None:
    assert amounts_in(text)[-1].minor == minor
