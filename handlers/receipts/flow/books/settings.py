"""How a person wants their books kept: CURRENCY, ZONE, WEEK, AUTO, CLOUD, DARK, and SETTINGS, which lists them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from bot.core.fold import fold
from bot.core.quiet.places import place_of_city
from bot.engine.turn import Turn
from handlers.receipts.currencies import currency_table, is_currency
from handlers.receipts.flow.books.opened import plain
from handlers.receipts.flow.flow import owner, receipt_flow
from storage.receipts import preferences

_SAID = re.compile(r"(currency|(?:time\s*)?zone|week|auto|cloud|dark)\s+(\S.*)", re.I | re.S)
_IS = re.compile(r"^(?:is|to|=|starts?(?:\s+on)?|begins?(?:\s+on)?|in|mode)\s+", re.I)
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SWITCH = {"on": True, "yes": True, "off": False, "no": False}


def change(turn: Turn, rest: str) -> bool:
    """Change one setting; False when the words are none of it, for then they may be a purchase."""
    found = _SAID.fullmatch(rest)
    if found is None or (turn.conversation.top is not None and found[1].casefold() == "currency"):
        return False
    name = "zone" if found[1].casefold().endswith("zone") else found[1].casefold()
    return _CHANGES[name](turn, _IS.sub("", found[2].strip()).strip(" .!"))


def _put(turn: Turn, **values: Any) -> None:
    chosen = preferences.of_person(turn.work, turn.person.id)
    preferences.put(turn.work, turn.person.id, replace(chosen, **values))


def _currency(turn: Turn, value: str) -> bool:
    code = value.upper()
    if not is_currency(code):
        code = currency_table().words.get(fold(value), "") or ""
    if not code:
        if len(value.split()) > 1:
            return False
        turn.say("receipts.no_currency")
        return True
    _put(turn, currency=code)
    turn.say("books.currency_set", currency=code)
    return True


def _zone(turn: Turn, value: str) -> bool:
    if re.search(r"\d", value) and "/" not in value:
        return False
    zone = zone_named(value)
    if zone is None:
        turn.say("books.no_zone", name=plain(value))
        return True
    preferences.set_zone(turn.work, turn.person.id, zone)
    turn.person.zone = zone
    for moved in turn.registry.words.get("zone", ()):
        moved(turn, zone)
    of = owner(turn)
    turn.say("books.zone_set", zone=zone, time=f"{of.minute // 60}:{of.minute % 60:02d}")
    return True


def zone_named(name: str) -> str | None:
    """Return the IANA zone of a name ("Europe/Berlin") or of a city ("tokyo", "portland, or")."""
    wanted = fold(name).replace("_", " ")
    known = _zones().get(wanted)
    if known is not None:
        return known
    place = place_of_city(name)
    return place.zones[0] if place is not None else None


@cache
def _zones() -> dict[str, str]:
    """Return zones by their folded name and by their city; of several with one city, the first by name."""
    found: dict[str, str] = {}
    names = sorted(one for one in available_timezones() if "/" in one and not one.startswith(("Etc/", "SystemV/")))
    for zone in names:
        city = fold(zone.rpartition("/")[2]).replace("_", " ")
        found.setdefault(city, zone)
    return {**found, **{fold(zone).replace("_", " "): zone for zone in names}, "utc": "UTC", "gmt": "UTC"}


def _week(turn: Turn, value: str) -> bool:
    day = fold(value).removesuffix("s")
    if day not in _DAYS:
        return False
    _put(turn, week_start=_DAYS.index(day))
    turn.say("books.week_set", day=day.capitalize())
    return True


def _switch(name: str) -> Callable[[Turn, str], bool]:
    def flip(turn: Turn, value: str) -> bool:
        on = _SWITCH.get(fold(value))
        if on is None:
            return False
        stored: Any = ("on" if on else "off") if name == "cloud" else on
        _put(turn, **{name: stored})
        turn.say(f"books.{name}_{'on' if on else 'off'}")
        return True

    return flip


_CHANGES: dict[str, Callable[[Turn, str], bool]] = {
    "currency": _currency, "zone": _zone, "week": _week, "auto": _switch("auto"), "cloud": _switch("cloud"),
    "dark": _switch("dark"),
}  # fmt: skip


def listed(turn: Turn, argument: str) -> bool:
    """List the settings of the books, and then the general ones."""
    top = turn.conversation.top
    if top is not None and top.flow != receipt_flow.name:
        return False
    of = owner(turn)
    chosen = of.preferences
    turn.say(
        "books.settings",
        currency=of.currency,
        zone=of.zone,
        week=_DAYS[of.week_start].capitalize(),
        auto=_state(turn, on=chosen.auto),
        cloud=turn.text(f"books.{chosen.cloud}"),
        dark=_state(turn, on=chosen.dark),
    )
    if turn.registry.catalogue.has("engine.settings"):
        turn.say("engine.settings", url=turn.registry.public_url)
    return True


def _state(turn: Turn, *, on: bool) -> str:
    return turn.text("books.on" if on else "books.off")
