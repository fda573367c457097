"""What each report says (RP-2): one function a set, from a reading connection to a table.

A new set of figures is one more function here and one more name in `SETS`; staff ask for it by that name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass

import sqlalchemy as sa

from bot.core.message_prices import MessagePrices
from bot.core.model_prices import NANO_PER_USD
from handlers.reports.days import Days
from handlers.reports.figures import Prices, mrr, percent, revenue, totals
from handlers.reports.table import Cell, Table, bars, counted, listed, money_bars, written
from storage.reports import helping, paying, recurring, selling, using
from storage.reports.during import During

MICRO = 1_000_000


@dataclass(frozen=True, slots=True)
class House:
    """What the figures are computed with: the currency of the house, prices of plans, rates of messages."""

    currency: str
    prices: Prices
    rates: MessagePrices


@dataclass(frozen=True, slots=True)
class Asked:
    """One report: where it is read, about which days of which zone, and whether these are over."""

    connection: sa.Connection
    days: Days
    zone: str
    house: House
    past: bool = False

    @property
    def span(self) -> During:
        """The moments of the days."""
        return self.days.span(self.zone)

    @property
    def when(self) -> str:
        """The moment of what stands, and is not counted by days."""
        return f"at the end of {self.span.last}" if self.past else "now"

    def running(self) -> list[selling.Running]:
        """Return the subscriptions of that moment."""
        return recurring.running_then(self.connection, self.span) if self.past else selling.running(self.connection)


def usd(nano: int) -> str:
    """Return nano-USD as dollars, to the hundredth of a cent."""
    return f"USD {nano // (NANO_PER_USD // 10_000) / 10_000:.4f}"


def users(asked: Asked) -> Table:
    """New persons, and who wrote in thirty days, by channel."""
    new, active = using.new_persons(asked.connection, asked.span), using.active_persons(asked.connection, asked.span)
    rows = [("new", "", new), *(("active 30 days", channel, n) for channel, n in active.items())]
    lines = [f"new: {new}", f"active in 30 days: {listed(active)}"]
    return Table(
        "Users",
        lines,
        ("figure", "channel", "persons"),
        rows,
        counted({"new": new, **{f"active, {name}": n for name, n in active.items()}}),
    )


def subscriptions(asked: Asked) -> Table:
    """Live subscriptions by plan and state, now or at the end of days that are over, and how they came and went."""
    running, moved = asked.running(), recurring.turnover(asked.connection, asked.span)
    rows = [
        (one.plan, one.version, one.gateway, one.state, int(one.is_yearly), one.count, one.currency, one.amount_minor)
        for one in running
    ]
    by_plan: dict[str, int] = {}
    for one in running:
        by_plan[f"{one.plan} {one.state}"] = by_plan.get(f"{one.plan} {one.state}", 0) + one.count
    lines = [
        f"live {asked.when}: {listed(by_plan)}",
        f"begun: {moved.begun}, ended: {moved.ended}, churn: {percent(moved.ended, moved.live_at_start)}"
        f" of {moved.live_at_start} live at the start",
    ]
    columns = ("plan", "version", "gateway", "state", "yearly", "count", "currency", "minor")
    return Table("Subscriptions", lines, columns, rows, counted(by_plan))


def mrr_and_churn(asked: Asked) -> Table:
    """MRR of this moment, or of the end of days that are over, and churn of the days."""
    connection, house = asked.connection, asked.house
    found, when = mrr(asked.running(), house.prices, house.currency), asked.when
    moved = recurring.turnover(connection, asked.span)
    told = [f"MRR {when}: {written(amount, code)}" for code, amount in sorted(found.amounts.items())]
    lines = told or [f"MRR {when}: none"]
    lines.append(f"from {found.count} subscriptions" + (f", {found.unpriced} have no price" if found.unpriced else ""))
    lines.append(f"churn: {percent(moved.ended, moved.live_at_start)} ({moved.ended} of {moved.live_at_start})")
    by_plan = sorted(found.by_plan.items(), key=lambda one: (one[0][1], -one[1]))
    rows = [(plan, code, amount) for (plan, code), amount in by_plan]
    drawn = money_bars((f"{plan} {code}", amount, code) for (plan, code), amount in by_plan)
    return Table("MRR", lines, ("plan", "currency", "minor"), rows, drawn)


def funnel(asked: Asked) -> Table:
    """From draft to post, of the cases begun in these days."""
    found = selling.funnel(asked.connection, asked.span)
    steps = {"drafts": found.drafts, "price shown": found.priced, "paid": found.paid, "mailed": found.mailed}
    lines = [f"{name}: {n} ({percent(n, found.drafts)})" for name, n in steps.items()]
    return Table("Funnel", lines, ("step", "cases"), list(steps.items()), counted(steps))


def letters(asked: Asked) -> Table:
    """Letters by class and what became of them."""
    found = selling.letters(asked.connection, asked.span)
    rows = [(*name.split(" ", 1), str(n)) for name, n in found.items()]
    return Table("Letters", [listed(found)], ("class", "status", "letters"), rows, counted(found))


def receipts(asked: Asked) -> Table:
    """Receipts by what became of them, and who read them."""
    found, readers = using.receipts(asked.connection, asked.span), using.readings(asked.connection, asked.span)
    rows = [
        *(("receipts", name, n) for name, n in found.items()),
        *(("read by", name, n) for name, n in readers.items()),
    ]
    lines = [f"receipts: {listed(found)}", f"read by: {listed(readers)}"]
    return Table("Receipts", lines, ("figure", "word", "count"), rows, counted(found))


def coach(asked: Asked) -> Table:
    """Turns with the coach, and what its models took."""
    turns, models = using.coach_turns(asked.connection, asked.span), using.coach_models(asked.connection, asked.span)
    lines = [f"turns: {listed(turns)}", f"cost: {usd(sum(one.nano_usd for one in models))}"]
    lines += [f"{one.model}: {one.calls} calls, {one.persons} persons, {usd(one.nano_usd)}" for one in models]
    rows = [(one.model, one.calls, one.persons, one.nano_usd) for one in models]
    drawn = bars((one.model, one.nano_usd, usd(one.nano_usd)) for one in models)
    return Table("Coach", lines, ("model", "calls", "persons", "nano_usd"), rows, drawn)


def costs(asked: Asked) -> Table:
    """What messages and models cost, in US dollars; texts by the rate of the data file."""
    connection, span, rates = asked.connection, asked.span, asked.house.rates
    texts = using.segments(connection, span)
    models = using.coach_models(connection, span)
    found = {
        "SMS segments": (texts, texts * rates.sms_segment_micros * (NANO_PER_USD // MICRO)),
        "coach models": (sum(one.calls for one in models), sum(one.nano_usd for one in models)),
        "cloud readings": (0, using.cloud_readings(connection, span) * (NANO_PER_USD // MICRO)),
    }
    sent = using.messages(connection, span)
    lines = [f"{name}: {f'{n}, ' if n else ''}{usd(nano)}" for name, (n, nano) in found.items()]
    lines.append(f"in all: {usd(sum(nano for _, nano in found.values()))}; messages sent: {listed(sent)}")
    rows = [(name, n, nano) for name, (n, nano) in found.items()]
    rows += [(f"messages {channel}", n, 0) for channel, n in sent.items()]
    return Table(
        "Costs", lines, ("what", "count", "nano_usd"), rows, bars((k, v, usd(v)) for k, (_, v) in found.items())
    )


def money(asked: Asked) -> Table:
    """Revenue by day of payment, each currency by itself."""
    days = revenue(selling.money(asked.connection, asked.span), asked.zone)
    lines = [
        f"{code}: {written(paid - back, code)} = {written(paid, code)} of {n} payments - {written(back, code)} back"
        for code, (n, paid, back) in totals(days).items()
    ]
    rows = [
        (one.day.isoformat(), one.currency, one.count, one.paid_minor, one.refunded_minor, one.revenue_minor)
        for one in days
    ]
    drawn = money_bars(
        (f"{one.day:%b} {one.day.day} {one.currency}", one.revenue_minor, one.currency) for one in days[-24:]
    )
    columns = ("day", "currency", "payments", "paid_minor", "refunded_minor", "revenue_minor")
    return Table("Revenue", lines or ["nothing was paid"], columns, rows, drawn)


def payments(asked: Asked) -> Table:
    """How payments went that were asked for in these days, each gateway and currency by itself (PY-14)."""
    found, why = paying.asked(asked.connection, asked.span), paying.reasons(asked.connection, asked.span)
    owed = paying.dunning(asked.connection, asked.span)
    lines = [
        f"{one.gateway} {one.currency}: {one.paid} of {one.asked} paid ({percent(one.paid, one.asked)}), "
        f"{one.declined} declined tries, {one.refunds} with {written(one.refunded_minor, one.currency)} back, "
        f"{one.disputes} disputes"
        for one in found
    ]
    lines += [f"not paid because: {listed(why)}"] if why else []
    failed, back = owed.get("payment_failed", 0), owed.get("recovered", 0)
    lines.append(f"plans: {failed} charges failed, {back} recovered ({percent(back, failed)})")
    rows: list[tuple[Cell, ...]] = [astuple(one) for one in found]
    rest = ("",) * (len(paying.COLUMNS) - 3)
    rows += [("not paid", name, n, *rest) for name, n in why.items()]
    rows += [("plans", name, n, *rest) for name, n in owed.items()]
    drawn = counted({f"{one.gateway} {one.currency}": one.paid for one in found})
    return Table("Payments", lines, paying.COLUMNS, rows, drawn)


def coupons(asked: Asked) -> Table:
    """What coupons did in these days, and which were redeemed most (CP-10)."""
    issued, uses = paying.issued(asked.connection, asked.span), paying.uses(asked.connection, asked.span)
    best = paying.best(asked.connection, asked.span)
    lines = [f"codes made: {issued}"]
    lines += [
        f"{one.currency}: reserved {one.reserved}, redeemed {one.redeemed}, released {one.released}, late {one.late}; "
        f"{written(one.discount_minor, one.currency)} given for {written(one.net_minor, one.currency)} of "
        f"{one.persons} persons"
        for one in uses
    ]
    lines += [f"{one.code}: {one.redeemed}, {written(one.discount_minor, one.currency)} given" for one in best]
    rows: list[tuple[Cell, ...]] = [
        ("uses", one.currency, one.reserved, one.redeemed, one.released, one.late, one.discount_minor, one.net_minor)
        for one in uses
    ]
    rows += [(one.code, one.currency, "", one.redeemed, "", "", one.discount_minor, "") for one in best]
    columns = ("what", "currency", "reserved", "redeemed", "released", "late", "discount_minor", "net_minor")
    return Table("Coupons", lines, columns, rows, counted({one.code: one.redeemed for one in best}))


def tickets(asked: Asked) -> Table:
    """Tickets opened, and which promises were kept."""
    connection, span = asked.connection, asked.span
    groups = {name: helping.tickets(connection, span, name) for name in ("state", "priority", "category")}
    opened, told = sum(groups["state"].values()), helping.happenings(connection, span)
    late = {name: told.get(f"{name} breach", 0) for name in ("first", "next", "resolution")}
    lines = [f"opened: {opened}", *(f"by {name}: {listed(found)}" for name, found in groups.items() if found)]
    lines.append(f"times run out: {listed(late)}")
    rows = [(f"by {group}", name, n) for group, found in groups.items() for name, n in found.items()]
    rows += [("run out", name, n) for name, n in late.items()]
    return Table("Tickets", lines, ("figure", "word", "count"), rows, counted(groups["category"]))


def each_ticket(asked: Asked) -> Table:
    """Every ticket of these days as a row; no words of anybody."""
    rows = helping.each(asked.connection, asked.span)
    columns = (
        "number", "person", "channel", "category", "priority", "state", "assignee", "level", "reopened", "rating",
        "opened_at", "first_response_at", "resolved_at", "closed_at",
    )  # fmt: skip
    return Table("Tickets", [f"tickets: {len(rows)}"], columns, rows)


def each_coupon(asked: Asked) -> Table:
    """Every code that was made in these days as a row."""
    rows = selling.coupons(asked.connection, asked.span)
    columns = (
        "code", "batch", "name", "kind", "bps", "amount_minor", "currency", "feature", "quantity", "max_uses", "taken",
        "assigned_to", "status", "creator", "starts_at", "ends_at",
    )  # fmt: skip
    return Table("Coupons", [f"codes: {len(rows)}"], columns, rows)


def staff(asked: Asked) -> Table:
    """What each member did with tickets."""
    found = helping.staff(asked.connection, asked.span)
    lines = [
        f"{one.name}: assigned {one.assigned}, resolved {one.resolved}, first response {_minutes(one.median_seconds)}, "
        f"rating {'-' if one.rating_cents is None else one.rating_cents / 100}"
        for one in found
    ]
    rows = [(one.name, one.assigned, one.resolved, one.median_seconds, one.rating_cents) for one in found]
    columns = ("name", "assigned", "resolved", "median_seconds", "rating_hundredths")
    return Table("Staff", lines or ["nobody had a ticket"], columns, rows, counted({o.name: o.resolved for o in found}))


def _minutes(seconds: int | None) -> str:
    return "-" if seconds is None else f"{seconds // 60} min"


SETS: Mapping[str, Callable[[Asked], Table]] = {
    "users": users, "subscriptions": subscriptions, "mrr": mrr_and_churn, "funnel": funnel, "letters": letters,
    "receipts": receipts, "coach": coach, "costs": costs, "revenue": money, "payments": payments,
    "coupons": coupons, "tickets": tickets, "staff": staff,
}  # fmt: skip
"""By the names that staff say."""

LISTS: Mapping[str, Callable[[Asked], Table]] = {"each_ticket": each_ticket, "each_coupon": each_coupon}
"""What comes as a document alone, a row for each thing."""
