"""The table of limits: how much of a thing one person, address or source may have in a time (OR-4)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path

from bot.core.errors import Misconfigured

FILE = Path(__file__).with_name("limits.toml")


@dataclass(frozen=True, slots=True)
class Limits:
    """One row each; the file says what is counted. 0 is no limit."""

    inbound_a_minute: int
    pay_links_an_hour: int
    link_codes_an_hour: int
    exports_a_day: int
    forged_requests_a_minute: int


@cache
def limits(file: Path = FILE) -> Limits:
    """Read the table; raise Misconfigured for a row that is missing, unknown, or no number from 0 on."""
    found = tomllib.loads(file.read_text("utf-8"))
    for name in sorted({one.name for one in fields(Limits)} ^ set(found)):
        raise Misconfigured(file.name, f"{name} is {'unknown' if name in found else 'missing'}")
    for name, value in found.items():
        if type(value) is not int or value < 0:
            raise Misconfigured(file.name, f"{name} is no number from 0 on")
    return Limits(**found)
