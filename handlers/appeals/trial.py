"""One citation checked from a JSON object, for `main.py try citation`: the same rules as in the chat, no storage.

    {"city": "sf", "number": "9OO 000 417", "issued": "2026-11-16", "notice": null, "today": "2026-11-21"}

`city` is an id, a name or an alias (a misspelt one is unknown, with the likely city in `candidates`); `today` is a date
(noon in the city), a local time or a time with an offset. The answer's `mail_by` is the last order day for standard
mail and `mail_by_certified` the one for certified mail; both are calculations, given even where the record may not be
used. `may_mail` is the permission: every gate that the given facts can judge, in demo mode. `reason` is the code of the
first refusal, or null.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot.core.clock import Clock, SystemClock
from handlers.appeals.city import City
from handlers.appeals.clocks import CaseDates, ClockRules, city_rules, state_rules
from handlers.appeals.deadlines import MailClass, Plan, plan
from handlers.appeals.gates import Facts, Refusal, first_refusal, missing_enclosures
from handlers.appeals.numbers import NumberCheck, NumberStatus, check_number
from handlers.appeals.recognition import recognise_city
from handlers.appeals.registry import Registry, packaged_registry
from handlers.appeals.ticket_dates import DateReading, DateStatus, read_date
from handlers.appeals.usability import Mode

Answer = dict[str, object]
FIRST_YEAR, LAST_YEAR = 2000, 2199
_NO_ANSWER: Answer = {
    "valid": False,
    "normalized": None,
    "deadline": None,
    "mail_by": None,
    "may_mail": False,
    "reason": None,
    "city": None,
    "strength": None,
    "needs_confirm": False,
    "number_reason": None,
    "substitutions": [],
    "candidates": [],
    "days_left": None,
    "rule": None,
    "deadline_status": None,
    "second_clock_possible": False,
    "mail_by_certified": None,
    "classes": [],
    "requires": [],
}


class _BadRequestError(ValueError):
    """The object cannot be read; the message names the field."""


def check(request: object, clock: Clock | None = None) -> Answer:
    """Check one citation; whatever cannot be read gives the reason `bad_request`, never an exception."""
    registry = packaged_registry()
    try:
        if not isinstance(request, Mapping):
            raise _BadRequestError("request")
        fields = {name: _text(request, name) for name in ("city", "number", "issued", "notice", "today")}
        return _answer(registry, fields, clock or SystemClock())
    except _BadRequestError as error:
        return _NO_ANSWER | {"reason": "bad_request", "field": str(error)}


def _text(request: Mapping[object, object], name: str) -> str:
    match request.get(name):
        case None:
            return ""
        case str() as text:
            return text.strip()
        case bool():
            raise _BadRequestError(name)
        case int() as number if name == "number" and number >= 0:
            return str(number) if number < 10**40 else "9" * 40
        case _:
            raise _BadRequestError(name)


def _answer(registry: Registry, fields: Mapping[str, str], clock: Clock) -> Answer:
    found = recognise_city(registry, fields["city"])
    if len(found.places) > 1:
        return _NO_ANSWER | {"reason": "city_ambiguous", "candidates": [place.label for place in found.places]}
    place = found.place
    city = registry.get(place.city_id) if place and place.city_id else None
    if city is not None and not found.certain:
        return _NO_ANSWER | {"reason": "unknown_city", "candidates": [f"{city.name}, {city.state}"]}
    if city is not None:
        return _city_answer(registry, city, fields, clock)
    rules = state_rules(registry, place.state) if place else None
    dated = _dates(rules, fields, clock) if rules else _NO_ANSWER
    return dated | {"reason": "unknown_city", "city": place.label if place else None}


def _city_answer(registry: Registry, city: City, fields: Mapping[str, str], clock: Clock) -> Answer:
    rules = city_rules(registry, city)
    now = _moment(fields["today"], rules.timezone, clock)
    issued, notice = _case_dates(fields, now.date())
    planned = plan(rules, CaseDates(issued=issued.day, notice_mailed=notice.day), now=now)
    number = check_number(city, fields["number"], today=planned.today)
    refusal = first_refusal(_facts(registry, city, planned, number, notice))
    reason = refusal.reason if refusal else _number_reason(number)
    return (
        _NO_ANSWER
        | _dated(planned, issued, notice)
        | _numbered(number)
        | {
            "city": city.city_id,
            "may_mail": reason is None,
            "reason": reason,
            "detail": list(_detail(refusal)),
            "requires": [item.id for item in missing_enclosures(city, frozenset())],
        }
    )


def _detail(refusal: Refusal | None) -> tuple[str, ...]:
    return refusal.detail if refusal else ()


def _facts(registry: Registry, city: City, planned: Plan, number: NumberCheck, notice: DateReading) -> Facts:
    """Fill the slots that the request states; without a notice date no later letter came."""
    return Facts(
        registry=registry,
        mode=Mode.DEMO,
        today=planned.today,
        city_named=True,
        city=city,
        situation="late_notice" if notice.day else "none",
        plan=planned,
        number_status=NumberStatus.REJECTED if number.reason == "no_match" else number.status,
    )


def _number_reason(number: NumberCheck) -> str | None:
    """Return why the number cannot be used; one that only waits for a confirmation can."""
    return None if number.accepted or number.status is NumberStatus.NEEDS_CONFIRM else number.reason


def _numbered(number: NumberCheck) -> Answer:
    return {
        "valid": number.accepted or number.status is NumberStatus.NEEDS_CONFIRM,
        "normalized": number.normalized,
        "strength": number.strength,
        "needs_confirm": number.needs_confirm,
        "number_status": number.status.value,
        "number_reason": number.reason,
        "substitutions": [{"position": s.position, "read": s.read, "means": s.means} for s in number.substitutions],
        "candidates": list(number.candidates),
    }


def _dates(rules: ClockRules, fields: Mapping[str, str], clock: Clock) -> Answer:
    now = _moment(fields["today"], rules.timezone, clock)
    issued, notice = _case_dates(fields, now.date())
    planned = plan(rules, CaseDates(issued=issued.day, notice_mailed=notice.day), now=now)
    return _NO_ANSWER | _dated(planned, issued, notice)


def _dated(planned: Plan, issued: DateReading, notice: DateReading) -> Answer:
    by = {entry.mail_class: entry.mail_by.isoformat() for entry in planned.classes}
    return {
        "deadline": planned.deadline.isoformat() if planned.deadline else None,
        "days_left": planned.days_left,
        "rule": planned.rule_id,
        "deadline_status": planned.status,
        "second_clock_possible": planned.waits_for_notice,
        "mail_by": by.get(MailClass.STANDARD),
        "mail_by_certified": by.get(MailClass.CERTIFIED),
        "classes": [entry.mail_class.value for entry in planned.offered if not planned.is_past],
        "today": planned.today.isoformat(),
        "timezone": planned.timezone,
        "issued_reason": issued.reason,
        "notice_reason": notice.reason,
    }


def _case_dates(fields: Mapping[str, str], today: date) -> tuple[DateReading, DateReading]:
    issued = _date(fields["issued"], "issued", today)
    return issued, _date(fields["notice"], "notice", today, not_before=issued.day)


def _date(text: str, field: str, today: date, *, not_before: date | None = None) -> DateReading:
    """Read a stated date; one of the future or too old is told and left out, an unreadable one is a bad request."""
    if not text:
        return DateReading(DateStatus.ASK_AGAIN)
    reading = read_date(text, today, not_before=not_before)
    if reading.reason in ("not_a_date", "no_such_date", "several_dates"):
        raise _BadRequestError(field)
    return reading


def _moment(text: str, timezone: str, clock: Clock) -> datetime:
    """Return the moment that `today` names, in the city's zone; a bare date is noon there."""
    zone = ZoneInfo(timezone)
    if not text:
        return clock.now().astimezone(zone)
    try:
        if len(text) == len("2026-11-21"):
            moment = datetime.combine(date.fromisoformat(text), time(12), zone)
        else:
            moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise _BadRequestError("today") from error
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise _BadRequestError("today")
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
