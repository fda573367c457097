"""What the hop that received a mail found out about its sender: SPF, DKIM and DMARC (rule EML-3).

Anybody can write an `Authentication-Results` header; only the topmost one that bears the name of our own receiving hop
(setting `MAIL_AUTHSERV_ID`) is believed. A pass counts for the domain that the reader sees in From, not for any other:
a signature of the forger's own domain proves nothing.
"""

from __future__ import annotations

import re
from email.message import Message

from handlers.receipts.mail.domains import registrable

PASS, FAIL, NONE = "pass", "fail", "none"
_COMMENT = re.compile(r"\([^()]{0,500}\)")
_METHOD = re.compile(r"^\s*(spf|dkim|dmarc)\s*=\s*([a-z]+)", re.I)
_PROPERTY = re.compile(r"\b(header\.(?:d|i|from)|smtp\.mailfrom|smtp\.helo)\s*=\s*\"?([^\s;\"]+)", re.I)
_BAD = frozenset({"fail", "softfail", "permerror", "hardfail"})


def verdict_of(message: Message, *, authserv: str, sender: str) -> str:
    """Return `pass` when the sender's domain is proven, `fail` when a check failed, `none` when nothing was checked."""
    results = _trusted(message, authserv)
    if results is None:
        return NONE
    domain = registrable(sender.rpartition("@")[2])
    found: dict[str, list[tuple[str, str]]] = {"spf": [], "dkim": [], "dmarc": []}
    for piece in _COMMENT.sub(" ", results).split(";")[1:]:
        if match := _METHOD.match(piece):
            found[match[1].lower()].append((match[2].lower(), _about(piece)))
    return _judged(found, domain)


def _judged(found: dict[str, list[tuple[str, str]]], domain: str) -> str:
    dmarc = [result for result, _ in found["dmarc"]]
    if "pass" in dmarc or "fail" in dmarc:
        return PASS if "pass" in dmarc and "fail" not in dmarc else FAIL
    checks = [*found["dkim"], *found["spf"]]
    if domain and any(result == "pass" and about == domain for result, about in checks):
        return PASS
    if any(result in _BAD or result == "pass" for result, _ in checks):
        return FAIL  # what passed was of another domain
    return NONE


def _trusted(message: Message, authserv: str) -> str | None:
    if not authserv:
        return None
    for value in message.get_all("Authentication-Results") or ():
        text = str(value)[:5000]
        name = text.partition(";")[0].split()
        if name and name[0].lower() == authserv.lower():
            return text
    return None


def _about(piece: str) -> str:
    """Return the registrable domain that a result is about."""
    told = {name.lower(): value for name, value in _PROPERTY.findall(piece)}
    value = told.get("header.d") or told.get("header.i") or told.get("smtp.mailfrom") or told.get("smtp.helo") or ""
    return registrable(value.rpartition("@")[2])
