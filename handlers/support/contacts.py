"""A contact of one's own (`support.dedicated`): one of our staff gets all of a person's tickets, whatever about.

B> carol of our staff is your contact from now on.

It is whoever got their last ticket by rule or by hand: the first ticket finds one, /assign names another. While the
contact is away or full somebody stands in, and the next ticket is the contact's again.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.engine.turn import Turn
from storage import operators
from storage.support import history

FEATURE = "support.dedicated"


def has_one(turn: Turn) -> bool:
    """Tell whether the person's plan has a contact; without plans nobody has one."""
    return turn.registry.rights.decide(turn, FEATURE).value is True


def of(turn: Turn) -> sa.Row[Any] | None:
    """Return the contact as a member of staff, None before the first ticket and after they left."""
    known = history.contact(turn.work, turn.person.id)
    return None if known is None else operators.acting(turn.work, known)


def introduce(turn: Turn, operator: sa.Row[Any]) -> None:
    """Tell the person who their contact is, where they have one."""
    if has_one(turn):
        turn.notify("support.contact", name=operator.name)
