"""What the operators' commands may ask of appeals, by name, in plain words for staff.

Packages of services do not import each other: the commands find these in `registry.operations`. A retry runs in the
queue of the person who paid, like everything else of that person, and its answer comes back as a message of its own.
"""

from __future__ import annotations

from datetime import date, datetime

import orjson
import sqlalchemy as sa

from bot.core.errors import Refusal, Spoken
from bot.core.money import Money
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.appeals import analytics, operators, record_changes, records
from handlers.appeals.case_files import facts_of
from handlers.appeals.settings import settings_of
from handlers.appeals.usability import judge_record
from storage import timers
from storage.appeals import city_records, payments, refunds
from storage.appeals.cases import case
from storage.audit import record

METHODS = ("phone", "official_paper", "official_page")
NEWEST = 200
"""How many of the newest cases are opened to find a citation by its last four."""


def register_operations(registry: Registry) -> None:
    """Register all of them."""
    registry.operation("appeals.stats")(stats)
    registry.on("timer:appeals.operator_retry")(retry_due)


def case_find(turn: Turn, argument: str, actor: str) -> str:
    """Find cases by code, receipt number, or the last four of the citation."""
    found = operators.case_find(turn, argument, actor=actor)
    ids = [found] if found is not None else _by_last_four(turn, argument)
    rows = turn.rows(sa.select(case.c.code, case.c.city_id, case.c.stage).where(case.c.id.in_(ids))) if ids else []
    return "\n".join(f"{row.code} {row.city_id or '-'} {row.stage}" for row in rows) or "No such case."


def _by_last_four(turn: Turn, text: str) -> list[int]:
    if len(text) != 4:
        return []
    rows = turn.rows(sa.select(case.c.id, case.c.facts).order_by(case.c.id.desc()).limit(NEWEST))
    return [row.id for row in rows if facts_of(turn.work, row).last_four.endswith(text.upper())]


def case_show(turn: Turn, argument: str, actor: str) -> str:
    """Show a case without name, address or words."""
    found = operators.case_find(turn, argument, actor=actor)
    if found is None:
        return "No such case."
    shown = operators.case_show(turn, found, actor=actor)
    line = shown.line
    lines = [
        f"{line.code} {line.city} ..{line.last_four} level {line.level}: {line.stage} {line.reason or ''}".rstrip()
    ]
    lines += [
        f"payment {number}: {status}, charged {paid}, back {back}" for number, status, paid, back in shown.payments
    ]
    lines += [
        f"letter {number}: {status} {lob or ''} {error or ''}".rstrip() for number, status, lob, error in shown.letters
    ]
    lines += [f"same citation: {', '.join(shown.same_citation)}"] if shown.same_citation else []
    return "\n".join([*lines, *shown.history[-12:]])


def retry(turn: Turn, argument: str, actor: str) -> str:
    """Ask for one more try of a paid order, in its owner's queue (FUL-9)."""
    if not argument.isdigit() or len(argument) > 19:
        raise Refusal("appeals.operator.no_payment")
    row = payments.load(turn.work, int(argument))
    if row is None:
        raise Refusal("appeals.operator.no_payment")
    timers.set_timer(
        turn.work,
        kind="appeals.operator_retry",
        key=f"operator_retry:{row.id}:{turn.work.ids.next()}",
        due=turn.now,
        person_id=row.person_id,
        body=orjson.dumps({"payment": row.id, "actor": actor, "answer_to": turn.person_id}),
    )
    record(turn.work, actor=actor, action="letter.retry.asked", obj=f"payment:{row.id}")
    return f"Payment {row.id}: asked; the answer follows, and stands in the audit."


def retry_due(turn: Turn) -> None:
    """Try the order and tell the operator who asked."""
    payload = turn.event.payload
    payment_id, actor = int(payload["payment"]), str(payload["actor"])
    try:
        answer = operators.retry_fulfilment(turn, payment_id, actor=actor)
    except Spoken as spoken:
        answer = turn.text(spoken.key, **spoken.args_)
    record(turn.work, actor=actor, action="letter.retry.answered", obj=f"payment:{payment_id}", answer=answer)
    if payload.get("answer_to"):
        timers.set_timer(
            turn.work,
            kind="operator.answer",
            key=f"operator_answer:{turn.work.ids.next()}",
            due=turn.now,
            person_id=int(payload["answer_to"]),
            body=orjson.dumps({"text": f"Payment {payment_id}: {answer}"}),
        )


def refund(turn: Turn, payment_id: int, amount_minor: int, reason: str, *, actor: str, note: str = "") -> str:
    """Give money back, within what is left of the payment; the gate has asked whoever must agree (REF-6)."""
    row = payments.load(turn.work, payment_id)
    if row is None:
        raise Refusal("appeals.operator.no_payment")
    left = row.charged_minor - refunds.committed(turn.work, row.id)
    if not 0 < amount_minor <= left:
        raise Refusal("appeals.operator.refund_too_much", left=Money(max(left, 0), row.currency))
    if not operators.refund(turn, row.id, amount_minor, actor=actor, reason=reason, note=note):
        raise Refusal("appeals.operator.refund_too_much", left=Money(0, row.currency))
    return f"{row.receipt or f'Payment {row.id}'}: {Money(amount_minor, row.currency)} goes back; the person is told."


def pause(turn: Turn, argument: str, actor: str) -> str:
    """Stop all mail at once."""
    operators.pause_mail(turn, actor=actor)
    return "Mail is paused: no pay links, no letters. Events go on."


def resume(turn: Turn, argument: str, actor: str) -> str:
    """Let mail go on when a second operator agrees."""
    if operators.resume_mail(turn, actor=actor, alone=argument == "alone"):
        return "Mail is on."
    return "Noted. A second operator must agree; until then mail stays paused."


def cities(turn: Turn, argument: str, actor: str) -> str:
    """List the cities with what keeps each from carrying a paid letter."""
    registry, mode = records.registry_of(turn.work), settings_of(turn.registry).mode
    record(turn.work, actor=actor, action="city.list")
    lines = []
    for city in registry.cities.values():
        missing = judge_record(registry, city, mode=mode, today=turn.today(city.timezone)).missing
        checked = city.mail.verification.verified_at
        waiting = [str(row.id) for row in city_records.pending(turn.work, city.city_id)]
        note = f"verified {checked}" if checked else "not verified"
        lines.append(f"{city.city_id}: {'sells' if not missing else 'no: ' + ', '.join(missing)}; {note}")
        lines += [f"  change {', '.join(waiting)} waits for a second operator"] if waiting else []
    return "\n".join(lines)


def verify(turn: Turn, argument: str, actor: str) -> str:
    """Note that a person checked an unchanged record: city|method|who answered|date|words read back (REG-3)."""
    city_id, method, answered_by, day, words = argument.split("|", 4)
    try:
        verified_on = date.fromisoformat(day)
    except ValueError:
        raise Refusal("appeals.operator.verification_incomplete") from None
    if method not in METHODS:
        raise Refusal("appeals.operator.verification_incomplete")
    city = records.verify_record(
        turn, city_id, actor=actor, method=method, answered_by=answered_by, verified_on=verified_on, words=words
    )
    return f"{city.city_id} is verified as of {verified_on}."


def approve_change(turn: Turn, argument: str, actor: str) -> str:
    """Put a change of a record into force as its second operator."""
    if not argument.strip().isdigit():
        raise Refusal("appeals.operator.no_change")
    return f"{record_changes.approve_change(turn, int(argument), actor=actor)} has its changed record."


def stats(turn: Turn, argument: str, actor: str) -> str:
    """Count what became of cases since a moment (ISO text), without anything of a person (OPS-4)."""
    return "\n".join(analytics.counts(turn.work, datetime.fromisoformat(argument)))
