"""Appeals' rows of the staff's catalogue: cases, orders, money back, all mail, the registry of cities.

> /refund R-2F44AH 10.00 lost
< REFUND $10.00 to sms +1*******23 (case A-23456): $19.95 -> $9.95 left. Type within 2 minutes: refund A-23456 CODE

A refund above what the role may give alone needs somebody else's approval (REF-6, PY-5).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.core.money import Money
from bot.engine.registry import Registry
from bot.engine.staff import Act, Effect, Foresee, Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.appeals import holding, records
from handlers.appeals import operator_port as port
from handlers.appeals.case_files import case_row
from handlers.appeals.gating import is_paused
from storage import addresses
from storage.appeals import city_records, letters, payments, refunds

_REFUND = re.compile(r"(r-[0-9a-z-]{4,20}|\d{1,19}) (all|\d{1,5}(?:\.\d{2})?) ([a-z_]{3,30})(?: (.{1,200}))?", re.I)
REFUNDABLE = ("paid", "partially_refunded", "refund_pending")
LIMIT = "refund_minor"
"""The limit of a role in roles.toml: minor units of one refund."""

USAGE_CASE = "/case find CODE (or a receipt, or the last four of a citation), /case show CODE"
USAGE_MAIL = "/mail pause, /mail resume"
USAGE_REFUND = "/refund RECEIPT AMOUNT REASON [NOTE]"
USAGE_VERIFY = (
    "/city verify CITY | phone, official_paper or official_page | who answered | YYYY-MM-DD | words read back"
)


def register_rows(registry: Registry) -> None:
    """Register all of them."""
    rows: tuple[tuple[str, Risk, str, str, Act, Foresee | None], ...] = (
        ("case", Risk.PERSONAL, "letter.view", USAGE_CASE, case, None),
        ("case find", Risk.PERSONAL, "letter.view", "/case find CODE", _named(port.case_find), None),
        ("case show", Risk.PERSONAL, "letter.view", "/case show CODE", _named(port.case_show), None),
        ("retry", Risk.GRAVE, "letter.retry", "/retry PAYMENT", _named(port.retry), retry_ahead),
        ("refund", Risk.GRAVE, "pay.refund", USAGE_REFUND, refund, refund_ahead),
        ("mail", Risk.REVERSIBLE, "mail.pause", USAGE_MAIL, _asks(USAGE_MAIL), None),
        ("mail pause", Risk.REVERSIBLE, "mail.pause", "/mail pause", pause, None),
        ("mail resume", Risk.GUARDED, "mail.pause", "/mail resume", resume, resume_ahead),
        ("city", Risk.COUNTERS, "report.ops", "/city [list]", cities, None),
        ("city list", Risk.COUNTERS, "report.ops", "/city list", cities, None),
        ("city approve", Risk.GRAVE, "city.verify", "/city approve CHANGE", _named(port.approve_change), approve_ahead),
        ("city verify", Risk.GRAVE, "city.verify", USAGE_VERIFY, verify, verify_ahead),
    )
    for name, risk, permission, usage, act, foresee in rows:
        target = "payment" if name in ("retry", "refund") else name.partition(" ")[0]
        registry.staff_command(StaffCommand(name, risk, permission, usage, act, target, foresee=foresee))
    holding.register(registry)


def _named(function: Callable[[Turn, str, str], str]) -> Act:
    def run(turn: Turn, argument: str, member: Member) -> str:
        if not argument.strip():
            raise Refusal("appeals.operator.more_words")
        return function(turn, argument.strip(), member.name)

    run.__doc__ = function.__doc__
    return run


def _asks(usage: str) -> Act:
    """Answer a word that does nothing by itself with what may follow it."""

    def run(turn: Turn, argument: str, member: Member) -> str:
        raise Refusal("appeals.operator.usage", usage=usage)

    return run


def case(turn: Turn, argument: str, member: Member) -> str:
    """Show the case of a code; alone, the word is answered with what may follow it."""
    if not argument.strip():
        raise Refusal("appeals.operator.usage", usage=USAGE_CASE)
    return port.case_show(turn, argument.strip(), member.name)


# -- orders ------------------------------------------------------------------------------------------------------------


def _payment(turn: Turn, text: str) -> sa.Row[Any]:
    """Return the payment of our number or of the receipt that its person was told: what an operator can type."""
    row = payments.by_receipt(turn.work, text.upper())
    if row is None and text.isdigit() and len(text) < 20:
        row = payments.load(turn.work, int(text))
    if row is None:
        raise Refusal("appeals.operator.no_payment")
    return row


def retry_ahead(turn: Turn, argument: str, member: Member) -> Effect:
    """Tell which order would be tried, and where it stands."""
    row = _payment(turn, argument.strip())
    newest = letters.newest(turn.work, row.id)
    stands = f"payment {row.status}, letter {newest.status if newest is not None else 'none'}"
    says = f"RETRY payment {row.id} (case {case_row(turn, row.case_id).code}): {stands}. Gates and claim as ever."
    return Effect(says, f"retry {row.id}", f"{row.id}:{stands}")


@dataclass(frozen=True, slots=True)
class _Asked:
    payment: sa.Row[Any]
    amount_minor: int
    left_minor: int
    reason: str
    note: str


def _asked(turn: Turn, argument: str) -> _Asked:
    """Return what would be given back, and what is left of the charge; raise Refusal for what cannot be given back."""
    match = _REFUND.fullmatch(" ".join(argument.split()))
    if match is None:
        raise Refusal("appeals.operator.usage_refund")
    row = _payment(turn, match[1])
    left = row.charged_minor - refunds.committed(turn.work, row.id)
    amount = left if match[2].lower() == "all" else _cents(match[2])
    if not 0 < amount <= left:
        raise Refusal("appeals.operator.refund_too_much", left=Money(max(left, 0), row.currency))
    if row.disputed:
        raise Refusal("appeals.operator.disputed")
    if row.status not in REFUNDABLE:
        raise Refusal("appeals.operator.no_refund_in", status=row.status)
    return _Asked(row, amount, left, match[3].lower(), match[4] or "")


def _cents(amount: str) -> int:
    whole, _, rest = amount.partition(".")
    return int(whole) * 100 + int(rest or 0)


def refund_ahead(turn: Turn, argument: str, member: Member) -> Effect:
    """Tell who would get how much, and what would be left of the payment."""
    asked = _asked(turn, argument)
    row, amount, left = asked.payment, asked.amount_minor, asked.left_minor
    code, most = case_row(turn, row.case_id).code, member.limit(LIMIT)
    before, after = Money(left, row.currency), Money(left - amount, row.currency)
    back, newest = Money(amount, row.currency), letters.newest(turn.work, row.id)
    left_us = newest is not None and newest.status in letters.WITH_POST
    goodwill = " The letter is with the post: this is goodwill." if left_us else ""
    whom = _whom(turn, row.person_id)
    return Effect(
        f"REFUND {back} to {whom} (case {code}, {asked.reason}): {before} -> {after} left.{goodwill}",
        f"refund {code}",
        f"{row.id}:{row.status}:{left}:{amount}",
        needs_second=most is None or amount > most,
    )


def _whom(turn: Turn, person_id: int) -> str:
    """Return where a person is reached, all but the last two characters masked (ADR-6)."""
    rows = addresses.of_person(turn.work, person_id)
    handles = [(row.channel, turn.work.seal.open(row.handle).decode().rpartition(":")[2]) for row in rows[:1]]
    return (
        " ".join(f"{channel} {'*' * max(len(own) - 2, 0)}{own[-2:]}" for channel, own in handles) or "nobody we reach"
    )


def refund(turn: Turn, argument: str, member: Member) -> str:
    """Give the money back, by the operation that the owner of the payment hears of."""
    asked = _asked(turn, argument)
    return port.refund(turn, asked.payment.id, asked.amount_minor, asked.reason, actor=member.name, note=asked.note)


# -- all mail ----------------------------------------------------------------------------------------------------------


def pause(turn: Turn, argument: str, member: Member) -> str:
    """Stop all mail at once."""
    return port.pause(turn, "", member.name)


def resume_ahead(turn: Turn, argument: str, member: Member) -> Effect:
    """Tell what letting mail go on does (FUL-10)."""
    paused = is_paused(turn.work)
    waits = len(letters.in_status(turn.work, *letters.CLAIMABLE))
    return Effect(f"RESUME MAIL: {waits} letters wait; each passes its gates again.", "mail resume", f"paused:{paused}")


def resume(turn: Turn, argument: str, member: Member) -> str:
    """Let mail go on; the gate has asked the second person."""
    return port.resume(turn, "alone", member.name)


# -- cities ------------------------------------------------------------------------------------------------------------


def cities(turn: Turn, argument: str, member: Member) -> str:
    """List the cities with what each lacks."""
    if argument.strip():
        raise Refusal("appeals.operator.usage", usage=f"/city list, /city approve CHANGE, {USAGE_VERIFY}")
    return port.cities(turn, "", member.name)


def approve_ahead(turn: Turn, argument: str, member: Member) -> Effect:
    """Tell which change would come into force."""
    number = argument.strip()
    change = city_records.load_change(turn.work, int(number)) if number.isdigit() and len(number) < 20 else None
    if change is None or change.state != "pending":
        raise Refusal("appeals.operator.no_change")
    says = f"CITY {change.city_id}: change {change.id} comes into force; approvals to the old record are void."
    return Effect(says, f"city approve {change.id}", f"{change.id}:{change.state}")


def _verification(argument: str) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in argument.split("|"))
    if len(parts) != 5 or not all(parts):
        raise Refusal("appeals.operator.usage", usage=USAGE_VERIFY)
    return parts


def verify_ahead(turn: Turn, argument: str, member: Member) -> Effect:
    """Tell what would be noted about an unchanged record (REG-3)."""
    city_id, method, _, day, _ = _verification(argument)
    if records.city_of(turn.work, city_id) is None:
        raise Refusal("appeals.operator.no_city")
    waiting = city_records.pending(turn.work, city_id)
    says = f"CITY {city_id}: its record is as before, by {method} on {day}."
    return Effect(says, f"city verify {city_id}", f"{city_id}:{len(waiting)}")


def verify(turn: Turn, argument: str, member: Member) -> str:
    """Note that a person checked an unchanged record."""
    return port.verify(turn, "|".join(_verification(argument)), member.name)
