"""What Parley asks of Stripe about plans that renew, and what it learns.

Times are Unix seconds, amounts minor units; `as_of` alone is in microseconds: when the look at Stripe began, so that an
older look never overwrites a newer one (SB-4).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core.calls.packing import wire


@wire
@dataclass(frozen=True, slots=True)
class PlanPrice:
    """The price of a plan at an interval (month|year); made at Stripe once, found by its `lookup_key`.

    `stripe_tax`: it includes the tax that Stripe works out.
    """

    lookup_key: str
    name: str
    amount_minor: int
    currency: str
    interval: str
    stripe_tax: bool = False


@wire
@dataclass(frozen=True, slots=True)
class OpenPlanCheckout:
    """Create a Checkout Session (mode subscription) for one purchase; `reference` becomes client_reference_id.

    A trial takes no card unless the person gives one, and without one it ends by cancelling (SB-12).
    """

    reference: str
    price: PlanPrice
    success_url: str
    cancel_url: str
    expires_at: int
    metadata: dict[str, str]
    trial_days: int = 0
    customer: str | None = None
    promotion_code: str | None = None


@wire
@dataclass(frozen=True, slots=True)
class ReadSubscription:
    """Read a subscription with its newest invoice and its schedule."""

    subscription_id: str


@wire
@dataclass(frozen=True, slots=True)
class ListSubscriptions:
    """List the account's subscriptions; ended ones too when `ended` is asked for."""

    ended: bool = False


@wire
@dataclass(frozen=True, slots=True)
class GatewayInvoice:
    """An invoice of a subscription; `finalized_at` is when Stripe first asked for the money, 0 before.

    `paid_at` is when the money came, None before; with the first invoice the subscription began.
    """

    invoice_id: str
    status: str
    amount_minor: int
    currency: str
    created: int
    finalized_at: int = 0
    attempts: int = 0
    next_attempt_at: int | None = None
    hosted_url: str | None = None
    number: str | None = None
    paid_at: int | None = None
    is_first: bool = False


@wire
@dataclass(frozen=True, slots=True)
class ListPlanInvoices:
    """List all invoices of a subscription: a look at it shows the newest alone."""

    subscription_id: str


@wire
@dataclass(frozen=True, slots=True)
class PlanInvoices:
    """The invoices of a subscription, oldest first, as of a moment in microseconds."""

    invoices: list[GatewayInvoice]
    as_of: int


@wire
@dataclass(frozen=True, slots=True)
class FindPlanPayments:
    """List all invoices of a subscription with what was paid, or tried: payments are objects of their own (STR-9)."""

    subscription_id: str


@wire
@dataclass(frozen=True, slots=True)
class InvoicePayment:
    """A payment of an invoice: `status` open|paid|canceled; one without an intent was made outside Stripe."""

    payment_id: str
    status: str
    amount_minor: int
    currency: str
    payment_intent: str | None


@wire
@dataclass(frozen=True, slots=True)
class PaidInvoice:
    """An invoice with its payments, oldest first; `paid_at` is None while it is not paid, or cost nothing."""

    invoice_id: str
    paid_at: int | None
    payments: list[InvoicePayment]


@wire
@dataclass(frozen=True, slots=True)
class PlanPayments:
    """The invoices of a subscription, oldest first."""

    invoices: list[PaidInvoice]


@wire
@dataclass(frozen=True, slots=True)
class FindPlanOfPayment:
    """Ask which subscription a payment intent paid an invoice of."""

    payment_intent: str


@wire
@dataclass(frozen=True, slots=True)
class PlanOfPayment:
    """An invoice and its subscription; both ids are empty when the payment paid no invoice of a subscription.

    `is_first`: the subscription began with it. `metadata` are the subscription's.
    """

    subscription_id: str
    invoice_id: str
    number: str | None = None
    amount_minor: int = 0
    currency: str = ""
    created: int = 0
    paid_at: int | None = None
    is_first: bool = False
    metadata: dict[str, str] = field(default_factory=dict)


@wire
@dataclass(frozen=True, slots=True)
class GatewayMethod:
    """What a subscription is paid by: `kind` card|us_bank_account|link|..., `expires` of a card as MM/YYYY."""

    kind: str
    brand: str = ""
    last_four: str = ""
    expires: str = ""


@wire
@dataclass(frozen=True, slots=True)
class GatewaySubscription:
    """A subscription as Stripe has it; `next_lookup_key` is the price that a schedule brings at the period's end.

    `cancel_at` is when it will be canceled. It may stand without `cancel_at_period_end`, and then need not be that end.
    """

    subscription_id: str
    customer: str
    status: str
    item_id: str
    price_id: str
    lookup_key: str
    created: int
    anchor: int
    period_start: int
    period_end: int
    cancel_at_period_end: bool
    as_of: int
    trial_end: int | None = None
    ended_at: int | None = None
    schedule: str | None = None
    next_lookup_key: str | None = None
    invoice: GatewayInvoice | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    method: GatewayMethod | None = None
    cancel_at: int | None = None


@wire
@dataclass(frozen=True, slots=True)
class GatewaySubscriptions:
    """Several subscriptions, newest first."""

    subscriptions: list[GatewaySubscription]


@wire
@dataclass(frozen=True, slots=True)
class PreviewChange:
    """Ask what a change of price would cost at this very second; changes nothing."""

    subscription_id: str
    item_id: str
    price: PlanPrice
    at: int


@wire
@dataclass(frozen=True, slots=True)
class ChangePreview:
    """What would be charged at once."""

    amount_due_minor: int
    currency: str
    at: int


@wire
@dataclass(frozen=True, slots=True)
class ChangePlan:
    """Change the price now, prorated at the second of the preview and charged at once; all or nothing (SB-7)."""

    subscription_id: str
    item_id: str
    price: PlanPrice
    at: int
    schedule_id: str | None = None


@wire
@dataclass(frozen=True, slots=True)
class ScheduleChange:
    """Let another price begin when the period ends, without proration; a schedule that is there is changed."""

    subscription_id: str
    price: PlanPrice
    schedule_id: str | None = None


@wire
@dataclass(frozen=True, slots=True)
class ReleaseSchedule:
    """Let go of what was scheduled; the subscription goes on as it is."""

    schedule_id: str


@wire
@dataclass(frozen=True, slots=True)
class EndAtPeriodEnd:
    """Let a subscription end with its period; a schedule is released first, for Stripe refuses both together."""

    subscription_id: str
    schedule_id: str | None = None


@wire
@dataclass(frozen=True, slots=True)
class KeepRenewing:
    """Take an ending at the period's end, or at an instant, back."""

    subscription_id: str


@wire
@dataclass(frozen=True, slots=True)
class EndNow:
    """End a subscription at once."""

    subscription_id: str


@wire
@dataclass(frozen=True, slots=True)
class MoveTrialEnd:
    """Let a trial end at another instant."""

    subscription_id: str
    trial_end: int


@wire
@dataclass(frozen=True, slots=True)
class ChangeTaken:
    """Stripe took a change; the mirror learns it from a look of its own."""

    subscription_id: str


@wire
@dataclass(frozen=True, slots=True)
class OpenPortal:
    """Make a page of Stripe for one visit of a customer; without a flow it shows their invoices."""

    customer: str
    return_url: str
    flow: str = ""


@wire
@dataclass(frozen=True, slots=True)
class Portal:
    """A page for one visit: its URL is a secret of the customer's."""

    url: str
