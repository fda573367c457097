"""Trouble with a case, told to the operators so that they can look it up: its code for /case, its event for trace.

What went wrong is the alert's kind; details hold our own ids and words, nothing of the person (rules OPS-2, NEVER-4).
"""

from __future__ import annotations

from bot.engine.turn import Turn
from handlers.appeals.case_files import case_row


def alarm(turn: Turn, kind: str, case_id: int | None, /, *, key: str, **details: object) -> None:
    """Tell the operators of trouble with a case; the same key is told once."""
    code = case_row(turn, case_id).code if case_id is not None else None
    turn.alert(kind, key=key, case=code, trace=turn.inbox_id, **details)
