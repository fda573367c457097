"""What the coach asks of a language model: a reply in words, facts out of one message, a summary of older talk.

The two questions of a turn are independent calls (rule CT-3) that share a row: they leave together, and one result
tells what came of both and what each try of either used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from bot.core.calls.packing import wire
from bot.core.model_prices import Tokens


@wire
@dataclass(frozen=True, slots=True)
class Line:
    """One message of a conversation, as the vendor names the two who speak."""

    role: Literal["user", "assistant"]
    text: str


@wire
@dataclass(frozen=True, slots=True)
class WordsWanted:
    """Ask for plain text. `system` is ours alone, the same for all turns of a plan, and cached by the vendor."""

    model: str
    system: str
    lines: list[Line]
    max_tokens: int


@wire
@dataclass(frozen=True, slots=True)
class FactsWanted:
    """Ask for one JSON object of a schema out of `data`, which is marked as material and never as orders."""

    model: str
    system: str
    data: dict[str, str]
    schema: dict[str, Any]
    max_tokens: int


@wire
@dataclass(frozen=True, slots=True)
class AskCoach:
    """A turn of the coach (rule CT-3). `person` is a keyed hash; `seconds` is what is left of the reply's time."""

    turn: int
    person: str
    reply: WordsWanted
    facts: FactsWanted | None = None
    seconds: int = 25


@wire
@dataclass(frozen=True, slots=True)
class SummariseTalk:
    """Fold older talk into a short text (rule CX-2). It belongs to the turn after which it is made."""

    turn: int
    person: str
    words: WordsWanted
    seconds: int = 20


Ending = Literal["answered", "refused", "cut", "failed", "timeout", "network_refused"]
"""How a try ended: with an answer, with the model's refusal, cut after it began, not at all, too late, never begun."""


@wire
@dataclass(frozen=True, slots=True)
class ModelTry:
    """One request to the vendor: what it used, or, where `usage_known` is false, an estimate of that (rule LI-2)."""

    purpose: Literal["reply", "extract", "summary"]
    attempt: int
    model: str
    outcome: Ending
    asked_at: int
    latency_ms: int
    stop_reason: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_5m_tokens: int = 0
    cache_write_1h_tokens: int = 0
    usage_known: bool = True

    @property
    def tokens(self) -> Tokens:
        """What it used, by kind."""
        return Tokens(
            self.input_tokens,
            self.output_tokens,
            self.cache_read_tokens,
            self.cache_write_5m_tokens,
            self.cache_write_1h_tokens,
        )


@wire
@dataclass(frozen=True, slots=True)
class CoachSaid:
    """A whole reply (empty after the model's refusal) with its stop reason, and the facts when there were any."""

    text: str
    stop_reason: str
    tries: list[ModelTry]
    facts: dict[str, Any] | None = None


@wire
@dataclass(frozen=True, slots=True)
class TalkSummarised:
    """The summary."""

    text: str
    tries: list[ModelTry] = field(default_factory=list)


def tries_of(details: object) -> list[ModelTry]:
    """Return the tries that a refused call tells of, as stored or as made."""
    found = details.get("tries") if isinstance(details, dict) else None
    return [one if isinstance(one, ModelTry) else ModelTry(**one) for one in found or ()]
