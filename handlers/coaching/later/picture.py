"""A picture of progress: how far the plan is, phase by phase, legible on a phone, light or dark (rule NG-3)."""

from __future__ import annotations

from datetime import timedelta

from bot.core.calls import Done
from bot.core.calls.charts import ChartBar, ChartDrawn, DrawChart
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.coaching.flow.seen import Seen
from handlers.coaching.later.wording import to_opening
from handlers.coaching.plan.progress import time_elapsed

CALL = "coaching.progress"
LIMIT = timedelta(minutes=10)
_FULL = 1000


def draw(turn: Turn, seen: Seen, *, dark: bool) -> None:
    """Ask for the picture; it follows by itself, and is left out when it cannot be drawn."""
    progress = seen.progress
    title = turn.text("coaching.later.picture_title", percent=progress.overall)
    call = DrawChart(title, to_opening(turn, seen), bars_of(turn, seen), dark)
    turn.call(call, then=CALL, limit=LIMIT)


def bars_of(turn: Turn, seen: Seen) -> list[ChartBar]:
    """Return the bars: decisions, the tasks of each phase, and the time, which is a mark on the whole."""
    progress = seen.progress
    elapsed = time_elapsed(seen.project.started_on, seen.opening, seen.today)
    bars = [
        ChartBar(
            turn.text("coaching.later.picture_all"),
            f"{progress.overall} %",
            progress.overall * 10,
            0,
            None if elapsed is None else elapsed * 10,
        ),
        _bar(turn.text("coaching.later.picture_decisions"), progress.decided, progress.decisions, 2),
    ]
    for phase in seen.plan.phases:
        counted = [
            task for task in seen.tasks if task.phase == phase.n and not task.is_removed and task.state != "skipped"
        ]
        if counted:
            bars.append(_bar(f"{phase.n} {phase.title}", sum(task.counts for task in counted), len(counted), 1))
    return bars


def _bar(label: str, done: int, whole: int, tone: int) -> ChartBar:
    return ChartBar(label, f"{done} / {whole}", _FULL * done // whole if whole else _FULL, tone)


def drawn(turn: Turn) -> None:
    """Send the picture."""
    outcome = outcome_of(turn)
    turn.silent = True
    if isinstance(outcome, Done) and isinstance(outcome.result, ChartDrawn):
        turn.show(outcome.result.blob, "progress.png")
