"""Flows: named steps, each a question as data and an answer as a plain function.

    appeal = Flow("appeal", AppealDraft, version=1, first="city", entry=("ticket", "appeal"))

    @appeal.ask("city")
    def ask_city(turn): return Ask("city.ask")

    @appeal.take("city")
    def take_city(turn, answer): ...; return Goto("number")

`take` returns where to go next; raising `Mistake` asks again in other words. A step that needs the world returns
`Call(...)`, and the function decorated with `result(name)` takes what came of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from pydantic import BaseModel

from bot.core.calls import Outcome
from bot.core.prompts import Answer, Ask

if TYPE_CHECKING:
    from bot.engine.turn import Turn

D = TypeVar("D", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Goto:
    """Ask this step next; `forget` leaves no way back to the step just answered."""

    step: str
    forget: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """Ask the world, stay silent until it answered, and hand the outcome to the result function `then`.

    `key` is the idempotency key. After `limit` the outcome is Refused("timed_out").
    """

    call: Any
    then: str
    key: str | None = None
    limit: timedelta = timedelta(seconds=60)
    policy: str = "repeat_ok"


@dataclass(frozen=True, slots=True)
class Stay:
    """Ask the same step again (lines already said come first)."""


@dataclass(frozen=True, slots=True)
class Hush:
    """Say nothing at all: the person is expected to act elsewhere, or an event will follow."""


@dataclass(frozen=True, slots=True)
class End:
    """The flow is over; its draft is dropped."""


@dataclass(frozen=True, slots=True)
class Park:
    """Leave the flow with its draft for 30 days."""


@dataclass(frozen=True, slots=True)
class Enter:
    """Open another flow on top of this one (or instead of it when `replace`)."""

    flow: str
    draft: dict[str, Any] = field(default_factory=dict)
    step: str | None = None
    replace: bool = False


Next = Goto | Call | Stay | Hush | End | Park | Enter
AskFunction = Callable[["Turn"], Ask]
TakeFunction = Callable[["Turn", Answer], Next]
ResultFunction = Callable[["Turn", Outcome], Next]


@dataclass(slots=True)
class Step:
    """A question and what becomes of its answer. `free_text` steps collect the person's own words (rule 2.2.7)."""

    name: str
    ask: AskFunction | None = None
    take: TakeFunction | None = None
    free_text: bool = False
    effort: bool = True


class Flow(Generic[D]):
    """A named conversation with a draft."""

    def __init__(
        self,
        name: str,
        draft: type[D],
        *,
        version: int,
        first: str,
        entry: tuple[str, ...] = (),
        upgrades: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] | None = None,
        on_change: Callable[[Turn], None] | None = None,
        on_park: Callable[[Turn], None] | None = None,
        on_resume: Callable[[Turn], None] | None = None,
        recognises: Callable[[str], bool] | None = None,
        editor: Callable[[Turn, str], Next | None] | None = None,
    ) -> None:
        self.name, self.draft, self.version, self.first, self.entry = name, draft, version, first, entry
        self.steps: dict[str, Step] = {}
        self.results: dict[str, ResultFunction] = {}
        self._upgrades = upgrades or {}
        self.on_change, self.on_park, self.on_resume = on_change, on_park, on_resume
        self.recognises, self.editor = recognises, editor
        self.starters: list[Callable[[Turn, str], Next | None]] = []

    def step(self, name: str) -> Step:
        """Return the step of this name, made on first mention."""
        return self.steps.setdefault(name, Step(name))

    def ask(self, name: str, *, free_text: bool = False, effort: bool = True) -> Callable[[AskFunction], AskFunction]:
        """Register the question of a step."""

        def register(function: AskFunction) -> AskFunction:
            step = self.step(name)
            step.ask, step.free_text, step.effort = function, free_text, effort
            return function

        return register

    def take(self, name: str) -> Callable[[TakeFunction], TakeFunction]:
        """Register what becomes of a step's answer."""

        def register(function: TakeFunction) -> TakeFunction:
            self.step(name).take = function
            return function

        return register

    def result(self, name: str) -> Callable[[ResultFunction], ResultFunction]:
        """Register what becomes of a call's outcome."""

        def register(function: ResultFunction) -> ResultFunction:
            self.results[name] = function
            return function

        return register

    def start(self, function: Callable[[Turn, str], Next | None]) -> Callable[[Turn, str], Next | None]:
        """Register what is done with the words that opened the flow, before its first question."""
        self.starters.append(function)
        return function

    def load(self, raw: dict[str, Any], version: int) -> D:
        """Read a stored draft, upgraded to this release's version."""
        for v in range(version, self.version):
            raw = self._upgrades[v](raw)
        return self.draft.model_validate(raw)

    def check(self) -> None:
        """Raise ValueError when a step lacks its question or its answer."""
        for step in self.steps.values():
            if step.ask is None or step.take is None:
                raise ValueError(f"step {step.name} of flow {self.name} lacks its question or its answer")
        if self.first not in self.steps:
            raise ValueError(f"flow {self.name} has no step {self.first}")
