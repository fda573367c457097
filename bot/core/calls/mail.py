"""Mail: taking one apart, reading a person's mailbox, and sending the few that we write.

Raw mails and secrets travel as blob ids: the adapter opens them through the files of its attempt, so that no password
and no body lies in an outbox row.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.core.calls.packing import wire


@wire
@dataclass(frozen=True, slots=True)
class MailParty:
    """Who wrote: address in lower case, and the name shown beside it."""

    address: str = ""
    name: str = ""


@wire
@dataclass(frozen=True, slots=True)
class MailOrder:
    """What a mail's structured data says of an order, checked against what the reader sees."""

    total_minor: int
    currency: str
    merchant: str = ""
    number: str = ""
    day: str = ""


@wire
@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as its reader sees it, nothing loaded and nothing hidden.

    `sender` is the inner sender of a forwarded mail, `outer` who sent it to us; `day` is the inner date in ISO form.
    `verdict` is what the trusted receiving hop found: `pass`, `fail`, or `none`. `note` is what the person wrote above
    a forwarded mail. `automatic` is a mail that a machine sent by itself (a list, a bounce, an
    auto-reply), which causes no mail of ours.
    """

    message_id: str
    outer: MailParty
    sender: MailParty
    subject: str = ""
    day: str = ""
    verdict: str = "none"
    forwarded: bool = False
    lines: list[str] = field(default_factory=list)
    note: str = ""
    order: MailOrder | None = None
    skipped: list[str] = field(default_factory=list)
    bulk: bool = False
    automatic: bool = False


@wire
@dataclass(frozen=True, slots=True)
class MailPart:
    """An attached PDF or picture, kept as a blob; the media type is what its bytes are."""

    name: str
    media_type: str
    blob: int
    size: int
    sha256: str = ""


@wire
@dataclass(frozen=True, slots=True)
class OpenMail:
    """Take the raw mail of a blob apart."""

    blob: int


@wire
@dataclass(frozen=True, slots=True)
class MailOpened:
    """A mail and what is attached to it."""

    mail: Mail
    parts: list[MailPart] = field(default_factory=list)


@wire
@dataclass(frozen=True, slots=True)
class FoundMail:
    """A mail of a mailbox that may be a receipt: how the mailbox numbers it, and its raw bytes as a blob."""

    key: str
    blob: int


@wire
@dataclass(frozen=True, slots=True)
class ReadImap:
    """Read what is new in a mailbox, without marking anything.

    `secret` is the blob of the account (JSON: host, port, user, password). `cursor` is `uidvalidity:uid` of the last
    run, empty at first; `since` is the first day then, in ISO form. At most `most` mails are looked at.
    """

    secret: int
    cursor: str
    since: str
    words: list[str]
    most: int = 50


@wire
@dataclass(frozen=True, slots=True)
class MailboxRead:
    """What was found; `more` says that the run stopped at its limit. `secret` is a refreshed secret's blob."""

    mails: list[FoundMail]
    cursor: str
    more: bool = False
    looked_at: int = 0
    secret: int | None = None


@wire
@dataclass(frozen=True, slots=True)
class GmailExchange:
    """Trade the code of a consent for tokens, and ask whose mailbox it is."""

    code: str
    verifier: str
    redirect_uri: str


@wire
@dataclass(frozen=True, slots=True)
class GmailLinked:
    """The tokens as a sealed blob, the address of the mailbox, and where its history stands."""

    secret: int
    address: str
    cursor: str


@wire
@dataclass(frozen=True, slots=True)
class ReadGmail:
    """Read what is new since `cursor` (a historyId), or by `query` where that is unknown or too old."""

    secret: int
    cursor: str
    query: str
    most: int = 50


@wire
@dataclass(frozen=True, slots=True)
class RevokeGmail:
    """Take the consent back at Google."""

    secret: int


@wire
@dataclass(frozen=True, slots=True)
class SendMail:
    """Send a mail of ours; `stamp` makes the Message-ID, so that a repeated one can be merged by its reader."""

    to: str
    subject: str
    text: str
    html: str
    stamp: str
    unsubscribe: str = ""
