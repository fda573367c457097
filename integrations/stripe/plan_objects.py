"""Subscriptions, invoices and what is asked of them, as plain JSON (facts of the pinned API: SB-18, STR-9)."""

from __future__ import annotations

from typing import Any

from bot.core.calls.subscriptions import (
    ChangePlan,
    ChangePreview,
    GatewayInvoice,
    GatewayMethod,
    GatewaySubscription,
    InvoicePayment,
    OpenPlanCheckout,
    OpenPortal,
    PaidInvoice,
    PlanOfPayment,
    PlanPrice,
    PreviewChange,
)

EXPAND = ["latest_invoice", "schedule", "default_payment_method"]
INCLUSIVE = "inclusive"
NEXT = "next"
"""Under this key a schedule's metadata name the price that it brings."""


def price_parameters(price: PlanPrice) -> dict[str, Any]:
    """Return the parameters of a price with a product of its own."""
    tax = {"tax_behavior": INCLUSIVE} if price.stripe_tax else {}
    return {
        **tax,
        "currency": price.currency.lower(),
        "unit_amount": price.amount_minor,
        "recurring": {"interval": price.interval},
        "lookup_key": price.lookup_key,
        "product_data": {"name": price.name},
    }


def charges(found: dict[str, Any], wanted: PlanPrice) -> bool:
    """Tell whether a price of the account takes what is wanted; of what it does not tell nothing is held against it."""
    recurring = found.get("recurring") or {}
    told = {
        "unit_amount": wanted.amount_minor, "currency": wanted.currency.lower(), "active": True,
        "tax_behavior": INCLUSIVE,
    }  # fmt: skip
    if not wanted.stripe_tax or found.get("tax_behavior") == "unspecified":
        del told["tax_behavior"]
    same = all(found.get(name) in (None, value) for name, value in told.items())
    rhythm = {"interval": wanted.interval, "interval_count": 1}
    return same and all(recurring.get(name) in (None, value) for name, value in rhythm.items())


def checkout_parameters(call: OpenPlanCheckout, price_id: str) -> dict[str, Any]:
    """Return the parameters of a Checkout Session that begins a subscription; our ids stand on both objects."""
    plan: dict[str, Any] = {"metadata": call.metadata}
    wanted: dict[str, Any] = {
        "mode": "subscription",
        "line_items": [{"quantity": 1, "price": price_id}],
        "client_reference_id": call.reference,
        "metadata": call.metadata,
        "subscription_data": plan,
        "expires_at": call.expires_at,
        "success_url": call.success_url,
        "cancel_url": call.cancel_url,
    }
    if call.trial_days:
        plan["trial_period_days"] = call.trial_days
        plan["trial_settings"] = {"end_behavior": {"missing_payment_method": "cancel"}}
        wanted["payment_method_collection"] = "if_required"
    if call.price.stripe_tax:
        wanted["automatic_tax"] = {"enabled": True}
    if call.customer:
        wanted["customer"] = call.customer
    if call.customer and call.price.stripe_tax:
        wanted["customer_update"] = {"address": "auto"}  # a known customer's tax goes by the address given there
    if call.promotion_code:
        wanted["discounts"] = [{"promotion_code": call.promotion_code}]
    return wanted


def preview_parameters(call: PreviewChange, price_id: str) -> dict[str, Any]:
    """Return the parameters of a preview at a fixed second."""
    return {
        "subscription": call.subscription_id,
        "subscription_details": {
            "items": [{"id": call.item_id, "price": price_id}],
            "proration_behavior": "always_invoice",
            "proration_date": call.at,
        },
    }


def change_parameters(call: ChangePlan, price_id: str) -> dict[str, Any]:
    """Return the parameters of an upgrade: invoiced at once, and refused as a whole when the charge fails (SB-7)."""
    return {
        "items": [{"id": call.item_id, "price": price_id}],
        "proration_behavior": "always_invoice",
        "proration_date": call.at,
        "payment_behavior": "error_if_incomplete",
    }


def keep_parameters(found: dict[str, Any]) -> dict[str, Any]:
    """Return the parameters that let a subscription go on: Stripe takes one of the two names, and each undoes its own.

    The portal and the newer billing mode set an instant alone, which only the empty string takes away.
    """
    by_instant = found.get("cancel_at") is not None and not found.get("cancel_at_period_end")
    return {"cancel_at": ""} if by_instant else {"cancel_at_period_end": False}


def phases(schedule: dict[str, Any], price: PlanPrice, price_id: str) -> dict[str, Any]:
    """Return the phases of a schedule: what runs until its end, then the other price, which stays when it lets go."""
    runs = schedule["phases"][0]
    items = [{"price": _id(item["price"]), "quantity": item.get("quantity") or 1} for item in runs["items"]]
    now = {"items": items, "start_date": runs["start_date"], "end_date": runs["end_date"]}
    then = {
        "items": [{"price": price_id, "quantity": 1}],
        "duration": {"interval": price.interval, "interval_count": 1},
        "proration_behavior": "none",
    }
    return {
        "phases": [now, then], "end_behavior": "release", "proration_behavior": "none",
        "metadata": {NEXT: price.lookup_key},
    }  # fmt: skip


def portal_parameters(call: OpenPortal) -> dict[str, Any]:
    """Return the parameters of a portal session."""
    wanted: dict[str, Any] = {"customer": call.customer, "return_url": call.return_url}
    return {**wanted, "flow_data": {"type": call.flow}} if call.flow else wanted


def preview(found: dict[str, Any], at: int) -> ChangePreview:
    """Read a preview."""
    return ChangePreview(found.get("amount_due") or 0, (found.get("currency") or "").upper(), at)


def subscription(found: dict[str, Any], as_of: int) -> GatewaySubscription:
    """Read a subscription of one item; its period stands on the item."""
    items = (found.get("items") or {}).get("data") or [{}]
    item, price = items[0], items[0].get("price")
    price = price if isinstance(price, dict) else {"id": price}
    schedule = found.get("schedule")
    return GatewaySubscription(
        subscription_id=found["id"],
        customer=_id(found.get("customer")) or "",
        status=found.get("status") or "",
        item_id=item.get("id") or "",
        price_id=price.get("id") or "",
        lookup_key=price.get("lookup_key") or "",
        created=found.get("created") or 0,
        anchor=found.get("billing_cycle_anchor") or found.get("created") or 0,
        period_start=item.get("current_period_start") or 0,
        period_end=item.get("current_period_end") or 0,
        cancel_at_period_end=bool(found.get("cancel_at_period_end")),
        as_of=as_of,
        trial_end=found.get("trial_end"),
        ended_at=found.get("ended_at"),
        schedule=_id(schedule),
        next_lookup_key=_next(schedule, price.get("lookup_key") or ""),
        invoice=invoice(found.get("latest_invoice")),
        metadata=dict(found.get("metadata") or {}),
        method=_method(found.get("default_payment_method")),
        cancel_at=found.get("cancel_at"),
    )


def _method(found: Any) -> GatewayMethod | None:
    """Read what is paid with; brand, digits and expiry stand in a part that is named like the kind."""
    if not isinstance(found, dict) or not isinstance(found.get("type"), str):
        return None
    kind = found["type"]
    part = found.get(kind)
    told: dict[str, Any] = part if isinstance(part, dict) else {}
    brand = told.get("brand") or told.get("bank_name") or ""
    month, year = told.get("exp_month"), told.get("exp_year")
    expires = f"{month:02d}/{year}" if isinstance(month, int) and isinstance(year, int) else ""
    return GatewayMethod(kind, str(brand), str(told.get("last4") or ""), expires)


def _next(schedule: Any, now: str) -> str | None:
    """Return the lookup key of the price that a schedule of ours brings next."""
    if not isinstance(schedule, dict) or schedule.get("status") not in ("active", "not_started"):
        return None
    planned = (schedule.get("metadata") or {}).get(NEXT)
    return planned if planned and planned != now else None


def invoice(found: Any) -> GatewayInvoice | None:
    """Read an invoice; None for one that is only named."""
    if not isinstance(found, dict) or not isinstance(found.get("id"), str):
        return None
    return GatewayInvoice(
        invoice_id=found["id"],
        status=found.get("status") or "",
        amount_minor=found.get("amount_due") or 0,
        currency=(found.get("currency") or "").upper(),
        created=found.get("created") or 0,
        finalized_at=(found.get("status_transitions") or {}).get("finalized_at") or 0,
        attempts=found.get("attempt_count") or 0,
        next_attempt_at=found.get("next_payment_attempt"),
        hosted_url=found.get("hosted_invoice_url"),
        number=found.get("number"),
        paid_at=(found.get("status_transitions") or {}).get("paid_at"),
        is_first=_is_first(found),
    )


def _is_first(found: dict[str, Any]) -> bool:
    return bool(found.get("billing_reason") == "subscription_create")


def paid_invoice(found: dict[str, Any], payments: list[dict[str, Any]]) -> PaidInvoice:
    """Read an invoice with its payments."""
    paid = found.get("status") == "paid" and (found.get("amount_paid") or 0) > 0
    at = (found.get("status_transitions") or {}).get("paid_at") or found.get("created") or 0
    return PaidInvoice(found["id"], at if paid else None, [invoice_payment(one) for one in payments])


def invoice_payment(found: dict[str, Any]) -> InvoicePayment:
    """Read a payment of an invoice; what is not paid yet has only an amount that was asked for."""
    return InvoicePayment(
        payment_id=found["id"],
        status=found.get("status") or "",
        amount_minor=found.get("amount_paid") or 0,
        currency=(found.get("currency") or "").upper(),
        payment_intent=intent_of(found),
    )


def intent_of(payment: dict[str, Any]) -> str | None:
    """Return the payment intent of a payment of an invoice; None for one that was made outside Stripe."""
    return _id((payment.get("payment") or {}).get("payment_intent"))


def invoice_of(payment: dict[str, Any]) -> str | None:
    """Return the id of the invoice that a payment is for."""
    return _id(payment.get("invoice"))


def plan_of_payment(found: dict[str, Any]) -> PlanOfPayment:
    """Read which subscription an invoice is of: it stands under its parent."""
    details = (found.get("parent") or {}).get("subscription_details") or {}
    return PlanOfPayment(
        subscription_id=_id(details.get("subscription") or found.get("subscription")) or "",
        invoice_id=found["id"],
        number=found.get("number"),
        amount_minor=found.get("amount_paid") or 0,
        currency=(found.get("currency") or "").upper(),
        created=found.get("created") or 0,
        paid_at=(found.get("status_transitions") or {}).get("paid_at"),
        is_first=_is_first(found),
        metadata=dict(details.get("metadata") or {}),
    )


def _id(value: Any) -> str | None:
    if isinstance(value, dict):
        value = value.get("id")
    return value if isinstance(value, str) else None
