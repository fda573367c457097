"""What a file of books holds, in words: entries, days, sums, and what the person should know."""

from __future__ import annotations

from datetime import date

from bot.core.calls.books import Weighed
from bot.engine.turn import Turn
from handlers.receipts.currencies import format_amount
from handlers.receipts.exports.starting import kind_name
from storage.receipts.exports import Wanted


def told(turn: Turn, wanted: Wanted, weighed: Weighed) -> str:
    """Say what a file holds: entries, period, sums, and what the person should know."""
    lines = [f"{kind_name(turn, wanted.kind)}: {counted(turn, weighed)}"]
    lines += [turn.text(f"receipts.export.{one}", count=weighed.left_out) for one in weighed.notices]
    if weighed.corrected:
        lines.append(turn.text("receipts.export.corrected", count=weighed.corrected))
    if weighed.gone:
        lines.append(turn.text("receipts.export.gone", count=weighed.gone))
    return " ".join(lines)


def counted(turn: Turn, weighed: Weighed) -> str:
    """Say how many entries, of which days, with which sums."""
    parts = [turn.text("receipts.export.one" if weighed.count == 1 else "receipts.export.many", count=weighed.count)]
    if weighed.first and weighed.last:
        days = [_day(weighed.first), _day(weighed.last)]
        parts.append(days[0] if days[0] == days[1] else " - ".join(days))
    for one in weighed.sums:
        if one.spent_minor:
            parts.append(turn.text("receipts.export.spent", amount=format_amount(one.spent_minor, one.currency)))
        if one.back_minor:
            parts.append(turn.text("receipts.export.back", amount=format_amount(one.back_minor, one.currency)))
    return ", ".join(parts) + "."


def _day(iso: str) -> str:
    day = date.fromisoformat(iso)
    return f"{day:%b} {day.day} {day.year}"
