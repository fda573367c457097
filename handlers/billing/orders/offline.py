"""Money that came otherwise (a bank transfer, cash): staff note amount, currency and reference, all three (PY-11)."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.core.money import Money
from bot.engine.staff import Effect, Member
from bot.engine.turn import Turn
from handlers.billing.orders import queue, snapshot
from storage.billing import orders

_PAID = re.compile(
    r"(?P<order>\d{1,19}) (?P<amount>\d{1,9}(?:\.\d{2})?) (?P<currency>[A-Za-z]{3}) (?P<reference>\S.{2,80})"
)


def _asked(turn: Turn, argument: str) -> tuple[sa.Row[Any], str]:
    match = _PAID.fullmatch(" ".join(argument.split()))
    if match is None:
        raise Refusal("billing.staff.usage_offline")
    row = orders.load(turn.work, int(match["order"]))
    if row is None or row.state not in ("created", "open", "expired"):
        raise Refusal("billing.staff.not_open")
    whole, _, rest = match["amount"].partition(".")
    amount, currency = int(whole) * 100 + int(rest or 0), match["currency"].upper()
    if (amount, currency) != (row.total_minor, row.currency):
        raise Refusal("billing.staff.other_amount", total=Money(row.total_minor, row.currency))
    return row, match["reference"]


def foresee(turn: Turn, argument: str, member: Member) -> Effect:
    """Say which order counts as paid, and by what."""
    row, reference = _asked(turn, argument)
    title, total = snapshot.of(turn.work.seal, row).title, Money(row.total_minor, row.currency)
    says = f"PAID OFFLINE {total} for order {row.id} ({title}), reference {reference}. It is given and receipted."
    return Effect(says, typed=f"offline {row.id}", version=f"{row.id}:{row.state}")


def pay(turn: Turn, argument: str, member: Member) -> str:
    """Take an order as paid, in the queue of its person."""
    row, reference = _asked(turn, argument)
    turn.audit("pay.offline", f"order:{row.id}", actor=member.name, amount=row.total_minor, reference=reference)
    queue.order(turn, row.person_id, do="offline", order=row.id, amount=row.total_minor, reference=reference)
    return f"Order {row.id} counts as paid; the person gets the receipt."
