"""MY PLAN and USAGE: what a person may use, how much of it is left and when it begins anew; and what rests (LG-9).

U> my plan
B> You are on the Free plan.
   Free plan: 9 of 15 receipts used, resets 1 Apr.
   ...
"""

from __future__ import annotations

import re

from bot.engine.rights import Reason
from bot.engine.turn import Turn
from handlers.billing import reading, telling
from handlers.billing.access import access
from handlers.billing.catalogue import Catalogue
from handlers.billing.resolver import Snapshot, resolve

_PLAN = re.compile(
    r"/?my ?plan|(?:which|what) plan (?:am i on|do i have)|(?:show )?my subscription"
    r"|what(?:'?s| is) my plan|mi plan|que plan tengo",
    re.I,
)
_USAGE = re.compile(r"/?(?:my )?usage|(?:mi )?uso", re.I)


def _words(text: str) -> str:
    return " ".join(text.split()).rstrip(".!?")


def heard_plan(turn: Turn, text: str, catalogue: Catalogue) -> bool:
    """Take MY PLAN."""
    if _PLAN.fullmatch(_words(text)) is None:
        return False
    _tell_plan(turn, catalogue)
    return True


def heard_last(turn: Turn, text: str, catalogue: Catalogue) -> bool:
    """Take PLAN of somebody whom the coach has none for."""
    if turn.conversation.top is not None or _words(text).casefold() not in ("plan", "/plan"):
        return False
    _tell_plan(turn, catalogue)
    return True


def _tell_plan(turn: Turn, catalogue: Catalogue) -> None:
    of = reading.snapshot(turn, catalogue)
    found = access(of.catalogue, of.subscription, of.overrides, turn.now)
    key = "billing.on_trial" if found.is_trial else "billing.on_plan"
    until = telling.day(turn, found.until) if found.until else ""
    turn.say(key, plan=telling.plan_named(turn, of), at=until)
    quotas(turn, of)
    _switches(turn, of)
    for rests in turn.registry.words.get("resting", ()):
        rests(turn, "")


def heard_usage(turn: Turn, text: str, catalogue: Catalogue) -> bool:
    """Take USAGE where no other service has its own count."""
    if _USAGE.fullmatch(_words(text)) is None:
        return False
    quotas(turn, reading.snapshot(turn, catalogue))
    return True


def add_options(turn: Turn, argument: str) -> bool:
    """Add the words of plans and payments to OPTIONS."""
    turn.say("billing.options")
    return True


def add_usage(turn: Turn, text: str, catalogue: Catalogue) -> bool:
    """Add what the plan counts to a service's own answer to USAGE."""
    quotas(turn, reading.snapshot(turn, catalogue))
    return True


def quotas(turn: Turn, of: Snapshot) -> None:
    """Say of each quota how much is used."""
    for key, feature in of.catalogue.features.items():
        if feature.kind == "quota":
            turn.lines.append(telling.told(turn, of, key, resolve(of, key, turn.now)))


def _switches(turn: Turn, of: Snapshot) -> None:
    """Say what else the person has, and what staff gave them until when."""
    switches = [key for key, feature in of.catalogue.features.items() if feature.kind == "switch"]
    found = {key: resolve(of, key, turn.now) for key in switches}
    has = [turn.text(f"billing.what.{key}") for key, one in found.items() if one.value is True]
    if has:
        turn.say("billing.also", what=", ".join(has))
    for key, one in found.items():
        if one.reason is Reason.OVERRIDE and one.expires_at is not None:
            turn.say("billing.until", what=turn.text(f"billing.what.{key}"), at=telling.day(turn, one.expires_at))
