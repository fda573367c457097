"""STATS: how many receipts in which state, how many were read, how sure the readings were (section 12)."""

from __future__ import annotations

from bot.engine.turn import Turn
from storage.receipts import receipts


def stats(turn: Turn, rest: str) -> bool:
    """Count the receipts of this person."""
    rows = receipts.statistics(turn.work, turn.person.id)
    count, read = sum(row.entries for row in rows), sum(row.totals for row in rows)
    if not count:
        turn.say("books.no_stats")
        return True
    states = ", ".join(turn.text(f"books.state_{row.state}", count=row.entries) for row in rows)
    sure = round(sum(row.confidence_percent for row in rows) / read) if read else 0
    turn.say("books.stats", count=count, states=states, read=read, share=round(read * 100 / count), sure=sure)
    return True
