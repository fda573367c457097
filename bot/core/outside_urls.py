"""Which addresses a person may give us to send things to: https, a host of the public net, nothing hidden in it.

Names are resolved by whoever connects, and refused there again when they lead inside; what is written as a number is
refused here. An address that the operator has set is always good (`known`).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

_LONGEST = 200
_INSIDE = ("localhost", ".localhost", ".local", ".internal", ".lan", ".home", ".corp", ".intranet", ".home.arpa")


def acceptable(text: str, *, known: Collection[str] = (), private: bool = False) -> str | None:
    """Return the base address as we use it, None when we do not go there."""
    url = text.strip().rstrip("/")
    if url in {one.rstrip("/") for one in known if one}:
        return url
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        return None
    plain = not (parts.username or parts.password or parts.query or parts.fragment) and len(url) <= _LONGEST
    if parts.scheme != "https" or not host or not plain or not url.isascii() or any(c.isspace() for c in url):
        return None
    return url if private or is_outside(host) else None


def is_outside(host: str) -> bool:
    """Tell whether a host, as it is written, may be one of the public net; numbers in odd spellings are none."""
    host = host.strip("[]").rstrip(".").lower()
    try:
        return _is_public(ipaddress.ip_address(host.partition("%")[0]))
    except ValueError:
        pass
    last = host.rpartition(".")[2]
    if not last or last.isdigit() or last.startswith("0x"):
        return False
    return "." in host and not any(host == end.lstrip(".") or host.endswith(end) for end in _INSIDE)


def _is_public(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    inner = getattr(address, "ipv4_mapped", None) or getattr(address, "sixtofour", None)
    if inner is not None:
        return _is_public(inner)
    return address.is_global and not address.is_multicast
