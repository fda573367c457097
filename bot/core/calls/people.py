"""Values that several vendors' calls share."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.calls.packing import wire


@wire
@dataclass(frozen=True, slots=True)
class PostalAddress:
    """A US postal address as it is printed on an envelope."""

    name: str
    address_line1: str
    city: str
    state: str
    zip: str
    company: str | None = None
    address_line2: str | None = None
    country: str = "US"
