"""`/audit verify`: the chain is recomputed in a process of its own; the answer names the first damaged number."""

from __future__ import annotations

from datetime import timedelta

from bot.core.calls import Done
from bot.core.calls.office import AuditVerified, VerifyAudit
from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.results import outcome_of
from bot.engine.staff import Member, Risk, StaffCommand, is_answered
from bot.engine.turn import Turn

THEN = "audit.verified"
LIMIT = timedelta(minutes=20)


def register(registry: Registry) -> None:
    """Register the command and its answer."""
    registry.on(f"call:{THEN}")(verified)
    row = StaffCommand("audit verify", Risk.COUNTERS, "audit.view", "/audit verify", verify, "audit")
    registry.staff_command(row)


def verify(turn: Turn, argument: str, member: Member) -> str:
    """Have the chain checked."""
    if not is_answered(turn):
        raise Refusal("audit.chat_only")
    turn.call(VerifyAudit(), then=THEN, context={"actor": member.name}, limit=LIMIT, typing=True)
    return "The chain is checked; the answer follows."


def verified(turn: Turn) -> None:
    """Tell what the check found."""
    outcome, actor = outcome_of(turn), str(turn.event.payload["context"]["actor"])
    turn.purpose, turn.silent = "reply", True
    if not isinstance(outcome, Done) or not isinstance(outcome.result, AuditVerified):
        turn.audit("audit.verify", "audit", actor=actor, outcome="failed")
        turn.say("audit.not_checked")
        return
    found = outcome.result
    turn.audit("audit.verify", "audit", actor=actor, count=found.count, seq=found.seq, damaged=found.damaged)
    turn.lines.append(told(found))


def told(found: AuditVerified) -> str:
    """Return the verdict in words."""
    if found.damaged is not None:
        return f"The audit is DAMAGED at #{found.damaged} ({found.why}); {found.count} entries before it are right."
    return f"The audit is right: {found.count} entries, the last is #{found.seq} {found.hash[:16]}."
