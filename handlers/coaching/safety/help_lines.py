"""Whom a person in danger can reach where they live: public numbers by country (rule SF-3, `data/help_lines.toml`).

The country is the one of a phone number, else of the person's zone; of others nothing is known, and the text then
names the emergency number as such and a site that lists lines everywhere.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

_DATA = Path(__file__).parent / "data" / "help_lines.toml"
_PREFIXES = {
    "44": "GB", "353": "IE", "61": "AU", "64": "NZ", "34": "ES", "52": "MX", "54": "AR", "56": "CL", "57": "CO",
    "51": "PE", "49": "DE", "43": "AT", "41": "CH", "33": "FR", "39": "IT", "31": "NL", "32": "BE", "351": "PT",
    "55": "BR", "91": "IN", "27": "ZA", "63": "PH", "65": "SG", "81": "JP", "82": "KR", "46": "SE", "47": "NO",
    "45": "DK", "358": "FI", "48": "PL",
}  # fmt: skip
_LONGEST_PREFIX = 3


@dataclass(frozen=True, slots=True)
class Line:
    """A help line: its number as it is dialled, and whether it takes texts too."""

    number: str
    takes_texts: bool


@dataclass(frozen=True, slots=True)
class Help:
    """What there is in a country."""

    emergency: str
    self_harm: Line | None
    abuse: Line | None


def help_in(country: str | None) -> Help | None:
    """Return what a country offers, None for one that is not known."""
    return _countries().get(country or "")


def country_of(*, number: str | None = None, zone: str | None = None) -> str | None:
    """Return the country of a phone number (E.164), else of a zone; None when neither tells."""
    if number and number.startswith("+1"):
        return "CA" if number[2:5] in _canadian() else "US"
    if number and number.startswith("+"):
        found = (_PREFIXES.get(number[1 : 1 + length]) for length in range(_LONGEST_PREFIX, 0, -1))
        return next(filter(None, found), None)
    return _zones().get(zone or "")


@cache
def _canadian() -> frozenset[str]:
    return frozenset(_data()["canadian_codes"].split())


@cache
def _countries() -> dict[str, Help]:
    return {
        country: Help(one["emergency"], _line(one.get("self_harm")), _line(one.get("abuse")))
        for country, one in _data()["help"].items()
    }


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(_DATA.read_text("utf-8"))


def _line(found: dict[str, str] | None) -> Line | None:
    return Line(found["number"], "text" in found["ways"]) if found else None


@cache
def _zones() -> dict[str, str]:
    table = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    return {row[2]: row[0] for row in rows}
