"""What a plan holds, in a line that fits a text: said before somebody chooses, and to whoever asks.

U> what does basic include?
B> Basic: 1 letter, 150 receipts, 400 coach messages, 10 exports a month. Also 6 pages of proof, receipts by mail, ...
"""

from __future__ import annotations

import re

from bot.engine.turn import Turn
from handlers.billing.catalogue import Catalogue, Plan

_PLANS = "plans"
_ASKED = re.compile(
    r"/?compare(?: (?:the )?plans?)?|(?:what(?:'?s| is) )?the difference.*"
    r"|what (?:do|does|would|will|can) (?:the |i get with |you get with )?(?P<does>\w+)(?: plans?)?"
    r" ?(?:give|include|have|has|get|offer|hold|do|contain|come with)?s?(?: (?:me|us))?"
    r"|what(?:'?s| is) (?:in|included in|included with|part of) (?:the )?(?P<within>\w+)(?: plan)?"
    r"|what comes with (?:the )?(?P<comes>\w+)(?: plan)?",
    re.I,
)


def heard(turn: Turn, text: str, catalogue: Catalogue) -> bool:
    """Say what a plan holds that is asked about by name; False for all else."""
    found = _ASKED.fullmatch(" ".join(text.split()).rstrip(".!? "))
    if found is None:
        return False
    named = next((word for word in found.groups() if word), _PLANS).casefold()
    shown = sold(catalogue) if named == _PLANS else [one for one in catalogue.newest.values() if one.key == named]
    say(turn, catalogue, shown)
    return bool(shown)


def sold(catalogue: Catalogue) -> list[Plan]:
    """Return the plans that anybody can buy, the least first."""
    return sorted((one for one in catalogue.newest.values() if one.month.get("USD")), key=lambda one: one.level)


def say(turn: Turn, catalogue: Catalogue, plans: list[Plan]) -> None:
    """Say all that plans hold, a line each."""
    for plan in plans:
        counted, besides = counted_in(turn, catalogue, plan), _besides(turn, catalogue, plan)
        turn.say("billing.holds", plan=_named(turn, plan), counted=counted, besides=besides)


def before_choosing(turn: Turn, catalogue: Catalogue) -> None:
    """Say what is counted in each plan; by SMS the rest is told to who asks for it, for each line costs."""
    if turn.channel == "telegram":
        say(turn, catalogue, sold(catalogue))
        return
    for plan in sold(catalogue):
        turn.say("billing.counts", plan=_named(turn, plan), counted=counted_in(turn, catalogue, plan))
    turn.say("billing.compare")


def counted_in(turn: Turn, catalogue: Catalogue, plan: Plan) -> str:
    """Return what of a plan is counted by the month."""
    quotas = [key for key, known in catalogue.features.items() if known.kind == "quota" and plan.value(key) != 0]
    return ", ".join(_one(turn, key, plan) for key in quotas)


def _besides(turn: Turn, catalogue: Catalogue, plan: Plan) -> str:
    """Return what else a plan has more of than the free one."""
    more = [
        key for key, known in catalogue.features.items() if known.kind != "quota" and _is_more(catalogue, plan, key)
    ]
    return ", ".join(_one(turn, key, plan) for key in more)


def _is_more(catalogue: Catalogue, plan: Plan, key: str) -> bool:
    return plan.value(key) not in (0, False, catalogue.free.value(key))


def _named(turn: Turn, plan: Plan) -> str:
    return turn.text(f"billing.plan.{plan.key}")


def _one(turn: Turn, key: str, plan: Plan) -> str:
    value = plan.value(key)
    if value is True or isinstance(value, str):
        return turn.text(f"billing.holds.{key}", count=value)
    count = turn.text("billing.any") if value is None else f"{value:,}"
    return turn.text(f"billing.holds.{key}{'.one' if value == 1 else ''}", count=count)
