"""A subscription with its parts: what an answer only names, although it was asked to hold it, is read by itself.

Stripe expands what it is asked to. A server that does not gives ids, and a mirror made of those would know neither what
is owed nor what comes next.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bot.core.calls.outcome import Outcome

Ask = Callable[[Callable[[Any], Awaitable[Any]]], Awaitable[dict[str, Any] | Outcome]]


async def whole(ask: Ask, found: dict[str, Any]) -> dict[str, Any] | Outcome:
    """Return a subscription in which invoice, schedule and price are objects; an outcome where one cannot be had."""
    made = dict(found)
    for name, service in (("latest_invoice", "invoices"), ("schedule", "subscription_schedules")):
        part = await _part(ask, service, made.get(name))
        if not isinstance(part, dict | None):
            return part
        made[name] = part
    return await _priced(ask, made)


async def _priced(ask: Ask, found: dict[str, Any]) -> dict[str, Any] | Outcome:
    items = (found.get("items") or {}).get("data") or [{}]
    price = items[0].get("price")
    if isinstance(price, dict) and "lookup_key" in price:
        return found
    part = await _part(ask, "prices", price.get("id") if isinstance(price, dict) else price)
    if not isinstance(part, dict | None):
        return part
    return {**found, "items": {**(found.get("items") or {}), "data": [{**items[0], "price": part}, *items[1:]]}}


async def _part(ask: Ask, service: str, part: object) -> dict[str, Any] | Outcome | None:
    if not isinstance(part, str):
        return part if isinstance(part, dict) else None
    return await ask(lambda sdk: getattr(sdk.v1, service).retrieve_async(part))
