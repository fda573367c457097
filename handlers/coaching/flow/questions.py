"""What the coach asks next: an open decision with its options, or the next task; chosen by code (TK-4, OC-2)."""

from __future__ import annotations

from datetime import timedelta

from bot.engine.turn import Turn
from handlers.coaching import wording
from handlers.coaching.flow.asked import update
from handlers.coaching.flow.buttons import button, offer
from handlers.coaching.flow.seen import Seen
from handlers.coaching.plan import dates
from handlers.coaching.plan.next_step import NextStep, open_decisions
from handlers.coaching.plan.template import DecisionPoint


def ask_next(turn: Turn, seen: Seen) -> None:
    """Say what comes next, with the buttons that answer it."""
    step = seen.next
    if step.decision is not None:
        ask_decision(turn, seen, step.decision)
    elif step.task is not None:
        say_task(turn, step)
    else:
        turn.say("coaching.nothing_left")
    if seen.is_complete:
        turn.say("coaching.may_finish")


def say_task(turn: Turn, step: NextStep) -> None:
    """Name the next task, with its button."""
    task = step.task
    if task is None:
        return
    if step.due_on is not None and step.due_on.year < 9999:
        due = wording.short_day(turn, step.due_on.isoformat())
        turn.say("coaching.next_due", id=task.task_id, title=task.title, due=due)
    else:
        key = "coaching.next_task" if task.is_once else "coaching.next_stream"
        turn.say(key, id=task.task_id, title=task.title, hours=wording.hours(turn, task.minutes))
    offer(turn, button(turn.text("coaching.tick_button", id=task.task_id), "tick", task.task_id))


def ask_decision(turn: Turn, seen: Seen, point: DecisionPoint) -> None:
    """Ask for a decision with the recommendation and its options."""
    key = f"coaching.ask_{point.category}"
    known = turn.registry.catalogue.has(key)
    turn.say(key if known else "coaching.ask_other", **_arguments(turn, seen, point))
    if point.value_type == "date":
        _say_earliest(turn, seen)
    expect(turn, point)


def ask_short(turn: Turn, point: DecisionPoint, *, left: bool) -> None:
    """Ask for a decision in few words, behind what was just saved."""
    short = question_in_short(turn, point)
    turn.lines[-1] += " " + (
        turn.text("coaching.one_left", about=turn.text(f"coaching.about_{point.category}"), question=short)
        if left and turn.registry.catalogue.has(f"coaching.about_{point.category}")
        else turn.text("coaching.next", question=short)
    )
    expect(turn, point)


def question_in_short(turn: Turn, point: DecisionPoint) -> str:
    """Return the question of a decision in few words."""
    key = f"coaching.short_{point.category}"
    return turn.text(key) if turn.registry.catalogue.has(key) else point.question


def expect(turn: Turn, point: DecisionPoint) -> None:
    """Remember that this decision was asked for, and show its options as buttons."""
    options = [one.value for one in point.options]
    update(turn, category=point.category, options=options)
    offer(
        turn,
        *(button(option_label(turn, point.category, value), "opt", f"{point.category}:{value}") for value in options),
    )


def option_label(turn: Turn, category: str, value: str) -> str:
    """Return what an option is called on its button."""
    key = f"coaching.option_{value}"
    return turn.text(key) if turn.registry.catalogue.has(key) else wording.value(turn, category, value)


def option_words(turn: Turn, value: str) -> str:
    """Return the words by which a tapped option is quoted."""
    key = f"coaching.option_{value}"
    return turn.text(key) if turn.registry.catalogue.has(key) else value.replace("_", " ")


def _arguments(turn: Turn, seen: Seen, point: DecisionPoint) -> dict[str, object]:
    """Return the figures of the plan that a question may name."""
    short, currency = turn.channel == "sms", seen.plan.currency
    known: dict[str, object] = {"question": point.question, "recommended": point.recommended}
    for name in ("recommended_min_minor", "recommended_max_minor"):
        amount = getattr(point, name)
        known[name.removesuffix("_minor")] = "" if amount is None else wording.money(amount, currency, short=True)
    if point.recommended_max_minor is not None:
        known["recommended_top"] = f"{point.recommended_max_minor // 100}"
    for option in point.options:
        known[option.value] = wording.money(option.monthly_cost_minor, currency, short=short)
    return known


def _say_earliest(turn: Turn, seen: Seen) -> None:
    """Say which day is the first sensible one, and when that is outside what is usual (TP-2, C70)."""
    hours = seen.profile.hours_per_week
    if hours is None:
        return
    weeks = dates.weeks_for(seen.plan.totals.once_minutes_before_launch, hours)
    window = seen.plan.launch_window_weeks
    key = "coaching.earliest" if dates.is_usual(seen.plan, weeks) else "coaching.earliest_unusual"
    day = wording.short_day(turn, (seen.today + timedelta(weeks=weeks)).isoformat())
    turn.say(key, day=day, weeks=weeks, hours=hours, min=window.min, max=window.max)
    steady = dates.steady_minutes(seen.tasks)
    if hours * 60 < steady:
        turn.say("coaching.steady", hours=hours, needed=f"{steady / 60:.1f}")


def open_points(seen: Seen) -> list[DecisionPoint]:
    """Return what is still to be decided."""
    return open_decisions(seen.plan, seen.decisions)
