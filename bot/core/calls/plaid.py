"""What Parley asks of Plaid, and what it learns. Amounts are decimal text, dates ISO text.

An access token never stands in a call or a result: it is a sealed blob, and `token` is the blob's id.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core.calls.packing import wire


@wire
@dataclass(frozen=True, slots=True)
class OpenBankLink:
    """Make a page of the vendor's where a person links a bank, or with `token` logs in again at one.

    `person` is a keyed hash. `days` of history are asked for; the page ends after `lifetime_seconds`.
    """

    person: str
    webhook: str
    done_url: str
    days: int
    lifetime_seconds: int
    language: str = "en"
    country: str = "US"
    token: int | None = None


@wire
@dataclass(frozen=True, slots=True)
class BankLink:
    """The page, and the vendor's token of it, by which its end is told."""

    link_token: str
    url: str


@wire
@dataclass(frozen=True, slots=True)
class ReadBankLink:
    """Ask what became of a page."""

    link_token: str


@wire
@dataclass(frozen=True, slots=True)
class BankLinkEnd:
    """The public tokens that a finished page brought; `finished` is False while it is open."""

    finished: bool
    public_tokens: list[str] = field(default_factory=list)


@wire
@dataclass(frozen=True, slots=True)
class ExchangeBankToken:
    """Turn a public token, good once, into an access token."""

    public_token: str
    country: str = "US"


@wire
@dataclass(frozen=True, slots=True)
class BankAccount:
    """An account: the vendor's id, its name, the last four digits."""

    account_id: str
    name: str
    last4: str | None = None
    kind: str = ""
    balance: str | None = None
    currency: str | None = None


@wire
@dataclass(frozen=True, slots=True)
class BankAccess:
    """A linked bank; institution and accounts are empty when they could not be read at once."""

    token: int
    item_id: str
    institution: str = ""
    accounts: list[BankAccount] = field(default_factory=list)


@wire
@dataclass(frozen=True, slots=True)
class SyncBank:
    """Fetch all that is new at a bank since a cursor, all pages of one loop; None begins."""

    token: int
    cursor: str | None = None


@wire
@dataclass(frozen=True, slots=True)
class BankTransaction:
    """A line as the vendor sends it: a positive amount is money out; `replaces` names the pending one it settles."""

    transaction_id: str
    account_id: str
    amount: str
    currency: str | None
    date: str
    name: str
    pending: bool = False
    replaces: str | None = None
    authorized_date: str | None = None
    merchant: str | None = None
    category: str = ""
    channel: str = ""


@wire
@dataclass(frozen=True, slots=True)
class BankNews:
    """What one loop brought, and the cursor behind it; `is_ready` is False while the vendor still collects."""

    cursor: str
    stated: list[BankTransaction] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    accounts: list[BankAccount] = field(default_factory=list)
    is_ready: bool = True


@wire
@dataclass(frozen=True, slots=True)
class RemoveBank:
    """End the vendor's access to a bank; one that is gone already is done too."""

    token: int


@wire
@dataclass(frozen=True, slots=True)
class ReadBankKey:
    """Read the public key that signs the vendor's webhooks."""

    key_id: str


@wire
@dataclass(frozen=True, slots=True)
class BankKey:
    """A key as JSON Web Key: the point's coordinates in base64url; one that has ended signs nothing any more."""

    key_id: str
    algorithm: str
    x: str
    y: str
    has_ended: bool
