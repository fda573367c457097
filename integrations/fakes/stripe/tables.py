"""The parameters of each call, explicitly: what is not listed here is refused.

Names and types are those of API version 2026-10-28.endive. `Loose` marks what Stripe knows and this fake ignores.
"""

from __future__ import annotations

from integrations.fakes.stripe.parameters import (
    Flag,
    Group,
    Kind,
    Loose,
    Metadata,
    Rows,
    Span,
    Table,
    Text,
    Url,
    Whole,
    Word,
)

EXPAND: dict[str, Kind] = {"expand": Rows(Text())}
PAGE: dict[str, Kind] = {
    **EXPAND,
    "limit": Whole(1, 100),
    "starting_after": Text(),
    "ending_before": Text(),
    "created": Span(),
}
_EMAIL = Text(512, r"[^@\s]+@[^@\s]+\.[^@\s]+", code="email_invalid")
_ADDRESS: dict[str, Kind] = {
    name: Text(clearable=True) for name in ("city", "country", "line1", "line2", "postal_code", "state")
}

READ: Table = EXPAND

_PRICE_DATA = Group(
    {
        "currency": Text(3),
        "product": Text(),
        "product_data": Group(
            {
                "name": Text(),
                "description": Text(40_000),
                "images": Rows(Text(), 8),
                "metadata": Metadata(),
                "tax_code": Text(),
                "tax_details": Loose(),
                "unit_label": Text(),
            },
            required=("name",),
        ),
        "recurring": Group(
            {"interval": Word(("day", "week", "month", "year")), "interval_count": Whole(1)}, required=("interval",)
        ),
        "tax_behavior": Word(("exclusive", "inclusive", "unspecified")),
        "unit_amount": Whole(0),
        "unit_amount_decimal": Text(),
    },
    required=("currency",),
)
_LINE_ITEM = Group(
    {
        "adjustable_quantity": Loose(),
        "metadata": Metadata(),
        "price": Text(),
        "price_data": _PRICE_DATA,
        "quantity": Whole(0, 999_999),
        "tax_rates": Rows(Text()),
    }
)
_INTENT_DATA = Group(
    {
        "capture_method": Word(("automatic", "automatic_async", "manual")),
        "description": Text(1000),
        "metadata": Metadata(),
        "receipt_email": _EMAIL,
        "setup_future_usage": Word(("off_session", "on_session")),
        "shipping": Loose(),
        "statement_descriptor": Text(22),
        "statement_descriptor_suffix": Text(22),
        "application_fee_amount": Whole(0),
        "on_behalf_of": Text(),
        "transfer_data": Loose(),
        "transfer_group": Text(),
    }
)
_IGNORED = (
    "adaptive_pricing",
    "after_expiration",
    "automatic_tax",
    "branding_settings",
    "consent_collection",
    "custom_fields",
    "custom_text",
    "customer_update",
    "invoice_creation",
    "managed_payments",
    "name_collection",
    "optional_items",
    "payment_method_data",
    "payment_method_options",
    "permissions",
    "phone_number_collection",
    "saved_payment_method_options",
    "shipping_address_collection",
    "shipping_options",
    "tax_id_collection",
    "wallet_options",
)
SESSION_CREATE: Table = {
    **EXPAND,
    **{name: Loose() for name in _IGNORED},
    "allow_promotion_codes": Flag(),
    "allowed_payment_method_types": Rows(Text()),
    "billing_address_collection": Word(("auto", "required")),
    "cancel_url": Url(),
    "client_reference_id": Text(200),
    "currency": Text(3),
    "customer": Text(),
    "customer_account": Text(),
    "customer_creation": Word(("always", "if_required")),
    "customer_email": _EMAIL,
    "excluded_payment_method_types": Rows(Text()),
    "expires_at": Whole(),
    "integration_identifier": Text(),
    "line_items": Rows(_LINE_ITEM),
    "locale": Text(10),
    "metadata": Metadata(),
    "mode": Word(("payment", "setup", "subscription")),
    "origin_context": Word(("mobile_app", "web")),
    "payment_intent_data": _INTENT_DATA,
    "payment_method_collection": Word(("always", "if_required")),
    "payment_method_configuration": Text(),
    "redirect_on_completion": Word(("always", "if_required", "never")),
    "return_url": Url(),
    "submit_type": Word(("auto", "book", "donate", "pay", "subscribe")),
    "success_url": Url(),
    "ui_mode": Word(("elements", "embedded_page", "form", "hosted_page")),
}
SESSION_UPDATE: Table = {
    **EXPAND,
    "metadata": Metadata(),
    "collected_information": Loose(),
    "shipping_options": Loose(),
}
SESSION_LIST: Table = {
    **PAGE,
    "customer": Text(),
    "customer_details": Group({"email": Text()}, required=("email",)),
    "payment_intent": Text(),
    "payment_link": Text(),
    "status": Word(("open", "complete", "expired")),
    "subscription": Text(),
}
INTENT_LIST: Table = {**PAGE, "customer": Text()}
INTENT_UPDATE: Table = {**EXPAND, "metadata": Metadata(), "description": Text(1000, clearable=True)}
CHARGE_LIST: Table = {**PAGE, "customer": Text(), "payment_intent": Text(), "transfer_group": Text()}
REFUND_CREATE: Table = {
    **EXPAND,
    "amount": Whole(1),
    "charge": Text(),
    "currency": Text(3),
    "customer": Text(),
    "instructions_email": Text(),
    "metadata": Metadata(),
    "origin": Word(("customer_balance",)),
    "payment_intent": Text(),
    "reason": Word(("duplicate", "fraudulent", "requested_by_customer")),
    "refund_application_fee": Flag(),
    "reverse_transfer": Flag(),
}
METADATA_UPDATE: Table = {**EXPAND, "metadata": Metadata()}
REFUND_LIST: Table = {**PAGE, "charge": Text(), "payment_intent": Text()}
DISPUTE_LIST: Table = {**PAGE, "charge": Text(), "payment_intent": Text()}
EVENT_LIST: Table = {**PAGE, "type": Text(), "types": Rows(Text(), 20), "delivery_success": Flag()}
CUSTOMER_WRITE: Table = {
    **EXPAND,
    **{
        name: Loose()
        for name in ("cash_balance", "invoice_settings", "shipping", "tax", "tax_id_data", "payment_method", "source")
    },
    "address": Group(_ADDRESS),
    "balance": Whole(),
    "description": Text(350, clearable=True),
    "email": _EMAIL,
    "invoice_prefix": Text(12),
    "metadata": Metadata(),
    "name": Text(256, clearable=True),
    "next_invoice_sequence": Whole(1),
    "phone": Text(20, clearable=True),
    "preferred_locales": Rows(Text()),
    "tax_exempt": Word(("none", "exempt", "reverse")),
    "test_clock": Text(),
}
CUSTOMER_LIST: Table = {**PAGE, "email": Text(), "test_clock": Text()}
ENDPOINT_CREATE: Table = {
    **EXPAND,
    "api_version": Text(),
    "connect": Flag(),
    "description": Text(5000, clearable=True),
    "enabled_events": Rows(Text(), 250),
    "metadata": Metadata(),
    "url": Url(),
}
ENDPOINT_UPDATE: Table = {
    **EXPAND,
    "description": Text(5000, clearable=True),
    "disabled": Flag(),
    "enabled_events": Rows(Text(), 250),
    "metadata": Metadata(),
    "url": Url(),
}
