"""What went between us and the vendors lately, read from the vendors' books: the desk's third tab."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from integrations.fakes.kit import FakeServer

WATCHED = ("telegram", "twilio", "stripe", "razorpay", "lob", "claude", "speech")
_QUIET = frozenset(
    [
        "file.put",
        "link.put",
        "media_link.put",
        "setting.put",
        "plan.put",
        "plan.patch",
        "plan.drop",
        "clip.put",
        "user.put",
        "chat.put",
        "number.bought",
        "hook.queued",
        "callback.queued",
        "callback.answered",
        "update.queued",
    ]
)
_TO_US = ("hook.", "update.", "inbound.", "callback.")
_FROM_US = (
    "message.created",
    "message.sent",
    "message.edited",
    "message.replied",
    "answer.",
    "action",
    "session.created",
    "letter.created",
    "verification.",
    "refund.created",
    "transcribed",
    "refused",
    "media.deleted",
)
_NAMING = ("event_kind", "method", "operation", "status", "code", "failure", "fault", "deliverability")
LATEST = 120


def marks(fakes: Mapping[str, FakeServer]) -> dict[str, int]:
    """Return how long each book is."""
    return {vendor: len(fakes[vendor].book.rows) for vendor in WATCHED if vendor in fakes}


def rows_after(fakes: Mapping[str, FakeServer], after: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return the newest rows beyond the marks, oldest first."""
    found = [
        _shown(vendor, row)
        for vendor in WATCHED
        if vendor in fakes
        for row in fakes[vendor].book.rows[after.get(vendor, 0) :][-LATEST:]
        if row["kind"] not in _QUIET
    ]
    return sorted(found, key=lambda row: (str(row["at"]), row["n"]))[-LATEST:]


def _shown(vendor: str, row: Mapping[str, Any]) -> dict[str, Any]:
    told = [str(row[name]) for name in _NAMING if row.get(name) not in (None, "")]
    kind = str(row["kind"])
    way = "in" if kind.startswith(_TO_US) else "out" if kind.startswith(_FROM_US) else ""
    if vendor == "twilio" and kind == "message.sent":
        way = ""
    return {"vendor": vendor, "n": row["n"], "at": row["at"], "kind": kind, "way": way, "about": " ".join(told)}
