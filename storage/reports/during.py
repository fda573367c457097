"""The time that a report is about, and the ids that were made in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from bot.core.ids import Ids


@dataclass(frozen=True, slots=True)
class During:
    """Moments from `start` on and before `end`; `first` and `last` are its days, both included."""

    start: datetime
    end: datetime
    first: date
    last: date

    def of(self, column: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        """Tell of an id whether it was made in this span."""
        return sa.and_(column >= Ids.floor(self.start), column < Ids.floor(self.end))


def grouped(connection: sa.Connection, statement: sa.Select[Any]) -> dict[str, int]:
    """Return words with their counts, the largest first."""
    found = {str(row[0]): int(row[1] or 0) for row in connection.execute(statement)}
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))
