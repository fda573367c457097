"""Plans for Stars, offered in the chat: what is sold, what a plan can become, and how its renewal ends (TS-1, TS-6).

U> plans
B> Basic: 700 Stars for 30 days. Pro: 2,250 Stars for 30 days. Each renews by itself until you end it.   [Basic] [Pro]
U> [Basic]
B> Basic plan, 700 Stars every 30 days. ...   [Pay 700 Stars]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.core.money import Money
from bot.core.prompts import Ask, Choice
from bot.engine.orders import Line, Wanted
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.billing.catalogue import Catalogue, Plan
from handlers.billing.orders import ending
from handlers.billing.stars import plans
from handlers.billing.stars.bonus import bonus_days
from storage.billing import charges, orders

LASTS = timedelta(days=1)
BUTTON = "stars_plan"


@dataclass(frozen=True, slots=True)
class Desk:
    """Who sells plans for Stars, on Telegram only."""

    catalogue: Catalogue

    def register(self, registry: Registry) -> None:
        """Hear the buttons of its offers."""
        registry.button(BUTTON)(self._pressed)

    def _sold(self) -> list[Plan]:
        return [one for one in self.catalogue.newest.values() if one.days_30.get("XTR")]

    def _pressed(self, turn: Turn, key: str) -> None:
        plan = self.catalogue.newest.get(key)
        if plan is not None and plan.days_30.get("XTR"):
            self.buy(turn, plan)

    def offer(self, turn: Turn, plans: Sequence[Plan]) -> None:
        """List plans with their prices and a button each."""
        lines = [
            turn.text("billing.stars.line", plan=_name(turn, one), amount=Money(one.days_30["XTR"], "XTR"))
            for one in plans
        ]
        turn.say("billing.stars.list", lines=" ".join(lines))
        turn.offer = Ask("billing.stars.nothing_more", choices=tuple(_choice(turn, one) for one in plans))

    def change(self, turn: Turn, row: sa.Row[Any]) -> None:
        """Show better plans, and what the rest of this one becomes; a lesser one is bought when this is over."""
        has = self.catalogue.plan(row.plan, row.plan_version)
        better = [one for one in self._sold() if has is not None and one.level > has.level]
        if has is None or not better:
            turn.say("billing.stars.has_best", plan=turn.text(f"billing.plan.{row.plan}"))
            return
        for one in better:
            days = self._bonus(turn, row, one)
            turn.say("billing.stars.bonus", plan=_name(turn, has), better=_name(turn, one), days=days)
        self.offer(turn, better)

    def _bonus(self, turn: Turn, row: sa.Row[Any], to: Plan) -> int:
        had = self.catalogue.plan(row.plan, row.plan_version)
        paid = had.days_30.get("XTR", 0) if had is not None else 0
        return bonus_days(paid=paid, price=to.days_30["XTR"], until=row.period_end, now=turn.now)

    def buy(self, turn: Turn, plan: Plan) -> None:
        """Open the order of a plan; its invoice follows. An older one that was not paid ends."""
        if turn.registry.till is None or turn.channel != "telegram":
            raise Refusal("billing.order.not_here")
        for one in orders.of_person(turn.work, turn.person.id, 20):
            if one.purpose == plans.PURPOSE:
                ending.end(turn, one, "replaced")
        price, title = plan.days_30["XTR"], turn.text("billing.stars.title", plan=_name(turn, plan))
        reference = f"{plan.key}:{plan.version}:{turn.work.new_id()}"
        wanted = Wanted(
            plans.PURPOSE, reference, (Line(title, price),), "XTR", is_physical=False, expires_at=turn.now + LASTS,
            stars=price, title=title, renews=True,
        )  # fmt: skip
        turn.registry.till.open(turn, wanted)

    def end_renewal(self, turn: Turn, row: sa.Row[Any]) -> None:
        """Ask Telegram to let a plan end with what is paid; its answer is told."""
        plans.edit(turn, row, ends=True)
        turn.say("billing.stars.asked")

    def keep_renewal(self, turn: Turn, row: sa.Row[Any]) -> None:
        """Take that back."""
        plans.edit(turn, row, ends=False)
        turn.say("billing.stars.asked")

    def live(self, turn: Turn) -> sa.Row[Any] | None:
        """Return the person's plan that was bought for Stars."""
        return charges.live_for_stars(turn.work, turn.person.id)


def _choice(turn: Turn, plan: Plan) -> Choice:
    """Return a button that acts whatever is asked by then."""
    return Choice(BUTTON, text=_name(turn, plan), quiet=True, standing=f"{BUTTON}:{plan.key}")


def _name(turn: Turn, plan: Plan) -> str:
    return turn.text(f"billing.plan.{plan.key}")
