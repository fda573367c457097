"""Documents are issued in the turn in which the money moves: number, snapshot and payment commit together (PY-7).

A receipt is issued for what was paid, over nothing too; a credit note for each refund that succeeded.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa

from bot.engine.house import house
from bot.engine.turn import Turn
from handlers.billing.documents.years import fiscal_year
from handlers.billing.orders import snapshot
from handlers.billing.orders.settings import settings_of
from storage.billing import documents

RECEIPTS, CREDITS = "R", "C"


def receipt(turn: Turn, order: sa.Row[Any]) -> sa.Row[Any]:
    """Issue the receipt of an order, once."""
    seen = snapshot.of(turn.work.seal, order)
    content = {
        "lines": [[line.text, line.quantity, line.amount_minor] for line in seen.lines],
        "discount": [seen.discount, order.discount_minor] if order.discount_minor else None,
        "taxes": [list(one) for one in seen.taxes],
        "net": order.net_minor,
        "total": order.total_minor,
        "method": order.method or order.gateway,
        "credits": None,
    }
    return _issue(turn, order, RECEIPTS, f"order:{order.id}", content, kind="receipt", total_minor=order.total_minor)


def credit_note(turn: Turn, order: sa.Row[Any], refund: sa.Row[Any]) -> sa.Row[Any]:
    """Issue the credit note of a refund, once; it names the receipt that it corrects."""
    original, back = receipt(turn, order), _part(turn, order, refund.amount_minor)
    content = {
        "lines": [[snapshot.of(turn.work.seal, order).title, 1, refund.amount_minor]],
        "discount": None,
        "taxes": back,
        "net": refund.amount_minor - sum(amount for _, amount in back),
        "total": refund.amount_minor,
        "method": order.method or order.gateway,
        "credits": documents.label(original),
    }
    source, total = f"refund:{refund.id}", refund.amount_minor
    return _issue(
        turn, order, CREDITS, source, content, kind="credit_note", total_minor=total, credits=original.id
    )  # fmt: skip


def _part(turn: Turn, order: sa.Row[Any], amount_minor: int) -> list[tuple[str, int]]:
    """Return the taxes in an amount that goes back; with what went back before they never exceed those of the order."""
    before, whole = order.refunded_minor, order.charged_minor
    if whole != order.total_minor:
        return []
    taxes = snapshot.of(turn.work.seal, order).taxes

    def up_to(tax: int, minor: int) -> int:
        return int((2 * tax * minor + whole) // (2 * whole))

    return [(name, up_to(tax, before + amount_minor) - up_to(tax, before)) for name, tax in taxes]


def _issue(
    turn: Turn, order: sa.Row[Any], series: str, source: str, content: dict[str, Any], **values: Any
) -> sa.Row[Any]:
    settings = settings_of(turn.registry)
    us = house(turn)
    day = turn.now.astimezone(ZoneInfo(us.zone)).date()
    kept = content | {"date": day.isoformat(), "seller": us.block, "demo": not settings.live}
    return documents.add(
        turn.work, order.person_id, series=series, fiscal_year=fiscal_year(day, settings.fiscal_start), source=source,
        order_id=order.id, currency=order.currency, snapshot=turn.work.seal.seal(orjson.dumps(kept)), **values,
    )  # fmt: skip
