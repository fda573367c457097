"""/dispute: charges that banks ask about, and the paper to answer with (PY-9).

> /dispute list
< R-2F44AH letter $19.95, answer by Nov 26 18:00 UTC (fraudulent)
> /dispute evidence R-2F44AH 123456
< [evidence-R-2F44AH.pdf]

The answer itself is given at the gateway. Who disputed is sold no more of the kind; /dispute allow lets them again.
"""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.calls import Done, Refused
from bot.core.calls.workshop import TypesetPages, TypesetSheet
from bot.core.errors import Refusal
from bot.core.money import Money
from bot.engine.registry import Registry
from bot.engine.results import outcome_of
from bot.engine.staff import Member, Risk, StaffCommand
from bot.engine.turn import Turn
from storage import disputes

THEN = "admin.evidence"
SHOWN = 10


def register(registry: Registry) -> None:
    """Register the commands, what takes the paper, and that evidence goes with its person."""
    rows = (
        StaffCommand("dispute list", Risk.PERSONAL, "pay.view", "/dispute list", listed, "dispute"),
        StaffCommand(
            "dispute evidence", Risk.PERSONAL, "export.run", "/dispute evidence NUMBER CODE: the paper to answer with",
            evidence, "dispute", needs_code=True,
        ),
        StaffCommand(
            "dispute allow", Risk.REVERSIBLE, "pay.refund", "/dispute allow NUMBER: sell to this person again", allow,
            "dispute",
        ),
    )  # fmt: skip
    for row in rows:
        registry.staff_command(row)
    registry.on(f"call:{THEN}")(made)
    registry.erasers.append(disputes.erase)


def listed(turn: Turn, argument: str, member: Member) -> str:
    """List what is open, the one that is due first at the top, and what ended last."""
    rows = disputes.listed(turn.work, SHOWN)
    turn.audit("dispute.list", actor=member.name, found=len(rows))
    return "\n".join(_line(row) for row in rows) or "No bank disputes anything."


def _line(row: sa.Row[Any]) -> str:
    due = f", answer by {row.due_at:%b} {row.due_at.day} {row.due_at:%H:%M} UTC" if row.due_at else ", no date told"
    state = due if row.state == disputes.OPEN else f", {row.state}"
    allowed = ", may buy again" if row.allowed else ""
    return f"{row.label} {row.kind} {Money(row.amount_minor, row.currency)}{state} ({row.reason}){allowed}"


def _named(turn: Turn, argument: str) -> sa.Row[Any]:
    row = disputes.named(turn.work, argument.strip().upper())
    if row is None:
        raise Refusal("admin.no_dispute")
    return row


def evidence(turn: Turn, argument: str, member: Member) -> str:
    """Have the paper made of what was frozen when the dispute opened; it follows as a document."""
    row = _named(turn, argument)
    if turn.person_id is None:
        raise Refusal("admin.document_in_chat")
    if row.evidence is None:
        raise Refusal("admin.evidence_gone")
    turn.audit("dispute.evidence", f"{row.kind}:{row.subject}", actor=member.name)
    _typeset(turn, row, without="")
    return f"{_line(row)}\nThe paper follows. Upload it at the gateway, where the dispute is."


def _typeset(turn: Turn, row: sa.Row[Any], *, without: str) -> None:
    """Have the paper made, a question mark standing for each letter that cannot be printed."""
    text = turn.work.seal.open(row.evidence).decode().translate(dict.fromkeys(map(ord, without), "?"))
    context = {"label": row.label, "without": without}
    turn.call(TypesetSheet(orjson.loads(text)), then=THEN, context=context, typing=True)


def made(turn: Turn) -> None:
    """Hand the paper over; what people wrote in letters that the press has not is asked for once more without them."""
    outcome, context = outcome_of(turn), turn.event.payload["context"]
    turn.purpose = "reply"
    row = disputes.named(turn.work, str(context["label"]))
    match outcome:
        case Done(TypesetPages() as pages):
            turn.show(pages.pdf, f"evidence-{context['label']}.pdf")
        case Refused("unsupported_script", _, details) if row is not None and row.evidence is not None:
            more = set(str(details.get("characters") or "")) - set(str(context["without"]))
            if more:
                _typeset(turn, row, without=str(context["without"]) + "".join(sorted(more)))
                turn.silent = True
            else:
                turn.say("admin.evidence_failed")
        case _:
            turn.say("admin.evidence_failed")


def allow(turn: Turn, argument: str, member: Member) -> str:
    """Let the person of a dispute buy again."""
    row = _named(turn, argument)
    disputes.change(turn.work, row.id, allowed=True)
    turn.audit("dispute.allow", f"{row.kind}:{row.subject}", actor=member.name)
    return f"{row.label}: this person may buy again, whatever the bank says."
