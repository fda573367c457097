"""The names by which people call places, as an index from words to the places they may mean.

City records bring their names and aliases; a general list brings the cities without a record, so that Miami Beach is
not taken for Miami and a Californian city gets its state's clocks (rule REG-9).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict

from handlers.appeals.city import City, State

Words = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A place that a person may mean: one with a record, one with only its state's clocks, or one without either."""

    name: str
    state: str
    city_id: str | None = None
    state_clocks: bool = False

    @property
    def label(self) -> str:
        """Return the name with its state, as it is shown to a person."""
        return f"{self.name}, {self.state}"


class GeneralPlaces(BaseModel):
    """The packaged list of places beyond the records."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    states: dict[State, str]
    state_clock_cities: dict[State, tuple[str, ...]]
    cities_without_record: dict[State, tuple[str, ...]]
    extra_aliases: dict[str, tuple[str, ...]]
    everyday_words: tuple[str, ...]
    consolidated_counties: tuple[str, ...]


class Word(NamedTuple):
    """One word of a text: as typed, folded for comparison, and whether punctuation stands before it."""

    raw: str
    folded: str
    after_break: bool


_INITIALS = re.compile(r"(?<![^\W_])(?:[^\W\d_]\.){2,}")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SAME = {"saint": "st", "fort": "ft", "mount": "mt", "sta": "santa"}


def words_of(text: str) -> list[Word]:
    """Split a text into words: accents, case, apostrophes and the dots of initials do not count."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    plain = _INITIALS.sub(lambda match: match.group().replace(".", "") + " ", plain)
    found, end = [], 0
    for match in _WORD.finditer(plain):
        folded = re.sub(r"['’]", "", match.group()).casefold()
        after_break = bool(re.search(r"[,;:(\n]", plain[end : match.start()]))
        found.append(Word(match.group(), _SAME.get(folded, folded), after_break))
        end = match.end()
    return found


def key_of(name: str) -> Words:
    """Return a name's words as the index holds them."""
    return tuple(word.folded for word in words_of(name))


@dataclass(frozen=True, slots=True)
class PlaceNames:
    """Words of a name -> the places it may mean; codes and names of states; names that are also everyday words."""

    places: Mapping[Words, tuple[Place, ...]]
    states: Mapping[Words, str]
    clock_states: frozenset[str]
    everyday: frozenset[Words]
    consolidated: frozenset[str]
    longest: int

    @classmethod
    def build(cls, cities: Iterable[City], general: GeneralPlaces, clock_states: frozenset[str]) -> PlaceNames:
        """Build the index of a registry."""
        index: dict[Words, list[Place]] = {}
        for name, place in (*_recorded(cities, general), *_unrecorded(general, clock_states)):
            entry = index.setdefault(key_of(name), [])
            if all(known.label != place.label for known in entry):
                entry.append(place)
        states = {key_of(name): code for code, name in general.states.items()}
        states |= {(code.casefold(),): code for code in general.states}
        return cls(
            places={key: tuple(places) for key, places in index.items()},
            states=states,
            clock_states=clock_states,
            everyday=frozenset(key_of(word) for word in general.everyday_words),
            consolidated=frozenset(general.consolidated_counties),
            longest=max(map(len, index)),
        )

    def elsewhere(self, name: str, state: str) -> Place:
        """Return the place without a record that a person named together with its state."""
        return Place(name, state, state_clocks=state in self.clock_states)


def _recorded(cities: Iterable[City], general: GeneralPlaces) -> Iterable[tuple[str, Place]]:
    states = {name: code for code, name in general.states.items()}
    for city in cities:
        place = Place(city.name, city.state, city.city_id)
        for name in (city.name, city.city_id, *city.aliases, *general.extra_aliases.get(city.city_id, ())):
            yield name, place
        if city.name in states:
            yield city.name, Place(f"{city.name} State", states[city.name])


def _unrecorded(general: GeneralPlaces, clock_states: frozenset[str]) -> Iterable[tuple[str, Place]]:
    for group in (general.state_clock_cities, general.cities_without_record):
        for state, names in group.items():
            for name in names:
                yield name, Place(name, state, state_clocks=state in clock_states)
