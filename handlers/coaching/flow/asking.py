"""The one question that asks for proposals, in the form of the channel: OK and numbers, or buttons (PP-2, PP-3, PP-7).

B> Save these?  1 Discord  2 $29.00 a month  3 One tier  4 Opens Sun 3 May 2026
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from fractions import Fraction

from bot.core.prompts import Choice
from bot.engine.turn import Turn
from handlers.coaching import wording
from handlers.coaching.flow import changes
from handlers.coaching.flow.asked import update
from handlers.coaching.flow.buttons import button, offer
from handlers.coaching.flow.questions import expect, question_in_short
from handlers.coaching.flow.seen import Seen
from handlers.coaching.plan import dates
from handlers.coaching.plan.rhythm import months_after
from handlers.coaching.plan.template import DecisionPoint
from storage.coaching import proposals
from storage.coaching.decisions import Decision
from storage.coaching.proposals import Proposal
from storage.coaching.tasks import PlanTask

_A_MONTH = {"month": Fraction(1), "year": Fraction(1, 12), "week": Fraction(52, 12)}
FARTHEST_MONTHS = 18


def ask(turn: Turn, seen: Seen, ids: Sequence[int]) -> None:
    """Ask for these proposals in one question, numbered in the order of the plan."""
    found = {one.id: one for one in proposals.pending(turn.work, turn.person.id, seen.id)}
    order = {point.category: point.order for point in seen.plan.decisions}
    wanted = sorted((found[one] for one in ids if one in found), key=lambda one: (order.get(one.subject, 99), one.id))
    if not wanted:
        return
    question = turn.work.new_id()
    proposals.ask(turn.work, turn.person.id, [one.id for one in wanted], question=question)
    for one in wanted:
        _remark(turn, seen, one, seen.decisions.get(one.subject))
    if len(wanted) == 1:
        _ask_one(turn, seen, wanted[0], question)
    else:
        _ask_many(turn, seen, wanted, question)
    update(turn, question=question, category=wanted[0].subject if wanted[0].kind == "decision" else "")


def _ask_one(turn: Turn, seen: Seen, one: Proposal, question: int) -> None:
    if one.kind != "decision":
        turn.say(f"coaching.ask_{one.kind}", **changes.words_of(turn, one))
        offer(turn, *_buttons(turn, question, "save", "no"))
        return
    held, what = seen.decisions.get(one.subject), what_of(turn, one.subject)
    value = _item(turn, one)
    if held is None:
        own = f"coaching.ask_save_{one.subject}"
        key = own if turn.registry.catalogue.has(own) else "coaching.ask_save"
        turn.say(key, what=what, value=_asked_value(turn, one))
        offer(turn, *_buttons(turn, question, "save", "change", "no"))
        return
    old = wording.value(turn, one.subject, held.value, held.text)
    turn.say("coaching.ask_replace", What=what[:1].upper() + what[1:], what=what, old=_low(turn, old), new=value)
    offer(turn, *_buttons(turn, question, "save", "no"))


def _ask_many(turn: Turn, seen: Seen, wanted: Sequence[Proposal], question: int) -> None:
    gap = " " if turn.channel == "sms" else "  "
    listed = gap.join(f"{number} {_numbered(turn, seen, one)}" for number, one in enumerate(wanted, 1))
    turn.say("coaching.ask_several", list=listed)
    offer(turn, *_buttons(turn, question, "all", "pick", "no"))


def _numbered(turn: Turn, seen: Seen, one: Proposal) -> str:
    if one.kind == "decision":
        held = seen.decisions.get(one.subject)
        shown = _item(turn, one)
        return (
            shown
            if held is None
            else f"{_low(turn, wording.value(turn, one.subject, held.value, held.text))} -> {shown}"
        )
    return turn.text("coaching.item_tick", id=one.subject) if one.kind == "tick" else changes.item(turn, one)


def _item(turn: Turn, one: Proposal) -> str:
    return _low(turn, wording.value(turn, one.subject, one.value, one.more.get("text")))


def _asked_value(turn: Turn, one: Proposal) -> str:
    """Write the value behind its name: "opening May 3" and not "opening opens May 3"."""
    return wording.day(turn, one.value) if one.more["value_type"] == "date" else _item(turn, one)


def _low(turn: Turn, shown: str) -> str:
    """Begin small by SMS, except for names."""
    first = shown.split(" ")[0]
    return shown[:1].lower() + shown[1:] if turn.channel == "sms" and first in ("One", "Several", "Opens") else shown


def _buttons(turn: Turn, question: int, *acts: str) -> list[Choice]:
    return [button(turn.text(f"coaching.{act}_button"), act, question) for act in acts]


def what_of(turn: Turn, category: str) -> str:
    """Return what a decision is called in a sentence: price, opening day, tiers."""
    key = f"coaching.what_{category}"
    return turn.text(key) if turn.registry.catalogue.has(key) else category.replace("_", " ")


# -- what is unusual ---------------------------------------------------------------------------------------------------


def _remark(turn: Turn, seen: Seen, one: Proposal, held: Decision | None) -> None:
    """Say what is assumed, unusual or tight before the question is asked."""
    if one.kind != "decision":
        return
    point = seen.plan.point_of(one.subject)
    if point is not None and point.value_type == "money_per_period":
        _remark_price(turn, point, one, held)
    elif point is not None and point.value_type == "date":
        _remark_date(turn, seen, wording.parsed(one.value))


def _remark_price(turn: Turn, point: DecisionPoint, one: Proposal, held: Decision | None) -> None:
    for minor, currency, period in wording.prices(one.value):
        a_month = minor * _A_MONTH.get(period, Fraction(0))
        if minor == 0:
            turn.say("coaching.free_warning")
        elif period in _A_MONTH and not _is_sane(point, a_month):
            turn.say("coaching.unusual_price", amount=f"{wording.money(minor, currency)} {currency}", period=period)
    periods = {period for _, _, period in wording.prices(one.value)}
    if one.more.get("assumed") and not (held and periods == {period for _, _, period in wording.prices(held.value)}):
        shown = [turn.text(f"coaching.assumed_{name}") for name in one.more["assumed"] if _is_known(turn, name)]
        if shown:
            turn.say("coaching.assumed", what=", ".join(shown))
    if one.more.get("discount_percent"):
        turn.say("coaching.with_discount", percent=one.more["discount_percent"])


def _is_known(turn: Turn, name: str) -> bool:
    return turn.registry.catalogue.has(f"coaching.assumed_{name}")


def _is_sane(point: DecisionPoint, a_month: Fraction) -> bool:
    low, high = point.sanity_min_minor, point.sanity_max_minor
    return (low is None or a_month >= low) and (high is None or a_month <= high)


def _remark_date(turn: Turn, seen: Seen, day: date | None) -> None:
    if day is None:
        return
    if day > months_after(seen.today, FARTHEST_MONTHS):
        turn.say("coaching.far_date", day=f"{day:%A} {day.day} {day:%B} {day.year}")
        return
    hours, weeks = seen.profile.hours_per_week, max(0, (day - seen.today) // timedelta(days=7))
    left = dates.open_minutes(seen.plan, seen.tasks)
    if hours is not None and weeks < dates.weeks_for(left, hours):
        work, need = wording.hours(turn, left), dates.weeks_for(left, hours)
        turn.say("coaching.tight_date", weeks=weeks, work=work, hours=hours, need=need)


# -- ticks beside what was saved ---------------------------------------------------------------------------------------


def ask_ticks(turn: Turn, seen: Seen, tasks: Sequence[PlanTask], decided: Sequence[Proposal]) -> Sequence[Choice]:
    """Offer to tick the tasks of what was just decided, none is ticked by itself (TK-3); return the buttons."""
    said = decided[0]
    ids = [
        proposals.open_one(
            turn.work, turn.person.id, seen.id,
            Proposal("tick", task.task_id, task.task_id, said.quote, said.message_id, "answer", said.source),
        )
        for task in tasks
    ]  # fmt: skip
    question = turn.work.new_id()
    proposals.ask(turn.work, turn.person.id, ids, question=question)
    update(turn, question=question)
    if turn.channel == "sms":
        key = "coaching.tick_too" if len(tasks) == 1 else "coaching.tick_these_too"
        turn.lines[-1] += " " + turn.text(key, ids=", ".join(task.task_id for task in tasks))
    return [
        button(turn.text("coaching.tick_button", id=task.task_id), "one", one)
        for task, one in zip(tasks, ids, strict=True)
    ]


def say_still_open(turn: Turn, point: DecisionPoint) -> None:
    """Name what else is to be decided at the same task."""
    question = question_in_short(turn, point).rstrip("?")
    turn.lines[-1] += " " + turn.text("coaching.still_open", question=question)
    expect(turn, point)
