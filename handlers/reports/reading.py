"""The reading of a report: a name and days become words, bars and a table. Runs on a reading connection, in no turn."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from bot.core.calls.office import ReadReport, ReportRead
from bot.core.errors import Refusal
from handlers.reports.days import MOST, Days
from handlers.reports.sets import LISTS, SETS, Asked, House
from handlers.reports.table import as_csv


def read(connection: sa.Connection, call: ReadReport, house: House) -> tuple[ReportRead, bytes]:
    """Return a report with its table as CSV; raise Refusal for a set or days that there are not."""
    days = Days(date.fromisoformat(call.first), date.fromisoformat(call.end))
    made = SETS.get(call.name) or LISTS.get(call.name)
    if made is None or not 0 < (days.end - days.first).days <= MOST:
        raise Refusal("reports.bad_days")
    table = made(Asked(connection, days, call.zone, house, call.past))
    return ReportRead(table.title, list(table.lines), list(table.bars)), as_csv(table)
