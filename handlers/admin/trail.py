"""What the gate leaves in the audit: requested, challenged, approved, executed, denied, expired (rule CM-5).

Parameters are never written, for they may hold words and names of persons; ids and the words to type are ours. What
was denied or failed is written by a turn that ends well, so it outlives the refusal (rule AU-1).
"""

from __future__ import annotations

from bot.engine.staff import Risk, StaffCommand
from bot.engine.turn import Turn
from storage import audit
from storage.work import Work

OUTCOMES = {"denied": "denied", "failed": "failed", "expired": "expired"}


def note(turn: Turn, what: str, row: StaffCommand, actor: str, **details: object) -> None:
    """Write one entry about a command."""
    audit.record(
        turn.work, actor=actor, action=f"staff.{what}", obj=f"command:{row.name}", risk=int(row.risk),
        target=row.target, outcome=OUTCOMES.get(what, "ok"), **details,
    )  # fmt: skip


def lapsed(work: Work, command: str, actor: str, action_id: int) -> None:
    """Write that nobody confirmed or approved an act in time."""
    audit.record(work, actor=actor, action="staff.expired", obj=f"command:{command}", outcome="expired", act=action_id)


def announce(turn: Turn, row: StaffCommand, actor: str, action_id: int, **details: object) -> None:
    """Tell the owners of a grave act."""
    if row.risk >= Risk.GRAVE:
        turn.alert("staff_act", key=f"staff_act:{action_id}", act=action_id, by=actor, command=row.name, **details)
