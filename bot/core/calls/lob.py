"""What Parley asks of Lob, and what it learns."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core.calls.packing import wire
from bot.core.calls.people import PostalAddress


@wire
@dataclass(frozen=True, slots=True)
class MailLetter:
    """Print and post one PDF (`file` is a blob id); the idempotency key is `letter:<letter_id>`."""

    letter_id: str
    payment_id: str
    to: PostalAddress
    sender: PostalAddress
    file: int
    certified: bool
    version: int = 1


@wire
@dataclass(frozen=True, slots=True)
class FindLetter:
    """Search Lob's letters by metadata letter_id."""

    letter_id: str


@wire
@dataclass(frozen=True, slots=True)
class ReadLetter:
    """Read one letter with its tracking events."""

    lob_id: str


@wire
@dataclass(frozen=True, slots=True)
class CancelLetter:
    """Delete a letter inside Lob's window; Refused when it is too late."""

    lob_id: str


@wire
@dataclass(frozen=True, slots=True)
class PostedLetter:
    """A letter as Lob knows it; dates are ISO text, `events` are names such as `in_transit`, oldest first."""

    lob_id: str
    letter_id: str | None
    tracking_number: str | None
    expected_delivery: str | None
    send_date: str | None
    test_mode: bool
    deleted: bool = False
    events: list[str] = field(default_factory=list)


@wire
@dataclass(frozen=True, slots=True)
class PostedLetters:
    """The letters a search found (normally none or one)."""

    letters: list[PostedLetter]


@wire
@dataclass(frozen=True, slots=True)
class VerifyAddress:
    """Ask the postal service's form of a US address."""

    primary_line: str
    secondary_line: str
    city: str
    state: str
    zip: str


@wire
@dataclass(frozen=True, slots=True)
class AddressVerdict:
    """`deliverability` is Lob's word: deliverable, deliverable_unnecessary_unit, deliverable_incorrect_unit,
    deliverable_missing_unit, undeliverable."""

    deliverability: str
    primary_line: str
    secondary_line: str
    city: str
    state: str
    zip: str
