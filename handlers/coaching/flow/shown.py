"""What is shown when a person asks: the plan, a task, progress, decisions, history (OC-2, PP-6)."""

from __future__ import annotations

from collections.abc import Sequence

from bot.engine.turn import Turn
from handlers.coaching import wording
from handlers.coaching.flow.asking import what_of
from handlers.coaching.flow.buttons import button, offer
from handlers.coaching.flow.questions import ask_next, open_points
from handlers.coaching.flow.seen import Seen
from handlers.coaching.flow.ticking import progress_words, task_line
from handlers.coaching.plan import dates, progress
from storage import blobs
from storage.coaching import decisions, tasks
from storage.coaching.tasks import PlanTask


def plan(turn: Turn, seen: Seen, phase: int | None = None) -> None:
    """Show one phase with its tasks: the present one, or the one asked for; others by their number."""
    n = phase or seen.phase or len(seen.plan.phases)
    found = seen.plan.phase(n)
    if found is None:
        turn.say("coaching.no_phase")
        return
    turn.say("coaching.phase", n=n, title=found.title, dates=_dates(turn, seen, n))
    listed = [task_line(turn, seen, task) for task in seen.tasks if task.phase == n and not task.is_removed]
    turn.lines += listed
    if turn.channel != "sms":
        turn.say("coaching.tips", tips=" ".join(f"{one}." for one in found.tips[:1]))
    turn.say("coaching.other_phases", phases=len(seen.plan.phases))
    others = [one for one in seen.plan.phases if one.n != n]
    offer(turn, *(button(turn.text("coaching.phase_button", n=one.n), "phase", one.n) for one in others))


def photos(turn: Turn, seen: Seen, one: PlanTask) -> None:
    """Add the newest photos that show a task, up to five."""
    mine = tasks.events(turn.work, turn.person.id, seen.id)
    kept = [row for row in mine if row.task_id == one.task_id and row.evidence is not None]
    for row in kept[-5:]:
        kind = "png" if blobs.media_type_of(turn.work, row.evidence) == "image/png" else "jpg"
        turn.show(row.evidence, f"task-{one.task_id}-{row.day}.{kind}")


def _dates(turn: Turn, seen: Seen, n: int) -> str:
    found = next(one for one in dates.phase_dates(seen.plan, seen.project.started_on, seen.opening) if one.n == n)
    starts = wording.short_day(turn, found.starts.isoformat())
    if found.ends is None:
        return turn.text("coaching.from_day", day=starts)
    return turn.text("coaching.from_to", start=starts, end=wording.short_day(turn, found.ends.isoformat()))


def task(turn: Turn, seen: Seen, one: PlanTask) -> None:
    """Explain a task: detail, hours, cost, and what helps or harms in its phase (OC-2)."""
    turn.say("coaching.task", line=task_line(turn, seen, one), detail=one.detail.rstrip(".") or one.title)
    if one.minutes or one.cost_minor:
        turn.lines[-1] += " " + effort(turn, seen, one)
    phase = seen.plan.phase(one.phase)
    if phase is not None and phase.tips:
        turn.say("coaching.tip", tip=phase.tips[0])
    if phase is not None and phase.pitfalls and turn.channel != "sms":
        turn.say("coaching.pitfall", pitfall=phase.pitfalls[0])
    for category in one.decisions:
        held = seen.decisions.get(category)
        value = wording.in_sentence(turn, category, held.value, held.text) if held else turn.text("coaching.open")
        turn.say("coaching.task_decision", what=what_of(turn, category), value=value)
    if one.is_open:
        offer(turn, button(turn.text("coaching.tick_button", id=one.task_id), "tick", one.task_id))


def effort(turn: Turn, seen: Seen, one: PlanTask) -> str:
    """Write how long a task takes and what it costs."""
    each = "" if one.is_once else turn.text(f"coaching.each_{one.cadence}")
    told = turn.text("coaching.about_hours", hours=wording.hours(turn, one.minutes), each=each)
    if one.cost_minor:
        amount = wording.money(one.cost_minor, seen.plan.currency, short=turn.channel == "sms")
        told += " " + turn.text("coaching.costs", amount=amount, each=each)
    return told


def show_progress(turn: Turn, seen: Seen) -> None:
    """Show how far planning, execution and time are."""
    turn.say("coaching.progress", **progress_words(turn, seen))
    elapsed = progress.time_elapsed(seen.project.started_on, seen.opening, seen.today)
    if elapsed is not None and seen.opening is not None:
        turn.say("coaching.time", percent=elapsed, day=wording.short_day(turn, seen.opening.isoformat()))
    ask_next(turn, seen)


def show_decisions(turn: Turn, seen: Seen, *, whole: bool) -> None:
    """List the current decisions with their dates, or all that were ever saved (PP-6)."""
    if whole:
        _history(turn, seen)
        return
    lines = [
        turn.text(
            "coaching.decision_line", what=what_of(turn, one.category), day=_saved(turn, one),
            value=wording.value(turn, one.category, one.value, one.text),
        )
        for point in seen.plan.decisions if (one := seen.decisions.get(point.category))
    ]  # fmt: skip
    if lines:
        turn.lines += lines
    else:
        turn.say("coaching.no_decisions")
    left = open_points(seen)
    if left:
        turn.say("coaching.decisions_left", what=", ".join(what_of(turn, point.category) for point in left))


def _history(turn: Turn, seen: Seen) -> None:
    found: Sequence[decisions.Decision] = decisions.history(turn.work, turn.person.id, seen.id)
    if not found:
        turn.say("coaching.no_decisions")
    for one in found[-12:]:
        turn.say(
            "coaching.history_line", what=what_of(turn, one.category), day=_saved(turn, one),
            value=wording.value(turn, one.category, one.value, one.text), state=turn.text(f"coaching.is_{one.state}"),
        )  # fmt: skip


def _saved(turn: Turn, one: decisions.Decision) -> str:
    return wording.short_day(turn, one.saved_at.date().isoformat()) if one.saved_at is not None else ""
