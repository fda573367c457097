"""Buttons of staff: an opaque id; what it does, for whom and until when stands in its row (rule CM-3).

A button runs a command of the catalogue, so it passes the same gate. It counts once, and for its author alone; an old
one says so and does nothing.
"""

from __future__ import annotations

from datetime import timedelta

from bot.engine.standing import data_of
from bot.engine.turn import Turn
from storage import operators, staff_actions
from storage.staff_actions import Begun

NAME = "gate"
LIFE = timedelta(hours=24)


def offer(turn: Turn, operator_id: int, command: str, argument: str, *, life: timedelta = LIFE) -> str:
    """Return the data of a button that runs a command for one member; raise LookupError for one without a row."""
    row = turn.registry.staff.get(command)
    owner = operators.by_id(turn.work, operator_id)
    if row is None or owner is None:
        raise LookupError(f"no button for /{command}: it has no row, or nobody may press it")
    token = turn.work.ids.token()
    staff_actions.begin(
        turn.work,
        Begun("button", f"operator:{owner.name}", operator_id, row.name, argument, "", turn.now + life, token=token),
    )
    return data_of(f"{NAME}:{token}")
