"""What a letter is composed from: confirmed facts and the person's own words, and nothing else (NEVER-3)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bot.core.calls.people import PostalAddress


@dataclass(frozen=True, slots=True)
class PickedGround:
    """A ground in the words in which the person picked it, with the questions that were answered (label, answer)."""

    title: str
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One piece of evidence in print: the person's caption, their own words for its time, and its print copies.

    `whole_page` keeps a city's form readable: it is never printed two to a page.
    """

    caption: str
    prints: tuple[int, ...]
    taken: str = ""
    whole_page: bool = False


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs: the full name as typed, `registered_owner` or `authorized`, the day, and a signature's print copy."""

    name: str
    role: str
    signed_on: date
    picture: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFacts:
    """Everything a letter may state.

    `sender` is the return address (its `name` is the envelope form, the letter prints `signer.name`); `recipient` is
    the registry's address as snapshotted at approval; `enclosures` are the ids of the city's `letter_text` enclosures
    that apply; `stated` holds further fields that they ask for (telephone, violation_code, meter_address,
    meter_number); `ordered_on` is the order day in the city's zone; `translated_from` is a language code.
    """

    city_id: str
    state: str
    recipient: PostalAddress
    sender: PostalAddress
    signer: Signer
    ordered_on: date
    citation: str
    issued: date
    plate_state: str
    plate: str
    place: str
    grounds: tuple[PickedGround, ...]
    statement: str
    exhibits: tuple[Exhibit, ...] = ()
    enclosures: tuple[str, ...] = ()
    stated: tuple[tuple[str, str], ...] = ()
    level: int = 1
    translated_from: str | None = None
    demo: bool = True
