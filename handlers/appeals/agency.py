"""Whether a ticket's heading belongs to this city's process or to another office (gate G3).

The negative list is the city's own record: campuses, airports, ports, counties, neighbouring cities. Names that hide
in longer ones are compared word by word, so that "USF" is not found in "USFWS".
"""

from __future__ import annotations

from collections.abc import Iterable

from handlers.appeals.city import City, Issuer
from handlers.appeals.place_names import key_of

_PLACES = frozenset({"other_city", "airport"})
"""Kinds whose names are not other words for one office, but each a place of its own."""


def issued_elsewhere(city: City, heading: str) -> Issuer | None:
    """Return the other office that a heading or an answer names, or None; the longest name decides."""
    words = key_of(heading)
    same = [name for group in city.issuers_same_process for name in group.names]
    found = [
        (len(key_of(name)), issuer)
        for issuer in city.issuers_elsewhere
        for name in issuer.names
        if _holds(words, key_of(name))
    ]
    longest, issuer = max(found, key=lambda pair: pair[0], default=(0, None))
    return issuer if issuer and longest > _longest_name(words, same) else None


def agency_choices(city: City, *, short: bool = False) -> tuple[str, ...]:
    """Return the names to ask about: one for each other office (its shortest, if asked), all of a group of places."""
    return tuple(name for issuer in city.issuers_elsewhere for name in _names_asked(issuer, short=short))


def _names_asked(issuer: Issuer, *, short: bool) -> tuple[str, ...]:
    if issuer.kind in _PLACES:
        return issuer.names
    return (min(issuer.names, key=len) if short else issuer.names[0],)


def _longest_name(words: tuple[str, ...], names: Iterable[str]) -> int:
    return max((len(key_of(name)) for name in names if _holds(words, key_of(name))), default=0)


def _holds(words: tuple[str, ...], name: tuple[str, ...]) -> bool:
    return any(words[at : at + len(name)] == name for at in range(len(words)))
