"""One city's record: every fact with the status and the source that say how far it may be trusted.

The models are the importer's checks (rule REG-6): a record with an unknown word, a broken pattern or zone, an address
that does not fit an envelope, or an address that the same record says never to write to, does not load. Records are
immutable values; operators' changes make new ones with `model_copy` or `City.model_validate`.
"""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

Status = Literal["confirmed", "confirm_by_phone", "form_only", "not_by_mail", "conflict", "unconfirmed"]
Launch = Literal["first", "with_form", "after_phone_check", "inform_only", "off"]
Policy = Literal["letter", "form_only", "hearing_request", "conditional", "none", "unknown"]
Strength = Literal["measured", "plausible", "weak", "unconfirmed"]
Role = Literal["contest", "outer", "discount", "online_only", "stated_longer"]
Basis = Literal[
    "issue_date",
    "delinquent_notice_mailed",
    "ticket_mailed",
    "service_date",
    "court_entry",
    "default_date",
    "decision_mailed",
]
CountedAt = Literal["postmark", "receipt", "unknown"]
Signer = Literal["registered_owner_only", "owner_or_authorized", "owner_or_responsible_party", "unknown"]
IssuerKind = Literal[
    "campus",
    "airport",
    "port",
    "transit",
    "county",
    "state_highway_patrol",
    "federal_land",
    "parks",
    "private_company",
    "toll",
    "camera",
    "other_city",
]
RouteKind = Literal["online", "phone", "phone_local", "in_person", "email", "fax"]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(f"no such time zone: {name}") from error
    return name


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"not a regular expression: {text}") from error
    return text


Zone = Annotated[str, AfterValidator(_zone)]
Pattern = Annotated[str, AfterValidator(_pattern)]
State = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Zip = Annotated[str, StringConstraints(pattern=r"^\d{5}(-\d{4})?$")]
Line = Annotated[str, StringConstraints(min_length=1, max_length=64)]
EnvelopeName = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class Stated(BaseModel):
    """Something that a source states: `status` says how far to trust it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: Status
    source: str = ""


class Agency(Stated):
    """Who reviews."""

    value: str


class SameProcess(Stated):
    """Names printed on tickets that belong to this city's process."""

    names: tuple[str, ...]


class Issuer(Stated):
    """Names printed on tickets that another office handles (the negative list)."""

    names: tuple[str, ...]
    kind: IssuerKind


class CitationFormat(Stated):
    """One shape of this city's citation numbers, as a pattern on the normalised number."""

    regex: Pattern
    strength: Strength
    charset: Literal["digits", "alphanumeric"]
    hint: str | None = None


class DeadlineRule(Stated):
    """One clock: a basis day and a number of days after it."""

    id: str
    level: int = Field(default=1, ge=1, le=5)
    role: Role
    days: int | None = Field(ge=1, le=1000)
    unit: Literal["calendar", "business"] = "calendar"
    basis: Basis
    counted_at: CountedAt = "unknown"
    note: str | None = None


class AgencyAddress(Stated):
    """An address that letters for one purpose may go to, within the limits of an envelope window."""

    status: Literal["confirmed", "confirm_by_phone", "form_only"]
    purpose: str
    name: EnvelopeName
    company: EnvelopeName | None = None
    address_line1: Line
    address_line2: Line | None = None
    city: str = Field(min_length=1, max_length=200)
    state: State
    zip: Zip
    country: Literal["US"] = "US"


class NeverMailTo(Stated):
    """An address that was seen somewhere and must not be used."""

    text: str
    reason: str


class Enclosure(Stated):
    """What the city wants in the envelope; `when` limits it to some cases."""

    id: str
    kind: Literal["letter_content", "evidence", "original_ticket", "form", "ticket_copy", "photo_id"]
    text: str
    met_by: Literal["letter_text", "user_upload", "photo_with_warning"]
    required: bool
    when: Literal["always", "signer_not_owner", "meter", "permit", "stolen"] = "always"


class Verification(BaseModel):
    """When, by whom and how a person last checked the record (rules REG-2 and REG-3)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    verified_at: date | None = None
    verified_by: str | None = None
    method: str | None = None
    evidence: str | None = None
    valid_days: int = Field(default=90, ge=1, le=366)


class Mail(Stated):
    """What may be posted, and where to."""

    policy: Policy
    addresses: tuple[AgencyAddress, ...] = ()
    never_mail_to: tuple[NeverMailTo, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    min_business_days_left: int | None = Field(default=None, ge=1, le=60)
    conditions: str | None = None
    what_may_be_mailed: str | None = None
    verification: Verification = Verification()

    @model_validator(mode="after")
    def _never_means_never(self) -> Mail:
        for address in self.addresses:
            for never in self.never_mail_to:
                if _is_the_place(never.text, address):
                    raise ValueError(f"an address stands in never_mail_to as well: {never.text}")
        return self


class Route(Stated):
    """A free way to contest."""

    kind: RouteKind
    value: str


class Level(BaseModel):
    """One stage of review; `window_days` run from the decision of the stage before."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: int = Field(ge=1, le=5)
    name: str
    window_days: int | None = None
    window_basis: Basis | None = None
    cost: str | None = None
    by: str | None = None


class LevelOverride(Stated):
    """What the city states about a stage, where it differs from the scheme."""

    level: int
    window_days: int | None = None
    note: str | None = None


class Levels(Stated):
    """The stages of review: a scheme shared by a state, or the city's own list."""

    scheme: str | None = None
    overrides: tuple[LevelOverride, ...] = ()
    levels: tuple[Level, ...] = ()


class DecisionTime(Stated):
    """How long the office takes to answer."""

    min_days: int | None = None
    max_days: int | None = None


class SignerRule(Stated):
    """Who may sign the letter."""

    value: Signer


class PayingCloses(Stated):
    """Whether paying ends the right to contest."""

    value: bool


class HolidayCalendar(Stated):
    """The city's own holidays, used for business-day clocks when confirmed."""

    value: tuple[date, ...] | None = None


class Note(Stated):
    """A fact that is shown as information."""

    text: str


class City(BaseModel):
    """All that is known about contesting a ticket of one city."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    city_id: Annotated[str, StringConstraints(pattern=r"^us-[a-z]{2}-[a-z_]+$")]
    name: str
    aliases: tuple[str, ...] = ()
    state: State
    timezone: Zone
    agency: Agency
    issuers_same_process: tuple[SameProcess, ...] = ()
    issuers_elsewhere: tuple[Issuer, ...] = ()
    citation_formats: tuple[CitationFormat, ...] = ()
    deadlines: tuple[DeadlineRule, ...] = ()
    mail: Mail
    routes: tuple[Route, ...] = ()
    levels: Levels
    decision_time: DecisionTime
    signer: SignerRule
    handwritten_signature: bool = False
    paying_closes_case: PayingCloses
    holiday_calendar: HolidayCalendar
    upl_blocked: bool
    launch: Launch
    closed: bool = False
    notes: tuple[Note, ...] = ()

    @property
    def version(self) -> str:
        """Return the hash of the record's facts (rule REG-4); a renewed verification leaves it unchanged."""
        return _hash(self.model_dump(mode="json", exclude={"closed": True, "mail": {"verification"}}))

    @property
    def mailing_version(self) -> str:
        """Return the hash of what voids approvals when it changes: addresses, policy, deadlines (rule REG-4)."""
        mail = self.mail.model_dump(mode="json", include=set(_VOIDING))
        rules = self.model_dump(mode="json", include={"deadlines", "levels"})
        return _hash(rules | {"mail": mail})

    @property
    def zone(self) -> ZoneInfo:
        """Return the zone in which the city's days are counted."""
        return ZoneInfo(self.timezone)

    def address(self, purpose: str) -> AgencyAddress | None:
        """Return the address for a purpose, or None when there is not exactly one."""
        found = [address for address in self.mail.addresses if address.purpose == purpose]
        return found[0] if len(found) == 1 else None


_VOIDING = ("policy", "status", "addresses", "min_business_days_left")


def _hash(value: dict[str, object]) -> str:
    packed = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(packed.encode()).hexdigest()[:16]


_BOX = re.compile(r"\bp ?o box (\d+(?: or \d+)*)")
_SHORT_FORMS = {
    "street": "st",
    "avenue": "ave",
    "parkway": "pkwy",
    "south": "s",
    "north": "n",
    "east": "e",
    "west": "w",
}


def _words(text: str) -> list[str]:
    words = re.sub(r"[^a-z0-9]+", " ", text.casefold().replace("p.o.", "po")).split()
    return [_SHORT_FORMS.get(word, word) for word in words]


def _boxes(text: str) -> set[str]:
    return {number for group in _BOX.findall(" ".join(_words(text))) for number in group.split(" or ")}


def _is_the_place(never: str, address: AgencyAddress) -> bool:
    """Say whether a forbidden address and an allowed one are the same post box or street door."""
    lines = " ".join(line for line in (address.company, address.address_line1, address.address_line2) if line)
    if _boxes(never):
        return bool(_boxes(never) & _boxes(lines))
    wanted, found = _words(never.split(",")[0]), _words(lines)
    return any(found[at : at + len(wanted)] == wanted for at in range(len(found)))
