"""Sessions at the gateway: made on a tap at our page, one at a time for a purpose (PY-2, SB-2, QT-3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.calls import Done, Refused
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.billing.orders import gateways, snapshot
from storage.billing import orders

LONGEST, SHORTEST = timedelta(hours=24), timedelta(minutes=45)
"""Stripe takes 30 minutes to 24 hours; some of them pass until it hears of it."""
UNCERTAIN = frozenset({"gave_up", "timed_out", "unknown", "no_answer"})


def tapped(turn: Turn) -> None:
    """Take a tap on the button of the pay page."""
    turn.silent = True
    order = orders.load(turn.work, int(turn.event.payload["order"]))
    if order is None or order.state != "created" or order.minting == "asked" or order.expires_at <= turn.now:
        return
    if _closing(turn, order):
        orders.change(turn.work, order.id, minting="wanted")
    else:
        _mint(turn, order)


def _closing(turn: Turn, order: sa.Row[Any]) -> bool:
    """Tell whether an earlier order of the purpose may still be paid at the gateway."""
    earlier = orders.of_purpose(turn.work, order.person_id, order.purpose, order.reference)
    return any(
        one.id != order.id and one.state == "expired" and (one.session_ref is not None or one.minting == "asked")
        for one in earlier
    )


def _mint(turn: Turn, order: sa.Row[Any]) -> None:
    gateway = gateways.gateway_named(turn, order.gateway)
    if gateway is None:
        return
    orders.change(turn.work, order.id, minting="asked", minted=order.minted + 1)
    fresh = orders.load(turn.work, order.id)
    until = turn.now + min(LONGEST, max(order.expires_at - turn.now, SHORTEST))
    gateway.mint(turn, fresh or order, snapshot.of(turn.work.seal, order).title, until)


def opened(turn: Turn) -> None:
    """Take the session that a gateway made; end one that is not wanted any more."""
    context = turn.event.payload["context"]
    order = orders.load(turn.work, int(context["order"]))
    if order is None:
        raise LookupError("no such order")
    turn.silent = True
    outcome = outcome_of(turn)
    seen = gateways.seen_of(outcome.result) if isinstance(outcome, Done) else None
    if isinstance(outcome, Done) and seen is not None:
        _live(turn, order, seen.session_ref, gateways.url_of(outcome.result), current=context["try"] == order.minted)
        return
    if context["try"] == order.minted:
        orders.change(turn.work, order.id, minting="")
        go_on(turn, order)
    if isinstance(outcome, Refused) and outcome.code not in UNCERTAIN:
        turn.alert("order_not_opened", key=f"order_open:{order.id}", order=order.id, code=outcome.code)


def _live(turn: Turn, order: sa.Row[Any], session_ref: str, url: str, *, current: bool) -> None:
    known = {"session_ref": session_ref, "url": turn.work.seal.seal(url.encode()), "minting": ""}
    if current and order.state == "created" and order.session_ref is None:
        orders.move(turn.work, order.id, was=("created",), to="open", **known)
        return
    if current and order.state == "expired" and order.session_ref is None:
        orders.change(turn.work, order.id, **known)  # another order of the purpose waits until this one is closed
    gateway = gateways.gateway_named(turn, order.gateway)
    if gateway is not None and session_ref != _wanted(order):
        gateway.end(turn, order, session_ref)


def _wanted(order: sa.Row[Any]) -> str | None:
    """Return the session of an order that may be paid."""
    return order.session_ref if order.state in ("open", "processing") else None


def over(turn: Turn, order: sa.Row[Any], session_ref: str) -> None:
    """Take note that a session ended unpaid: the next tap makes a new one, a newer order may go on."""
    if order.session_ref != session_ref:
        return
    done = {"session_ref": None, "url": None, "minting": ""}
    if not orders.move(turn.work, order.id, was=("open",), to="created", **done) and order.state == "expired":
        orders.change(turn.work, order.id, **done)
        go_on(turn, order)


def go_on(turn: Turn, order: sa.Row[Any]) -> None:
    """Make the session of a newer order of the purpose that waits for this one to end."""
    for one in orders.of_purpose(turn.work, order.person_id, order.purpose, order.reference):
        if one.state == "created" and one.minting == "wanted" and not _closing(turn, one):
            _mint(turn, one)
