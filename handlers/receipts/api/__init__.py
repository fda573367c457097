"""The HTTP API of the books: resources over the same storage functions as the chat, and the words that make tokens.

A module is a resource: what it takes and gives as models, the functions, and its `Route`s. `bot.web.api` serves them.
"""

from __future__ import annotations

from pathlib import Path

from bot.engine.registry import Registry


def register(registry: Registry) -> None:
    """Add the resources, the words TOKEN and TOKENS, and their texts."""
    from handlers.receipts.api import (
        accounts,
        budgets,
        categories,
        exports,
        receipts,
        rules,
        summaries,
        transactions,
        uploads,
        words,
    )
    from handlers.receipts.books.cache import BookCache

    cache = registry.settings.setdefault(BookCache, BookCache())
    registry.add_texts(Path(__file__).with_name("texts"))
    words.register(registry)
    uploads.register(registry)
    exports.register(registry)
    for part in (uploads, receipts, categories, rules, accounts, budgets, exports):
        registry.serve(*part.ROUTES)
    registry.serve(*transactions.routes(cache), *summaries.routes(cache))
