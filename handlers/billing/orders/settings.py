"""What operators may set for orders and documents: tax, fiscal year, who sells. One frozen value."""

from __future__ import annotations

from dataclasses import dataclass

from bot.engine.registry import Registry
from handlers.billing.tax import NONE, Rate


@dataclass(frozen=True, slots=True)
class OrderSettings:
    """Settings of orders (PY-7, PY-12, OR-1): `fiscal_start` is the month in which a fiscal year begins."""

    live: bool = False
    rate: Rate = NONE
    fiscal_start: int = 1
    razorpay: bool = False
    stripe_tax: bool = False
    """Stripe works out the tax that prices include (PY-12)."""


def use_settings(registry: Registry, settings: OrderSettings) -> None:
    """Let the orders of a registry obey these settings."""
    registry.settings[OrderSettings] = settings


def settings_of(registry: Registry) -> OrderSettings:
    """Return a registry's settings, or the defaults (demo mode, no tax)."""
    found: OrderSettings = registry.settings.get(OrderSettings) or OrderSettings()
    return found
