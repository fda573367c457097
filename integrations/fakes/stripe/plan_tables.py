"""The parameters of the calls about plans: what is not listed here is refused, `Loose` is known and ignored."""

from __future__ import annotations

from integrations.fakes.stripe.parameters import (
    Flag,
    Group,
    Instant,
    Kind,
    Loose,
    Metadata,
    Rows,
    Table,
    Text,
    Url,
    Whole,
    Word,
)
from integrations.fakes.stripe.tables import EXPAND, PAGE
from integrations.fakes.stripe.tables import SESSION_CREATE as _SESSION

_INTERVALS = Word(("day", "week", "month", "year"))
_PRORATION = Word(("always_invoice", "create_prorations", "none"))
_RECURRING = Group(
    {"interval": _INTERVALS, "interval_count": Whole(1), "meter": Text(), "usage_type": Text()}, ("interval",)
)
_ITEM = Group({"id": Text(), "price": Text(), "quantity": Whole(0), "metadata": Metadata(), "deleted": Flag()})
_DISCOUNTS = Rows(Group({"coupon": Text(), "discount": Text(), "promotion_code": Text()}))

PRICE_CREATE: Table = {
    **EXPAND,
    "active": Flag(),
    "billing_scheme": Word(("per_unit", "tiered")),
    "currency": Text(3),
    "lookup_key": Text(200),
    "metadata": Metadata(),
    "nickname": Text(),
    "product": Text(),
    "product_data": Group(
        {
            "active": Flag(), "id": Text(), "metadata": Metadata(), "name": Text(), "statement_descriptor": Text(22),
            "tax_code": Text(), "tax_details": Loose(), "unit_label": Text(),
        },
        ("name",),
    ),
    "recurring": _RECURRING,
    "tax_behavior": Word(("exclusive", "inclusive", "unspecified")),
    "transfer_lookup_key": Flag(),
    "unit_amount": Whole(0),
    "unit_amount_decimal": Text(),
}  # fmt: skip
PRICE_UPDATE: Table = {
    **EXPAND, "active": Flag(), "metadata": Metadata(), "nickname": Text(),
    "tax_behavior": Word(("exclusive", "inclusive", "unspecified")),
}  # fmt: skip
PRICE_LIST: Table = {
    **PAGE, "active": Flag(), "currency": Text(3), "lookup_keys": Rows(Text(), 10), "product": Text(),
    "recurring": Group({"interval": _INTERVALS, "meter": Text(), "usage_type": Text()}),
    "type": Word(("one_time", "recurring")),
}  # fmt: skip

SUBSCRIPTION_DATA = Group(
    {
        **{
            name: Loose()
            for name in ("application_fee_percent", "billing_mode", "default_tax_rates", "invoice_settings")
        },
        **{name: Loose() for name in ("billing_cycle_anchor_config", "pending_invoice_item_interval", "transfer_data")},
        "billing_cycle_anchor": Whole(),
        "description": Text(500),
        "metadata": Metadata(),
        "on_behalf_of": Text(),
        "proration_behavior": Word(("create_prorations", "none")),
        "trial_end": Whole(),
        "trial_period_days": Whole(1, 730),
        "trial_settings": Group(
            {
                "end_behavior": Group(
                    {"missing_payment_method": Word(("cancel", "create_invoice", "pause"))}, ("missing_payment_method",)
                )
            },
            ("end_behavior",),
        ),
    }
)
SESSION_CREATE: Table = {
    **_SESSION,
    "discounts": Rows(Group({"coupon": Text(), "promotion_code": Text()}), 1),
    "subscription_data": SUBSCRIPTION_DATA,
}

SUBSCRIPTION_LIST: Table = {
    **PAGE, "customer": Text(), "price": Text(), "test_clock": Text(), "collection_method": Text(),
    "status": Word((
        "active", "all", "canceled", "ended", "incomplete", "incomplete_expired", "past_due", "paused", "trialing",
        "unpaid",
    )),
}  # fmt: skip
SUBSCRIPTION_UPDATE: Table = {
    **EXPAND,
    **{name: Loose() for name in ("automatic_tax", "default_tax_rates", "invoice_settings", "pause_collection")},
    **{name: Loose() for name in ("cancellation_details", "payment_settings", "trial_settings")},
    "cancel_at": Instant(("max_billed_until", "max_period_end", "min_period_end")),
    "cancel_at_period_end": Flag(),
    "default_payment_method": Text(),
    "description": Text(500, clearable=True),
    "discounts": _DISCOUNTS,
    "items": Rows(_ITEM, 20),
    "metadata": Metadata(),
    "off_session": Flag(),
    "payment_behavior": Word(
        ("allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete")
    ),
    "proration_behavior": _PRORATION,
    "proration_date": Whole(),
    "trial_end": Whole(),
}
SUBSCRIPTION_CANCEL: Table = {**EXPAND, "invoice_now": Flag(), "prorate": Flag(), "cancellation_details": Loose()}

PREVIEW: Table = {
    **EXPAND,
    **{name: Loose() for name in ("automatic_tax", "customer_details", "discounts", "invoice_items", "issuer")},
    "currency": Text(3),
    "customer": Text(),
    "subscription": Text(),
    "subscription_details": Group(
        {
            "billing_cycle_anchor": Text(),
            "cancel_at_period_end": Flag(),
            "items": Rows(_ITEM, 20),
            "proration_behavior": _PRORATION,
            "proration_date": Whole(),
            "trial_end": Text(),
        }
    ),
}
INVOICE_LIST: Table = {
    **PAGE, "customer": Text(), "subscription": Text(),
    "status": Word(("draft", "open", "paid", "uncollectible", "void")),
}  # fmt: skip

INVOICE_PAYMENT_LIST: Table = {
    **PAGE, "invoice": Text(), "status": Word(("canceled", "open", "paid")),
    "payment": Group(
        {"type": Word(("payment_intent", "payment_record")), "payment_intent": Text(), "payment_record": Text()},
        ("type",),
    ),
}  # fmt: skip

_PHASE = Group(
    {
        "currency": Text(3),
        "discounts": _DISCOUNTS,
        "duration": Group({"interval": _INTERVALS, "interval_count": Whole(1)}, ("interval",)),
        "end_date": Whole(),
        "items": Rows(_ITEM, 20),
        "metadata": Metadata(),
        "proration_behavior": _PRORATION,
        "start_date": Whole(),
        "trial_end": Whole(),
    },
    ("items",),
)
SCHEDULE_CREATE: Table = {
    **EXPAND, "customer": Text(), "end_behavior": Word(("cancel", "none", "release", "renew")),
    "from_subscription": Text(), "metadata": Metadata(), "phases": Rows(_PHASE), "start_date": Text(),
}  # fmt: skip
SCHEDULE_UPDATE: Table = {
    **EXPAND, "end_behavior": Word(("cancel", "none", "release", "renew")), "metadata": Metadata(),
    "phases": Rows(_PHASE), "proration_behavior": _PRORATION,
}  # fmt: skip
SCHEDULE_RELEASE: Table = {**EXPAND, "preserve_cancel_date": Flag()}

_SUBSCRIPTION: dict[str, Kind] = {"subscription": Text()}
PORTAL_CREATE: Table = {
    **EXPAND,
    "configuration": Text(),
    "customer": Text(),
    "flow_data": Group(
        {
            "after_completion": Loose(),
            "subscription_cancel": Group({**_SUBSCRIPTION, "retention": Loose()}, ("subscription",)),
            "subscription_update": Group(_SUBSCRIPTION, ("subscription",)),
            "subscription_update_confirm": Group(
                {**_SUBSCRIPTION, "items": Rows(_ITEM), "discounts": Loose()}, ("subscription", "items")
            ),
            "type": Word(
                ("customer_update", "payment_method_update", "subscription_cancel", "subscription_pause",
                 "subscription_update", "subscription_update_confirm")
            ),
        },
        ("type",),
    ),
    "locale": Text(),
    "on_behalf_of": Text(),
    "return_url": Url(),
}  # fmt: skip
