"""Stripe, API version 2026-10-28.endive, as a local server: Checkout, intents, charges, refunds, disputes, events.

`StripeFake(clock, book_path, webhook_url=..., webhook_secret=...)`. A session's `url` is a pay page for a person; tests
use `pay`, `decline`, `settle`, `dispute` and their HTTP doors `/_pay/{session}` and so on. Subscriptions, invoices,
coupons and the portal are further rooms beside `checkout` and `payments`: a table of parameters, objects, handlers.
"""

from integrations.fakes.stripe.server import API_VERSION, StripeFake

__all__ = ["API_VERSION", "StripeFake"]
