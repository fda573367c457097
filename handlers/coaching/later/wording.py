"""Sentences of what comes unasked: the next step, the days to the opening, the promise."""

from __future__ import annotations

from bot.engine.turn import Turn
from handlers.coaching.flow.seen import Seen
from storage.coaching import checkins

_PROMISE = 100


def step_told(turn: Turn, seen: Seen) -> str:
    """Return the next step in one sentence."""
    step = seen.next
    if step.decision is not None:
        return turn.text(
            "coaching.later.step_decision", category=turn.text(f"coaching.later.of_{step.decision.category}")
        )
    if step.task is not None:
        return turn.text("coaching.later.step_task", id=step.task.task_id, title=step.task.title)
    return turn.text("coaching.later.step_none")


def to_opening(turn: Turn, seen: Seen) -> str:
    """Return how far the opening is."""
    opens = seen.opening
    if opens is None:
        return turn.text("coaching.later.no_date")
    days = (opens - seen.today).days
    if days < 0:
        return turn.text("coaching.later.days_open", days=-days)
    return turn.text("coaching.later.day_ahead" if days == 1 else "coaching.later.days_ahead", days=days)


def promise_told(turn: Turn, seen: Seen) -> str:
    """Return the open promise in one sentence with a space behind, nothing without one."""
    words = checkins.open_promise(turn.work, turn.person.id, seen.id)
    return f"{turn.text('coaching.later.promised', words=words[:_PROMISE])} " if words else ""
