"""Promotion codes: a coupon under an id of ours, and one code of it for one purchase (CP-6, SB-18)."""

from __future__ import annotations

from typing import Any

from bot.core.calls.promotions import MakePromotion, Promotion


def coupon_id(call: MakePromotion) -> str:
    """Return the id under which the coupon is made: the same for every try."""
    return f"parley_{call.reference}"


def coupon_parameters(call: MakePromotion) -> dict[str, Any]:
    """Return the parameters of the coupon: an amount off the first invoice, once."""
    return {
        "id": coupon_id(call),
        "name": call.name,
        "amount_off": call.amount_off_minor,
        "currency": call.currency.lower(),
        "duration": "once",
        "max_redemptions": 1,
        "metadata": {"purchase_id": call.reference},
    }


def code_parameters(call: MakePromotion) -> dict[str, Any]:
    """Return the parameters of its one code."""
    return {
        "promotion": {"type": "coupon", "coupon": coupon_id(call)},
        "max_redemptions": 1,
        "metadata": {"purchase_id": call.reference},
    }


def promotion(raw: dict[str, Any]) -> Promotion:
    """Read a promotion code."""
    return Promotion(str(raw["id"]))
