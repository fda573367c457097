"""What a print is beyond an ordinary receipt: notices, unpaid bills, refunds, planted orders, several receipts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from statistics import fmean

from bot.core.calls.reading import PrintedPage
from handlers.receipts.reading.entries import Entry
from handlers.receipts.reading.results import Flag
from handlers.receipts.reading.rows import Row

FEWEST_LINES, LOWEST_SCORE = 8, 800
_NOTICE = re.compile(
    r"(?:notice of )?parking (?:violation|citation|ticket|penalty|infraction|infringement|charge notice)"
    r"|violation (?:notice|code|number)|penalty charge notice|notice of (?:violation|liability|delinquent)"
    r"|citation (?:number|no|#)|strafzettel|boleta de infracci",
    re.I,
)
_NOTICE_PROOF = re.compile(
    r"\b(?:fine|penalty|contest|citation|plate|license|meter|violation|amount due|officer|badge)\b", re.I
)
_INJECTION = re.compile(
    r"\b(?:ignore|disregard|forget|override)\b.{0,30}\b(?:rules?|instructions?|prompts?|previous|above|system)\b"
    r"|\bset (?:the )?total\b|\bsystem ?prompt\b|\byou are (?:an?|now)\b.{0,20}\b(?:assistant|ai|model)\b"
    r"|\bas an ai\b|<\s*/?\s*(?:system|script)",
    re.I,
)
_DUE = re.compile(
    r"\b(?:due|pay by|payable by|please pay|payment terms|net \d{2}|f[äa]llig|amount due|balance due)\b", re.I
)
_UNPAID = re.compile(
    r"\bpaid\b\W{0,6}(?:[$€£]|RM|USD|EUR)?\s?0[.,]00\b|\bunpaid\b|\boverdue\b|\bdue(?: date| by| on)?\b\W{0,3}\d", re.I
)
_PAID = re.compile(
    r"\b(?:change|cash|visa|mastercard|amex|debit|approved|tendered|paid in full|auth(?:orization)? code)\b", re.I
)
_REFUND = re.compile(
    r"^\W*(?:\*+\s*)?(?:refund(?: total| amount)?|return(?:s|ed)?(?: total)?|credit note|gutschrift|sale return"
    r"|merchandise return|void sale)\b(?!.{0,12}(?:within|policy|only|accepted|days|by\b|not|is|are|of))",
    re.I,
)
_SUMS = frozenset({"total", "subtotal", "amount", "tendered"})
_GIFT = re.compile(r"gift ?card|store credit|voucher", re.I)


def flags_of(pages: Sequence[PrintedPage], rows: Sequence[Row], entries: Sequence[Entry]) -> set[Flag]:
    """Return the flags that the print itself raises."""
    text = "\n".join(row.text for row in rows)
    raised: set[Flag] = set()
    if is_unreadable(pages):
        raised.add(Flag.UNREADABLE)
    if _NOTICE.search(text) and len(set(map(str.lower, _NOTICE_PROOF.findall(text)))) >= 2:
        raised.add(Flag.PARKING_NOTICE)
    if _INJECTION.search(text):
        raised.add(Flag.INJECTION)
    if _UNPAID.search(text) and _DUE.search(text) and not _paid(text, entries):
        raised.add(Flag.UNPAID)
    if any(_REFUND.search(row.text) for row in rows):
        raised.add(Flag.REFUND)
    if any(e.money and _GIFT.search(e.text) and e.money[-1].minor < 0 for e in entries):
        raised.add(Flag.GIFT_CARD)
    return raised


def _paid(text: str, entries: Sequence[Entry]) -> bool:
    tendered = any(e.label.name == "tendered" and any(v.minor for v in e.money) for e in entries)
    return tendered or (
        bool(_PAID.search(text)) and not re.search(r"unpaid|overdue|paid\W{0,6}\S?\s?0[.,]00", text, re.I)
    )


def is_unreadable(pages: Sequence[PrintedPage]) -> bool:
    """Say whether a picture gave too little to read (rule OCR-3); text layers are judged by having any line."""
    lines = [line for page in pages if page.source == "ocr" for line in page.lines if line.text.strip()]
    if any(page.source != "ocr" and page.lines for page in pages):
        return False
    return len(lines) < FEWEST_LINES or fmean(line.score for line in lines) < LOWEST_SCORE


def receipts_seen(pages: Sequence[PrintedPage], entries: Sequence[Entry]) -> int:
    """Return how many receipts the pictures hold: blocks that lie side by side, each with its own total (OCR-9)."""
    return max((_side_by_side(page, entries, number) for number, page in enumerate(pages)), default=1)


def _side_by_side(page: PrintedPage, entries: Sequence[Entry], number: int) -> int:
    """Count vertical gutters that no line crosses and that have sums on both sides."""
    lines = [line for line in page.lines if len(line.box) == 8 and line.text.strip()]
    if len(lines) < 8:
        return 1
    left, right = min(min(line.box[0::2]) for line in lines), max(max(line.box[0::2]) for line in lines)
    totals = [
        (value.cell.left + value.cell.right) / 2
        for entry in entries
        for value in entry.money[-1:]
        if entry.label.name in _SUMS and not entry.in_tax_section and value.cell.page == number
    ]
    for step in range(30, 71, 5):
        x = left + (right - left) * step / 100
        crossing = sum(min(line.box[0::2]) < x < max(line.box[0::2]) for line in lines)
        beside = [sum(max(line.box[0::2]) <= x for line in lines), sum(min(line.box[0::2]) >= x for line in lines)]
        if crossing == 0 and min(beside) >= 8 and any(t < x for t in totals) and any(t > x for t in totals):
            words = [
                _words(line.text for line in lines if (max(line.box[0::2]) <= x) is side) for side in (True, False)
            ]
            if min(words) >= 10:
                return 2
    return 1


def _words(texts: Iterable[str]) -> int:
    return sum(len(re.findall(r"[A-Za-z]{3,}", text)) for text in texts)
