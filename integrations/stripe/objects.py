"""Stripe's objects as our results, read from plain JSON (the SDK's own objects are no dicts: rule STR-1)."""

from __future__ import annotations

from typing import Any

from bot.core.calls.stripe import Checkout, OpenCheckout, Refund, RefundPayment

CHARGE = "payment_intent.latest_charge"
"""What a session is asked to hold, for what it was paid with."""


def session_parameters(call: OpenCheckout) -> dict[str, Any]:
    """Return the parameters of a Checkout Session for one payment (rule STR-6); our ids stand on both objects."""
    price: dict[str, Any] = {
        "currency": call.currency.lower(),
        "unit_amount": call.amount_minor,
        "product_data": {"name": call.product_name},
    }
    tax: dict[str, Any] = {}
    if call.stripe_tax:
        price["tax_behavior"], tax = "inclusive", {"automatic_tax": {"enabled": True}}
    return {
        **tax,
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": price}],
        "client_reference_id": call.reference,
        "metadata": call.metadata,
        "payment_intent_data": {"metadata": call.metadata},
        "expires_at": call.expires_at,
        "success_url": call.success_url,
        "cancel_url": call.cancel_url,
    }


def refund_parameters(call: RefundPayment) -> dict[str, Any]:
    """Return the parameters of a refund (rule STR-10)."""
    return {
        "payment_intent": call.payment_intent,
        "amount": call.amount_minor,
        "reason": call.reason,
        "metadata": call.metadata,
    }


def checkout(session: dict[str, Any]) -> Checkout:
    """Read a session; its payment intent may be an id or the expanded object."""
    return Checkout(
        session_id=session["id"],
        status=session.get("status") or "open",
        payment_status=session.get("payment_status") or "unpaid",
        amount_minor=session.get("amount_total") or 0,
        currency=(session.get("currency") or "").upper(),
        url=session.get("url"),
        payment_intent=_id(session.get("payment_intent")),
        reference=session.get("client_reference_id"),
        created=session.get("created") or 0,
        expires_at=session.get("expires_at") or 0,
        metadata=dict(session.get("metadata") or {}),
        subscription=_id(session.get("subscription")),
        tax_minor=(session.get("total_details") or {}).get("amount_tax"),
        method=_method(session.get("payment_intent")),
    )


def _method(intent: Any) -> str | None:
    """Read what was paid with, where the intent and its charge are here as objects: brand and last four digits."""
    charge = intent.get("latest_charge") if isinstance(intent, dict) else None
    details = charge.get("payment_method_details") if isinstance(charge, dict) else None
    kind = details.get("type") if isinstance(details, dict) else None
    if not isinstance(details, dict) or not isinstance(kind, str):
        return None
    part = details.get(kind) or {}
    name = part.get("bank_name") or str(part.get("brand") or kind).replace("_", " ").capitalize()
    return f"{name} ...{part['last4']}" if part.get("last4") else str(name)


def refund(found: dict[str, Any]) -> Refund:
    """Read a refund."""
    return Refund(
        refund_id=found["id"],
        status=found.get("status") or "pending",
        amount_minor=found.get("amount") or 0,
        currency=(found.get("currency") or "").upper(),
        payment_intent=_id(found.get("payment_intent")),
        metadata=dict(found.get("metadata") or {}),
    )


def _id(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("id")
    return value if isinstance(value, str) else None
