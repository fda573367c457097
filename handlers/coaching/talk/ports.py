"""What a turn of the coach needs of the rest of coaching, as functions that `register` is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bot.engine.turn import Turn

Project = sa.Row[Any]
"""A row of `project`."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What might be saved: a decision of a category with its canonical value, or a task that is done.

    `quote` stands in the message of `message_id`, which is the person's. `asks` says that the model and the rules read
    different values from it: the person is asked, and nothing is proposed.
    """

    subject: str
    value: str
    quote: str
    message_id: int
    source: str = "rules"
    asks: bool = False


Scripted = Callable[[Turn, Project, str, int], None]
"""Answers (turn, project, text, message id) without a model: says lines, and proposes what its rules detect."""

Propose = Callable[[Turn, Project, Sequence[Candidate]], bool]
"""Lets candidates wait for the person's yes and asks for it; tells whether a question is open now."""

Read = Callable[[Turn, Project, str], Mapping[str, str]]
"""Reads decisions and finished tasks (`done 1.3`) out of words, by rules: subject to canonical value."""

NextLine = Callable[[Turn, Project], str]
"""Says the computed next step in one line."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What the rest of coaching gives."""

    scripted: Scripted
    propose: Propose
    read: Read
    next_line: NextLine


def ports_of(turn: Turn) -> Ports:
    """Return what was given."""
    found: Ports = turn.registry.settings[Ports]
    return found
