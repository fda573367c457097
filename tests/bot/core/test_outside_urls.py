"""Which numbers are addresses of the public net: nothing that leads inside by another spelling (A91, MED-7)."""

from __future__ import annotations

from bot.core.outside_urls import acceptable, is_public
from tests.rows import each

INSIDE = (
    "0.0.0.0", "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "192.0.0.8",  # noqa: S104 - refused, and bound to nothing
    "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fec0::1", "fd00::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:7f00:1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
    "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::", "2001:0:7f00:1::", "fe80::1%eth0",
)  # fmt: skip
OUTSIDE = ("8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808")


@each("address", INSIDE)
def test_a91_what_leads_inside_is_refused_however_it_is_spelled(address: str) -> None:
    assert not is_public(address)
    assert acceptable(f"https://{f'[{address}]' if ':' in address else address}/x") is None


@each("address", OUTSIDE)
def test_the_public_net_is_taken(address: str) -> None:
    assert is_public(address)


@each("text", ["", "example.com", "127.1", "1.2.3.4.5", "0x7f000001"])
def test_what_is_no_address_is_not_public(text: str) -> None:
    assert not is_public(text)
