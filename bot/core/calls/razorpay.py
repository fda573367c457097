"""What Parley asks of Razorpay, and what it learns. Times are Unix seconds, amounts minor units (paise)."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core.calls.packing import wire


@wire
@dataclass(frozen=True, slots=True)
class OpenPaymentLink:
    """Make a payment link; `reference` is unique there, so the same one never makes a second link."""

    reference: str
    amount_minor: int
    currency: str
    title: str
    callback_url: str
    expires_at: int
    notes: dict[str, str]


@wire
@dataclass(frozen=True, slots=True)
class ReadPaymentLink:
    """Read one link with its payments."""

    link_id: str


@wire
@dataclass(frozen=True, slots=True)
class FindPaymentLink:
    """Read the link of one of our references with its payments; refused where there is none."""

    reference: str


@wire
@dataclass(frozen=True, slots=True)
class CancelPaymentLink:
    """Cancel an open link; answers its state also when it was no longer open."""

    link_id: str


@wire
@dataclass(frozen=True, slots=True)
class PaymentLink:
    """A link's state: `status` created|paid|partially_paid|expired|cancelled; `payment_id` is the captured payment."""

    link_id: str
    status: str
    amount_minor: int
    paid_minor: int
    currency: str
    url: str | None
    payment_id: str | None
    method: str | None = None
    reference: str | None = None
    notes: dict[str, str] = field(default_factory=dict)


@wire
@dataclass(frozen=True, slots=True)
class RefundCapture:
    """Refund (part of) a captured payment; `receipt` is our id of the refund, unique there."""

    payment_id: str
    amount_minor: int
    receipt: str
    notes: dict[str, str]


@wire
@dataclass(frozen=True, slots=True)
class ListCaptures:
    """List the captured payments of an account since an instant, those that bear notes of ours and all others."""

    since: int


@wire
@dataclass(frozen=True, slots=True)
class Capture:
    """A captured payment with the notes of its link."""

    payment_id: str
    amount_minor: int
    currency: str
    notes: dict[str, str] = field(default_factory=dict)


@wire
@dataclass(frozen=True, slots=True)
class Captures:
    """Several payments, oldest first."""

    payments: list[Capture]


@wire
@dataclass(frozen=True, slots=True)
class FindCaptureRefunds:
    """List the refunds of a payment."""

    payment_id: str


@wire
@dataclass(frozen=True, slots=True)
class ListGivenBack:
    """List the refunds of an account made since an instant, whoever made them."""

    since: int
