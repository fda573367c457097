"""Money in Stars: the message that says so, or the daily list; keyed by its charge, so it counts once (TS-3, TS-5)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from bot.core.events import Event
from bot.engine.turn import Turn
from handlers.billing.orders import giving, taking
from handlers.billing.orders.gateways import Seen
from handlers.billing.stars import plans, renewals
from storage.billing import charges, orders
from storage.people import address
from storage.work import Work

METHOD = "Telegram Stars"


def order_of(work: Work, event: Event) -> sa.Row[Any] | None:
    """Return the order that a payment names."""
    number = str(event.payload.get("payload") or "")
    return orders.load(work, int(number)) if number.isascii() and number.isdigit() and len(number) < 20 else None


def person_of(work: Work, event: Event) -> int | None:
    """Return who paid: whose address it is, else whose order."""
    digest = work.seal.digest("address", f"telegram:{event.payload.get('handle')}")
    row = work.row(sa.select(address.c.person_id).where(address.c.hash == digest))
    if row is not None:
        return int(row.person_id)
    order = order_of(work, event)
    return None if order is None else int(order.person_id)


def paid(turn: Turn) -> None:
    """Take a payment: grant what it is for, once; hold what fits no order of this person, and alert."""
    told, order = turn.event.payload, order_of(turn.work, turn.event)
    turn.silent = True
    if order is not None and plans.is_gone(turn.work, order):
        plans.leave_alone(turn, order, str(told["charge_id"]), int(told["user_id"]), int(told["amount_minor"]))
        return
    fits = order is not None and order.gateway == "stars" and order.person_id == turn.person_id
    if order is None or not fits:
        _strange(turn)
        return
    ends = told.get("expires")
    until = datetime.fromtimestamp(int(ends), UTC) if ends else None
    renewal = order.purpose == plans.PURPOSE and order.state in orders.TAKEN and order.intent != told["charge_id"]
    fresh = charges.add(
        turn.work, order.person_id, told["charge_id"], payer=int(told["user_id"]), order_id=order.id,
        amount=int(told["amount_minor"]), paid_until=until, kind="renewal" if renewal else "once",
    )  # fmt: skip
    if not fresh:
        return
    if renewal:
        plans.renewed(turn, order, told["charge_id"])
        return
    name = str(told["charge_id"])
    seen = Seen(
        session_ref=name, paid=True, over=False, waits=False, amount_minor=int(told["amount_minor"]),
        currency=str(told["currency"]), intent=name, method=METHOD,
    )  # fmt: skip
    taking.settle(turn, order, seen, certain=True)


def _strange(turn: Turn) -> None:
    """Hold a payment that names no order of whoever paid it (TS-3)."""
    told = turn.event.payload
    name = str(told["charge_id"])
    if turn.person_id is not None:
        charges.add(
            turn.work, turn.person_id, name, payer=int(told["user_id"]), amount=int(told["amount_minor"]),
            held="no_order",
        )  # fmt: skip
        turn.notify("billing.stars.held", policy="ask_first")
    turn.alert("stars_held", key=f"stars_held:{name}", charge=name, amount=told["amount_minor"], why="no_order")


def refunded(turn: Turn) -> None:
    """Take a refund that the daily list shows: ours is settled, one made elsewhere is adopted."""
    turn.silent = True
    name = str(turn.event.payload["charge_id"])
    order, known = orders.by_intent(turn.work, "stars", name), charges.named(turn.work, name)
    if order is None:
        if known is not None and known.kind == "renewal":
            renewals.seen(turn, known)
        return
    if order.given_minor < order.charged_minor:
        amount = int(turn.event.payload["amount_minor"])
        giving.event(turn, order, {"id": name, "status": "succeeded", "amount": amount})
