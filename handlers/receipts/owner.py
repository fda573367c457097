"""Whose books these are: the day it is there, the currency, the country, the language, and how they want things done.

Every way in (chat, mail, API, bank, jobs) needs the same few facts before it can read an amount or a date.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.core.quiet.places import place_of_number
from handlers.receipts.reading.currency import currency_of_country
from storage.receipts import preferences
from storage.receipts.preferences import Preferences, Whereabouts
from storage.work import Work

DEFAULT_ZONE, DEFAULT_COUNTRY, DEFAULT_CURRENCY = "America/Los_Angeles", "US", "USD"


@dataclass(frozen=True, slots=True)
class Owner:
    """A person as the books see them. `week_start` counts from Monday (0)."""

    id: int
    today: date
    minute: int
    zone: str
    currency: str
    country: str | None
    locale: str
    preferences: Preferences

    @property
    def week_start(self) -> int:
        """The first day of their week."""
        return self.preferences.week_start


def owner_of(work: Work, person_id: int, *, at: datetime | None = None, where: Whereabouts | None = None) -> Owner:
    """Return what is known of a person at a moment (now, unless given); raise LookupError for nobody.

    `where` saves the look-up, and is needed in the turn of somebody's first message, whose row is not written yet.
    """
    chosen, where = preferences.of_person(work, person_id), where or preferences.whereabouts(work, person_id)
    zone = where.zone or _zone_of(where.number)
    local = (at or work.now).astimezone(ZoneInfo(zone))
    country = chosen.country or DEFAULT_COUNTRY
    currency = chosen.currency or currency_of_country(country) or DEFAULT_CURRENCY
    return Owner(person_id, local.date(), local.hour * 60 + local.minute, zone, currency, country, where.locale, chosen)


def _zone_of(number: str | None) -> str:
    """Return the zone of an American number; of other persons nothing is known until they tell."""
    place = place_of_number(number) if number else None
    return place.zones[0] if place is not None and place.state is not None else DEFAULT_ZONE
