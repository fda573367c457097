"""Addresses as they may be shown: enough to know one's own, too little to use another's (ID-4)."""

from __future__ import annotations

_SHOWN = 4


def masked(channel: str, handle: str) -> str:
    """Return a handle with its last digits only: `+1 *** *** 0188`, `Telegram *** 4711`."""
    end = handle.rpartition(":")[2][-_SHOWN:]
    if channel != "sms":
        return f"{channel.capitalize()} *** {end}"
    country = "+1 " if handle.startswith("+1") else "+"
    return f"{country}*** *** {end}"
