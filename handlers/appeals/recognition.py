"""Which city a person means, from a button's id, an abbreviation, a misspelling or a whole sentence.

A name alone decides only when it can mean one place: "Washington" and "Portland" come back as several, a misspelled
or half-hidden name as uncertain, to be confirmed. A citation number never takes part (rule NUM-1).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from handlers.appeals.place_names import Place, PlaceNames, Word, Words, words_of
from handlers.appeals.registry import Registry

_PREPOSITIONS = {"in", "from", "at", "near", "around", "en", "de", "downtown", "of"}
_HOME = {"live", "living", "lived", "from", "moved", "registered", "work", "working", "visiting"}
_ENGLISH_STATE_CODES = {"in", "or", "me", "ok", "hi", "oh", "la", "de", "id", "pa", "ma", "al", "mo", "co"}
_EVERYDAY_SHORT = {"la", "sac"}
_SIDES = {"north", "south", "east", "west", "new", "fort", "ft", "lake", "port"}
_PARTS = {"beach", "heights", "hills", "gardens", "springs", "township", "village", "park", "college", "university"}
_SHORT_TEXT = 4
_LONGEST_TEXT = 400


@dataclass(frozen=True, slots=True)
class Recognition:
    """The places that a text may mean, the likelier first; `certain` says that no confirmation is needed."""

    places: tuple[Place, ...]
    certain: bool = True

    @property
    def place(self) -> Place | None:
        """Return the place when there is exactly one."""
        return self.places[0] if len(self.places) == 1 else None


@dataclass(frozen=True, slots=True)
class _Hit:
    places: tuple[Place, ...]
    certain: bool
    at: int
    end: int
    home: bool = False


def recognise_city(registry: Registry, text: str) -> Recognition:
    """Find the city that a text names; no place at all means: ask again."""
    if record := registry.get(text.strip().casefold()):
        return Recognition((Place(record.name, record.state, record.city_id),))
    search = _Search(registry.place_names, words_of(text[:_LONGEST_TEXT]))
    hits = list(search.hits())
    if hits:
        return _merge(hits)
    return search.named_with_state() or search.misspelled() or Recognition(())


def _merge(hits: list[_Hit]) -> Recognition:
    """Join several finds: a place that the person only lives in steps back, and what is left needs confirmation."""
    away = [hit for hit in hits if not hit.home]
    used = away or hits
    places = tuple({place.label: place for hit in used for place in hit.places}.values())
    return Recognition(places, len(places) == 1 and all(hit.certain for hit in used) and len(used) == len(hits))


@dataclass(frozen=True, slots=True)
class _Search:
    names: PlaceNames
    words: list[Word]

    def hits(self) -> Iterator[_Hit]:
        """Walk through the text and yield each place name, the longest first."""
        at = 0
        while at < len(self.words):
            hit = self._longest_at(at)
            if hit is not None:
                yield hit
            at = hit.end if hit else at + 1

    def _longest_at(self, at: int) -> _Hit | None:
        for size in range(min(self.names.longest, len(self.words) - at), 0, -1):
            places = self.names.places.get(self._key(at, at + size))
            if places:
                hit = self._with_state(_Hit(places, True, at, at + size))
                if self._is_meant(hit, at + size):
                    return replace(self._with_neighbours(hit), home=self._is_home(at))
        return None

    def _key(self, start: int, end: int) -> Words:
        return tuple(word.folded for word in self.words[start:end])

    def _with_state(self, hit: _Hit) -> _Hit:
        """Take the state that follows a name: it chooses among places, or names one that has no record."""
        if self._folded(hit.end) == "state" and any(place.name.endswith(" State") for place in hit.places):
            return replace(hit, places=tuple(p for p in hit.places if p.name.endswith(" State")), end=hit.end + 1)
        if (found := self._state_at(hit.end)) is None:
            return hit
        state, end = found
        chosen = tuple(place for place in hit.places if place.state == state and not place.name.endswith(" State"))
        typed = " ".join(word.raw for word in self.words[hit.at : hit.end])
        return replace(hit, places=chosen or (self.names.elsewhere(typed, state),), end=end)

    def _state_at(self, at: int) -> tuple[str, int] | None:
        for size in (3, 2, 1):
            state = self.names.states.get(self._key(at, at + size))
            if state is not None and at + size <= len(self.words) and self._is_state(at, size):
                return state, at + size
        return None

    def _is_state(self, at: int, size: int) -> bool:
        word = self.words[at]
        plain = size > 1 or word.folded not in _ENGLISH_STATE_CODES
        return plain or word.raw.isupper() or at == len(self.words) - 1

    def _is_meant(self, hit: _Hit, name_end: int) -> bool:
        """Tell a place from an everyday word: "la", "orange" and "commerce" need a sign that a place is meant."""
        key, word = self._key(hit.at, name_end), self.words[hit.at]
        alone = hit.at == 0 and hit.end == len(self.words)
        before, after = self._folded(hit.at - 1), self._folded(name_end)
        if alone or hit.end > name_end or after == "county" or before in _PREPOSITIONS - {"of", "de", "en"}:
            return True
        if before == "of" and self._folded(hit.at - 2) == "city":
            return True
        if key in self.names.everyday:
            return False
        if len(key) == 1 and word.folded.upper() in self.names.states.values() and word.after_break and hit.at:
            return False
        return not (len(key) == 1 and word.folded in _EVERYDAY_SHORT) or word.raw.isupper()

    def _with_neighbours(self, hit: _Hit) -> _Hit:
        """Look at the words around a name: a county is another office, a side or a part of town is uncertain."""
        if self._folded(hit.end) == "county" and not all(p.city_id in self.names.consolidated for p in hit.places):
            counties = tuple(self.names.elsewhere(f"{place.name} County", place.state) for place in hit.places)
            return replace(hit, places=counties, end=hit.end + 1)
        doubtful = self._folded(hit.at - 1) in _SIDES or self._folded(hit.end) in _PARTS
        return replace(hit, certain=not doubtful)

    def _folded(self, at: int) -> str:
        return self.words[at].folded if 0 <= at < len(self.words) else ""

    def _is_home(self, at: int) -> bool:
        return any(self._folded(before) in _HOME for before in (at - 1, at - 2))

    def named_with_state(self) -> Recognition | None:
        """Read "Somewhere, CA": a place that no list holds, named together with its state."""
        for at in range(len(self.words) - 1, 0, -1):
            found = self._state_at(at)
            if found and (found[1] == len(self.words) or self.words[at].raw.isupper()):
                name = self._before(at)
                return self._respelled(name, found[0]) or Recognition((self.names.elsewhere(name, found[0]),), False)
        return None

    def _before(self, end: int) -> str:
        start = end
        while start > 0 and end - start < 3 and self.words[start - 1].folded not in _PREPOSITIONS | {"ticket", "a"}:
            start -= 1
        return " ".join(word.raw for word in self.words[start:end])

    def _respelled(self, name: str, state: str) -> Recognition | None:
        found = _Search(self.names, words_of(name)).misspelled()
        places = tuple(place for place in found.places if place.state == state) if found else ()
        return Recognition(places, certain=False) if places else None

    def misspelled(self) -> Recognition | None:
        """Find the name that the text comes nearest to; a sentence needs a longer and closer match."""
        short = len(self.words) <= _SHORT_TEXT
        least, length = (0.8, 5) if short else (0.85, 7)
        found: dict[Words, float] = {}
        for start in range(len(self.words)):
            for end in range(start + 1, min(start + 4, len(self.words)) + 1):
                typed = "".join(self._key(start, end))
                if len(typed) >= length:
                    self._nearest(typed, least, found)
        if not found:
            return None
        best = max(found.values())
        near = [key for key, ratio in found.items() if ratio > best - 0.02]
        places = {place.label: place for key in near for place in self.names.places[key]}
        return Recognition(tuple(places.values()), certain=False)

    def _nearest(self, typed: str, least: float, found: dict[Words, float]) -> None:
        for key in self.names.places:
            name = "".join(key)
            if (
                len(name) >= 5
                and key not in self.names.everyday
                and name[0] == typed[0]
                and abs(len(name) - len(typed)) <= 2
            ):
                ratio = SequenceMatcher(None, typed, name, autojunk=False).ratio()
                if ratio >= least:
                    found[key] = max(ratio, found.get(key, 0))
