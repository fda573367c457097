"""What the coach is given at the start: the plans, and who answers free words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from handlers.coaching.plan.template import Shelf

if TYPE_CHECKING:
    from bot.engine.turn import Turn


@dataclass(frozen=True, slots=True)
class Said:
    """A message to the coach, stored under its id, in a project."""

    text: str
    message_id: int
    project: sa.Row[Any]
    is_forwarded: bool = False


Answerer = Callable[["Turn", Said], None]


@dataclass(frozen=True, slots=True)
class CoachSettings:
    """`answer` takes the free words of a person; unless a model is configured the scripted coach does."""

    plans: Shelf
    answer: Answerer


def settings_of(turn: Turn) -> CoachSettings:
    """Return what the service was registered with."""
    found: CoachSettings = turn.registry.settings[CoachSettings]
    return found
