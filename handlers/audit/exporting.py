"""`/export audit csv|jsonl [filters]`: all entries that a question names, as documents in the private chat (A96).

A process of its own writes them; the wish and the handing over are entries of the audit themselves.
"""

from __future__ import annotations

from datetime import timedelta

from bot.core.calls import Done
from bot.core.calls.office import AuditExported, ExportAudit
from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.results import outcome_of
from bot.engine.staff import Member, Risk, StaffCommand, is_answered
from bot.engine.turn import Outgoing, Turn
from handlers.audit.question import asked, parts_of

THEN = "audit.exported"
LIMIT, LIFE = timedelta(minutes=20), timedelta(hours=24)
KINDS = ("csv", "jsonl")
USAGE = "/export audit csv|jsonl [who ... since ... until ... outcome ...]"


def register(registry: Registry) -> None:
    """Register the command and its answer."""
    registry.on(f"call:{THEN}")(exported)
    row = StaffCommand("export audit", Risk.PERSONAL, "export.run", USAGE, export, "audit", needs_code=True)
    registry.staff_command(row)


def export(turn: Turn, argument: str, member: Member) -> str:
    """Have the files written; what cannot be asked is refused at once."""
    if not is_answered(turn):
        raise Refusal("audit.chat_only")
    kind, _, rest = argument.strip().partition(" ")
    kind, rest = (kind, rest) if kind in KINDS else ("csv", argument.strip())
    asked(rest, turn.now)
    turn.audit("audit.export", "audit", actor=member.name, kind=kind, asked=rest)
    call = ExportAudit(kind, turn.person_id or 0, parts_of(rest))
    turn.call(call, then=THEN, context={"actor": member.name, "kind": kind}, limit=LIMIT, typing=True)
    return "The export is being written; it follows as a document."


def exported(turn: Turn) -> None:
    """Hand the documents over."""
    outcome, context = outcome_of(turn), turn.event.payload["context"]
    turn.purpose, turn.silent = "reply", True
    if not isinstance(outcome, Done) or not isinstance(outcome.result, AuditExported):
        turn.audit("audit.export.done", "audit", actor=str(context["actor"]), outcome="failed")
        turn.say("audit.not_exported")
        return
    made = outcome.result
    turn.audit("audit.export.done", "audit", actor=str(context["actor"]), kind=context["kind"], entries=made.count)
    shown = tuple((one.blob, one.name) for one in made.files)
    turn.outgoing.append(Outgoing(f"Audit: {made.count} entries.", "reply", "repeat_ok", shown, ttl=LIFE))
