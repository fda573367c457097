"""Outgoing webhooks: other programs hear what happened here, by ids alone (WH-1, WH-2).

Services say what happened by `turn.tell("case.mailed", case=...)` and know of nobody who listens. `sending` makes a
delivery for every listener and tries it at 0, 1, 3, 7, 15 and 31 minutes; `managing` is what staff do about listeners,
`own` what persons do whose plan has it.
"""

from __future__ import annotations

from pathlib import Path

from bot.engine.registry import Registry
from handlers.webhooks import managing, own, sending
from storage.webhooks import privacy


def register(registry: Registry, *, private: bool = False) -> None:
    """Listen to the services, take the answers, and add the rows of staff; `private` allows hosts of one's own net."""
    registry.add_texts(Path(__file__).with_name("texts"))
    sending.register(registry)
    managing.register(registry, private=private)
    own.register(registry)
    registry.erasers.append(privacy.erase)
