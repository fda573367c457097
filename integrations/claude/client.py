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

MOST_TOKENS = 10_000_000
"""More than any window holds: what tells of more is no count."""
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
    """Return what the SDK and its transport raise, and what reading an answer of a wrong shape raises."""
    import anthropic
    import httpx2

    malformed = (ValueError, TypeError, AttributeError, LookupError, RecursionError)
    return (anthropic.AnthropicError, httpx2.HTTPError, httpx2.StreamError, OSError, *malformed)


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
    """Return what an answer used, by kind; a field that is left out counts nothing, nor one that is no count."""
    by_life = getattr(usage, "cache_creation", None)
    written = _count(usage, "cache_creation_input_tokens")
    long_lived = _count(by_life, "ephemeral_1h_input_tokens")
    return Tokens(
        input=_count(usage, "input_tokens"),
        output=_count(usage, "output_tokens"),
        cache_read=_count(usage, "cache_read_input_tokens"),
        cache_write_5m=max(written - long_lived, 0),
        cache_write_1h=long_lived,
    )


def is_count(told: Any) -> bool:
    """Tell whether a number of tokens can be one."""
    return isinstance(told, int) and not isinstance(told, bool) and 0 <= told <= MOST_TOKENS


def _count(usage: Any, name: str) -> int:
    told = getattr(usage, name, None)
    return int(told) if is_count(told) and told is not None else 0


def text_of(content: Any) -> str:
    """Return the text of an answer's blocks, by type; what is no block and no text is passed over (rule MC-4)."""
    blocks = content if isinstance(content, list) else []
    texts = (getattr(block, "text", None) for block in blocks if getattr(block, "type", None) == "text")
    return "".join(text for text in texts if isinstance(text, str))


def json_object(text: str) -> dict[str, Any] | None:
    """Return a text's JSON object, None when it is anything else, or holds what no database and no channel takes."""
    try:
        value = json.loads(text)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
