"""The SDK's client, made at the first question, and what its answers and exceptions mean (rules LLM-5, VEN-12).

It repeats nothing by itself and goes through no proxy. The SDK takes seconds to import and is imported in a thread.
"""

from __future__ import annotations

import json
from typing import Any

from bot.core.calls.outcome import Again, Outcome, Refused
from bot.core.model_prices import Tokens
from integrations.http import CONNECT_SECONDS, retry_after
from integrations.sdk import load

_REFUSALS = {
    400: "bad_request",
    401: "unauthorized",
    402: "unpaid",
    403: "forbidden",
    404: "unknown_model",
    413: "too_large",
    422: "bad_request",
}


class Client:
    """One connection pool to the Messages API; no request may take longer than `seconds`."""

    def __init__(
        self, api_key: str, *, base_url: str, seconds: float, connect_seconds: float = CONNECT_SECONDS
    ) -> None:
        self._key, self._base_url = api_key, base_url.rstrip("/")
        self._seconds, self._connect_seconds = seconds, connect_seconds
        self._sdk: Any = None

    async def sdk(self) -> Any:
        """Return the SDK's asynchronous client."""
        if self._sdk is None:
            anthropic = await load("anthropic")
        if self._sdk is None:
            timeout = anthropic.Timeout(self._seconds, connect=self._connect_seconds)
            self._sdk = anthropic.AsyncAnthropic(
                api_key=self._key,
                base_url=self._base_url,
                max_retries=0,
                timeout=timeout,
                http_client=anthropic.DefaultAsyncHttpxClient(
                    base_url=self._base_url, timeout=timeout, trust_env=False
                ),
            )
        return self._sdk

    async def close(self) -> None:
        """Release connections."""
        if self._sdk is not None:
            await self._sdk.close()
            self._sdk = None


def expected_errors() -> tuple[type[Exception], ...]:
    """Return what the SDK raises, its transport's own exceptions among them; for use once it is imported."""
    import anthropic
    import httpx2

    return (anthropic.AnthropicError, httpx2.HTTPError, httpx2.StreamError, OSError, ValueError)


def trouble(error: Exception) -> Outcome:
    """Judge an exception of the SDK (rule LLM-5)."""
    status = getattr(error, "status_code", None)
    if not isinstance(status, int):
        return Again(type(error).__name__)
    reason = f"status_{status}"
    if status in (408, 409, 429) or status >= 500:
        return Again(reason, retry_after(getattr(error, "response").headers), whole_vendor=status != 409)  # noqa: B009
    return Refused(_REFUSALS.get(status, "no_result" if status < 400 else "bad_request"), reason)


def tokens_of(usage: Any) -> Tokens:
    """Return what an answer used, by kind; a field that a server leaves out counts nothing."""
    by_life = getattr(usage, "cache_creation", None)
    written = getattr(usage, "cache_creation_input_tokens", None) or 0
    long_lived = (getattr(by_life, "ephemeral_1h_input_tokens", None) or 0) if by_life else 0
    return Tokens(
        input=getattr(usage, "input_tokens", None) or 0,
        output=getattr(usage, "output_tokens", None) or 0,
        cache_read=getattr(usage, "cache_read_input_tokens", None) or 0,
        cache_write_5m=max(written - long_lived, 0),
        cache_write_1h=long_lived,
    )


def json_object(text: str) -> dict[str, Any] | None:
    """Return a text's JSON object, None when it is anything else."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
