"""The staff's forum group on Telegram: one topic per person, one header per ticket, words both ways (TB-1 to TB-7).

`pumping` shows what waits, one call at a time, so that the order stays; `cards` says what a topic's title, card and
headers say; `hearing` takes what staff write and press there, `albums` their files; `mirroring` follows what became of
messages: sent, refused, changed. Nothing here runs without `TELEGRAM_STAFF_GROUP`.
"""

from __future__ import annotations

from bot.engine.registry import Registry
from handlers.support.bridge import albums, hearing, mirroring, pumping


def register(registry: Registry) -> None:
    """Register the calls' answers, the staff's events, and the changes of messages."""
    for part in (pumping, hearing, albums, mirroring):
        part.register(registry)
