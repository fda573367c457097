"""What part of the targets was met: by team, staff, category and priority, in words and as CSV (SLA-5)."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.core.calls.charts import ChartBar
from bot.core.cells import guarded
from storage import blobs, operators
from storage.support import outcomes
from storage.work import Work

LIFE = timedelta(days=1)
MOST_BARS = 24


@dataclass(frozen=True, slots=True)
class Line:
    """How one clock of one group did: ended so often, so often in time."""

    by: str
    of: str
    clock: str
    ended: int
    met: int

    @property
    def percent(self) -> str:
        """The part in time, to a tenth, rounded half up."""
        tenths = (self.met * 2000 + self.ended) // (2 * self.ended)
        return f"{tenths // 10}.{tenths % 10}"


def table(work: Work, since: datetime) -> list[Line]:
    """Return every group's clocks since a moment; counted in the database."""
    names = {row.id: row.name for row in operators.everyone(work)}
    found = []
    for by in ("team", *outcomes.BY):
        for row in outcomes.counted(work, since, by):
            of = names.get(row.of, "nobody") if by == "staff" else str(row.of)
            found.append(Line(by, of, row.clock, int(row.ended), int(row.met)))
    return found


def words(lines: Sequence[Line], days: int) -> str:
    """Return the report as chat text."""
    if not lines:
        return f"No clock ended in the last {days} days."
    grouped: dict[tuple[str, str], list[str]] = {}
    for line in lines:
        told = f"{line.clock} {line.percent} % of {line.ended}"
        grouped.setdefault((line.by, line.of), []).append(told)
    said = [f"{'team' if by == 'team' else f'{by} {of}'}: {', '.join(told)}" for (by, of), told in grouped.items()]
    return "\n".join([f"Targets met in the last {days} days:", *said])


def bars(lines: Sequence[Line]) -> list[ChartBar]:
    """Return a bar for each clock of the team and of each member: the part in time."""
    shown = [one for one in lines if one.by in ("team", "staff")][:MOST_BARS]
    return [
        ChartBar(
            f"{one.of if one.by == 'staff' else 'team'}: {one.clock}", f"{one.percent} % of {one.ended}",
            one.met * 1000 // one.ended, tone=0 if one.by == "team" else 1,
        )
        for one in shown
    ]  # fmt: skip


def keep(work: Work, blob_id: int, lines: Sequence[Line]) -> None:
    """Store the report as CSV for a day; cells that a spreadsheet would run are neutralised."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["by", "of", "clock", "ended", "met", "percent"])
    writer.writerows([one.by, guarded(one.of), one.clock, one.ended, one.met, one.percent] for one in lines)
    data = out.getvalue().encode()
    blobs.keep(work, blob_id=blob_id, data=data, media_type="text/csv", person_id=None, delete_after=work.now + LIFE)
