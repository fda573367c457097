"""Support: tickets that people open by words, staff who answer them in a private chat, and the clocks they keep.

`calendar`, `targets`, `clocks`, `states` and `words` are pure rules; `tickets` does what is done to a ticket, `talk`
holds the conversation with its person, `telling` what is told unasked, `staff` what operators may do. Internal notes
have a table and a type of their own, and only `staff` reads them (rule SP-1).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.engine.registry import Registry


def register(registry: Registry) -> None:
    """Add the conversation, what falls due, what staff may do, and what goes when a person leaves."""
    from handlers.support import staff, talk, telling
    from handlers.support.tickets import counting
    from storage.support import privacy

    counting()  # a broken calendar stops the start, not the first ticket
    registry.add_texts(Path(__file__).with_name("texts"))
    for part in (talk, telling, staff):
        part.register(registry)
    registry.erasers.append(privacy.erase)
