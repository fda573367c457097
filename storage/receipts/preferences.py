"""How a person wants their books kept: currency, first day of the week, saving at once, cloud reading, digests.

A person without a row has the defaults. Nothing here is a secret; the zone stands with the person (`storage.people`).
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import sqlalchemy as sa

from storage import addresses, people
from storage.receipts.columns import note, owner
from storage.schema import metadata, one_of
from storage.upsert import upsert
from storage.work import Work

CLOUD = ("ask", "on", "off")
DIGESTS = ("daily", "weekly", "monthly")

preference = sa.Table(
    "receipt_preference",
    metadata,
    owner(primary_key=True),
    sa.Column("currency", sa.Text),
    sa.Column("country", sa.Text),
    sa.Column("week_start", sa.Integer, nullable=False),
    sa.Column("auto", sa.Boolean, nullable=False),
    sa.Column("cloud", sa.Text, nullable=False),
    sa.Column("dark", sa.Boolean, nullable=False),
    one_of("cloud", *CLOUD),
)


@dataclass(frozen=True, slots=True)
class Preferences:
    """A person's choices; `week_start` counts from Monday (0), `auto` saves sure readings at once (DRF-5)."""

    currency: str | None = None
    country: str | None = None
    week_start: int = 0
    auto: bool = False
    cloud: str = "ask"
    dark: bool = False


_NAMES = tuple(asdict(Preferences()))


def of_person(work: Work, person_id: int) -> Preferences:
    """Return a person's choices."""
    row = work.row(sa.select(preference).where(preference.c.person_id == person_id))
    return Preferences() if row is None else Preferences(**{name: row._mapping[name] for name in _NAMES})


def put(work: Work, person_id: int, chosen: Preferences) -> None:
    """Store a person's choices in place of the earlier ones."""
    values = asdict(chosen)
    work.claim(
        upsert(preference)
        .values(person_id=person_id, **values)
        .on_conflict_do_update(index_elements=["person_id"], set_=values)
    )
    note(work, person_id, "preference.put", f"person:{person_id}", **values)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Language, zone (None: never told) and the number of their first SMS address, of a person."""

    locale: str
    zone: str | None
    number: str | None


def whereabouts(work: Work, person_id: int) -> Whereabouts:
    """Return what tells where a person is; raise LookupError for nobody."""
    row = work.row(sa.select(people.person.c.locale, people.person.c.zone).where(people.person.c.id == person_id))
    if row is None:
        raise LookupError(f"no person {person_id}")
    handles = (one for one in addresses.of_person(work, person_id) if one.channel == "sms")
    number = next((work.seal.open(one.handle).decode() for one in handles), None)
    return Whereabouts(row.locale, row.zone, number)


def set_zone(work: Work, person_id: int, zone: str) -> None:
    """Change a person's IANA zone; the dates of what is saved stay (SM-10)."""
    work.claim(people.person.update().where(people.person.c.id == person_id).values(zone=zone))
    note(work, person_id, "preference.zone", f"person:{person_id}", zone=zone)
