"""Several pages of one receipt (rules CAP-3, CAP-4)."""

from __future__ import annotations

from datetime import date

from handlers.receipts.reading import Context, page_of_text, read_receipt

CONTEXT = Context(date(2026, 3, 18))


def test_cap_4_merchant_and_date_of_the_first_page_total_of_the_last_that_has_one() -> None:
    reading = read_receipt(
        [
            page_of_text("LUNA BOOKS\nInvoice date 2026-03-02\nAtlas 400.00\nTOTAL of this page 400.00"),
            page_of_text("NORTH HARBOR PRINTERS\nDelivered 2026-03-05\nPoster 50.00\nGRAND TOTAL $450.00"),
            page_of_text("Terms and conditions\nReturns 30 days"),
        ],
        CONTEXT,
    )
    assert reading.merchant is not None
    assert reading.date is not None
    assert reading.total is not None
    assert (reading.merchant.value, reading.date.value, reading.total.value) == (
        "Luna Books",
        date(2026, 3, 2),
        45_000,
    )


def test_cap_3_a_receipt_in_two_parts_reads_as_one() -> None:
    parts = [
        page_of_text("TRADER JOE'S #123\n03-15-2026\nBANANAS 1.20\nMILK 3.80"),
        page_of_text("BREAD 4.00\nSUBTOTAL 9.00\nTAX 0.50\nTOTAL $9.50"),
    ]
    reading = read_receipt(parts, CONTEXT)
    assert reading.merchant is not None
    assert reading.total is not None
    assert reading.date is not None
    assert (reading.merchant.value, reading.total.value) == ("Trader Joe's", 950)
    assert [item.amount for item in reading.items] == [120, 380, 400]
