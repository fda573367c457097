"""The stages of a case and the only ways between them (rules ST-1 to ST-27).

    intake -> review -> ready -> awaiting_payment -> paid -> submitted -> decided -> closed

Whatever is not in the table raises: nothing is coerced (rule ST-30). The stage, the payment's status and the letter's
status are three axes: delivery never changes an outcome, and refunds never change a stage after mailing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from bot.core.errors import Permanent
from bot.engine.turn import Turn
from storage.appeals import cases, status_log

log = logging.getLogger("parley.appeals")

TRANSITIONS: Mapping[tuple[str, str], str] = {
    ("intake", "informed"): "ST-2",
    ("review", "informed"): "ST-2",
    ("ready", "informed"): "ST-7",
    ("intake", "review"): "ST-3",
    ("review", "intake"): "ST-4",
    ("review", "ready"): "ST-5",
    ("ready", "review"): "ST-6",
    ("ready", "awaiting_payment"): "ST-8",
    ("awaiting_payment", "ready"): "ST-9",
    ("awaiting_payment", "paid"): "ST-10",
    ("paid", "paid_blocked"): "ST-11",
    ("paid_blocked", "paid"): "ST-12",
    ("paid", "refunded"): "ST-13",
    ("paid_blocked", "refunded"): "ST-13",
    ("paid", "submitted"): "ST-14",
    ("submitted", "paid_blocked"): "ST-15",
    ("submitted", "returned"): "ST-16",
    ("returned", "submitted"): "ST-17",
    ("returned", "refunded"): "ST-18",
    ("submitted", "decided"): "ST-19",
    ("returned", "decided"): "ST-19",
    ("submitted", "closed"): "ST-20",
    ("decided", "closed"): "ST-21",
    ("intake", "abandoned"): "ST-23",
    ("review", "abandoned"): "ST-23",
    ("ready", "abandoned"): "ST-23",
    ("intake", "withdrawn"): "ST-24",
    ("review", "withdrawn"): "ST-24",
    ("ready", "withdrawn"): "ST-24",
    ("awaiting_payment", "withdrawn"): "ST-24",
    ("informed", "intake"): "ST-25",
    ("closed", "decided"): "ST-26",
    ("abandoned", "intake"): "ST-27",
}
"""From and to, with the rule. ST-2 serves `ready` too: the rule in the log then tells a refusal from ST-7 by its
reason. ST-1 and ST-22 open cases and change no stage."""

BEFORE_PAYMENT = ("intake", "review", "ready")
SOLD = ("paid", "paid_blocked", "submitted", "returned", "decided", "closed", "refunded")


class ForbiddenTransition(Permanent):
    """A case was to go where its stage does not lead."""


def move(turn: Turn, case_id: int, to: str, *, trigger: str, reason: str | None = None) -> None:
    """Move a case to a stage and log it in the same commit; raise ForbiddenTransition when no rule allows it.

    `trigger` says who moves it: user, engine, vendor, job, or an operator's id.
    """
    row = cases.load(turn.work, case_id)
    was = row.stage if row else "none"
    rule = TRANSITIONS.get((was, to))
    if rule is None or (rule == "ST-26" and row is not None and row.outcome not in (None, "unknown")):
        log.error("stage change refused", extra={"case": case_id, "was": was, "to": to, "trigger": trigger})
        raise ForbiddenTransition(f"no rule leads from {was} to {to}")
    if rule == "ST-7" and reason != "free_route":
        rule = "ST-2"
    if not cases.move_stage(turn.work, case_id, was=was, to=to, reason=reason):
        raise ForbiddenTransition(f"the case left {was} meanwhile")
    status_log.note(
        turn.work, case_id, axis="stage", was=was, now=to, actor=trigger, rule=rule, cause=turn.inbox_id, reason=reason
    )


def stage_of(turn: Turn, case_id: int) -> str:
    """Return the stage that a case has now, within this turn."""
    row = cases.load(turn.work, case_id)
    if row is None:
        raise LookupError("no such case")
    return str(row.stage)
