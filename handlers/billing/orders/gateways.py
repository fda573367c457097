"""Gateways behind one port: open a session, read it, end it, give money back; and what their answers mean (PY-13).

Each asks by a call row of its own vendor, and each answer comes to the same handlers: `orders.opened`, `orders.closed`,
`orders.refunded`, `orders.refunds_found`. Stars are sold by invoice in the chat: whoever builds them adds a gateway.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import sqlalchemy as sa

from bot.core.calls.razorpay import (
    CancelPaymentLink,
    FindCaptureRefunds,
    FindPaymentLink,
    OpenPaymentLink,
    PaymentLink,
    ReadPaymentLink,
    RefundCapture,
)
from bot.core.calls.stripe import (
    Checkout,
    ExpireCheckout,
    FindRefunds,
    OpenCheckout,
    ReadCheckout,
    RefundPayment,
)
from bot.core.errors import Refusal
from bot.engine.orders import Wanted
from bot.engine.turn import Turn
from handlers.billing.orders import snapshot
from handlers.billing.orders.settings import settings_of

MINT_FOR = timedelta(minutes=10)
"""How long a session that was asked for is tried; a tap later than that asks anew."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A session as an event or a look at the gateway showed it; `waits` is paid for, but not arrived (a bank debit).

    `tax_minor` is the tax in the amount where the gateway worked one out, None where that was not told.
    """

    session_ref: str
    paid: bool
    over: bool
    waits: bool
    amount_minor: int
    currency: str
    intent: str | None
    method: str | None = None
    tax_minor: int | None = None


class Gateway(Protocol):
    """One way to take money. Called in a turn; whatever it asks is a call row."""

    name: str
    parts: bool
    """Whether a part of a charge can be given back."""
    page: bool
    """Whether it is paid at a page of ours; otherwise `offer` sends an invoice into the chat."""

    def offer(self, turn: Turn, order: sa.Row[Any]) -> None:
        """Send what is paid in the chat; nothing for one that is paid at a page."""
        ...

    def mint(self, turn: Turn, order: sa.Row[Any], title: str, until: datetime) -> None:
        """Ask for a session under the key of this order and try; the answer comes to `orders.opened`."""
        ...

    def read(self, turn: Turn, order: sa.Row[Any], session_ref: str, told: Seen | None = None) -> None:
        """Ask how a session stands; the answer comes to `orders.read`, with what an event told of it."""
        ...

    def end(self, turn: Turn, order: sa.Row[Any], session_ref: str) -> None:
        """End a session; the answer comes to `orders.read` too."""
        ...

    def refund(self, turn: Turn, order: sa.Row[Any], refund: sa.Row[Any]) -> None:
        """Ask to give money back; the answer comes to `orders.refunded`."""
        ...

    def find_refunds(self, turn: Turn, order: sa.Row[Any]) -> None:
        """Ask for the refunds of an order; the answer comes to `orders.refunds_found`."""
        ...


def _key(order: sa.Row[Any]) -> str:
    return f"pay:{order.id}:v{order.minted}"


def _context(order: sa.Row[Any], session_ref: str | None = None) -> dict[str, Any]:
    return {"order": order.id, "try": order.minted, "session": session_ref}


def _ids(order: sa.Row[Any]) -> dict[str, str]:
    return {"order_id": str(order.id), "v": str(order.minted)}


class Stripe:
    """Checkout Sessions, made on a tap at our page (STR-6, SB-2, SB-6)."""

    name = "stripe"
    parts = True
    page = True

    def offer(self, turn: Turn, order: sa.Row[Any]) -> None:
        """Nothing: it is paid at our page."""

    def mint(self, turn: Turn, order: sa.Row[Any], title: str, until: datetime) -> None:
        """Ask for a session."""
        site = turn.registry.public_url
        call = OpenCheckout(
            reference=f"{order.id}-{order.minted}",
            amount_minor=order.total_minor,
            currency=order.currency.lower(),
            product_name=title,
            success_url=f"{site}/paid",
            cancel_url=turn.work.seal.open(order.link).decode(),
            expires_at=int(until.timestamp()),
            metadata=_ids(order),
            stripe_tax=taxes_at_stripe(turn, order),
        )
        context = _context(order)
        turn.call(call, key=_key(order), then="orders.opened", context=context, policy="ask_first", limit=MINT_FOR)

    def read(self, turn: Turn, order: sa.Row[Any], session_ref: str, told: Seen | None = None) -> None:
        """Read a session again."""
        context = _context(order, session_ref) | {"told": asdict(told) if told is not None else None}
        turn.call(ReadCheckout(session_ref), then="orders.read", context=context)

    def end(self, turn: Turn, order: sa.Row[Any], session_ref: str) -> None:
        """Expire a session."""
        turn.call(ExpireCheckout(session_ref), then="orders.read", context=_context(order, session_ref))

    def refund(self, turn: Turn, order: sa.Row[Any], refund: sa.Row[Any]) -> None:
        """Refund the payment intent."""
        call = RefundPayment(
            payment_intent=order.intent,
            amount_minor=refund.amount_minor,
            reason=refund.reason,
            metadata={"order_id": str(order.id), "order_refund": str(refund.id), "v": "1"},
        )
        _refund_call(turn, call, refund)

    def find_refunds(self, turn: Turn, order: sa.Row[Any]) -> None:
        """Read the refunds of an order."""
        turn.call(FindRefunds(order.intent), then="orders.refunds_found", context={"order": order.id})


class Razorpay:
    """Payment links, for amounts in rupees (PY-13)."""

    name = "razorpay"
    parts = True
    page = True

    def offer(self, turn: Turn, order: sa.Row[Any]) -> None:
        """Nothing: it is paid at our page."""

    def mint(self, turn: Turn, order: sa.Row[Any], title: str, until: datetime) -> None:
        """Ask for a link."""
        call = OpenPaymentLink(
            reference=f"{order.id}-{order.minted}",
            amount_minor=order.total_minor,
            currency=order.currency,
            title=title,
            callback_url=f"{turn.registry.public_url}/paid",
            expires_at=int(until.timestamp()),
            notes=_ids(order),
        )
        context = _context(order)
        turn.call(call, key=_key(order), then="orders.opened", context=context, policy="ask_first", limit=MINT_FOR)

    def read(self, turn: Turn, order: sa.Row[Any], session_ref: str, told: Seen | None = None) -> None:
        """Read a link again."""
        turn.call(ReadPaymentLink(session_ref), then="orders.read", context=_context(order, session_ref))

    def find(self, turn: Turn, order: sa.Row[Any], number: int) -> None:
        """Read the link that was made at the try of this number."""
        context = _context(order)
        turn.call(FindPaymentLink(f"{order.id}-{number}"), then="orders.read", context=context)

    def end(self, turn: Turn, order: sa.Row[Any], session_ref: str) -> None:
        """Cancel a link."""
        turn.call(CancelPaymentLink(session_ref), then="orders.read", context=_context(order, session_ref))

    def refund(self, turn: Turn, order: sa.Row[Any], refund: sa.Row[Any]) -> None:
        """Refund the captured payment."""
        notes = {"order_id": str(order.id), "order_refund": str(refund.id)}
        _refund_call(turn, RefundCapture(order.intent, refund.amount_minor, str(refund.id), notes), refund)

    def find_refunds(self, turn: Turn, order: sa.Row[Any]) -> None:
        """Read the refunds of an order."""
        turn.call(FindCaptureRefunds(order.intent), then="orders.refunds_found", context={"order": order.id})


def _refund_call(turn: Turn, call: Any, refund: sa.Row[Any]) -> None:
    context = {"refund": refund.id}
    turn.call(call, key=f"order_refund:{refund.id}", then="orders.refunded", context=context, policy="ask_first")


STRIPE, RAZORPAY = Stripe(), Razorpay()
GATEWAYS: dict[str, Gateway] = {"stripe": STRIPE, "razorpay": RAZORPAY}
"""Those that are built in; `offline` and `none` ask nobody."""


@dataclass(frozen=True, slots=True)
class MoreGateways:
    """Gateways that others add under their names, as `registry.settings[MoreGateways]` (Stars)."""

    by_name: dict[str, Gateway]


def gateway_named(turn: Turn, name: str) -> Gateway | None:
    """Return a gateway; None for one that nobody built, or that asks nobody."""
    more: MoreGateways | None = turn.registry.settings.get(MoreGateways)
    return GATEWAYS.get(name) or (more.by_name.get(name) if more else None)


def taxes_at_stripe(turn: Turn, order: sa.Row[Any]) -> bool:
    """Tell whether Stripe works out the tax that an order includes; one that bears a tax of ours is not taxed again."""
    kept = snapshot.of(turn.work.seal, order)
    own = order.tax_minor and snapshot.INCLUDED not in dict(kept.taxes)
    return order.gateway == "stripe" and settings_of(turn.registry).stripe_tax and not own


def choose(turn: Turn, wanted: Wanted) -> str:
    """Return where an order is paid: inside Telegram digital goods for Stars only, all else by card (section 6).

    Raise Refusal for what cannot be sold here; the other way to pay is never named there.
    """
    if turn.channel == "telegram" and not wanted.is_physical:
        if wanted.stars is None or gateway_named(turn, "stars") is None:
            raise Refusal("billing.order.not_here")
        return "stars"
    if wanted.currency == "INR" and settings_of(turn.registry).razorpay:
        return "razorpay"
    return "stripe"


def seen_of(result: object) -> Seen | None:
    """Return what a gateway answered about a session, in our words; None for an answer of something else."""
    match result:
        case Checkout():
            return Seen(
                result.session_id,
                paid=result.payment_status in ("paid", "no_payment_required"),
                over=result.status == "expired",
                waits=result.status == "complete" and result.payment_status == "unpaid",
                amount_minor=result.amount_minor,
                currency=result.currency.upper(),
                intent=result.payment_intent,
                tax_minor=result.tax_minor,
                method=result.method,
            )
        case PaymentLink():
            return Seen(
                result.link_id,
                paid=result.status == "paid",
                over=result.status in ("expired", "cancelled"),
                waits=False,
                amount_minor=result.paid_minor or result.amount_minor,
                currency=result.currency.upper(),
                intent=result.payment_id,
                method=result.method,
            )
        case _:
            return None


def url_of(result: object) -> str:
    """Return the address of a session's page."""
    return str(getattr(result, "url", None) or "")
