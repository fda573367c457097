"""The label of a paper: `KRA150/18` is shade, grammes a square metre, burst factor; `@44` is its own rate (QT-7)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

SHADE = "KRA"
_LABEL = re.compile(r"([A-Za-z]{2,4})?(\d{2,3})/(\d{2})(?:@(\d{1,3}(?:[.,]\d{1,2})?))?")
LEAST_GSM, MOST_GSM = 60, 500


@dataclass(frozen=True, slots=True)
class Paper:
    """One layer; `rate` is money per kilogram where somebody set it by hand."""

    shade: str
    gsm: int
    burst: int
    rate: Decimal | None = None

    @classmethod
    def of(cls, label: str) -> Paper | None:
        """Read a label; one without a shade is of the usual one. None for what is none."""
        found = _LABEL.fullmatch(label.strip())
        if found is None or not LEAST_GSM <= int(found[2]) <= MOST_GSM:
            return None
        rate = Decimal(found[4].replace(",", ".")) if found[4] else None
        return cls((found[1] or SHADE).upper(), int(found[2]), int(found[3]), rate)

    @property
    def name(self) -> str:
        """What it is, without what it costs."""
        return f"{self.shade}{self.gsm}/{self.burst}"

    @property
    def label(self) -> str:
        """The label in its one form."""
        return self.name + (f"@{self.rate}" if self.rate is not None else "")
