"""The headers of every answer of the API, what a browser of another origin may see, and request ids (rule API-4)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from bot.core.errors import Misconfigured

SECURITY = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "Strict-Transport-Security": "max-age=31536000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
}
_ALLOWED = "Authorization, Content-Type, Idempotency-Key, If-Match, X-Request-Id"
_EXPOSED = "ETag, Idempotent-Replayed, Location, Retry-After, X-Request-Id"
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def request_id(given: str | None, fresh: str) -> str:
    """Return the caller's request id when it is harmless, a fresh one otherwise."""
    return given if given is not None and _REQUEST_ID.fullmatch(given) else fresh


def origins(listed: str) -> frozenset[str]:
    """Read `API_CORS_ORIGINS`: origins separated by commas; raise Misconfigured for anything but scheme and host."""
    found = [part.strip() for part in listed.split(",") if part.strip()]
    for one in found:
        parts = urlsplit(one)
        if parts.scheme not in ("http", "https") or not parts.netloc or f"{parts.scheme}://{parts.netloc}" != one:
            raise Misconfigured("API_CORS_ORIGINS", "list origins like https://books.example, separated by commas")
    return frozenset(found)


def cross_origin(origin: str | None, allowed: Collection[str]) -> Mapping[str, str]:
    """Return what lets a page of a listed origin read the answer; for all others nothing does."""
    if not allowed:
        return {}
    if origin not in allowed or origin is None:
        return {"Vary": "Origin"}
    return {
        "Vary": "Origin",
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": _EXPOSED,
        "Cross-Origin-Resource-Policy": "cross-origin",
    }


def preflight(methods: Collection[str]) -> Mapping[str, str]:
    """Return what a listed origin is told before it asks."""
    return {
        "Access-Control-Allow-Methods": ", ".join(sorted(methods)),
        "Access-Control-Allow-Headers": _ALLOWED,
        "Access-Control-Max-Age": "600",
    }
