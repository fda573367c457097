"""Fiscal years by the month in which they begin (PY-7)."""

from __future__ import annotations

from datetime import date


def fiscal_year(day: date, start_month: int) -> str:
    """Return the name of the fiscal year of a day: `2026`, or `2025-26` where it begins in another month."""
    if start_month == 1:
        return f"{day.year}"
    first = day.year if day.month >= start_month else day.year - 1
    return f"{first}-{(first + 1) % 100:02d}"
