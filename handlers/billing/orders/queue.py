"""What staff ordered happens in the queue of the person it is about, like everything else of that person."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.money import Money
from bot.engine.turn import Turn
from handlers.billing.orders import ending, fulfilling, giving, snapshot
from handlers.billing.stars import renewals
from storage import timers
from storage.billing import charges, orders


def order(turn: Turn, person_id: int, **what: str | int) -> None:
    """Have something done in the queue of the person it is about, or at once when this is their turn."""
    if turn.person_id == person_id:
        _do(turn, what)
        return
    key = f"orders.staff:{turn.work.ids.next()}"
    body = orjson.dumps(what)
    timers.set_timer(turn.work, kind="orders.staff", key=key, due=turn.now, person_id=person_id, body=body)


def ordered(turn: Turn) -> None:
    """Do what staff ordered, in the turn of the person it is about."""
    _do(turn, turn.event.payload)


def _note(turn: Turn, what: dict[str, Any]) -> str:
    """Return what staff noted beside an order; what was ordered before notes were kept has none."""
    sealed = str(what.get("note") or "")
    return turn.work.seal.open(bytes.fromhex(sealed)).decode() if sealed else ""


def _do(turn: Turn, what: dict[str, Any]) -> None:
    row = orders.load(turn.work, int(what["order"]))
    if row is None:
        raise LookupError("no such order")
    match what["do"]:
        case "refund":
            given = giving.back(
                turn, row, reason=str(what["reason"]), action=str(what["action"]), amount_minor=int(what["amount"]),
                actor=str(what["actor"]), told="billing.refund.staff",
                note=_note(turn, what),
            )  # fmt: skip
            if given is None:
                turn.alert("refund_not_possible", key=f"refund_not_possible:{what['action']}", order=row.id)
        case "renewal":
            paid = charges.named(turn.work, str(what["charge"]))
            if paid is None or not renewals.back(
                turn, paid, reason=str(what["reason"]), actor=str(what["actor"]), note=_note(turn, what)
            ):
                turn.alert("refund_not_possible", key=f"refund_not_possible:{what['action']}", order=row.id)
        case "offline":
            _paid_offline(turn, row, what)
        case "relink" if row.link is not None and row.state in ("created", "open"):
            link = ("billing.order.pay", turn.work.seal.open(row.link).decode())
            title, total = snapshot.of(turn.work.seal, row).title, Money(row.total_minor, row.currency)
            turn.notify("billing.order.page", purpose="reply", link=link, title=title, total=total)
        case _:
            turn.silent = True


def _paid_offline(turn: Turn, row: sa.Row[Any], what: dict[str, Any]) -> None:
    """Take an order as paid otherwise: its page ends, it is fulfilled and receipted like any other (PY-11)."""
    if row.state in ("created", "open"):
        ending.end(turn, row, "offline")
    taken = orders.move(
        turn.work, row.id, was=("expired",), to="paid", gateway="offline", method="offline", paid_at=turn.now,
        charged_minor=int(what["amount"]), intent=_reference(turn, row, str(what["reference"])), session_ref=None,
    )  # fmt: skip
    fresh = orders.load(turn.work, row.id) if taken else None
    if fresh is not None:
        fulfilling.honour(turn, fresh)


def _reference(turn: Turn, row: sa.Row[Any], said: str) -> str:
    """Return the reference of a transfer; one that paid another order as well has this one's number behind it."""
    return said if orders.by_intent(turn.work, "offline", said) is None else f"{said} ({row.id})"
