"""The objects of plans with the fields that the SDK's types promise; what the fake keeps for itself begins with `_`."""

from __future__ import annotations

from integrations.fakes.stripe.objects import Object

_STATES = ("finalized_at", "marked_uncollectible_at", "paid_at", "voided_at")


def price(id: str, created: int, livemode: bool, given: Object, product: str) -> Object:
    """Return a price that recurs, or is paid once."""
    recurring = given.get("recurring")
    if recurring is not None:
        recurring = {"interval_count": 1, "meter": None, "usage_type": "licensed", **recurring}
    return {
        "id": id, "object": "price", "active": given.get("active", True), "billing_scheme": "per_unit",
        "created": created, "currency": given["currency"].lower(), "custom_unit_amount": None, "livemode": livemode,
        "lookup_key": given.get("lookup_key"), "metadata": given.get("metadata", {}),
        "nickname": given.get("nickname"), "product": product, "recurring": recurring,
        "tax_behavior": given.get("tax_behavior", "unspecified"),
        "tiers_mode": None, "transform_quantity": None, "type": "recurring" if recurring else "one_time",
        "unit_amount": given["unit_amount"], "unit_amount_decimal": str(given["unit_amount"]),
    }  # fmt: skip


def payment_method(id: str, livemode: bool) -> Object:
    """Return the card behind an id: each id has its own last four digits, and all are Stripe's test brand."""
    digits = f"{sum(id.encode()) % 10_000:04d}"
    card = {
        "brand": "visa", "checks": None, "country": "US", "display_brand": "visa", "exp_month": 4, "exp_year": 2031,
        "fingerprint": None, "funding": "credit", "generated_from": None, "last4": digits, "networks": None,
        "regulated_status": "unregulated", "three_d_secure_usage": {"supported": True}, "wallet": None,
    }  # fmt: skip
    nobody = dict.fromkeys(("address", "email", "name", "phone", "tax_id"))
    return {
        "id": id, "object": "payment_method", "allow_redisplay": "limited", "billing_details": nobody, "card": card,
        "created": 1_700_000_000, "customer": None, "customer_account": None, "livemode": livemode, "metadata": {},
        "type": "card",
    }  # fmt: skip


def subscription(id: str, now: int, livemode: bool, item: Object, facts: Object) -> Object:
    """Return a subscription of one item; its period stands on the item. `facts` are status, customer and the like."""
    nulls = (
        "application application_fee_percent billing_thresholds cancel_at canceled_at customer_account days_until_due "
        "default_payment_method default_source description ended_at latest_invoice next_pending_invoice_item_invoice "
        "on_behalf_of pause_collection pending_invoice_item_interval pending_setup_intent pending_update schedule "
        "test_clock transfer_data trial_end trial_settings trial_start"
    )
    return {
        **dict.fromkeys(nulls.split()),
        "id": id, "object": "subscription",
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": now, "cancel_at_period_end": False,
        "cancellation_details": dict.fromkeys(("comment", "feedback", "reason")),
        "collection_method": "charge_automatically", "created": now, "currency": item["price"]["currency"],
        "default_tax_rates": [], "discounts": [], "invoice_settings": {"account_tax_ids": None},
        "items": {"object": "list", "data": [item], "has_more": False,
                  "url": f"/v1/subscription_items?subscription={id}"},
        "livemode": livemode, "metadata": {}, "payment_settings": {"save_default_payment_method": "off"},
        "start_date": now, **facts,
    }  # fmt: skip


def item(id: str, subscription_id: str, created: int, of: Object, start: int, end: int) -> Object:
    """Return a subscription's item."""
    return {
        "id": id, "object": "subscription_item", "billing_thresholds": None, "created": created,
        "current_period_start": start, "current_period_end": end, "discounts": [], "metadata": {}, "price": of,
        "quantity": 1, "subscription": subscription_id, "tax_rates": [],
    }  # fmt: skip


def invoice(id: str, created: int, livemode: bool, of: Object, facts: Object) -> Object:
    """Return a finalised invoice of a subscription; `facts` are number, lines, amounts, status."""
    amount = facts["amount_due"]
    details = {"subscription": of["id"], "metadata": of["metadata"]}
    return {
        "id": id, "object": "invoice", "account_country": "US", "amount_paid": 0, "amount_remaining": amount,
        "attempt_count": 0, "attempted": False, "auto_advance": True, "collection_method": "charge_automatically",
        "created": created, "currency": of["currency"], "customer": of["customer"], "description": None,
        "discounts": [], "due_date": None, "ending_balance": 0, "livemode": livemode, "metadata": {},
        "next_payment_attempt": None,
        "parent": {"type": "subscription_details", "quote_details": None, "subscription_details": details},
        "period_start": created, "period_end": created, "starting_balance": 0, "status": "open",
        "status_transitions": {**dict.fromkeys(_STATES), "finalized_at": created},
        "subtotal": amount, "total": amount, "total_taxes": [], **facts,
    }  # fmt: skip


def invoice_payment(id: str, of: Object, intent_id: str) -> Object:
    """Return the payment that an invoice waits for."""
    return {
        "id": id, "object": "invoice_payment", "amount_paid": None, "amount_requested": of["amount_due"],
        "created": of["created"], "currency": of["currency"], "invoice": of["id"], "is_default": True,
        "livemode": of["livemode"], "payment": {"type": "payment_intent", "payment_intent": intent_id},
        "status": "open", "status_transitions": {"canceled_at": None, "paid_at": None},
    }  # fmt: skip


def line(id: str, text: str, amount: int, currency: str, period: tuple[int, int]) -> Object:
    """Return a line of an invoice."""
    return {
        "id": id, "object": "line_item", "amount": amount, "currency": currency, "description": text,
        "period": {"start": period[0], "end": period[1]}, "quantity": 1, "subtotal": amount,
    }  # fmt: skip


def schedule(id: str, now: int, livemode: bool, of: Object) -> Object:
    """Return a schedule made from a subscription: one phase, the period that runs."""
    item = of["items"]["data"][0]
    span = {"start_date": item["current_period_start"], "end_date": item["current_period_end"]}
    phase = {
        **span,
        "items": [{"price": item["price"]["id"], "quantity": 1}],
        "proration_behavior": "create_prorations",
    }
    return {
        "id": id, "object": "subscription_schedule", "application": None, "canceled_at": None, "completed_at": None,
        "created": now, "current_phase": span, "customer": of["customer"], "default_settings": {},
        "end_behavior": "release", "livemode": livemode, "metadata": {}, "phases": [{**phase, "metadata": {}}],
        "released_at": None, "released_subscription": None, "status": "active", "subscription": of["id"],
        "test_clock": None,
    }  # fmt: skip


def portal(id: str, now: int, livemode: bool, given: Object, url: str) -> Object:
    """Return a portal session."""
    flow = given.get("flow_data")
    return {
        "id": id, "object": "billing_portal.session", "configuration": "bpc_1", "created": now,
        "customer": given["customer"], "flow": flow and {"after_completion": {"type": "portal_homepage"}, **flow},
        "livemode": livemode, "locale": None, "on_behalf_of": None, "return_url": given.get("return_url"), "url": url,
        "_used": False,
    }  # fmt: skip
