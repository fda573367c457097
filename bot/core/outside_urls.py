"""Which addresses a person may give us to send things to: https, a host of the public net, nothing hidden in it.

Names are resolved by whoever connects, and refused there again when they lead inside; what is written as a number is
refused here. An address that the operator has set is always good (`known`).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit

_LONGEST = 200
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_SPECIAL = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "::/96", "64:ff9b:1::/48", "fec0::/10")))
"""What Python calls global although it leads nowhere outside: assignments of protocols, the old embedded IPv4
addresses, private translators, and the old addresses of a site."""
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
    if _read(host) is not None:
        return is_public(host)
    last = host.rpartition(".")[2]
    if not last or last.isdigit() or last.startswith("0x"):
        return False
    return "." in host and not any(host == end.lstrip(".") or host.endswith(end) for end in _INSIDE)


def is_public(text: str) -> bool:
    """Tell whether a number is an address of the public net; an IPv4 address inside an IPv6 one is judged itself."""
    address = _read(text)
    if address is None:
        return False
    inner = _within(address) if isinstance(address, ipaddress.IPv6Address) else None
    if inner is not None:
        return is_public(str(inner))
    special = address.is_multicast or any(address in net for net in _SPECIAL if net.version == address.version)
    return address.is_global and not special


def _read(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _within(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 one leads to: mapped, 6to4, or by a translator (NAT64)."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour
