"""From lines of print to a receipt: pure, deterministic, never raising (rule OCR-4).

The order: rows are built, the currency and country are told, entries are labelled, totals ranked. When the arithmetic
fails, the rows are aligned again with the amounts moved by a line, and the alignment that makes the sums fit wins
(rule OCR-6). Dates, merchant and the small print follow; checks raise or lower confidence and decide what is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, time

from bot.core.calls.reading import PrintedPage
from handlers.receipts.phones import phone_key
from handlers.receipts.reading.address import address_of
from handlers.receipts.reading.checks import checks_of, confidence_of, questions_of
from handlers.receipts.reading.currency import currency_of
from handlers.receipts.reading.dates import DateReading, dates_in, order_of, time_near
from handlers.receipts.reading.entries import Entry
from handlers.receipts.reading.flags import flags_of, receipts_seen
from handlers.receipts.reading.items import discounts_among
from handlers.receipts.reading.language import language_of
from handlers.receipts.reading.layout import Layout, aligned
from handlers.receipts.reading.particulars import field_at, particulars_of, return_by_of
from handlers.receipts.reading.results import Context, Field, Flag, Reading
from handlers.receipts.reading.rows import Row, rows_of
from handlers.receipts.reading.taxes import taxes_of
from handlers.receipts.reading.tender import tender_of
from handlers.receipts.reading.vendor import vendor_of

_SURE_VENDOR = 0.7
_TOTAL_LABELS = frozenset({"label total", "label amount"})


def read_receipt(pages: Sequence[PrintedPage], context: Context) -> Reading:
    """Read the pages of one receipt; the same print gives the same answer, and nothing that is printed raises."""
    rows = rows_of(pages)
    money = currency_of(rows, context)
    layout = _by_pages(aligned(pages, money.currency))
    flags = flags_of(pages, rows, layout.entries)
    order = order_of(money.currency, money.country or context.country)
    dates = _of_first_page(dates_in(rows, context.received, order), rows)
    bought = _date(dates, rows)
    total = _total(layout, flags)
    tax, tax_lines = taxes_of(layout.entries, layout.parts, total.value if total else None)
    small = particulars_of(rows)
    whole = total.value if total else None
    merchant = _merchant(_first_page(rows), context, small.get("phone"))
    reading = Reading(
        currency=Field(money.currency, money.evidence, money.confidence, "rule"),
        merchant=merchant,
        total=total,
        date=bought,
        time=_time(dates, rows),
        totals=tuple(layout.totals[:3]),
        dates=_both(dates, settled=order != "ask" and money.evidence != "default"),
        subtotal=_labelled(layout, "subtotal", whole),
        discount=_discount(layout),
        tax=tax,
        tax_lines=tax_lines,
        tip=_labelled(layout, "tip", whole),
        service=_labelled(layout, "service", whole),
        rounding=_labelled(layout, "rounding", whole),
        tendered=_labelled(layout, "tendered"),
        change=_labelled(layout, "change"),
        cash_back=_labelled(layout, "cash_back"),
        items=tuple(item for item, _ in layout.items),
        payment=_payment(layout),
        last4=small.get("last4"),
        receipt_number=small.get("receipt_number"),
        tax_id=small.get("tax_id"),
        phone=small.get("phone"),
        address=address_of(_first_page(rows), merchant.raw if merchant else ""),
        language=language_of(rows, money.country or context.country),
        return_by=return_by_of(rows, bought.value if bought else None, order),
        warranty=small.get("warranty"),
        country=money.country,
        receipts_seen=receipts_seen(pages, layout.entries),
    )
    return _checked(reading, context, flags, layout=layout, currency_sure=money.sure)


def _by_pages(layout: Layout) -> Layout:
    """Let the last page that has a labelled total have the word (rule CAP-4)."""
    labelled = [one.page for one in layout.totals if one.reasons[0] in _TOTAL_LABELS]
    if not labelled or max(labelled) == 0:
        return layout
    last = max(labelled)
    return replace(layout, totals=sorted(layout.totals, key=lambda one: one.page != last))


def _of_first_page(dates: Sequence[DateReading], rows: Sequence[Row]) -> Sequence[DateReading]:
    """Return the dates of the first page, or all when it has none (rule CAP-4)."""
    return [one for one in dates if rows[one.row].cells[0].page == 0] or dates


def _first_page(rows: Sequence[Row]) -> Sequence[Row]:
    return [row for row in rows if row.cells[0].page == 0] or rows


def _checked(reading: Reading, context: Context, flags: set[Flag], *, layout: Layout, currency_sure: bool) -> Reading:
    flags = flags | checks_of(reading, fits=layout.fits)
    judged = replace(reading, flags=frozenset(flags))
    return replace(judged, questions=questions_of(judged, context.received, currency_sure=currency_sure))


def _total(layout: Layout, flags: set[Flag]) -> Field[int] | None:
    if not layout.totals:
        return None
    best = layout.totals[0]
    is_sale = any(entry.label.name == "change" for entry in layout.entries)
    amount = -best.amount if Flag.REFUND in flags and best.amount > 0 and not is_sale else best.amount
    restored = "point restored" in best.reasons[0]
    certain = all(cell.certain for row in layout.rows for cell in row.cells)
    origin = "rule" if restored or certain else "ocr"
    return Field(
        amount, best.raw, confidence_of(layout.totals), "rule" if origin == "rule" else "ocr", best.page, best.box
    )


def _date(dates: Sequence[DateReading], rows: Sequence[Row]) -> Field[date] | None:
    if not dates:
        return None
    best = dates[0]
    rivals = {one.value for one in dates if one.weight >= best.weight} - {best.value}
    confidence = 0.95 - 0.3 * bool(rivals) - 0.25 * (best.weight < 1) - 0.3 * (best.other is not None)
    return field_at(best.value, best.raw, round(max(0.1, confidence), 2), rows[best.row].cells[0])


def _both(dates: Sequence[DateReading], *, settled: bool) -> tuple[date, ...]:
    """Return both readings of the day when the print does not settle the order, one otherwise (rule DAT-5)."""
    if not dates:
        return ()
    best = dates[0]
    return (best.value, best.other) if best.other and not settled else (best.value,)


def _time(dates: Sequence[DateReading], rows: Sequence[Row]) -> Field[time] | None:
    for at in [one.row for one in dates[:1]]:
        if found := time_near(rows, at):
            return field_at(found, found.isoformat("minutes"), 0.8, rows[at].cells[0])
    return None


def _merchant(rows: Sequence[Row], context: Context, phone: Field[str] | None) -> Field[str] | None:
    """Return the printed merchant; where none or hardly one is, the one whose telephone number is known (PR-40)."""
    vendor = vendor_of(rows, context)
    if vendor and (vendor.confidence >= _SURE_VENDOR or not _of_phone(context, phone)):
        return field_at(vendor.name, vendor.raw, vendor.confidence, vendor.cell)
    return _of_phone(context, phone)


def _of_phone(context: Context, phone: Field[str] | None) -> Field[str] | None:
    if phone is None:
        return None
    known = {phone_key(number): name for number, name in context.known_phones.items()}
    key = phone_key(phone.value)
    return Field(known[key], phone.raw, 0.9, "rule", phone.page, phone.box) if key and key in known else None


def _labelled(layout: Layout, name: str, total: int | None = None) -> Field[int] | None:
    """Return the amount of a part: the one in the sum of the total, else the first printed."""
    found = [e for e in layout.entries if e.label.name == name and e.last and not e.in_tax_section]
    found = [e for e in found if name in {"rounding", "subtotal", "tendered", "change"} or (e.last and e.last.minor)]
    if not found:
        return None
    fit = layout.parts.fit_of(total) if total is not None else None
    wanted = getattr(fit, name, None)
    entry = next((e for e in found if e.last and e.last.minor == wanted), found[0])
    return _field(entry) if entry.last else None


def _field(entry: Entry) -> Field[int]:
    value = entry.money[-1]
    return field_at(value.minor, value.amount.raw, 0.85, value.cell)


def _discount(layout: Layout) -> Field[int] | None:
    """Return all reductions as one positive amount."""
    labelled = [
        e for e in layout.entries if e.label.name == "discount" and e.last and e.last.minor and not e.in_tax_section
    ]
    among = discounts_among(layout.entries)
    if labelled:
        whole = sum(abs(e.money[-1].minor) for e in labelled)
        return field_at(max(whole, sum(among)), labelled[0].money[-1].amount.raw, 0.8, labelled[0].money[-1].cell)
    return Field(sum(among), "", 0.6, "rule") if among else None


def _payment(layout: Layout) -> Field[str] | None:
    """Return how it was paid, as one of a few words."""
    for entry in layout.entries:
        if entry.label.name == "tendered" and (kind := tender_of(entry.text)):
            return Field(kind, entry.text, 0.85, "rule")
    return None
