"""Everything that is known of one appeal: the slots of the intake, as the person stated or confirmed them.

One model serves the conversation (as its draft), the case row (sealed JSON), the draft that is approved (a snapshot)
and the letter. A field that is None was not answered yet; an empty list or text means that there is nothing.
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field

from bot.core.calls.people import PostalAddress
from handlers.appeals.clocks import CaseDates
from handlers.appeals.deadlines import MailClass

if TYPE_CHECKING:
    from handlers.appeals.city import AgencyAddress

MOST_EXHIBITS = 10

Situation = Literal["none", "late_notice", "already_paid", "booted", "towed", "court", "judgment", "collections"]
"""What happened since the ticket, in the words of the gates."""

SignerRole = Literal["owner", "driver", "other", "company"]

AddressCheck = Literal["verified", "as_typed", "undeliverable_once", "undeliverable", "unavailable"]
"""`undeliverable` is refused twice and confirmed by the person all the same: standard mail only (rule LET-9)."""

NOT_ELSEWHERE = "none"
"""The answer "none of these" to the question about the ticket's heading."""


class Kept(BaseModel):
    """What a draft keeps. Its validators are built with the first draft, not with the start."""

    model_config = ConfigDict(defer_build=True)


class ReadAs(Kept):
    """One character of a number that was read as another (rule NUM-4)."""

    position: int
    read: str
    means: str


class EvidenceItem(Kept):
    """One piece of evidence: the original as sent, its print copies, and what the person says of it.

    `checklist_item` is the id of the paper asked for, or of the city's enclosure that it meets; `kind` is photo,
    document, form, photo_id or signature (which is never included: it stands on the signature line).
    """

    kind: str = "photo"
    checklist_item: str | None = None
    original: int
    prints: list[int] = Field(default_factory=list)
    sha256: str = ""
    media_type: str = ""
    size: int = 0
    caption: str = ""
    taken_at: str = ""
    letter: str = ""
    included: bool = True


class Facts(Kept):
    """The slots of one appeal."""

    city_id: str | None = None
    record_version: str | None = None
    number: str | None = None
    number_status: str | None = None
    substitutions: list[ReadAs] = Field(default_factory=list)
    earlier_numbers: list[str] = Field(default_factory=list)
    issue_date: date | None = None
    notice_date: date | None = None
    decision_date: date | None = None
    situation: Situation | None = None
    agency_answer: str | None = None
    violation_class: str | None = None
    place: str | None = None
    plate: str | None = None
    plate_state: str | None = None
    vehicle: str | None = None
    grounds: list[str] = Field(default_factory=list)
    answers: dict[str, str] = Field(default_factory=dict)
    evidence: list[EvidenceItem] = Field(default_factory=list)
    statement_raw: str | None = None
    statement_source: Literal["text", "voice"] = "text"
    statement: str | None = None
    refined: bool = False
    model: str | None = None
    prompt_version: str | None = None
    translated_from: Literal["es"] | None = None
    signer_role: SignerRole | None = None
    signer_name: str | None = None
    envelope_name: str | None = None
    line1: str | None = None
    line2: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str = "US"
    address_check: AddressCheck | None = None
    mail_class: Literal["standard", "certified"] | None = None
    signature: str | None = None
    language: str = "en"
    level: int = 1
    parent_case: int | None = None

    @property
    def dates(self) -> CaseDates:
        """The dates from which the clocks are counted."""
        return CaseDates(
            issued=self.issue_date,
            notice_mailed=self.notice_date,
            decision_mailed=self.decision_date,
            level=self.level,
        )

    @property
    def mail(self) -> MailClass:
        """The mail class that was chosen; standard until one is."""
        return MailClass(self.mail_class or "standard")

    @property
    def exhibits(self) -> list[EvidenceItem]:
        """The pieces of evidence that go into the letter, in order."""
        return [item for item in self.evidence if item.included]

    @property
    def signature_photo(self) -> int | None:
        """The print copy of the handwritten signature, where one was sent; it is no exhibit (rule LET-8)."""
        return next((item.prints[0] for item in self.evidence if item.kind == "signature" and item.prints), None)

    @property
    def last_four(self) -> str:
        """The number as it is shown everywhere but in the fact check, the preview and the letter (rule NUM-7)."""
        return f"...{(self.number or '')[-4:]}"

    @property
    def sender(self) -> PostalAddress | None:
        """The return address as it stands on the envelope, or None while a part of it is missing (rule LET-9)."""
        name = self.envelope_name or self.signer_name
        if not (name and self.line1 and self.city and self.state and self.zip):
            return None
        return PostalAddress(
            name=name,
            address_line1=self.line1,
            address_line2=self.line2 or None,
            city=self.city,
            state=self.state,
            zip=self.zip,
            country=self.country,
        )

    @property
    def own_words(self) -> list[str]:
        """Every text that the person wrote, for the guards of the letter."""
        texts = [self.statement_raw, self.statement, self.place, self.vehicle, self.signer_name, *self.answers.values()]
        captions = [f"{item.caption} {item.taken_at}" for item in self.evidence]
        return [text for text in [*texts, *captions] if text]

    @property
    def private_values(self) -> list[str]:
        """What never leaves towards a model, in a fixed order (rule TXT-4)."""
        values = [self.signer_name, self.envelope_name, self.line1, self.line2, self.zip, self.number, self.plate]
        return [value for value in values if value]

    def relettered(self) -> Facts:
        """Return the facts with exhibits lettered A, B, C ... in order; what is left out has no letter."""
        letters = iter("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        items = [item.model_copy(update={"letter": next(letters) if item.included else ""}) for item in self.evidence]
        return self.model_copy(update={"evidence": items})

    def zip_is(self, text: str) -> bool:
        """Tell whether a text is the ZIP of the return address; the first five digits count."""
        digits = re.sub(r"\D", "", text)
        return bool(self.zip) and len(digits) in (5, 9) and digits[:5] == (self.zip or "")[:5]


def postal(address: AgencyAddress) -> PostalAddress:
    """Return a registry address as it is copied into a draft (rule REG-5)."""
    return PostalAddress(
        name=address.name,
        company=address.company,
        address_line1=address.address_line1,
        address_line2=address.address_line2,
        city=address.city,
        state=address.state,
        zip=address.zip,
        country=address.country,
    )
