"""A charge that a bank disputes, as every service meets it: one row, one alert, and the evidence ready to send (PY-9).

    if disputed(turn, Disputed("letter", payment.id, ...), thing): ...   # once, at the first word of it
    settled(turn, "letter", payment.id, outcome="won")

The evidence is what was agreed to, what was delivered, and what was said, in the order of time. It is frozen here, in
the commit that takes the dispute, as the fields of a paper (`TypesetSheet`); staff have it made by /dispute evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.money import Money
from bot.engine.house import house
from bot.engine.turn import Turn
from storage import addresses, disputes, outbox
from storage.people import address, consent
from storage.schema import micros, moment
from storage.transcript import transcript

BEFORE = timedelta(days=30)
"""The talk that led to a purchase may have begun so long before."""
MESSAGES, SENDINGS, LONGEST = 150, 100, 600
Line = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Disputed:
    """What the bank asks about. `label` is the number that staff type; `facts` stand at the top of the paper, `lines`
    are what this service did for the money, with their instants."""

    kind: str
    subject: int
    person_id: int
    label: str
    paid: Money
    since: datetime
    facts: tuple[tuple[str, str], ...] = ()
    lines: tuple[Line, ...] = ()


def due_of(thing: Mapping[str, Any]) -> datetime | None:
    """Return until when the bank waits for an answer."""
    details = thing.get("evidence_details")
    at = details.get("due_by") if isinstance(details, dict) else None
    return datetime.fromtimestamp(at, UTC) if isinstance(at, int) else None


def disputed(turn: Turn, what: Disputed, thing: Mapping[str, Any]) -> bool:
    """Note a dispute with its evidence and tell the operators until when an answer is due; False when it is known.

    A later word of the same dispute may move the date.
    """
    due, known = due_of(thing), disputes.of_subject(turn.work, what.kind, what.subject)
    if known is not None:
        if due is not None and due != known.due_at:
            disputes.change(turn.work, known.id, due_at=due)
        return False
    amount, currency = thing.get("amount"), str(thing.get("currency") or what.paid.currency).upper()
    minor = amount if isinstance(amount, int) else what.paid.amount_minor
    made = disputes.add(
        turn.work, person_id=what.person_id, kind=what.kind, subject=what.subject, label=what.label,
        ref=str(thing.get("id") or ""), reason=str(thing.get("reason") or "unknown")[:60], amount_minor=minor,
        currency=currency, due_at=due,
        evidence=turn.work.seal.seal(orjson.dumps(_paper(turn, what, demo=thing.get("livemode") is not True))),
    )  # fmt: skip
    until = f"{due:%Y-%m-%d %H:%M} UTC" if due else "unknown"
    turn.audit("pay.dispute", f"{what.kind}:{what.subject}", actor="gateway", due=until, amount=minor)
    return made


def settled(turn: Turn, kind: str, subject: int, *, outcome: str) -> None:
    """Note how a dispute ended: won or lost."""
    disputes.close(turn.work, kind, subject, outcome)
    turn.audit("pay.dispute_closed", f"{kind}:{subject}", actor="gateway", outcome=outcome)


def _paper(turn: Turn, what: Disputed, *, demo: bool) -> dict[str, Any]:
    """Return the fields of the paper; its rows are in the order of time."""
    lines = sorted([*what.lines, *_agreed(turn, what), *_sent(turn, what), *_said(turn, what)])
    return {
        "title": "Evidence",
        "seller": house(turn).block,
        "facts": [("Purchase", what.label), ("Paid", str(what.paid)), *what.facts, ("Times", "UTC")],
        "columns": ["What happened", "When"],
        "rows": [[text[:LONGEST], f"{at:%Y-%m-%d %H:%M}"] for at, text in lines],
        "demo": demo,
    }


def _agreed(turn: Turn, what: Disputed) -> Iterable[Line]:
    """Yield what the person consented to, by the version of the words."""
    mine = sa.select(consent).where(addresses.given_by(what.person_id)).order_by(consent.c.id)
    for row in turn.rows(mine):
        yield row.at, f"Consent to {row.kind}, wording {row.wording}, given by {row.source}"


def _sent(turn: Turn, what: Disputed) -> Iterable[Line]:
    """Yield what became of the messages to the person: channel, the carrier's number and its last word."""
    out = outbox.outbox.c
    rows = sa.select(out.at, out.purpose, out.state, out.vendor_id, out.vendor_state, address.c.channel)
    mine = (address.c.person_id == what.person_id, out.kind == "message", out.at >= micros(what.since))
    joined = outbox.outbox.join(address, address.c.id == out.address_id)
    for row in turn.rows(rows.select_from(joined).where(*mine).order_by(out.id.desc()).limit(SENDINGS)):
        number = f", number {row.vendor_id}" if row.vendor_id else ""
        yield moment(row.at), f"Message by {row.channel} ({row.purpose}): {row.vendor_state or row.state}{number}"


def _said(turn: Turn, what: Disputed) -> Iterable[Line]:
    """Yield what was said, both ways, from a month before the purchase on."""
    mine = (
        transcript.c.person_id == what.person_id,
        transcript.c.id >= turn.work.ids.floor(what.since - BEFORE),
        transcript.c.body.is_not(None),
    )
    for row in turn.rows(sa.select(transcript).where(*mine).order_by(transcript.c.id.desc()).limit(MESSAGES)):
        who = "Customer" if row.direction == "in" else "We"
        yield moment(row.at), f"{who}: {turn.work.seal.open(row.body).decode()}"
