"""One paid letter in staff's hands: /letter show, retry, hold, release.

> /letter hold A-23456 the driver says the plate is another one
< Letter 188020 of A-23456 is held. /letter release A-23456 lets it go.

A held letter waits in the state `blocked` with the reason `held`; its order stays paid. Every quarter of an hour its
gates are asked as if it were to go: what would be too late is blocked, told and refunded like any other (ST-11), so
that nobody's letter is held past its day in silence.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.staff import Effect, Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.appeals import fulfilment, operator_port
from handlers.appeals.case_files import case_row
from handlers.appeals.stages import stage_of
from storage import person_notes, timers
from storage.appeals import cases, letters, payments

HELD = fulfilment.HELD
REASON_LEAST = 10
USAGE = "/letter show|retry|release CASE or LETTER, /letter hold CASE or LETTER REASON"
_CODE = re.compile(r"A-[A-Z0-9]{5}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Posting:
    """The newest letter of an order, with its payment and its case."""

    letter: sa.Row[Any]
    payment: sa.Row[Any]
    code: str


def register(registry: Registry) -> None:
    """Register the four rows."""
    rows = (
        StaffCommand("letter show", Risk.PERSONAL, "letter.view", "/letter show CASE or LETTER", show, "letter"),
        StaffCommand(
            "letter retry", Risk.GRAVE, "letter.retry", "/letter retry CASE or LETTER", retry, "letter",
            foresee=retry_ahead,
        ),
        StaffCommand(
            "letter hold", Risk.REVERSIBLE, "letter.retry", "/letter hold CASE or LETTER REASON", hold, "letter"
        ),
        StaffCommand(
            "letter release", Risk.GRAVE, "letter.retry", "/letter release CASE or LETTER", release, "letter",
            foresee=release_ahead,
        ),
    )  # fmt: skip
    for row in rows:
        registry.staff_command(row)


def _posting(turn: Turn, typed: str) -> Posting:
    """Return the order that a case code, a letter or a payment names; raise Refusal for anything else."""
    if not typed:
        raise Refusal("appeals.operator.letter_usage", usage=USAGE)
    payment = _payment(turn, typed)
    newest = letters.newest(turn.work, payment.id) if payment is not None else None
    if payment is None or newest is None:
        raise Refusal("appeals.operator.no_such_letter")
    return Posting(newest, payment, case_row(turn, payment.case_id).code)


def _payment(turn: Turn, typed: str) -> sa.Row[Any] | None:
    if _CODE.fullmatch(typed):
        case = cases.by_code(turn.work, typed.upper())
        found = letters.of_case(turn.work, case.id) if case is not None else []
        return payments.load(turn.work, found[0].payment_id) if found else None
    if not (typed.isascii() and typed.isdigit() and len(typed) < 20):
        return None
    letter = letters.load(turn.work, int(typed))
    return payments.load(turn.work, int(typed) if letter is None else letter.payment_id)


# -- looking and trying again ------------------------------------------------------------------------------------------


def show(turn: Turn, argument: str, member: Member) -> str:
    """Show where a letter is, without its words and without an address."""
    of = _posting(turn, argument.strip())
    turn.audit("letter.view", f"letter:{of.letter.id}", actor=member.name)
    lines = [f"{of.code}: payment {of.payment.id} {of.payment.status}, case {stage_of(turn, of.payment.case_id)}"]
    for one in letters.of_case(turn.work, of.payment.case_id):
        why = f" ({one.error_code})" if one.error_code else ""
        expected = f", expected {one.expected_delivery}" if one.expected_delivery else ""
        lines.append(
            f"letter {one.id}: {one.mail_class}, {one.status}{why}, {one.attempts} tries"
            f"{f', {one.lob_id}' if one.lob_id else ''}{expected}"
        )
    return "\n".join(lines)


def retry_ahead(turn: Turn, argument: str, member: Member) -> Effect:
    """Tell which order would be tried, and where it stands."""
    of = _posting(turn, argument.strip())
    _refuse_held(of)
    stands = f"payment {of.payment.status}, letter {of.letter.status}"
    says = f"RETRY letter {of.letter.id} (case {of.code}): {stands}. Gates and claim as ever."
    return Effect(says, f"letter retry {of.code}", f"{of.letter.id}:{stands}")


def retry(turn: Turn, argument: str, member: Member) -> str:
    """Ask for one more try, in the queue of whoever paid (FUL-9)."""
    of = _posting(turn, argument.strip())
    _refuse_held(of)
    return operator_port.retry(turn, str(of.payment.id), member.name)


def _refuse_held(of: Posting) -> None:
    if is_held(of.letter):
        raise Refusal("appeals.operator.held")


# -- holding -----------------------------------------------------------------------------------------------------------


def is_held(letter: sa.Row[Any]) -> bool:
    """Tell whether staff hold a letter."""
    return bool(letter.status == "blocked" and letter.error_code == HELD)


def hold(turn: Turn, argument: str, member: Member) -> str:
    """Keep a paid letter from going out, as long as nobody has claimed it."""
    typed, _, words = argument.strip().partition(" ")
    of, reason = _posting(turn, typed), " ".join(words.split())
    if len(reason) < REASON_LEAST:
        raise Refusal("appeals.operator.usage", usage=f"/letter hold CASE REASON, with {REASON_LEAST} characters")
    if stage_of(turn, of.payment.case_id) != "paid":
        raise Refusal("appeals.operator.not_held")
    fulfilment.hold_back(turn, of.letter)
    if not letters.move(turn.work, of.letter.id, was=letters.CLAIMABLE, to="blocked", error_code=HELD):
        raise Refusal("appeals.operator.not_held")
    turn.audit("letter.hold", f"letter:{of.letter.id}", actor=member.name)
    person_notes.add(
        turn.work, of.payment.person_id, actor=member.name, remark=f"holds the letter of {of.code}: {reason}"
    )
    return f"Letter {of.letter.id} of {of.code} is held. /letter release {of.code} lets it go."


def _held(turn: Turn, argument: str) -> Posting:
    of = _posting(turn, argument.strip())
    if not is_held(of.letter) or stage_of(turn, of.payment.case_id) != "paid":
        raise Refusal("appeals.operator.is_not_held")
    return of


def release_ahead(turn: Turn, argument: str, member: Member) -> Effect:
    """Tell which letter would go out."""
    of = _held(turn, argument)
    says = (
        f"RELEASE letter {of.letter.id} (case {of.code}, {of.letter.mail_class}): it is posted if its gates allow it."
    )
    return Effect(says, f"letter release {of.code}", f"{of.letter.id}:{of.letter.status}:{of.payment.status}")


def release(turn: Turn, argument: str, member: Member) -> str:
    """Let a held letter go on, through its gates and its claim, in the queue of whoever paid."""
    of = _held(turn, argument)
    to = "retry" if of.letter.attempts else "queued"
    if not letters.move(turn.work, of.letter.id, was=("blocked",), to=to, error_code=None):
        raise Refusal("appeals.operator.is_not_held")
    turn.audit("letter.release", f"letter:{of.letter.id}", actor=member.name)
    timers.set_timer(
        turn.work, kind="appeals.mail", key=f"mail:{of.payment.id}", due=turn.now, person_id=of.payment.person_id,
        body=orjson.dumps({"payment": of.payment.id}),
    )  # fmt: skip
    return f"Letter {of.letter.id} of {of.code} goes on."
