"""Reports for staff: figures of the house as words, as a table and as a picture (RP-1, RP-2).

    U> /stats mrr chart
    B> (a moment) MRR: USD 75.34 from 5 subscriptions ... (picture)
    U> /stats funnel 2026-10
    B> Funnel 2026-10: drafts 120, price shown 80 (67%), paid 41 (34%), mailed 40 (33%)
    U> /export revenue 2026-10
    B> (a document) revenue-2026-10-01.csv

A turn only asks; the figures are read beside it, each by one aggregated statement. `figures` holds the arithmetic,
`sets` what each report says, `days` which days were meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.engine.registry import Registry


def register(registry: Registry) -> None:
    """Register the commands and what takes their answers; days are those of the house's zone."""
    from handlers.reports import commands

    commands.register(registry)
