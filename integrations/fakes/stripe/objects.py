"""Stripe's objects with the fields that the SDK's types promise. Fields the fake keeps for itself begin with `_`."""

from __future__ import annotations

from typing import Any

from integrations.fakes.stripe import taxes

Object = dict[str, Any]

_SESSION_NULLS = (
    "adaptive_pricing after_expiration allow_promotion_codes billing_address_collection branding_settings "
    "client_secret collected_information consent consent_collection currency_conversion customer "
    "customer_account customer_creation customer_details customer_email integration_identifier invoice "
    "invoice_creation locale managed_payments name_collection optional_items origin_context payment_intent "
    "payment_link payment_method_collection payment_method_configuration_details permissions "
    "phone_number_collection recovered_from saved_payment_method_options setup_intent "
    "shipping_address_collection shipping_cost submit_type subscription wallet_options"
)


def shown(thing: Object) -> Object:
    """Return the object as the outside sees it."""
    return {name: value for name, value in thing.items() if not name.startswith("_")}


def session(id: str, created: int, livemode: bool, given: Object, total: Object, url: str) -> Object:
    """Return an open Checkout Session; `total` has currency, amount and lines, and the price of a plan."""
    kept = ("allow_promotion_codes", "billing_address_collection", "client_reference_id", "customer", "customer_email")
    return {
        **dict.fromkeys(_SESSION_NULLS.split()),
        "id": id,
        "object": "checkout.session",
        "amount_subtotal": total["amount"],
        "amount_total": total["amount"],
        "automatic_tax": taxes.session_state(enabled=taxes.asked(given)),
        "cancel_url": given.get("cancel_url"),
        "client_reference_id": None,
        "created": created,
        "currency": total["currency"],
        "custom_fields": [],
        "custom_text": dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
        "discounts": [],
        "expires_at": given.get("expires_at", created + 86_400),
        "livemode": livemode,
        "locale": given.get("locale"),
        "metadata": given.get("metadata", {}),
        "mode": given["mode"],
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card", "us_bank_account"],
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "success_url": given.get("success_url"),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": given.get("ui_mode", "hosted_page"),
        "url": url,
        "customer_creation": given.get("customer_creation", "if_required"),
        **{name: given[name] for name in kept if name in given},
        "_lines": total["lines"],
        "_intent_data": given.get("payment_intent_data", {}),
        "_subscription_data": given.get("subscription_data", {}),
        "_price": total.get("price"),
        "_cut": total.get("cut", 0),
        "_tax_behavior": total.get("tax_behavior"),
    }


def line_item(id: str, price_id: str, product_id: str, line: Object) -> Object:
    """Return a session's line item from its price_data."""
    data, amount = line["price_data"], line["unit_amount"] * line["quantity"]
    return {
        "id": id,
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": amount,
        "amount_tax": 0,
        "amount_total": amount,
        "currency": data["currency"].lower(),
        "description": data.get("product_data", {}).get("name", ""),
        "metadata": line.get("metadata", {}),
        "price": {
            "id": price_id,
            "object": "price",
            "active": False,
            "billing_scheme": "per_unit",
            "currency": data["currency"].lower(),
            "product": product_id,
            "type": "one_time",
            "unit_amount": line["unit_amount"],
            "unit_amount_decimal": str(line["unit_amount"]),
        },
        "quantity": line["quantity"],
    }


def intent(id: str, created: int, paid: Object, secret: str) -> Object:
    """Return a payment intent for a session, before its first charge."""
    data = paid["_intent_data"]
    nulls = (
        "application application_fee_amount canceled_at cancellation_reason customer_account hooks "
        "last_payment_error latest_charge next_action on_behalf_of payment_method "
        "payment_method_configuration_details processing review setup_future_usage shipping source "
        "statement_descriptor statement_descriptor_suffix transfer_data transfer_group excluded_payment_method_types"
    )
    return {
        **dict.fromkeys(nulls.split()),
        "id": id,
        "object": "payment_intent",
        "amount": paid["amount_total"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "automatic_payment_methods": None,
        "capture_method": "automatic_async",
        "client_secret": secret,
        "confirmation_method": "automatic",
        "created": created,
        "currency": paid["currency"],
        "customer": paid["customer"],
        "description": data.get("description"),
        "livemode": paid["livemode"],
        "metadata": data.get("metadata", {}),
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": paid["payment_method_types"],
        "receipt_email": data.get("receipt_email"),
        "status": "requires_payment_method",
        "_session": paid["id"],
    }


def charge(id: str, created: int, paid_by: Object, method: str, ids: Object) -> Object:
    """Return a charge of an intent, not yet decided."""
    nulls = (
        "application application_fee application_fee_amount calculated_statement_descriptor "
        "failure_balance_transaction failure_code "
        "failure_message on_behalf_of outcome payment_method receipt_email receipt_number review shipping "
        "source source_transfer statement_descriptor statement_descriptor_suffix transfer_data transfer_group "
        "customer_account radar_options"
    )
    card = {"brand": "visa", "country": "US", "exp_month": 12, "exp_year": 2030, "funding": "credit", "last4": "4242"}
    return {
        **dict.fromkeys(nulls.split()),
        "id": id,
        "object": "charge",
        "amount": paid_by["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": {"address": None, "email": None, "name": None, "phone": None, "tax_id": None},
        "captured": False,
        "created": created,
        "currency": paid_by["currency"],
        "customer": paid_by["customer"],
        "description": paid_by["description"],
        "disputed": False,
        "fraud_details": {},
        "livemode": paid_by["livemode"],
        "metadata": paid_by["metadata"],
        "paid": False,
        "payment_intent": paid_by["id"],
        "payment_method": ids["method"],
        "payment_method_details": {"type": method, method: card if method == "card" else {"last4": "6789"}},
        "receipt_url": None,
        "refunded": False,
        "status": "pending",
    }


def refund(id: str, created: int, of: Object, given: Object, balance: str) -> Object:
    """Return a refund of a charge."""
    return {
        "id": id,
        "object": "refund",
        "amount": given["amount"],
        "balance_transaction": balance,
        "charge": of["id"],
        "created": created,
        "currency": of["currency"],
        "destination_details": {"card": {"type": "refund", "reference_status": "pending"}, "type": "card"},
        "metadata": given.get("metadata", {}),
        "payment_intent": of["payment_intent"],
        "reason": given.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "succeeded",
        "transfer_reversal": None,
    }


def dispute(id: str, created: int, of: Object, reason: str) -> Object:
    """Return a dispute of a charge that needs a response."""
    return {
        "id": id,
        "object": "dispute",
        "amount": of["amount"],
        "balance_transactions": [],
        "charge": of["id"],
        "created": created,
        "currency": of["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {},
        "evidence_details": {
            "due_by": created + 9 * 86_400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": False,
        "livemode": of["livemode"],
        "metadata": {},
        "payment_intent": of["payment_intent"],
        "reason": reason,
        "status": "needs_response",
    }


def customer(id: str, created: int, livemode: bool, given: Object) -> Object:
    """Return a customer."""
    nulls = "address default_source description email name phone shipping customer_account test_clock"
    return {
        **dict.fromkeys(nulls.split()),
        "id": id,
        "object": "customer",
        "balance": 0,
        "created": created,
        "currency": None,
        "delinquent": False,
        "discount": None,
        "invoice_prefix": id[-8:].upper(),
        "invoice_settings": dict.fromkeys(("custom_fields", "default_payment_method", "footer", "rendering_options")),
        "livemode": livemode,
        "metadata": {},
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
        **{name: value for name, value in given.items() if name != "expand"},
    }
