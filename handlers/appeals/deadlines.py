"""The one function that computes a case's dates (rule DL-11): last day, days left, mail-by, order day, arrival.

    plan(city_rules(registry, city), CaseDates(issued=...), now=clock.now())

Days are civil days of the city; the last one counts until its last second. Whether a letter may be sold at all is the
gates' question: the dates are computed for information even where it may not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from zoneinfo import ZoneInfo

from handlers.appeals.city import Status
from handlers.appeals.clocks import DAY, CaseDates, Clock, ClockRules, planning_clock, running
from handlers.appeals.mail_calendar import MailCalendar, packaged_calendar


class MailClass(Enum):
    """The two classes that are sold: first class with or without certified service."""

    STANDARD = "standard"
    CERTIFIED = "certified"


@dataclass(frozen=True, slots=True)
class MailTimes:
    """The settings of rule DL-7 and DL-8: business days for print and transit, and the hour an order day closes."""

    print_days: int = 2
    transit_days: int = 5
    cutoff: time = time(17)


@dataclass(frozen=True, slots=True)
class ClassPlan:
    """What one mail class can do: the last order day, whether that is still ahead, and the planned arrival."""

    mail_class: MailClass
    mail_by: date
    offered: bool
    planned_arrival: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All dates of one case at one moment, in the city's days."""

    timezone: str
    today: date
    clocks: tuple[Clock, ...]
    planning: Clock | None
    days_left: int | None
    order_day: date
    classes: tuple[ClassPlan, ...]
    waits_for_notice: bool
    cutoff: time

    @property
    def deadline(self) -> date | None:
        """Return the last legal day, or None while no clock runs."""
        return self.planning.last_day if self.planning else None

    @property
    def rule_id(self) -> str | None:
        """Return the id of the rule that sets the deadline."""
        return self.planning.rule_id if self.planning else None

    @property
    def status(self) -> Status | None:
        """Return how far the deadline may be trusted; below `confirmed` it is shown with a warning (rule DL-9)."""
        return self.planning.status if self.planning else None

    @property
    def is_past(self) -> bool:
        """Say whether the last day is over; the day itself is still open (rule DL-1)."""
        return self.days_left is not None and self.days_left < 0

    @property
    def information(self) -> tuple[Clock, ...]:
        """Return the clocks that are only shown: outer limits, discounts, longer stated times (rule DL-2)."""
        return tuple(clock for clock in self.clocks if clock.role != "contest")

    @property
    def offered(self) -> tuple[ClassPlan, ...]:
        """Return the mail classes that are still in time."""
        return tuple(entry for entry in self.classes if entry.offered)

    def of(self, mail_class: MailClass) -> ClassPlan | None:
        """Return the plan of one class, or None where no letter goes."""
        return next((entry for entry in self.classes if entry.mail_class is mail_class), None)

    def order_closes(self, mail_class: MailClass) -> datetime | None:
        """Return the moment after which an order of this class is too late (rule PAY-4), in the city's zone."""
        entry = self.of(mail_class)
        return datetime.combine(entry.mail_by, self.cutoff, ZoneInfo(self.timezone)) if entry else None


def plan(
    rules: ClockRules,
    dates: CaseDates,
    *,
    now: datetime,
    paid_at: datetime | None = None,
    times: MailTimes | None = None,
    calendar: MailCalendar | None = None,
) -> Plan:
    """Compute a case's dates at an aware moment; `paid_at` keeps the order day of an order that was paid in time."""
    times, calendar = times or MailTimes(), calendar or packaged_calendar()
    zone = ZoneInfo(rules.timezone)
    today = _local(now, zone).date()
    clocks = running(rules, dates)
    planning = planning_clock(clocks)
    ordered = order_day(now, paid_at, zone=zone, times=times, calendar=calendar)
    schedule = None
    if planning is not None and dates.level in rules.mail_levels:
        schedule = _Schedule(planning, rules.min_business_days, times, calendar, ordered)
    return Plan(
        timezone=rules.timezone,
        today=today,
        clocks=clocks,
        planning=planning,
        days_left=(planning.last_day - today).days if planning else None,
        order_day=ordered,
        classes=tuple(schedule.of(mail_class) for mail_class in MailClass) if schedule else (),
        waits_for_notice=dates.notice_mailed is None and _has_notice_clock(rules, dates.level),
        cutoff=times.cutoff,
    )


@dataclass(frozen=True, slots=True)
class _Schedule:
    """Counts one case's mail days backward from its deadline and forward from its order day (rules DL-7 and DL-8)."""

    planning: Clock
    min_business_days: int
    times: MailTimes
    calendar: MailCalendar
    ordered: date

    def of(self, mail_class: MailClass) -> ClassPlan:
        """Plan one class."""
        mail_by = self.calendar.latest_start(self.planning.last_day, self._needed(mail_class))
        arrival = self.calendar.add(self.ordered, self._on_the_way())
        return ClassPlan(mail_class, mail_by, self.ordered <= mail_by, arrival)

    def _on_the_way(self) -> int:
        return max(self.times.print_days + self.times.transit_days, self.min_business_days)

    def _needed(self, mail_class: MailClass) -> int:
        """Return N of rule DL-7; a postmark only counts with certified mail's dated acceptance scan."""
        if self.planning.counted_at == "postmark" and mail_class is MailClass.CERTIFIED:
            return max(self.times.print_days, self.min_business_days)
        return self._on_the_way()


def order_day(
    now: datetime, paid_at: datetime | None, *, zone: ZoneInfo, times: MailTimes, calendar: MailCalendar
) -> date:
    """Return the business day on which an order counts (rule DL-8).

    An order that was paid before the cutoff keeps that day while it lasts, although it is handed over later the same
    evening; once that day is over, the present decides.
    """
    if paid_at is not None:
        kept = _next_order_day(_local(paid_at, zone), times, calendar)
        if _local(now, zone).date() <= kept:
            return kept
    return _next_order_day(_local(now, zone), times, calendar)


def _next_order_day(local: datetime, times: MailTimes, calendar: MailCalendar) -> date:
    in_time = local.time() < times.cutoff
    return calendar.on_or_after(local.date() if in_time else local.date() + DAY)


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("a deadline needs an aware moment")
    return moment.astimezone(zone)


def _has_notice_clock(rules: ClockRules, level: int) -> bool:
    return any(rule.basis == "delinquent_notice_mailed" and rule.role == "contest" for rule in rules.at_level(level))
