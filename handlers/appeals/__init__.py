"""Parking-ticket appeals: the city registry, the rules of numbers, dates, deadlines and gates, and the conversation.

The rules (`registry`, `recognition`, `numbers`, `ticket_dates`, `deadlines`, `gates`, `grounds`) are pure: they take
values and return values. Nothing is imported here at once, so that one rule can be used without loading the others;
`register` adds the whole service to the engine.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.engine.registry import Registry
    from handlers.appeals.settings import AppealSettings


def register(registry: Registry, settings: AppealSettings | None = None) -> None:
    """Add the conversation, its texts, its words and everything that follows an approval."""
    from handlers.appeals.events import register_events
    from handlers.appeals.flow import appeal, dropping, evidence

    registry.add_texts(Path(__file__).with_name("texts"))
    registry.add_flow(appeal)
    registry.menu.append((appeal.name, "appeals.menu", "ticket parking citation appeal"))
    registry.word("text")(dropping.heard)
    registry.word("text")(evidence.heard)
    register_events(registry, settings)
