"""What Parley asks of Telegram about Stars, and what it learns. Amounts are whole Stars, times Unix seconds."""

from __future__ import annotations

from dataclasses import dataclass

from bot.core.calls.packing import wire


@wire
@dataclass(frozen=True, slots=True)
class SendInvoice:
    """Send an invoice with a pay button into a chat; `payload` comes back with the payment (TS-1)."""

    chat_id: int
    title: str
    description: str
    payload: str
    stars: int


@wire
@dataclass(frozen=True, slots=True)
class MakeInvoiceLink:
    """Make a link to an invoice that is charged again every 30 days."""

    title: str
    description: str
    payload: str
    stars: int


@wire
@dataclass(frozen=True, slots=True)
class InvoiceLink:
    """The link."""

    url: str


@wire
@dataclass(frozen=True, slots=True)
class AnswerCheckout:
    """Say yes or no to a purchase within ten seconds; a no has its reason (TS-2)."""

    query_id: str
    refused: str = ""


@wire
@dataclass(frozen=True, slots=True)
class EditStarSubscription:
    """Let a subscription end with what is paid, or renew again; `charge_id` is that of its first payment (TS-4)."""

    user_id: int
    charge_id: str
    is_canceled: bool


@wire
@dataclass(frozen=True, slots=True)
class RefundStars:
    """Give all Stars of a charge back; done also when they went back before (TS-5)."""

    user_id: int
    charge_id: str


@wire
@dataclass(frozen=True, slots=True)
class ListStars:
    """List the bot's transactions, oldest first, after so many."""

    offset: int


@wire
@dataclass(frozen=True, slots=True)
class StarTransaction:
    """A payment that came in, or, `is_refund`, one that went back under the same charge id."""

    charge_id: str
    amount: int
    at: int
    is_refund: bool
    user_id: int | None
    payload: str


@wire
@dataclass(frozen=True, slots=True)
class StarTransactions:
    """A page of transactions; `seen` is how many there were on it, of whatever kind."""

    items: list[StarTransaction]
    seen: int
