"""What protects a person, read and changed: flags of a day, pauses, silences (rules NG-2, SF-3, SF-4, SF-9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from storage.coaching.care import care
from storage.coaching.columns import OF_PERSON
from storage.upsert import upsert
from storage.work import Work

_BLANK: dict[str, Any] = {"silences": 0, "flags": 0}


@dataclass(frozen=True, slots=True)
class Care:
    """How a person stands; `silences` counts check-ins and nudges in a row that nobody answered."""

    silences: int = 0
    heard_at: datetime | None = None
    nudges_paused_until: datetime | None = None
    scripted_until: datetime | None = None
    flag_day: date | None = None
    flags: int = 0
    age_band: str | None = None


_LOAD = sa.select(*[care.c[name] for name in Care.__slots__]).where(care.c.person_id == OF_PERSON)


def load(work: Work, person_id: int) -> Care:
    """Return how a person stands."""
    row = work.row(_LOAD, {"of_person": person_id})
    return Care(**row._mapping) if row is not None else Care()


def heard(work: Work, person_id: int) -> None:
    """Note that a person wrote: the silence is over."""
    _put(work, person_id, silences=0, heard_at=work.now)


def silent(work: Work, person_id: int, silences: int) -> None:
    """Note how many messages of ours in a row nobody answered."""
    _put(work, person_id, silences=silences)


def pause_nudges(work: Work, person_id: int, until: datetime) -> None:
    """Let nothing unasked reach a person until a moment."""
    _put(work, person_id, nudges_paused_until=until)


def script_until(work: Work, person_id: int, until: datetime) -> None:
    """Let the script answer a person until a moment."""
    _put(work, person_id, scripted_until=until)


def set_age_band(work: Work, person_id: int, band: str | None) -> None:
    """Keep what a person said of their age."""
    _put(work, person_id, age_band=band)


def flag(work: Work, person_id: int, day: date) -> int:
    """Count a flagged message of a local day, and return the day's count."""
    known = load(work, person_id)
    flags = known.flags + 1 if known.flag_day == day else 1
    _put(work, person_id, flag_day=day, flags=flags)
    return flags


def _put(work: Work, person_id: int, **values: Any) -> None:
    work.claim(
        upsert(care)
        .values(person_id=person_id, **_BLANK | values)
        .on_conflict_do_update(index_elements=["person_id"], set_=values)
    )
