"""What Parley asks of Stripe, and what it learns. Times are Unix seconds, amounts minor units."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from bot.core.calls.packing import wire


@wire
@dataclass(frozen=True, slots=True)
class OpenCheckout:
    """Create a Checkout Session (mode payment) for one payment row; `reference` becomes client_reference_id.

    With `stripe_tax` Stripe works out the tax that the amount includes: what is charged stays the amount (PY-1, PY-12).
    """

    reference: str
    amount_minor: int
    currency: str
    product_name: str
    success_url: str
    cancel_url: str
    expires_at: int
    metadata: dict[str, str]
    stripe_tax: bool = False


@wire
@dataclass(frozen=True, slots=True)
class ReadCheckout:
    """Read one session with its payment intent."""

    session_id: str


@wire
@dataclass(frozen=True, slots=True)
class ExpireCheckout:
    """Expire an open session; answers its state also when it was no longer open."""

    session_id: str


@wire
@dataclass(frozen=True, slots=True)
class FindCheckouts:
    """List the sessions created at or after `created_from`, all or those of one `reference`."""

    created_from: int
    reference: str | None = None


@wire
@dataclass(frozen=True, slots=True)
class Checkout:
    """A session's state: `status` open|complete|expired, `payment_status` paid|unpaid|no_payment_required.

    `tax_minor` is the tax in the amount, as Stripe worked it out, `method` what was paid with ("Visa ...4242"); None
    where it does not say.
    """

    session_id: str
    status: str
    payment_status: str
    amount_minor: int
    currency: str
    url: str | None
    payment_intent: str | None
    reference: str | None
    created: int
    expires_at: int
    metadata: dict[str, str] = field(default_factory=dict)
    subscription: str | None = None
    tax_minor: int | None = None
    method: str | None = None


@wire
@dataclass(frozen=True, slots=True)
class Checkouts:
    """Several sessions, oldest first."""

    sessions: list[Checkout]


@wire
@dataclass(frozen=True, slots=True)
class RefundPayment:
    """Refund (part of) a payment intent; `reason` is duplicate|fraudulent|requested_by_customer."""

    payment_intent: str
    amount_minor: int
    reason: str
    metadata: dict[str, str]


@wire
@dataclass(frozen=True, slots=True)
class FindRefunds:
    """List the refunds of a payment intent."""

    payment_intent: str


@wire
@dataclass(frozen=True, slots=True)
class Refund:
    """A refund's state: `status` pending|requires_action|succeeded|failed|canceled."""

    refund_id: str
    status: str
    amount_minor: int
    currency: str
    payment_intent: str | None
    metadata: dict[str, str] = field(default_factory=dict)


@wire
@dataclass(frozen=True, slots=True)
class Refunds:
    """Several refunds, oldest first."""

    refunds: list[Refund]


@wire
@dataclass(frozen=True, slots=True)
class ListStripeEvents:
    """List the events created at or after `created_from` of these types, oldest first."""

    created_from: int
    types: list[str]


@wire
@dataclass(frozen=True, slots=True)
class StripeEvents:
    """Events as their webhooks carry them (`id`, `type`, `created`, `data.object`)."""

    events: list[dict[str, Any]]
