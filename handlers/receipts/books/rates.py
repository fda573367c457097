"""Stored exchange rates for the line "about" beside sums of several currencies (rule SUM-4).

The operator keeps a file in the form of the European Central Bank's `eurofxref.csv`: a head line with `Date` and
currency codes, and lines of what one euro costs. It is read again when it has changed; no call leaves for it. Without
a rate for one of the currencies nothing is said: a sum that leaves something out is no sum.
"""

from __future__ import annotations

import csv
import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from pathlib import Path

from handlers.receipts.currencies import exponent, is_currency

BASE = "EUR"
_DATES = ("%Y-%m-%d", "%d %B %Y", "%d.%m.%Y")
log = logging.getLogger("parley.rates")


@dataclass(frozen=True, slots=True)
class Rates:
    """What one euro cost on a day."""

    date: date
    per_euro: Mapping[str, Decimal]

    def about(self, amounts: Iterable[tuple[int, str]], currency: str) -> int | None:
        """Return the sum of amounts (minor units, currency) in a currency, rounded once; None without every rate."""
        total, rate = Decimal(0), self._rate(currency)
        for amount_minor, code in amounts:
            own = self._rate(code)
            if own is None:
                return None
            total += Decimal(amount_minor).scaleb(-exponent(code)) / own
        if rate is None:
            return None
        return int((total * rate).scaleb(exponent(currency)).quantize(Decimal(1), rounding=ROUND_HALF_UP))

    def _rate(self, code: str) -> Decimal | None:
        return Decimal(1) if code == BASE else self.per_euro.get(code)


@dataclass(slots=True)
class RateFile:
    """The operator's file; `newest` reads it again when it was written since."""

    path: Path | None = None
    _seen: tuple[int, int] | None = field(default=None, repr=False)
    _rates: Rates | None = field(default=None, repr=False)

    def newest(self) -> Rates | None:
        """Return the rates of the newest day, None without a file that can be read."""
        if self.path is None:
            return None
        try:
            status = self.path.stat()
            seen = (status.st_mtime_ns, status.st_size)
            if seen != self._seen:
                self._rates = read_rates(self.path.read_text("utf-8-sig"))
                self._seen = seen
        except (OSError, ValueError) as error:
            log.warning("no exchange rates", extra={"error": type(error).__name__})
            return self._rates
        return self._rates


def read_rates(text: str) -> Rates | None:
    """Return the rates of the newest line of such a file; None when no line has a date and a rate."""
    rows = list(csv.reader(text.splitlines(), skipinitialspace=True))
    codes = [cell.strip().upper() for cell in rows[0][1:]] if rows else []
    found = [rates for row in rows[1:] if row and (rates := _line(row, codes)) is not None]
    return max(found, key=lambda one: one.date, default=None)


def _line(row: list[str], codes: list[str]) -> Rates | None:
    day = _day(row[0].strip())
    pairs = zip(codes, row[1:], strict=False)
    rates = {code: rate for code, cell in pairs if is_currency(code) and (rate := _number(cell)) is not None}
    return Rates(day, rates) if day is not None and rates else None


def _day(text: str) -> date | None:
    for form in _DATES:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            continue
    return None


def _number(text: str) -> Decimal | None:
    try:
        rate = Decimal(text.strip())
    except InvalidOperation:
        return None
    return rate if rate.is_finite() and rate > 0 else None
