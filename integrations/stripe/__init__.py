"""Stripe: checkout sessions, refunds and events through the official client (`StripeAdapter`)."""

from integrations.stripe.adapter import StripeAdapter

__all__ = ["StripeAdapter"]
