"""Stars behind the till: an invoice in the chat, no page; whole refunds only (TS-1, TS-5)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.core.calls import Done
from bot.core.calls.stars import InvoiceLink, MakeInvoiceLink, RefundStars, SendInvoice
from bot.core.money import Money
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.billing import telling
from handlers.billing.orders import ending, snapshot
from handlers.billing.orders.gateways import Seen
from handlers.billing.stars.plans import PURPOSE
from storage.billing import charges, orders

TITLE, DESCRIPTION = 32, 255


class StarsGateway:
    """Invoices in Telegram."""

    name = "stars"
    parts = False
    page = False

    def offer(self, turn: Turn, order: sa.Row[Any]) -> None:
        """Send the invoice; what renews needs a link, whose button follows with the answer."""
        title = snapshot.of(turn.work.seal, order).title
        key = "billing.stars.renews" if order.purpose == PURPOSE else "billing.stars.once"
        about = turn.text(key, title=title, amount=Money(order.total_minor, "XTR"))[:DESCRIPTION]
        call: MakeInvoiceLink | SendInvoice
        if order.purpose == PURPOSE:
            call = MakeInvoiceLink(title[:TITLE], about, str(order.id), order.total_minor)
        else:
            chat_id = int(turn.address.handle.rpartition(":")[2]) if turn.address is not None else 0
            call = SendInvoice(chat_id, title[:TITLE], about, str(order.id), order.total_minor)
        turn.call(call, then="stars.invoiced", context={"order": order.id}, limit=order.expires_at - turn.now)

    def mint(self, turn: Turn, order: sa.Row[Any], title: str, until: datetime) -> None:
        """Nothing: an invoice needs no session."""

    def read(self, turn: Turn, order: sa.Row[Any], session_ref: str, told: Seen | None = None) -> None:
        """Nothing: the daily list of transactions tells (TS-5)."""

    def end(self, turn: Turn, order: sa.Row[Any], session_ref: str) -> None:
        """Nothing: an invoice whose order is over is refused when somebody pays it (TS-2)."""

    def refund(self, turn: Turn, order: sa.Row[Any], refund: sa.Row[Any]) -> None:
        """Give all Stars of the charge back."""
        paid = charges.named(turn.work, order.intent)
        if paid is None:
            raise LookupError("an order for Stars without its charge")
        call = RefundStars(charges.payer_of(turn.work, paid), paid.charge)
        turn.call(call, key=f"order_refund:{refund.id}", then="orders.refunded", context={"refund": refund.id})

    def find_refunds(self, turn: Turn, order: sa.Row[Any]) -> None:
        """Nothing: the daily list of transactions tells."""


def invoiced(turn: Turn) -> None:
    """Take the answer of an invoice: it is in the chat, its link follows, or it could not be made."""
    order = orders.load(turn.work, int(turn.event.payload["context"]["order"]))
    turn.silent = True
    if order is None or order.state != "created":
        return
    outcome = outcome_of(turn)
    if not isinstance(outcome, Done):
        turn.alert("invoice_refused", key=f"invoice_refused:{order.id}", order=order.id)
        ending.end(turn, order, "refused")
        turn.notify("billing.stars.no_invoice", purpose="reply")
        return
    orders.move(turn.work, order.id, was=("created",), to="open")
    if isinstance(outcome.result, InvoiceLink):
        title = snapshot.of(turn.work.seal, order).title
        until, price = telling.day(turn, order.expires_at), Money(order.total_minor, "XTR")
        link = ("billing.stars.pay", outcome.result.url)
        turn.notify("billing.stars.offer", purpose="reply", link=link, title=title, amount=price, until=until)
