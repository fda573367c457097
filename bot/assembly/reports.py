"""Reports and the audit's office, wired: what the plans of billing cost."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from bot.core.calls.office import ReadReport, ReportRead
from bot.core.settings import Settings

if TYPE_CHECKING:
    from bot.assembly.app import App
    from handlers.reports.figures import Prices
    from handlers.reports.sets import House
    from jobs.office import Office, Report

CURRENCY = "USD"
"""Of the catalogue's prices, for a subscription whose row tells none."""


def office(app: App) -> Office:
    """Return the office of an app; the first wish makes it."""
    found = next(one for one in app.adapters if one.vendor == "office")
    made: Office = found.adapter  # type: ignore[attr-defined]
    return made


def reader(settings: Settings) -> Report:
    """Return what reads reports, with the prices of the catalogue; both are loaded with the first report."""

    @cache
    def house() -> House:
        from bot.core.message_prices import message_prices
        from handlers.reports.sets import House

        return House(CURRENCY, _prices(settings), message_prices())

    def report(connection: sa.Connection, call: ReadReport) -> tuple[ReportRead, bytes]:
        from handlers.reports.reading import read

        return read(connection, call, house())

    return report


def _prices(settings: Settings) -> Prices:
    from pathlib import Path

    from handlers.billing.catalogue import FILE, catalogue
    from handlers.reports.figures import Price

    file = Path(settings.billing_catalogue) if settings.billing_catalogue else FILE
    plans = catalogue(file).plans
    return {key: Price(plan.month, plan.year, plan.days_30) for key, plan in plans.items()}
