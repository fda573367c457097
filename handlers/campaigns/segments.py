"""Who gets a broadcast, as staff write it: `plan=pro channel=sms active=30 city=Oakland` (BC-1)."""

from __future__ import annotations

import re
from dataclasses import asdict

from bot.core.errors import Refusal
from storage.campaigns.broadcasts import Segment

_MARK = re.compile(r"([a-z]+)=(?:\"([^\"]*)\"|(\S+))")
_FIELDS = {
    "plan": "plan", "channel": "channel", "city": "city", "locale": "locale", "active": "active_days",
    "silent": "silent_days",
}  # fmt: skip
_KNOWN = {"channel": ("sms", "telegram"), "plan": ("free", "basic", "pro", "enterprise")}


def begins(text: str) -> bool:
    """Tell whether a text begins with a mark: then what parts marks from words was forgotten."""
    found = _MARK.match(text.strip())
    return found is not None and found[1] in _FIELDS


def segment_of(text: str) -> Segment:
    """Read marks; raise Refusal for what is none."""
    found: dict[str, str | int] = {}
    for name, quoted, bare in _MARK.findall(text):
        value = quoted or bare
        if name not in _FIELDS or value not in _KNOWN.get(name, (value,)):
            raise Refusal("campaigns.no_mark", mark=f"{name}={value}")
        if _FIELDS[name].endswith("_days") and not (value.isdigit() and 0 < int(value) <= 3650):
            raise Refusal("campaigns.no_mark", mark=f"{name}={value}")
        found[_FIELDS[name]] = int(value) if _FIELDS[name].endswith("_days") else value
    if left := _MARK.sub("", text).strip():
        raise Refusal("campaigns.no_mark", mark=left[:40])
    return Segment(**found)  # type: ignore[arg-type]


def told(segment: Segment) -> str:
    """Write a segment."""
    marks = {name: value for name, value in asdict(segment).items() if value}
    return (
        " ".join(f"{name.removesuffix('_days')}={value}" for name, value in marks.items())
        or "everybody who wants offers"
    )
