"""Ticking, skipping and reopening tasks: every change is an event, and each can be taken back (TK-1 to TK-3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import Enum, auto
from typing import Any

from bot.engine.turn import Turn
from handlers.coaching import wording
from handlers.coaching.flow.buttons import button, offer
from handlers.coaching.flow.seen import Seen, again
from storage.coaching import acts, tasks
from storage.coaching.tasks import PlanTask

Change = dict[str, Any]


class Ticked(Enum):
    """What became of a tick."""

    DONE = auto()
    OCCURRED = auto()
    ALREADY = auto()
    TODAY = auto()
    SKIPPED = auto()


@dataclass(slots=True)
class Pen:
    """Writes the changes of one act, and remembers them for UNDO."""

    turn: Turn
    seen: Seen
    how: str = "manual"
    proposal_id: int | None = None
    act_id: int = 0
    changes: list[Change] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.act_id = self.turn.work.new_id()

    def tick(self, task: PlanTask, note: str | None = None) -> Ticked:
        """Tick a once-task, or log that a recurring one happened; twice is once, or once a local day."""
        if task.is_once and task.state == "done":
            return Ticked.ALREADY
        if not task.is_once and self.seen.today in task.days:
            return Ticked.TODAY
        self._move(task, "done" if task.is_once else "in_progress", "done" if task.is_once else "occurrence", note)
        return Ticked.DONE if task.is_once else Ticked.OCCURRED

    def skip(self, task: PlanTask, note: str | None = None) -> bool:
        """Leave a task out of the plan's count; False when it is already."""
        if task.state == "skipped":
            return False
        self._move(task, "skipped", "skipped", note)
        return True

    def start(self, task: PlanTask) -> bool:
        """Note that a task is under way; False when it is, or is done."""
        if task.state != "todo":
            return False
        self._move(task, "in_progress", "started", None)
        return True

    def reopen(self, task: PlanTask) -> bool:
        """Take a tick or a skip back at the person's word; the events stay (C25)."""
        newest = tasks.newest_event(self.turn.work, *self._of(), task_id=task.task_id)
        if newest is None and task.state == "todo":
            return False
        state = "todo" if task.is_once or len(task.days) <= 1 else "in_progress"
        self._move(task, state, "reopened", None, None if newest is None else int(newest.id))
        if newest is not None:
            self.changes[-1]["redo"] = [newest.kind, newest.day.isoformat()]
        return True

    def keep(self, kind: str) -> None:
        """Store the act; one without changes is none."""
        if self.changes:
            acts.add(self.turn.work, *self._of(), act_id=self.act_id, kind=kind, changes=self.changes)

    def _of(self) -> tuple[int, int]:
        return self.turn.person.id, self.seen.id

    def _move(self, task: PlanTask, state: str, kind: str, note: str | None, undoes: int | None = None) -> None:
        work, of = self.turn.work, self._of()
        tasks.set_state(work, *of, task_id=task.task_id, state=state)
        event = tasks.record(
            work, *of, task_id=task.task_id, kind=kind, day=self.seen.today, how=self.how, act_id=self.act_id,
            proposal_id=self.proposal_id, undoes=undoes, text=note,
        )  # fmt: skip
        self.changes.append({"task": task.task_id, "was": task.state, "event": event})


def take_back(turn: Turn, seen: Seen, change: Change) -> None:
    """Undo one change of a task: its state is as it was, and an event says so."""
    work, of = turn.work, (turn.person.id, seen.id)
    tasks.set_state(work, *of, task_id=change["task"], state=change["was"])
    event = int(change["event"])
    tasks.record(work, *of, task_id=change["task"], kind="undone", day=seen.today, how="undo", undoes=event)
    if change.get("redo"):
        kind, day = change["redo"]
        tasks.record(work, *of, task_id=change["task"], kind=kind, day=date.fromisoformat(day), how="undo")


def say_ticked(turn: Turn, seen: Seen, results: list[tuple[PlanTask, Ticked]]) -> None:
    """Tell what was ticked and how far the plan is now."""
    now = again(turn, seen)
    done = [task.task_id for task, ticked in results if ticked is Ticked.DONE]
    if done:
        key = "coaching.task_done" if len(done) == 1 else "coaching.tasks_done"
        turn.say(key, ids=", ".join(done), **progress_words(turn, now))
    for task, ticked in results:
        fresh = now.task(task.task_id)
        if ticked is Ticked.OCCURRED and fresh is not None:
            _say_occurrence(turn, now, fresh)
        elif ticked in (Ticked.ALREADY, Ticked.TODAY):
            turn.say(f"coaching.tick_{ticked.name.lower()}", id=task.task_id)
    if done or any(ticked is Ticked.OCCURRED for _, ticked in results):
        offer(turn, button(turn.text("coaching.undo_button"), "undo", words=("undo",)))


def _say_occurrence(turn: Turn, seen: Seen, task: PlanTask) -> None:
    key = "coaching.occurred_counts" if task.counts else "coaching.occurred"
    turn.say(
        key, id=task.task_id, times=len(task.days), needed=task.counts_after, streak=seen.streak(task),
        **progress_words(turn, seen),
    )  # fmt: skip


def progress_words(turn: Turn, seen: Seen) -> dict[str, object]:
    """Return the figures of the plan's progress for a text."""
    now = seen.progress
    return {
        "decided": now.decided, "decisions": now.decisions, "done": now.done, "tasks": now.tasks,
        "overall": now.overall, "planning": now.planning, "execution": now.execution,
    }  # fmt: skip


def task_line(turn: Turn, seen: Seen, task: PlanTask) -> str:
    """Write a task as one line of a list, with its state."""
    state = "done" if task.counts else task.state
    mark = turn.text(f"coaching.mark_{state}")
    again_ = turn.text("coaching.times", times=len(task.days), needed=task.counts_after) if not task.is_once else ""
    due = turn.text("coaching.due", day=wording.short_day(turn, task.due_on.isoformat())) if task.due_on else ""
    return f"{mark}{task.task_id} {task.title}{again_}{due}"
