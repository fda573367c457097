"""A report as a value: what is said, a table of it, and bars; and the table as CSV, where no cell can be a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.core.calls.charts import ChartBar
from bot.core.cells import guarded
from bot.core.money import Money
from handlers.reports.figures import STARS

_FULL, MOST_BARS = 1000, 24
Cell = str | int | None


@dataclass(frozen=True, slots=True)
class Table:
    """One set of figures."""

    title: str
    lines: Sequence[str]
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    bars: Sequence[ChartBar] = field(default_factory=tuple)


def written(amount_minor: int, currency: str) -> str:
    """Return an amount as staff read it; Stars have no smaller unit."""
    return f"{amount_minor} {STARS}" if currency == STARS else str(Money(amount_minor, currency))


def as_csv(table: Table) -> bytes:
    """Return the table of a report."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(table.columns)
    for row in table.rows:
        writer.writerow([guarded(cell) if isinstance(cell, str) else "" if cell is None else cell for cell in row])
    return out.getvalue().encode()


def bars(figures: Iterable[tuple[str, int, str]]) -> list[ChartBar]:
    """Return a bar for each label, number and the number as printed; the longest fills the track."""
    some = list(figures)[:MOST_BARS]
    longest = max((number for _, number, _ in some), default=0)
    return [
        ChartBar(label, said, max(number, 0) * _FULL // longest if longest > 0 else 0) for label, number, said in some
    ]


def money_bars(figures: Iterable[tuple[str, int, str]]) -> list[ChartBar]:
    """Return a bar for each label, amount and currency: lengths compare amounts of one currency and no others."""
    some = list(figures)[:MOST_BARS]
    longest: dict[str, int] = {}
    for _, amount, code in some:
        longest[code] = max(longest.get(code, 0), amount)
    tones = {code: tone for tone, code in enumerate(sorted(longest))}
    return [
        ChartBar(
            label, written(amount, code),
            max(amount, 0) * _FULL // longest[code] if longest[code] > 0 else 0, tone=tones[code],
        )
        for label, amount, code in some
    ]  # fmt: skip


def counted(found: Mapping[str, int]) -> list[ChartBar]:
    """Return bars of counts."""
    return bars((name, n, str(n)) for name, n in found.items())


def listed(found: Mapping[str, int]) -> str:
    """Return counts on one line."""
    return ", ".join(f"{name} {n}" for name, n in found.items()) or "none"
