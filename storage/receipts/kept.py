"""Transactions as JSON, for rows that must be put back exactly as they were."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from storage.receipts.transactions import Entry, Part


def dumped(entry: Entry) -> dict[str, Any]:
    """Return an entry as plain values; `read` takes them."""
    return {**asdict(entry), "date": entry.date.isoformat()}


def read(values: Mapping[str, Any]) -> Entry:
    """Return the entry of which `dumped` made these values."""
    rest = dict(values)
    day, tags = date.fromisoformat(rest.pop("date")), tuple(rest.pop("tags"))
    parts = tuple(Part(**one) for one in rest.pop("parts"))
    return Entry(date=day, tags=tags, parts=parts, **rest)
