"""What the Stripe SDK's exceptions mean to us (rules STR-3, STR-4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import aiohttp

from bot.core.calls.outcome import Again, Outcome, Refused, Unknown
from integrations.http import lost, retry_after, unfinished

REPLAYED = "replayed"
"""The reason of an `Unknown` whose key only ever repeats an old failure."""


def expected() -> tuple[type[Exception], ...]:
    """Return what a call through the SDK may end with: its own errors, the transport's, and those of broken answers."""
    import stripe

    return (stripe.StripeError, aiohttp.ClientError, OSError, ValueError, TypeError, AttributeError)


def outcome_of(error: BaseException, *, harmless: bool) -> Outcome:
    """Judge any exception that a call through the SDK ended with; `harmless` calls may simply be repeated.

    A refusal's code is Stripe's own error code, or `unauthorized`, `forbidden`, `idempotency`, `bad_request`.
    """
    import stripe

    match error:
        case stripe.RateLimitError():
            return Again("rate_limited", retry_after(error.headers or {}))
        case stripe.IdempotencyError():
            return Refused("idempotency", "the same key was used with other parameters: a defect of ours")
        case stripe.AuthenticationError():
            return Refused("unauthorized", "the secret key is not accepted")
        case stripe.PermissionError():
            return Refused("forbidden", "the secret key may not do this")
        case stripe.CardError() | stripe.InvalidRequestError():
            return Refused(error.code or "bad_request", f"status_{error.http_status}", _parameter(error))
        case stripe.APIConnectionError():
            return unfinished(lost(error.__cause__ or error), harmless=harmless)
        case stripe.StripeError():
            return _server_trouble(error, harmless)
        case _:
            return unfinished(lost(error), harmless=harmless)


_REFUSED = {401: "unauthorized", 403: "forbidden"}


def _server_trouble(error: Any, harmless: bool) -> Outcome:
    """Judge by the status alone what the SDK could not name: answers without Stripe's own body."""
    status, headers = error.http_status, error.headers or {}
    reason = f"status_{status}"
    if status == 429:
        return Again("rate_limited", retry_after(headers))
    if status == 409:
        return Again(reason, retry_after(headers), whole_vendor=False)
    if status is not None and 400 <= status < 500 and status != 408:
        return Refused(_REFUSED.get(status, reason), reason)
    if harmless:
        return Again(reason, retry_after(headers))
    return Unknown(REPLAYED if _is_replayed(headers) else reason)


def _is_replayed(headers: Mapping[str, str]) -> bool:
    """Tell whether an answer is the stored one of an earlier try, which the same key would get for a day."""
    return any(name.lower() == "idempotent-replayed" and value == "true" for name, value in headers.items())


def _parameter(error: Any) -> dict[str, Any]:
    return {"param": error.param} if getattr(error, "param", None) else {}
