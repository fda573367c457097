"""/pay for staff: find, show, relink, refund, offline (PY-5, PY-11). The gate asks who, and for codes and approvals.

What concerns a person's order happens in that person's queue: a refund that staff order is a timer of theirs, unless
it is their own turn. Letters are refunded by the service that posts them, through its own row of staff's catalogue.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.core.money import Money
from bot.engine.registry import Registry
from bot.engine.staff import Act, Effect, Foresee, Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.billing.orders import offline, queue, snapshot
from handlers.billing.stars import renewals
from storage.appeals import payments
from storage.appeals import refunds as letter_refunds
from storage.billing import charges, documents, orders, refunds

LIMITS = {"finance": 10_000, "admin": 50_000, "owner": 50_000}
"""What a role may give back alone, in minor units of the charge; above it somebody else approves (PY-5)."""
LETTERS = "refund"
"""The row of staff's catalogue by which the service that posts letters gives money back."""
_REFUND = re.compile(
    r"(?P<what>\S+) (?P<amount>all|\d{1,7}(?:\.\d{2})?) (?P<reason>[a-z_]+)(?: (?P<note>.{1,200}))?", re.I
)
_NUMBER = re.compile(r"\d{1,19}")


def register(registry: Registry) -> None:
    """Register the rows of /pay, and the turn in which an ordered refund happens."""
    rows = (
        ("find", Risk.PERSONAL, "pay.view", "/pay find NUMBER: an order, a receipt number, a gateway's id", find, None),
        ("show", Risk.PERSONAL, "pay.view", "/pay show NUMBER: an order with its refunds and documents", show, None),
        ("relink", Risk.REVERSIBLE, "pay.view", "/pay relink NUMBER: send the pay page once more", relink, None),
        (
            "refund", Risk.GRAVE, "pay.refund",
            "/pay refund NUMBER AMOUNT|all duplicate|fraudulent|requested_by_customer [NOTE]", refund, foresee_refund,
        ),
        (
            "offline", Risk.GRAVE, "pay.offline", "/pay offline NUMBER AMOUNT CURRENCY REFERENCE: money that came",
            offline.pay, offline.foresee,
        ),
    )  # fmt: skip
    for name, risk, permission, usage, act, foresee in rows:
        registry.staff_command(StaffCommand(f"pay {name}", risk, permission, usage, act, "payment", foresee))
    registry.on("timer:orders.staff")(queue.ordered)


@dataclass(frozen=True, slots=True)
class Found:
    """What a number means: an order, the payment of a letter, or a renewal for Stars."""

    order: sa.Row[Any] | None = None
    letter: sa.Row[Any] | None = None
    renewal: sa.Row[Any] | None = None

    @property
    def left(self) -> int:
        """What was charged and not promised back; of a letter its row alone tells."""
        row = self.order
        return row.charged_minor - row.given_minor if row is not None else 0


def look(turn: Turn, said: str) -> Found:
    """Find by our id, a document's number, a gateway's session or charge; raise Refusal for nothing."""
    work, word = turn.work, said.strip()
    if _NUMBER.fullmatch(word):
        found = orders.load(work, int(word))
        letter = payments.load(work, int(word)) if found is None else None
    else:
        document = documents.by_number(work, word)
        letter = payments.by_receipt(work, word.upper()) or payments.by_intent(work, word)
        found = orders.load(work, document.order_id) if document is not None and document.order_id else None
        found = found or orders.by_gateway_id(work, word)
    renewal = renewals.meant(turn, word) if found is None and letter is None else None
    if found is None and letter is None and renewal is None:
        raise Refusal("billing.staff.unknown", what=word[:40])
    return Found(found, letter, renewal)


def find(turn: Turn, argument: str, member: Member) -> str:
    """Say in a line what a number is."""
    return _line(turn, look(turn, argument))


def _line(turn: Turn, found: Found) -> str:
    if found.renewal is not None:
        return renewals.line(turn, found.renewal)
    if found.order is not None:
        row = found.order
        title = snapshot.of(turn.work.seal, row).title or row.purpose
        charged, back = Money(row.charged_minor, row.currency), Money(row.given_minor, row.currency)
        what = f"{title} ({row.purpose} {row.reference}), {row.gateway}, {row.state}"
        return f"order {row.id}: {what}, charged {charged}, back {back}"
    letter = found.letter
    if letter is None:
        return ""
    charged, back = Money(letter.charged_minor, letter.currency), Money(letter.refunded_minor, letter.currency)
    what = f"{letter.mail_class}, {letter.status}, charged {charged}, back {back}"
    return f"letter {letter.id}: {what}, {letter.receipt or '-'}"


def show(turn: Turn, argument: str, member: Member) -> str:
    """Show an order or a letter's payment with what became of it: dates, dispute, refunds with staff's notes."""
    found = look(turn, argument)
    row, lines = found.order, [_line(turn, found)]
    if row is None:
        return "\n".join(lines + _letter_shown(turn, found.letter))
    dates = (("made", row.created_at), ("paid", row.paid_at), ("given", row.fulfilled_at), ("ends", row.expires_at))
    lines.append(", ".join(f"{name} {at:%Y-%m-%d %H:%M}" for name, at in dates if at is not None))
    lines += [f"reference: {row.intent}"] if row.gateway == "offline" and row.intent else []
    lines += [f"held: {row.held}"] if row.held else []
    lines += _tries(row)
    due = f", answer due {row.dispute_due:%Y-%m-%d %H:%M} UTC" if row.dispute_due is not None else ""
    lines += [f"dispute: {row.dispute}{due}"] if row.dispute else []
    lines += [
        _refund_line(turn, one, row.currency, one.state, one.actor) for one in refunds.of_order(turn.work, row.id)
    ]
    lines += [f"{one.kind} {documents.label(one)}" for one in documents.of_order(turn.work, row.id)]
    lines += [renewals.line(turn, one) for one in charges.renewals_of(turn.work, row.id)]
    return "\n".join(lines)


def _tries(row: sa.Row[Any]) -> list[str]:
    why = f", the last: {row.failure_code}" if row.failure_code else ""
    return [f"failed tries: {row.failures}{why}"] if row.failures else []


def _refund_line(turn: Turn, one: sa.Row[Any], currency: str, state: str, actor: str) -> str:
    """Tell of one refund, with what its author noted beside the reason (PY-5)."""
    note = f": {turn.work.seal.open(one.note).decode()}" if one.note else ""
    by = actor.rpartition(":")[2]
    return f"refund {one.id}: {Money(one.amount_minor, currency)} {one.reason}, {state}, by {by}{note}"


def _letter_shown(turn: Turn, letter: sa.Row[Any] | None) -> list[str]:
    if letter is None:
        return []
    dates = (("made", letter.created_at), ("paid", letter.paid_at), ("ends", letter.expires_at))
    return [
        ", ".join(f"{name} {at:%Y-%m-%d %H:%M}" for name, at in dates if at is not None),
        *_tries(letter),
        *(["disputed"] if letter.disputed else []),
        *(
            _refund_line(turn, one, letter.currency, one.status, one.requested_by)
            for one in letter_refunds.of_payment(turn.work, letter.id)
        ),
    ]


def relink(turn: Turn, argument: str, member: Member) -> str:
    """Have the pay page of an open order sent to its person again."""
    row = look(turn, argument).order
    if row is None or row.state not in ("created", "open") or row.link is None:
        raise Refusal("billing.staff.not_open")
    turn.audit("pay.relink", f"order:{row.id}", actor=member.name)
    queue.order(turn, row.person_id, do="relink", order=row.id)
    return f"Order {row.id}: the person gets the page again."


# -- refunds -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asked:
    found: Found
    amount_minor: int
    left_minor: int
    currency: str
    reason: str
    note: str


def _asked(turn: Turn, argument: str) -> _Asked:
    match = _REFUND.fullmatch(" ".join(argument.split()))
    if match is None or match["reason"].lower() not in refunds.REASONS:
        raise Refusal("billing.staff.usage_refund")
    found = look(turn, match["what"])
    if found.renewal is not None:
        return _asked_of_renewal(turn, found, found.renewal, match)
    row = found.order if found.order is not None else found.letter
    if row is None:
        raise Refusal("billing.staff.unknown", what=match["what"][:40])
    left = found.left if found.order is not None else row.charged_minor - letter_refunds.committed(turn.work, row.id)
    amount = left if match["amount"].lower() == "all" else minor(match["amount"], row.currency)
    if not 0 < amount <= left:
        raise Refusal("billing.staff.too_much", left=Money(max(left, 0), row.currency))
    if found.order is not None and row.state not in ("paid", "partially_refunded"):
        raise Refusal("billing.staff.no_refund_in", state=row.state)
    return _Asked(found, amount, left, row.currency, match["reason"].lower(), match["note"] or "")


def _asked_of_renewal(turn: Turn, found: Found, renewal: sa.Row[Any], match: re.Match[str]) -> _Asked:
    is_all = match["amount"].lower() == "all"
    renewals.refuse(turn, renewal, None if is_all else minor(match["amount"], "XTR"))
    return _Asked(found, renewal.amount, renewal.amount, "XTR", match["reason"].lower(), match["note"] or "")


def minor(written: str, currency: str) -> int:
    """Return an amount as it is typed in minor units; Stars have none."""
    whole, _, rest = written.partition(".")
    return int(whole) if currency == "XTR" else int(whole) * 100 + int(rest or 0)


def foresee_refund(turn: Turn, argument: str, member: Member) -> Effect:
    """Say how much goes back of what, and what the person loses by it (CM-4)."""
    asked = _asked(turn, argument)
    amount = Money(asked.amount_minor, asked.currency)
    row, renewal = asked.found.order, asked.found.renewal
    if renewal is not None:
        ends = " Its plan ends." if renewals.ends(turn, renewal) else ""
        says, second = f"REFUND {amount} of {_line(turn, asked.found)}.{ends}", asked.amount_minor > _alone(member)
        return Effect(says, f"refund {renewal.id}", str(renewal.id), needs_second=second)
    if row is None:
        return _letters(turn)[0](turn, _of_letter(asked), member)
    loses = " What is unused of it ends." if row.purpose in turn.registry.takebacks else ""
    after = Money(asked.left_minor - asked.amount_minor, asked.currency)
    return Effect(
        says=f"REFUND {amount} of {_line(turn, asked.found)}. After it {after} is left.{loses}",
        typed=f"refund {row.id}",
        version=f"{row.id}:{asked.left_minor}",
        needs_second=asked.amount_minor > _alone(member),
    )


def _alone(member: Member) -> int:
    return LIMITS.get(member.role, 0)


def refund(turn: Turn, argument: str, member: Member) -> str:
    """Give money back, once for an action: the event that carries it names it (A75)."""
    asked = _asked(turn, argument)
    amount = Money(asked.amount_minor, asked.currency)
    row = asked.found.order
    if asked.found.renewal is not None:
        return _renewal_back(turn, asked, asked.found.renewal, member)
    if row is None:
        return _letters(turn)[1](turn, _of_letter(asked), member)
    turn.audit(
        "pay.refund", f"order:{row.id}", actor=member.name, amount=asked.amount_minor, reason=asked.reason,
    )  # fmt: skip
    queue.order(
        turn, row.person_id, do="refund", order=row.id, amount=asked.amount_minor, reason=asked.reason,
        note=turn.work.seal.seal(asked.note.encode()).hex(), actor=member.name, action=f"staff:{turn.inbox_id}",
    )  # fmt: skip
    return f"Order {row.id}: {amount} goes back; the person is told."


def _renewal_back(turn: Turn, asked: _Asked, renewal: sa.Row[Any], member: Member) -> str:
    turn.audit("pay.refund", f"renewal:{renewal.id}", actor=member.name, amount=asked.amount_minor, reason=asked.reason)
    queue.order(
        turn, renewal.person_id, do="renewal", order=renewal.order_id, charge=renewal.charge, reason=asked.reason,
        note=turn.work.seal.seal(asked.note.encode()).hex(), actor=member.name, action=f"staff:{turn.inbox_id}",
    )  # fmt: skip
    return f"Renewal {renewal.id}: {Money(asked.amount_minor, 'XTR')} goes back; the person is told."


def _letters(turn: Turn) -> tuple[Foresee, Act]:
    """Return what foresees and gives back a letter's money; raise Refusal where no letters are sold."""
    row = turn.registry.staff.get(LETTERS)
    if row is None or row.foresee is None:
        raise Refusal("billing.staff.no_letters")
    return row.foresee, row.act


def _of_letter(asked: _Asked) -> str:
    """Return what is asked in the words of that row."""
    number = asked.found.letter.id if asked.found.letter is not None else ""
    return f"{number} {asked.amount_minor // 100}.{asked.amount_minor % 100:02d} {asked.reason} {asked.note}".rstrip()
