"""`/stats SET [days] [csv] [chart]` and `/export usage|revenue`: the turn asks, the answer comes beside it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path

from bot.core.calls import Done, Refused
from bot.core.calls.charts import ChartDrawn, DrawChart
from bot.core.calls.office import ReadReport, ReportRead
from bot.core.errors import Refusal
from bot.core.ids import Ids
from bot.engine.house import house
from bot.engine.registry import Registry
from bot.engine.results import outcome_of
from bot.engine.staff import Member, Risk, StaffCommand, is_answered
from bot.engine.turn import Turn
from handlers.reports.days import meant
from storage.reports import today as counts_of_today

THEN, DRAWN = "reports.read", "reports.drawn"
LIMIT = timedelta(minutes=10)
_HOW = ("csv", "chart")


@dataclass(frozen=True, slots=True)
class Offer:
    """A report that staff may ask for: its class and its permission."""

    risk: Risk = Risk.COUNTERS
    permission: str = "report.ops"


OFFERS = {
    "users": Offer(),
    "subscriptions": Offer(permission="report.revenue"),
    "mrr": Offer(permission="report.revenue"),
    "revenue": Offer(permission="report.revenue"),
    "payments": Offer(permission="report.revenue"),
    "coupons": Offer(permission="report.coupons"),
    "funnel": Offer(),
    "letters": Offer(),
    "receipts": Offer(),
    "coach": Offer(permission="coach.usage"),
    "costs": Offer(),
    "tickets": Offer(),
    "staff": Offer(Risk.PERSONAL, "report.staff"),
}
"""By the names of the sets; what names members is of the class of personal data."""
EXPORTS = {"usage": "costs", "revenue": "revenue", "tickets": "each_ticket", "coupons": "each_coupon"}
"""What comes as a document alone, by the word after /export."""


def register(registry: Registry) -> None:
    """Register the commands and what takes their answers."""
    registry.add_texts(Path(__file__).with_name("texts"))
    registry.on(f"call:{THEN}")(read)
    registry.on(f"call:{DRAWN}")(drawn)
    usage = "/stats SET [today|7d|2026-10|2026-10-03] [csv] [chart]"
    today_row = StaffCommand("stats today", Risk.COUNTERS, "report.ops", "/stats today", stats_today, "report")
    registry.staff_command(today_row)
    for name, offer in OFFERS.items():
        act = partial(ask, name=name)
        registry.staff_command(StaffCommand(f"stats {name}", offer.risk, offer.permission, usage, act, "report"))
    for name, of in EXPORTS.items():
        act = partial(ask, name=of, csv=True)
        told = f"/export {name} [7d|2026-10]"
        row = StaffCommand(f"export {name}", Risk.PERSONAL, "export.run", told, act, "report", needs_code=True)
        registry.staff_command(row)


def stats_today(turn: Turn, argument: str, member: Member) -> str:
    """Tell what happened since midnight UTC, at once: three counts, and those of appeals."""
    start = turn.now.replace(hour=0, minute=0, second=0, microsecond=0)
    turn.audit("stats", actor=member.name)
    found = counts_of_today.counts(turn.work, Ids.floor(start))
    lines = [
        f"since {start:%b %d %H:%M} UTC",
        f"events: {found.events}",
        f"messages and calls: {found.messages}",
        f"new persons: {found.persons}",
    ]
    more = turn.registry.operations.get("appeals.stats")
    return "\n".join([*lines, *([more(turn, start.isoformat(), member.name)] if more else [])])


def ask(turn: Turn, argument: str, member: Member, *, name: str, csv: bool = False) -> str:
    """Have a report read; the answer follows."""
    if not is_answered(turn):
        raise Refusal("reports.chat_only")
    words = argument.casefold().split()
    how = {word for word in words if word in _HOW}
    zone = house(turn).zone
    today = turn.today(zone)
    days = meant(" ".join(word for word in words if word not in _HOW), today)
    wants_file = csv or "csv" in how
    action = "report.export" if wants_file else "report.view"
    turn.audit(action, f"report:{name}", actor=member.name, days=str(days))
    call = ReadReport(name, days.first.isoformat(), days.end.isoformat(), wants_file, zone, days.end <= today)
    turn.call(call, then=THEN, context={"days": str(days), "chart": "chart" in how}, limit=LIMIT, typing=True)
    return "The figures follow."


def read(turn: Turn) -> None:
    """Tell the figures, with the file; or have their picture drawn, which brings the words along."""
    outcome, context = outcome_of(turn), turn.event.payload["context"]
    turn.purpose, turn.silent = "reply", True
    if not isinstance(outcome, Done) or not isinstance(outcome.result, ReportRead):
        turn.say(
            "reports.bad_days" if isinstance(outcome, Refused) and outcome.code == "no_report" else "reports.failed"
        )
        return
    found = outcome.result
    empty = [turn.text("reports.no_chart")] if context["chart"] and not found.bars else []
    text = "\n".join([f"{found.title} {context['days']}", *found.lines, *empty])
    if found.file is not None:
        turn.show(found.file.blob, found.file.name, size=found.file.size)
    if context["chart"] and found.bars:
        chart = DrawChart(found.title, str(context["days"]), found.bars)
        turn.call(chart, then=DRAWN, context={"text": text}, limit=LIMIT, typing=True)
        if found.file is None:
            return
    turn.lines.append(text)


def drawn(turn: Turn) -> None:
    """Send the picture with its words; without a picture the words alone."""
    outcome = outcome_of(turn)
    turn.purpose, turn.silent = "reply", True
    turn.lines.append(str(turn.event.payload["context"]["text"]))
    if isinstance(outcome, Done) and isinstance(outcome.result, ChartDrawn):
        turn.show(outcome.result.blob, "chart.png", size=outcome.result.size)
