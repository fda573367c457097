"""The cities that Parley knows, as one immutable value.

The packaged files hold what was compiled; operators' verified changes are layered over them with `with_records`. A
city without a record is information only (rule REG-9): a state may lend it its clocks, never an address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict

from handlers.appeals.city import City, DeadlineRule, Level, State, Stated, Zone
from handlers.appeals.place_names import GeneralPlaces, PlaceNames


class LevelScheme(Stated):
    """Stages of review that all cities of a state share."""

    levels: tuple[Level, ...]


class StateClocks(Stated):
    """Deadlines that a state's law sets, for its cities without a record."""

    timezone: Zone
    level_scheme: str
    deadlines: tuple[DeadlineRule, ...]


class StateRules(BaseModel):
    """What is decided by state: shared stages, clocks, and where no letter is sold (rule UPL-6)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    upl_blocked_states: frozenset[State]
    level_schemes: dict[str, LevelScheme]
    state_clocks: dict[State, StateClocks]


@dataclass(frozen=True)
class Registry:
    """Every city record, by id, with the rules of the states and the names of places."""

    cities: Mapping[str, City]
    states: StateRules
    places: GeneralPlaces

    def get(self, city_id: str) -> City | None:
        """Return a city's record, or None."""
        return self.cities.get(city_id)

    def is_blocked(self, city: City) -> bool:
        """Say whether no letter is sold for this city because of its state (rule UPL-6)."""
        return city.upl_blocked or city.state in self.states.upl_blocked_states

    def windows(self, city: City, level: int) -> tuple[int, ...]:
        """Return every stated number of days for asking for this level, from the decision before it (rule DL-10)."""
        scheme = self.states.level_schemes.get(city.levels.scheme or "")
        stages = (*(scheme.levels if scheme else ()), *city.levels.levels)
        stated = [(stage.level, stage.window_days) for stage in stages]
        stated += [(change.level, change.window_days) for change in city.levels.overrides]
        return tuple(days for at, days in stated if at == level and days)

    def with_records(self, records: Iterable[City]) -> Registry:
        """Return a registry in which these records replace or join the present ones."""
        return replace(self, cities=_by_id([*self.cities.values(), *records]))

    def with_blocked_states(self, states: Iterable[str]) -> Registry:
        """Return a registry with another list of states in which no letter is sold."""
        rules = self.states.model_dump() | {"upl_blocked_states": frozenset(states)}
        return replace(self, states=StateRules.model_validate(rules))

    @cached_property
    def place_names(self) -> PlaceNames:
        """Return the index by which free text is searched for cities."""
        return PlaceNames.build(self.cities.values(), self.places, frozenset(self.states.state_clocks))


def _by_id(records: Iterable[City]) -> Mapping[str, City]:
    return MappingProxyType({city.city_id: city for city in records})


def _data() -> Traversable:
    return resources.files("handlers.appeals") / "data"


@cache
def packaged_registry() -> Registry:
    """Load the packaged records; raise pydantic.ValidationError when one breaks rule REG-6."""
    folder = _data()
    files = sorted((file for file in (folder / "cities").iterdir() if file.name.endswith(".json")), key=str)
    return Registry(
        cities=_by_id(City.model_validate_json(file.read_bytes()) for file in files),
        states=StateRules.model_validate_json((folder / "states.json").read_bytes()),
        places=GeneralPlaces.model_validate_json((folder / "places.json").read_bytes()),
    )
