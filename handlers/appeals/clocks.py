"""The clocks that run for a ticket: which rules apply at a level, from which day, and until when.

Only `contest` rules plan (rule DL-2); a rule whose basis day is unknown does not run, except that service and court
entry count from the issue date, which is earlier and so safe (rule DL-4). Weekends and holidays never extend a
deadline (rule DL-5).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from handlers.appeals.city import City, CountedAt, DeadlineRule, Role, Status
from handlers.appeals.registry import Registry
from handlers.appeals.usability import purpose_of

DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDates:
    """The dates that a person states; each is a civil date in the city's zone."""

    issued: date | None = None
    notice_mailed: date | None = None
    ticket_mailed: date | None = None
    served: date | None = None
    court_entry: date | None = None
    default: date | None = None
    decision_mailed: date | None = None
    level: int = 1

    def basis_day(self, rule: DeadlineRule) -> date | None:
        """Return the day on which a rule's clock starts, or None while it is unknown."""
        days = {
            "issue_date": self.issued,
            "delinquent_notice_mailed": self.notice_mailed,
            "ticket_mailed": self.ticket_mailed,
            "service_date": self.served or self.issued,
            "court_entry": self.court_entry or self.issued,
            "default_date": self.default,
            "decision_mailed": self.decision_mailed,
        }
        return days[rule.basis]


@dataclass(frozen=True, slots=True)
class Clock:
    """A rule that runs: its first and its last day, both counted in full."""

    rule_id: str
    role: Role
    basis_day: date
    last_day: date
    counted_at: CountedAt
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockRules:
    """What the clocks of one city, or of a state's cities without a record, are made from."""

    rules: tuple[DeadlineRule, ...]
    timezone: str
    holidays: frozenset[date] = frozenset()
    min_business_days: int = 0
    mail_levels: frozenset[int] = frozenset()

    def at_level(self, level: int) -> tuple[DeadlineRule, ...]:
        """Return the rules of one level."""
        return tuple(rule for rule in self.rules if rule.level == level)


def city_rules(registry: Registry, city: City) -> ClockRules:
    """Return a city's rules; no day of mailing exists for a city that takes no letter or where none is sold."""
    calendar = city.holiday_calendar
    levels = {1} | {level for level in (2, 3) if city.address(purpose_of(level))}
    mailable = city.mail.policy == "letter" and not registry.is_blocked(city)
    return ClockRules(
        rules=(*city.deadlines, *_window_rules(registry, city)),
        timezone=city.timezone,
        holidays=frozenset(calendar.value or ()) if calendar.status == "confirmed" else frozenset(),
        min_business_days=city.mail.min_business_days_left or 0,
        mail_levels=frozenset(levels) if mailable else frozenset(),
    )


def state_rules(registry: Registry, state: str) -> ClockRules | None:
    """Return the clocks that a state's law gives to its cities without a record (rule REG-9): no mail, ever."""
    clocks = registry.states.state_clocks.get(state)
    return ClockRules(rules=clocks.deadlines, timezone=clocks.timezone) if clocks else None


def _window_rules(registry: Registry, city: City) -> list[DeadlineRule]:
    """Turn the windows of later levels into rules; where city and statute differ the shorter counts (rule DL-10)."""
    windows = {level: registry.windows(city, level) for level in range(2, 6)}
    return [
        DeadlineRule(
            id=f"level-{level}-window",
            level=level,
            role="contest",
            days=min(days),
            basis="decision_mailed",
            status=city.levels.status,
            source=city.levels.source,
        )
        for level, days in windows.items()
        if days
    ]


def running(rules: ClockRules, dates: CaseDates) -> tuple[Clock, ...]:
    """Return the clocks of the case's level whose first day is known, soonest last day first.

    At level 1 nothing runs without the issue date, even if a later notice is dated (rule DL-4 and gate G8).
    """
    if dates.level == 1 and dates.issued is None:
        return ()
    found = []
    for rule in rules.at_level(dates.level):
        start = dates.basis_day(rule)
        if start is not None and rule.days is not None:
            last = last_day(start, rule, rules.holidays)
            found.append(Clock(rule.id, rule.role, start, last, rule.counted_at, rule.status))
    return tuple(sorted(found, key=lambda clock: clock.last_day))


def last_day(start: date, rule: DeadlineRule, holidays: frozenset[date]) -> date:
    """Return a rule's last day; the basis day is day 0 (rules DL-1 and DL-6)."""
    if rule.days is None:
        raise ValueError(f"rule {rule.id} states no number of days")
    if rule.unit == "calendar":
        return start + rule.days * DAY
    day = start
    for _ in range(rule.days):
        day += DAY
        while day.weekday() >= SATURDAY or day in holidays:
            day += DAY
    return day


def planning_clock(clocks: tuple[Clock, ...]) -> Clock | None:
    """Return the clock to plan with: the latest contest clock, of the confirmed ones if there are any (rule DL-3)."""
    contest = [clock for clock in clocks if clock.role == "contest"]
    confirmed = [clock for clock in contest if clock.status == "confirmed"]
    return max(confirmed or contest, key=lambda clock: clock.last_day, default=None)
