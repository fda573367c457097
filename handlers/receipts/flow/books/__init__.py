"""The books in the chat: SUMMARY, FIND, MORE, TREND, CHART, BUDGET, CATEGORIES, SPLIT, STATS and a person's settings.

`words.heard` reads the commands and must be asked before typed purchases; `searching.idle` takes what nobody else took
and must be asked after them.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.engine.registry import Registry


def register(registry: Registry) -> None:
    """Add the commands, their texts, and what is done when a purchase was saved or a chart was drawn."""
    from handlers.receipts.books.cache import BookCache
    from handlers.receipts.flow.books import budgets, charts, searching, settings, words
    from handlers.receipts.flow.books.categories import category_flow

    registry.add_texts(Path(__file__).with_name("texts"))
    registry.add_flow(category_flow)
    registry.settings[BookCache] = BookCache()
    registry.word("text")(words.heard)
    registry.word("beside")(words.heard_beside)
    registry.word("turns")(words.turns)
    registry.word("reads")(words.reads)
    registry.word("more")(searching.more)
    registry.word("settings")(settings.listed)
    registry.word("receipt_saved")(budgets.alert)
    registry.word("receipt_changed")(budgets.alert)
    registry.button(searching.BUTTONS)(searching.pressed)
    registry.on(f"call:{charts.CALL}")(charts.drawn)


def register_last(registry: Registry) -> None:
    """Add the search that takes what no other word took."""
    from handlers.receipts.flow.books import searching

    registry.word("text")(searching.idle)
