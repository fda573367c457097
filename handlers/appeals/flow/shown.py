"""How facts read in a message: dates, deadlines with their source and zone, addresses, lists, pages of our own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime

from bot.core.calls.people import PostalAddress
from bot.engine.turn import Turn
from handlers.appeals.city import City, Route
from handlers.appeals.deadlines import Plan
from handlers.appeals.flow.flow import AppealDraft, draft_of
from handlers.appeals.flow.rules import city_of, clock_rules, plan_of
from handlers.appeals.grounds import packaged_checklist
from storage import blobs

SOURCE_LONGEST = 34
_LISTS = "does not accept"
"""Marks the note of a record that says in other words what the published list says."""


def day(value: date, today: date | None = None) -> str:
    """Write a date as "Mon Nov 16, 2026"; with `today`, the year is left out when it is the current one."""
    text = f"{value:%a %b} {value.day}"
    return text if today is not None and value.year == today.year else f"{text}, {value.year}"


def clock_time(value: datetime) -> str:
    """Write a time as "5pm" or "10:40am"."""
    hour = value.hour % 12 or 12
    minutes = f":{value.minute:02}" if value.minute else ""
    return f"{hour}{minutes}{'am' if value.hour < 12 else 'pm'}"


def listed(names: Sequence[str], last: str = "and") -> str:
    """Join names: "A", "A and B", "A, B and C"."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} {last} {names[-1]}" if names else ""


def phone(number: str) -> str:
    """Write a US number as people dial it."""
    match = re.fullmatch(r"\+1(\d{3})(\d{3})(\d{4})", number)
    return "-".join(match.groups()) if match else number


def place_name(turn: Turn) -> str:
    """Return the name of the chosen city or place."""
    city, elsewhere = city_of(turn), draft_of(turn).elsewhere
    return city.name if city else elsewhere.name if elsewhere else ""


def deadline_line(turn: Turn) -> str:
    """Return the sentence about the last day: date, days, zone, source, what to check (rules DL-1, DL-9, LEG-3)."""
    planned = plan_of(turn)
    if planned is None or planned.planning is None or planned.deadline is None:
        return turn.text("appeals.deadline.unknown", city=place_name(turn))
    args = {
        "day": day(planned.deadline, planned.today),
        "days": (planned.deadline - planned.planning.basis_day).days,
        "zone": turn.text("appeals.deadline.zone", city=place_name(turn)),
        "source": _source(turn, planned),
    }
    if planned.is_past:
        return turn.text("appeals.deadline.past", **args)
    key = "appeals.deadline.today" if planned.days_left == 0 else "appeals.deadline.open"
    text = turn.text(key, **args)
    return text if planned.status == "confirmed" else f"{text} {turn.text('appeals.deadline.uncertain')}"


def order_line(turn: Turn, planned: Plan) -> str:
    """Return until when a letter should be ordered, or an empty text."""
    if planned.is_past or not planned.offered:
        return ""
    last = max(entry.mail_by for entry in planned.offered)
    return turn.text("appeals.deadline.order", day=day(last, planned.today))


def _source(turn: Turn, planned: Plan) -> str:
    rules = clock_rules(turn)
    found = next((rule.source for rule in rules.rules if rule.id == planned.rule_id), "") if rules else ""
    first = re.split(r"[;,]", found)[0].strip()
    return first if 0 < len(first) <= SOURCE_LONGEST else turn.text("appeals.deadline.record")


def rule_line(turn: Turn) -> str:
    """Return how many days the place gives, while the issue date is not known."""
    rules = clock_rules(turn)
    first = next((r for r in rules.rules if r.role == "contest" and r.level == 1 and r.days), None) if rules else None
    if first is None:
        return turn.text("appeals.deadline.unknown", city=place_name(turn))
    unit = "appeals.deadline.rule_business" if first.unit == "business" else "appeals.deadline.rule"
    text = turn.text(unit, days=first.days)
    return text if first.status == "confirmed" else f"{text} {turn.text('appeals.deadline.uncertain')}"


def routes(turn: Turn, found: Sequence[Route]) -> list[str]:
    """Return the free ways to contest, one line each."""
    return [
        turn.text(f"appeals.way.{route.kind}", value=phone(route.value))
        + ("" if route.status == "confirmed" else f" {turn.text('appeals.way.check')}")
        for route in found
    ]


def city_page(turn: Turn, city: City, found: Sequence[Route]) -> str:
    """Return the text of our own page about the free ways of a city (rule CONV-2: no other domain in a message)."""
    refused = refused_reasons(turn, city)
    lines = [
        turn.text("appeals.page.title", city=f"{city.name}, {city.state}"),
        turn.text("appeals.page.agency", agency=city.agency.value),
        rule_line(turn),
        *routes(turn, found),
        *([city.mail.what_may_be_mailed] if city.mail.what_may_be_mailed else []),
        *([city.mail.conditions] if city.mail.conditions else []),
        *([refused] if refused else []),
        *(note.text for note in city.notes if note.status == "confirmed" and not (refused and _LISTS in note.text)),
        turn.text("appeals.page.foot"),
    ]
    return "\n".join(lines)


def refused_reasons(turn: Turn, city: City) -> str:
    """Return the city's own list of reasons that it does not accept, with its source; empty without one (GRD-3)."""
    listed = packaged_checklist().cities.get(city.city_id)
    if listed is None or not listed.not_accepted:
        return ""
    reasons = "; ".join(listed.not_accepted)
    return turn.text("appeals.grounds.not_accepted", city=city.name, reasons=reasons, source=listed.source)


def keep_page(turn: Turn, text: str) -> int:
    """Keep a text as a private page and return its blob id."""
    blob_id = turn.work.ids.next()
    blobs.keep(
        turn.work, blob_id=blob_id, data=text.encode(), media_type="text/plain; charset=utf-8", person_id=turn.person_id
    )
    return blob_id


def address_line(address: PostalAddress) -> str:
    """Return an address on one line, as it stands on the envelope."""
    parts = [address.name, address.company, address.address_line1, address.address_line2]
    return ", ".join([*(p for p in parts if p), address.city, f"{address.state} {address.zip}"])


def exhibit_names(letters: Sequence[str]) -> str:
    """Return "Exhibit A" or "Exhibits A, B and C"."""
    return f"Exhibit {letters[0]}" if len(letters) == 1 else f"Exhibits {listed(list(letters))}"


def ticket_line(turn: Turn, draft: AppealDraft) -> str:
    """Return the ticket in few words: city and the last four of the number (rule NUM-7)."""
    number = f" {draft.facts.last_four}" if draft.facts.number else ""
    return f"{place_name(turn)}{number}".strip()


def summary(turn: Turn) -> None:
    """Say in two lines where a draft stands (rule UX-8)."""
    draft = draft_of(turn)
    name, planned = ticket_line(turn, draft), plan_of(turn)
    turn.say("appeals.back" if name else "appeals.back_empty", ticket=name)
    if planned is not None and planned.deadline is not None:
        zone = turn.text("appeals.deadline.zone", city=place_name(turn))
        turn.say("appeals.back_dates", day=day(planned.deadline, planned.today), zone=zone)
