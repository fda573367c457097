"""What a message is read with and what is read from it; a decision's canonical text is its identity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class Category(StrEnum):
    """The five decisions of the plan."""

    PLATFORM = "platform"
    PRICING = "pricing"
    STRUCTURE = "structure"
    CONTENT = "content"
    TIMELINE = "timeline"


class Certainty(StrEnum):
    """How a decision was said: committed to, stated bare, or given as the answer to the coach's question."""

    EXPLICIT = "explicit"
    BARE = "bare"
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Task:
    """A task of the plan as far as it can be named: its id, its title, the words that tell that it is done."""

    id: str
    title: str = ""
    done_phrases: tuple[tuple[str, ...], ...] = ()
    decisions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Context:
    """What the conversation adds to a message: the person's day, locale and currency, and what was asked last."""

    today: date
    locale: str = "en-US"
    currency: str = "USD"
    pending: Category | None = None
    options: tuple[str, ...] = ()
    is_forwarded: bool = False
    tasks: tuple[Task, ...] = ()
    done: frozenset[str] = frozenset()
    saved: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """One proposal: `value` is the canonical text, `quote` the person's exact words, `assumed` what was not said."""

    category: Category
    value: str
    quote: str
    certainty: Certainty
    text: str | None = None
    rationale: str = ""
    assumed: tuple[str, ...] = ()
    discount_percent: int | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """A task that the message calls done, with the person's exact words."""

    task: str
    quote: str


@dataclass(frozen=True, slots=True)
class Recognition:
    """All that one message proposes."""

    decisions: tuple[Decision, ...] = ()
    completions: tuple[Completion, ...] = ()

    def value(self, category: Category) -> str | None:
        """Return the canonical text proposed for a category."""
        return next((d.value for d in self.decisions if d.category is category), None)
