"""What the coach is given at the start: the plans, who reads decisions out of words, and who answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from handlers.coaching.plan.template import Shelf
from storage.coaching.tasks import PlanTask

if TYPE_CHECKING:
    from bot.engine.turn import Turn


class Decided(Protocol):
    """A decision that was read out of a message, with the person's own words."""

    @property
    def category(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def quote(self) -> str: ...
    @property
    def certainty(self) -> str: ...
    @property
    def text(self) -> str | None: ...
    @property
    def rationale(self) -> str: ...
    @property
    def assumed(self) -> tuple[str, ...]: ...
    @property
    def discount_percent(self) -> int | None: ...


class Completed(Protocol):
    """A task that a message calls done, with the person's own words."""

    @property
    def task(self) -> str: ...
    @property
    def quote(self) -> str: ...


class Recognised(Protocol):
    """All that one message proposes."""

    @property
    def decisions(self) -> Sequence[Decided]: ...
    @property
    def completions(self) -> Sequence[Completed]: ...


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a message is read with: the person's day and money, what was asked last, and the plan."""

    today: date
    locale: str = "en-US"
    currency: str = "USD"
    pending: str | None = None
    options: tuple[str, ...] = ()
    is_forwarded: bool = False
    tasks: tuple[PlanTask, ...] = ()
    saved: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Nothing:
    """A message that proposes nothing."""

    decisions: tuple[Decided, ...] = ()
    completions: tuple[Completed, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """A message to the coach, stored under its id, in a project."""

    text: str
    message_id: int
    project: sa.Row[Any]
    is_forwarded: bool = False


Recogniser = Callable[[str, Hearing], Recognised]
Answerer = Callable[["Turn", Said], None]


@dataclass(frozen=True, slots=True)
class CoachSettings:
    """`answer` takes the free words of a person; without another one the scripted coach does."""

    plans: Shelf
    recognise: Recogniser
    answer: Answerer


def settings_of(turn: Turn) -> CoachSettings:
    """Return what the service was registered with."""
    found: CoachSettings = turn.registry.settings[CoachSettings]
    return found
