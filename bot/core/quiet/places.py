"""Where a number may be: the zones in which the hour must fit, and the state whose window holds.

First hit wins: the city or ZIP that the person stated, the state of an open case, the area code, else unknown. An area
code with two zones counts as being in both.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import time
from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent
_AMERICA = "America/"
_ABSOLUTE = (_AMERICA, "Pacific/")

Span = tuple[time, time]
"""A half-open span of the local day."""


@dataclass(frozen=True, slots=True)
class Place:
    """Zones that must all fit, the state (None: unknown), and its spans on weekdays, Saturdays, and Sundays."""

    zones: tuple[str, ...]
    state: str | None
    weekday: Span | None
    saturday: Span | None
    sunday: Span | None


UNKNOWN = Place(("America/New_York",), None, (time(12), time(20)), (time(12), time(20)), (time(15), time(20)))
"""Inside the default window from Eastern to Pacific."""


@dataclass(frozen=True, slots=True)
class _State:
    place: Place
    area_codes: dict[str, tuple[str, ...]]

    def everywhere(self) -> Place:
        """Return the state with every zone that occurs in it."""
        zones = dict.fromkeys(self.place.zones)
        for more in self.area_codes.values():
            zones |= dict.fromkeys(more)
        return self.within(tuple(zones))

    def within(self, zones: tuple[str, ...]) -> Place:
        """Return the state's windows in other zones."""
        at = self.place
        return Place(zones, at.state, at.weekday, at.saturday, at.sunday)


def place_of(number: str, *, city: str | None = None, zip_code: str | None = None, state: str | None = None) -> Place:
    """Return the place of a phone number with what is known of its person: stated city, ZIP, state of an open case."""
    stated = (city and place_of_city(city)) or (zip_code and place_of_zip(zip_code))
    if stated:
        return stated
    by_number = place_of_number(number)
    if state and (known := place_of_state(state)):
        return by_number if by_number.state == known.state else known
    return by_number


def place_of_number(number: str) -> Place:
    """Return the place of an E.164 number; toll-free, foreign and unlisted ones are unknown."""
    if not (number.startswith("+1") and len(number) == 12 and number[1:].isdigit()):
        return UNKNOWN
    return _by_area_code().get(number[2:5], UNKNOWN)


def place_of_state(state: str) -> Place | None:
    """Return a state with all its zones, by its two letters."""
    known = _states().get(state.strip().upper())
    return known.everywhere() if known else None


def place_of_city(city: str) -> Place | None:
    """Return a city by name, with or without its state ("Seattle", "Portland, OR")."""
    name, _, state = city.casefold().replace(".", "").partition(",")
    found = _cities().get(" ".join(name.split()))
    return found if found and state.strip().upper() in ("", found.state) else None


def place_of_zip(zip_code: str) -> Place | None:
    """Return the place of a five- or nine-digit ZIP."""
    digits = zip_code.strip()[:5]
    return _zips().get(digits[:3]) if len(digits) == 5 and digits.isascii() and digits.isdigit() else None


@cache
def _states() -> dict[str, _State]:
    return {row["state"]: _state(row) for row in _rows("states.csv")}


def _state(row: dict[str, str]) -> _State:
    place = Place((row["zone"],), row["state"], _span(row["mon_fri"]), _span(row["sat"]), _span(row["sun"]))
    codes = dict.fromkeys(row["area_codes"].split(), place.zones)
    for exception in row["exceptions"].split():
        code, _, zones = exception.partition("=")
        codes[code] = tuple(_zone(name) for name in zones.split("+"))
    return _State(place, codes)


@cache
def _by_area_code() -> dict[str, Place]:
    return {code: state.within(zones) for state in _states().values() for code, zones in state.area_codes.items()}


@cache
def _cities() -> dict[str, Place]:
    return {row["city"]: _states()[row["state"]].within((row["zone"],)) for row in _rows("cities.csv")}


@cache
def _zips() -> dict[str, Place]:
    places: dict[str, Place] = {}
    for row in _rows("zips.csv"):
        state = _states()[row["state"]]
        place = state.within(tuple(row["zone"].split("+"))) if row["zone"] else state.place
        places |= {f"{number:03}": place for number in range(int(row["first"]), int(row["last"]) + 1)}
    return places


def _rows(name: str) -> list[dict[str, str]]:
    with (_DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _zone(name: str) -> str:
    return name if name.startswith(_ABSOLUTE) else _AMERICA + name


def _span(text: str) -> Span | None:
    if text == "none":
        return None
    start, _, end = text.partition("-")
    return _time(start), _time(end)


def _time(text: str) -> time:
    hour, _, minute = text.partition(":")
    return time(int(hour), int(minute or 0))
