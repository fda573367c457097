"""Tax lines: those above the total, the ones included in it, and those that only a summary section prints."""

from __future__ import annotations

import re
from collections.abc import Sequence

from handlers.receipts.reading.entries import Entry, Value
from handlers.receipts.reading.particulars import field_at
from handlers.receipts.reading.results import Field, TaxLine
from handlers.receipts.reading.sums import HIGHEST_TAX, TOLERANCE, Parts

_RATE = re.compile(r"(\d{1,2}(?:[.,]\d{1,3})?)\s?[%％]")
_SUM = re.compile(r"\btotal\b", re.I)


def taxes_of(
    entries: Sequence[Entry], parts: Parts, total: int | None
) -> tuple[Field[int] | None, tuple[TaxLine, ...]]:
    """Return the whole tax and its lines; the lines that make the sums fit win over a summary section."""
    plain = [entry for entry in entries if entry.label.name == "tax" and entry.last and not entry.in_tax_section]
    plain = [entry for entry in plain if entry.last and _is_possible(entry.last.minor, total)]
    if chosen := _chosen(plain, parts, total):
        whole = sum(entry.last.minor for entry in chosen if entry.last)
        value = chosen[-1].last
        return _field(whole, value, 0.95 if _fits(whole, parts, total) else 0.75), tuple(map(_line, chosen))
    if lines := _in_section(entries, total):
        whole = sum(line.amount for line, _ in lines)
        return _field(whole, lines[-1][1], 0.8), tuple(line for line, _ in lines)
    if total is not None and (found := _unlabelled(entries, parts, total)):
        return _field(found.minor, found, 0.6), (TaxLine("", found.minor),)
    return None, ()


def _is_possible(tax: int, total: int | None) -> bool:
    return total is None or abs(tax) * 100 <= HIGHEST_TAX * abs(total)


def _chosen(plain: Sequence[Entry], parts: Parts, total: int | None) -> list[Entry]:
    """Return the tax lines that count: all different ones, or the one that is their sum, or the one that fits."""
    distinct: dict[tuple[str, int], Entry] = {}
    for entry in plain:
        if entry.last:
            distinct.setdefault((_RATE.sub("", entry.text).strip().lower()[:6], entry.last.minor), entry)
    lines = list(distinct.values())
    amounts = [entry.last.minor for entry in lines if entry.last]
    if len(lines) < 2:
        return lines
    if total is not None and _fits(sum(amounts), parts, total):
        return lines
    for line in lines:
        rest = sum(amounts) - (line.last.minor if line.last else 0)
        if line.last and rest and abs(rest - line.last.minor) <= TOLERANCE:
            return (
                [line] if _SUM.search(line.text) or len(lines) == 2 else [other for other in lines if other is not line]
            )
    if total is not None:
        for line in lines:
            if line.last and _fits(line.last.minor, parts, total):
                return [line]
    summed = [line for line in lines if _SUM.search(line.text)]
    return summed[:1] or lines


def _fits(tax: int, parts: Parts, total: int | None) -> bool:
    if total is None or not tax:
        return False
    extras = [
        0,
        *parts.services,
        *parts.tips,
        *parts.discounts,
        sum(parts.services) + sum(parts.tips),
        *parts.roundings,
    ]
    bases = [*parts.subtotals, *parts.earlier_totals, *([parts.items_sum] if parts.items_sum else [])]
    return any(abs(base + tax + extra - total) <= 2 * TOLERANCE for base in bases for extra in extras)


def _in_section(entries: Sequence[Entry], total: int | None) -> list[tuple[TaxLine, Value]]:
    """Return the lines of a tax summary: base and tax on one row, the tax last or the smaller."""
    lines: list[tuple[TaxLine, Value]] = []
    for entry in entries:
        money = entry.money
        is_rated = bool(_RATE.search(_whole_text(entry))) and len(money) >= 2
        if (
            not (entry.in_tax_section or is_rated)
            or len(money) < 2
            or entry.label.name in {"total", "subtotal", "tendered"}
        ):
            continue
        tax = min(money[-2:], key=lambda value: value.minor)
        base = max(value.minor for value in money[-2:])
        if tax.minor <= 0 or tax.minor * 100 > HIGHEST_TAX * base or (total is not None and tax.minor > abs(total)):
            continue
        rate = _RATE.search(_whole_text(entry))
        if not entry.in_tax_section and not _is_rate_of(rate[1] if rate else "", base, tax.minor):
            continue
        lines.append((TaxLine(entry.text[:40], tax.minor, rate[1] if rate else None, base), tax))
    return lines


def _is_rate_of(rate: str, base: int, tax: int) -> bool:
    percent = float(rate.replace(",", ".")) if rate else 0.0
    return abs(base * percent / 100 - tax) <= TOLERANCE or abs(base * percent / (100 + percent) - tax) <= TOLERANCE


def _unlabelled(entries: Sequence[Entry], parts: Parts, total: int) -> Value | None:
    """Return a lone amount between subtotal and total that is their difference."""
    start = next((at for at, e in enumerate(entries) if e.label.name == "subtotal" and e.last), None)
    if start is None:
        return None
    missing = {total - subtotal for subtotal in parts.subtotals}
    for entry in entries[start + 1 : start + 6]:
        if entry.label.name in {"", "amount"}:
            for value in entry.money:
                if value.minor in missing and 0 < value.minor < 0.3 * total:
                    return value
    return None


def _whole_text(entry: Entry) -> str:
    return " ".join([entry.text, *(value.cell.text for value in entry.values)])


def _line(entry: Entry) -> TaxLine:
    rate = _RATE.search(_whole_text(entry))
    return TaxLine(entry.text[:40], entry.last.minor if entry.last else 0, rate[1].replace(",", ".") if rate else None)


def _field(amount: int, value: Value | None, confidence: float) -> Field[int]:
    return field_at(amount, value.amount.raw if value else "", confidence, value.cell if value else None)
