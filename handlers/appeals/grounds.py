"""What a person may say about a ticket, the questions it leads to and the papers that are asked for.

All of it is data (`data/grounds.toml`) with a checked form: every ground, question and paper has a text key and its
default English text. A city's own list takes the place of the general one. Nothing ranks, recommends or predicts.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.core.fold import fold, words
from handlers.appeals.city import State

ViolationClass = Literal["meter", "sweeping", "sign", "permit", "registration", "time", "camera", "other"]
MOST_QUESTIONS = 5


class Entry(BaseModel):
    """A part of the checklist."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Asked(Entry):
    """A question, or a paper; each can be skipped."""

    id: str = Field(pattern=r"^[a-z_]+$")
    text: str = Field(min_length=1, max_length=160)


class Paper(Asked):
    """A paper that is asked for; `of` names the question whose answer tells that there is one."""

    of: str | None = None


class Limit(Entry):
    """A known limit, shown as information where it applies: everywhere, or in some cities or states."""

    text: str
    cities: tuple[str, ...] = ()
    states: tuple[State, ...] = ()

    def applies(self, city_id: str, state: str) -> bool:
        """Say whether the limit is shown for this city."""
        return not (self.cities or self.states) or city_id in self.cities or state in self.states


class Ground(Entry):
    """One ground, as shown."""

    id: str = Field(pattern=r"^[a-z_]+$")
    text: str = Field(min_length=1, max_length=80)
    classes: tuple[ViolationClass | Literal["all"], ...] = Field(min_length=1)
    questions: tuple[Asked, ...] = Field(max_length=MOST_QUESTIONS)
    evidence: tuple[Paper, ...]
    limits: tuple[Limit, ...] = ()

    @property
    def key(self) -> str:
        """Return the text key of the ground."""
        return f"ground.{self.id}"

    def question_key(self, question: Asked) -> str:
        """Return the text key of one of its questions."""
        return f"ground.{self.id}.ask.{question.id}"

    def evidence_key(self, item: Asked) -> str:
        """Return the text key of one of its papers."""
        return f"ground.{self.id}.proof.{item.id}"

    def fits(self, violation_class: str) -> bool:
        """Say whether the ground is offered for a class; with the class `other` every ground is."""
        return violation_class == "other" or "all" in self.classes or violation_class in self.classes


class CityList(Entry):
    """What a city publishes itself, with its source."""

    source: str = Field(min_length=1)
    only: tuple[str, ...] = ()
    renamed: dict[str, str] = {}
    not_accepted: tuple[str, ...] = ()


class Checklist(Entry):
    """The whole file."""

    version: int
    grounds: tuple[Ground, ...]
    violations: dict[ViolationClass, tuple[str, ...]]
    cities: dict[str, CityList] = {}

    @model_validator(mode="after")
    def _names_fit_together(self) -> Self:
        known = [ground.id for ground in self.grounds]
        if len(set(known)) != len(known):
            raise ValueError("a ground stands twice")
        for ground in self.grounds:
            if unasked := {p.of for p in ground.evidence if p.of} - {q.id for q in ground.questions}:
                raise ValueError(f"{ground.id} has papers of unknown questions: {sorted(unasked)}")
        for city_id, listed in self.cities.items():
            if unknown := (set(listed.only) | set(listed.renamed)) - set(known):
                raise ValueError(f"{city_id} names unknown grounds: {sorted(unknown)}")
        return self

    def ground(self, ground_id: str) -> Ground:
        """Return a ground; raise KeyError when there is none of that id."""
        for ground in self.grounds:
            if ground.id == ground_id:
                return ground
        raise KeyError(ground_id)

    def offered(self, city_id: str, violation_class: str) -> tuple[Ground, ...]:
        """Return the grounds to choose from, in the file's order; the city's own list and wording come first."""
        listed = self.cities.get(city_id)
        fitting = (ground for ground in self.grounds if ground.fits(violation_class))
        if listed is None:
            return tuple(fitting)
        return tuple(
            ground.model_copy(update={"text": listed.renamed.get(ground.id, ground.text)})
            for ground in fitting
            if not listed.only or ground.id in listed.only
        )

    def class_named(self, text: str) -> ViolationClass | None:
        """Return the class of violation that a driver's words name, None when they name none or several."""
        said = f" {' '.join(words(fold(text)))} "
        named = [one for one, names in self.violations.items() if any(f" {name} " in said for name in names)]
        return named[0] if len(named) == 1 else None

    def limits(self, ground_id: str, city_id: str, state: str) -> tuple[str, ...]:
        """Return the limits to show for a ground in a city."""
        return tuple(limit.text for limit in self.ground(ground_id).limits if limit.applies(city_id, state))

    def texts(self) -> dict[str, str]:
        """Return every text key with its default English text, for the catalogues."""
        found: dict[str, str] = {}
        for ground in self.grounds:
            found[ground.key] = ground.text
            found |= {ground.question_key(question): question.text for question in ground.questions}
            found |= {ground.evidence_key(item): item.text for item in ground.evidence}
        return found


@cache
def packaged_checklist() -> Checklist:
    """Load the packaged checklist; raise pydantic.ValidationError when its form is broken."""
    file = resources.files("handlers.appeals") / "data" / "grounds.toml"
    return Checklist.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
