"""Where a request comes from: the peer, or behind a proxy of ours the address that the proxy saw.

`X-Forwarded-For` is believed only as far as proxies that `TRUSTED_PROXIES` names wrote it: from the right, the first
address that is none of them is the caller. What stands further left the caller may have written. Without the setting
the header counts for nothing.
"""

from __future__ import annotations

import ipaddress

from aiohttp import web

from bot.core.errors import Misconfigured

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
HEADER = "X-Forwarded-For"


class Sources:
    """Tells callers apart; `trusted` lists addresses and networks of proxies, separated by commas."""

    def __init__(self, trusted: str = "") -> None:
        self._trusted = [_network(part.strip()) for part in trusted.split(",") if part.strip()]

    def of(self, request: web.BaseRequest) -> str:
        """Return the caller's address; an empty text where a proxy of ours wrote no address, which is nobody's."""
        peer = request.remote or ""
        if not self._trusted or not self._trusts(_address(peer)):
            return peer
        hops = [hop.strip() for line in request.headers.getall(HEADER, []) for hop in line.split(",")]
        for hop in reversed(hops):
            found = _address(hop)
            if found is None:
                return ""
            if not self._trusts(found):
                return str(found)
            peer = str(found)
        return peer

    def _trusts(self, address: Address | None) -> bool:
        return address is not None and any(address in one for one in self._trusted)


def _network(text: str) -> Network:
    try:
        return ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise Misconfigured("TRUSTED_PROXIES", "list addresses or networks, separated by commas") from error


def _address(text: str) -> Address | None:
    """Read one hop: an address, a port behind it or not."""
    host = text.strip()
    if host.startswith("["):
        host = host[1:].partition("]")[0]
    elif host.count(":") == 1:
        host = host.partition(":")[0]
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found
