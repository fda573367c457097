"""Budget alerts of changes that no message of the person brought: bank lines, the API, mail (rule SUM-6).

`look` is called in the transaction of such a change; the alert then leaves as a notice of its own, which keeps to quiet
hours on SMS. What the person's own words bring about is told in the reply, and a level that was told is not told again.
"""

from __future__ import annotations

from bot.engine.turn import Turn
from handlers.receipts import report_rights, wording
from handlers.receipts.books import budgets
from handlers.receipts.flow.flow import owner, tree_of
from storage import timers
from storage.work import Work

TIMER = "receipts.budgets"


def look(work: Work, person_id: int) -> None:
    """Look at a person's budgets in a turn of their own, once for all changes until then."""
    timers.set_timer(work, kind=TIMER, key=f"budgets:{person_id}:", due=work.now, person_id=person_id)


def after_booking(turn: Turn) -> None:
    """Look at them after lines of a bank were booked."""
    look(turn.work, turn.person.id)


def due(turn: Turn) -> None:
    """Tell the levels that were reached."""
    if not report_rights.allows(turn, report_rights.CUSTOM):
        return
    of = owner(turn)
    tree = tree_of(turn, of)
    for one in budgets.alerts(turn.work, of.id, tree, of.today, week_start=of.week_start):
        budget = one.standing.budget
        name = (
            turn.text("receipts.later.budget_all")
            if budget.category_id is None
            else wording.category_name(turn, tree, budget.category_id)
        )
        turn.notify(
            f"receipts.later.budget_{one.percent}",
            name=name,
            spent=wording.money(one.standing.spent_minor, budget.currency),
            limit=wording.money(one.standing.limit_minor, budget.currency),
            period=turn.text(f"receipts.later.this_{budget.period}"),
        )
