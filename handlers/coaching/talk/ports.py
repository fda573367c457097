"""What a turn of the coach needs of the rest of coaching, as functions that `register` is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.engine.turn import Turn
from handlers.coaching.flow.seen import Seen
from handlers.coaching.settings import Answerer


@dataclass(frozen=True, slots=True)
class Candidate:
    """What might be saved: a decision of a category with its canonical value, or a task that is done (`done 1.3`).

    `quote` stands in the message of `message_id`, which is the person's. `asks` says that the model and the rules read
    different values from it: the person is asked, and nothing is proposed.
    """

    subject: str
    value: str
    quote: str
    message_id: int
    certainty: str = "explicit"
    source: str = "rules"
    asks: bool = False


Propose = Callable[[Turn, Seen, Sequence[Candidate]], None]
"""Lets candidates wait for the person's yes, and asks for it in this turn's reply."""

NextLine = Callable[[Turn, Seen], str]
"""Says the computed next step in one line."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What the rest of coaching gives: who answers without a model (and proposes by its rules), who proposes."""

    scripted: Answerer
    propose: Propose
    next_line: NextLine


def ports_of(turn: Turn) -> Ports:
    """Return what was given."""
    found: Ports = turn.registry.settings[Ports]
    return found
