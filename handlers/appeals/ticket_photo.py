"""A photo of the ticket: what to look for on it, and what may be proposed of what a reader found.

The reader is never trusted (design rule 14). A value counts only when it stands among the lines that were read; the
number must be one of the chosen city's, the date a day that can be (rules NUM-1, NUM-3). What is left is a proposal:
the person confirms each part before it is a fact (NEVER-3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.core.calls.workshop import ReadText, TextFound
from handlers.appeals.citation_text import plain_text
from handlers.appeals.city import City
from handlers.appeals.numbers import NumberStatus, Substitution, check_number
from handlers.appeals.statement import clean, foreign_letters
from handlers.appeals.ticket_dates import DateStatus, read_date

PROMPT_VERSION = "ticket-photo-1"
MOST_PICTURES = 8
VALUE_LONGEST = 60
_FIELDS = {
    "number": "the citation, ticket or summons number, as printed; not the plate, permit, meter or badge number",
    "issued": "the date on which it was issued, as printed; not a due date, court date or print date",
    "violation": "what it is for, in the words printed beside the violation code",
    "place": "where the car stood: the street address, block or corner, as printed",
    "plate": "the license plate, as printed",
    "plate_state": "the state of the plate, as printed",
}
_UNSAFE = re.compile(r"https?:|www\.|[\[\]{}<>@|\\]|\b[\w-]+\.(?:com|net|org|io|info|biz|ly)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRead:
    """One ticket as it was read: its number as the city's formats have it, and what else may be proposed."""

    number: str
    substitutions: tuple[Substitution, ...] = ()
    issued: date | None = None
    violation: str | None = None
    place: str | None = None
    plate: str | None = None
    plate_state: str | None = None


def question(blobs: Sequence[int], *, person: str) -> ReadText:
    """Return the call that reads photos of a ticket; `person` is a keyed hash."""
    return ReadText(
        list(blobs[:MOST_PICTURES]),
        purpose="ticket_photo",
        prompt_version=PROMPT_VERSION,
        subject="parking ticket",
        fields=dict(_FIELDS),
        person=person,
    )


def tickets(found: TextFound, city: City, today: date) -> list[TicketRead]:
    """Return the tickets of this city that were read, each number once; empty when there is none to propose."""
    named = [ticket for entry in found.found if (ticket := _named(entry, found.text, city, today)) is not None]
    if not named:
        named = list(_unnamed(found.text, city, today))
    once: dict[str, TicketRead] = {}
    for ticket in named:
        once.setdefault(ticket.number, ticket)
    return list(once.values())


def other_number(found: TextFound, city: City, today: date) -> str | None:
    """Return a number that was read but is not one of this city's: another office's ticket, or misread."""
    values = (_seen(entry.get("number", ""), found.text) for entry in found.found)
    return next((value for value in values if check_number(city, value, today=today).normalized), None)


def _named(entry: Mapping[str, str], text: str, city: City, today: date) -> TicketRead | None:
    """Read one entry of a reader that understands; None when its number is not in the lines, or not the city's."""
    said = {name: value for name in _FIELDS if (value := _seen(entry.get(name, ""), text))}
    checked = check_number(city, said.get("number", ""), today=today)
    if checked.normalized is None or checked.status in (NumberStatus.ASK_AGAIN, NumberStatus.REJECTED):
        return None
    return TicketRead(
        number=checked.normalized,
        substitutions=checked.substitutions,
        issued=_day(said.get("issued", ""), today),
        violation=said.get("violation"),
        place=said.get("place"),
        plate=said.get("plate"),
        plate_state=said.get("plate_state"),
    )


def _unnamed(text: str, city: City, today: date) -> Iterator[TicketRead]:
    """Find numbers in the bare lines, as in any text of several lines."""
    if not text.strip():
        return
    checked = check_number(city, text, today=today)
    if checked.normalized is not None and checked.status is not NumberStatus.ASK_AGAIN:
        issued = _day(text, today)
        yield TicketRead(number=checked.normalized, substitutions=checked.substitutions, issued=issued)
    for candidate in checked.candidates:
        yield TicketRead(number=candidate)


def _seen(value: str, text: str) -> str:
    """Return a value on one line when it stands in the lines that were read and may be shown, else nothing."""
    flat = " ".join(clean(value).split())
    if not 0 < len(flat) <= VALUE_LONGEST or _UNSAFE.search(flat) or foreign_letters(flat):
        return ""
    return flat if _letters(flat) and _letters(flat) in _letters(text) else ""


def _letters(text: str) -> str:
    return "".join(c for c in plain_text(text).casefold() if c.isalnum())


def _day(text: str, today: date) -> date | None:
    """Return the date as American tickets print it, month first; the person sees it in words and confirms it."""
    reading = read_date(text, today) if text.strip() else None
    return reading.day if reading is not None and reading.status is not DateStatus.ASK_AGAIN else None
