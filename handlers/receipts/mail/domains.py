"""Domains of senders: the part that somebody registered, and what belongs to people rather than to shops."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "senders.toml"


@cache
def sender_words() -> dict[str, frozenset[str]]:
    """Return the lists of `senders.toml`."""
    return {name: frozenset(words) for name, words in tomllib.loads(_FILE.read_text("utf-8")).items()}


def registrable(host: str) -> str:
    """Return the registered domain of a host (`mail.shop.co.uk` -> `shop.co.uk`), empty for none."""
    labels = [label for label in host.strip(" .").lower().split(".") if label]
    if len(labels) < 2 or all(label.isdigit() for label in labels):
        return ""
    count = 3 if ".".join(labels[-2:]) in sender_words()["suffixes"] else 2
    return ".".join(labels[-count:])


def brand_label(host: str) -> str:
    """Return the label that names who registered a domain (`noreply.mail.shop.example` -> `shop`), empty for none."""
    domain = registrable(host)
    if not domain or domain in sender_words()["personal"] | sender_words()["services"]:
        return ""
    label = domain.split(".")[0]
    return "" if label in sender_words()["hosts"] else label


def is_personal(address: str) -> bool:
    """Tell whether an address is one of those that people have."""
    return registrable(address.rpartition("@")[2]) in sender_words()["personal"]


def is_machine(address: str) -> bool:
    """Tell whether an address is one that nobody writes from by hand (`noreply@`, `orders@`)."""
    return address.partition("@")[0].lower() in sender_words()["generic"]


def is_address(text: str) -> bool:
    """Tell whether a text looks like one mail address."""
    pattern = r"[a-z0-9][\w.+'-]{0,63}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}"
    return len(text) <= 190 and bool(re.fullmatch(pattern, text, re.I | re.A))
