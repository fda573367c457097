"""How many of the coach's answers a person may have: by their plan (PL-1), and less for a new account (section 8).

An answer is reserved with the turn and counted when it was answered. Without plans nothing has a limit; beyond one the
scripted coach answers, and the person is told so once a day.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.engine.rights import Booked
from bot.engine.turn import Turn
from handlers.coaching.talk.settings import NEW, TalkSettings
from storage import people
from storage.schema import micros

FEATURE = "coaching.messages"


def reserve(turn: Turn, turn_id: int) -> bool:
    """Set one answer aside for a turn of the ledger; False when the plan has none left."""
    return turn.registry.rights.reserve(turn, FEATURE, _operation(turn_id)) is Booked.GRANTED


def settle(turn: Turn, turn_id: int, *, was_answered: bool) -> None:
    """Count an answer of the model, or give it back (LI-2)."""
    turn.registry.rights.settle(turn, FEATURE, _operation(turn_id), used=int(was_answered))


def told(turn: Turn) -> str:
    """Return what is left, in the words of whoever decides."""
    return turn.registry.rights.decide(turn, FEATURE).told


def messages_today(turn: Turn, settings: TalkSettings) -> int:
    """Return how many messages of a local day the model answers: fewer for a new account that pays nothing."""
    most, fewer = settings.messages_per_day, settings.new_account_messages_per_day
    return min(most, fewer) if fewer and _is_new(turn) and not turn.registry.rights.pays(turn) else most


def _is_new(turn: Turn) -> bool:
    row = turn.work.row(sa.select(people.person.c.created_at).where(people.person.c.id == turn.person.id))
    return row is not None and row.created_at > micros(turn.now - NEW)


def _operation(turn_id: int) -> str:
    return f"job:{turn_id}:{FEATURE}"
