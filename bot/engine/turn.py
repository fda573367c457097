"""One turn: what a step sees and what it may do. Synchronous, without a network, written in one commit.

Everything a turn decides is buffered in its unit of work; a turn that raises has changed nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec
import orjson
import sqlalchemy as sa
from pydantic import BaseModel

from bot.core.events import Event
from bot.core.prompts import Ask
from bot.engine.state import Conversation, Frame
from storage import audit, people, timers
from storage.alerts import raise_alert
from storage.work import Work

if TYPE_CHECKING:
    from bot.engine.flow import Flow
    from bot.engine.registry import Registry


class Person(msgspec.Struct):
    """The owner of everything."""

    id: int
    locale: str = "en"
    zone: str | None = None
    staffed_until: int | None = None


class Address(msgspec.Struct):
    """One handle of a person on a channel. `queued` tells that messages to it still wait."""

    id: int
    channel: str
    handle: str
    state: str = "active"
    last_in_at: int | None = None
    queued: bool = False


class Outgoing(msgspec.Struct, frozen=True):
    """A message as composed by a turn, before a channel gives it its form."""

    text: str
    purpose: str
    policy: str
    files: tuple[tuple[int, str], ...] = ()
    ttl: timedelta | None = None
    link: tuple[str, str] | None = None
    then: str = ""
    context: Mapping[str, Any] = {}


HIDDEN = "[token]"
"""What stands in the transcript for a token, a password or a code."""


class CallRow(msgspec.Struct, frozen=True):
    """A call as noted by a turn."""

    id: int
    call: Any
    key: str
    then: str
    context: Mapping[str, Any]
    policy: str
    expires: datetime | None
    due: datetime | None
    typing: bool
    draft: bool


class Turn:
    """The snapshot and the pen of one turn.

    `asks` is set by a turn that nobody's message began and that shows the open question all the same. `offer` is what
    may be done next when no question is open afterwards. `tapped` is the message (chat, number) whose button was
    pressed; `tapped_in_place` says that the answer may stand in its place.
    """

    __slots__ = (
        "_draft",
        "_draft_of",
        "_person",
        "address",
        "asks",
        "calls",
        "conversation",
        "event",
        "files",
        "hidden",
        "inbox_id",
        "lines",
        "menu",
        "offer",
        "outgoing",
        "person_id",
        "purpose",
        "registry",
        "silent",
        "sizes",
        "tapped",
        "tapped_in_place",
        "work",
    )

    def __init__(
        self,
        registry: Registry,
        work: Work,
        event: Event,
        *,
        inbox_id: int,
        person: Person | None,
        address: Address | None,
        conversation: Conversation,
    ) -> None:
        self.registry, self.work, self.event, self.inbox_id = registry, work, event, inbox_id
        self._person, self.address, self.conversation = person, address, conversation
        self.person_id = person.id if person else None
        work.cause = (inbox_id, event, address.id if address else None)
        self.lines: list[str] = []
        self.files: list[tuple[int, str]] = []
        self.sizes: dict[int, int] = {}
        self.outgoing: list[Outgoing] = []
        self.calls: list[CallRow] = []
        self.hidden: list[str] = []
        self.asks = False
        self.silent = False
        self.menu = False
        self.offer: Ask | None = None
        self.tapped: tuple[int, int] | None = None
        self.tapped_in_place = False
        self.purpose = "reply" if event.channel else "notice"
        self._draft: BaseModel | None = None
        self._draft_of: Frame | None = None

    # -- who, when -------------------------------------------------------------------------------------------------

    @property
    def person(self) -> Person:
        """The person; raise LookupError for an event of nobody we know."""
        if self._person is None:
            raise LookupError("this event belongs to no person")
        return self._person

    @property
    def now(self) -> datetime:
        """The moment of the turn, in UTC."""
        return self.work.now

    def today(self, zone: str) -> date:
        """Return the civil date in a zone."""
        return self.now.astimezone(ZoneInfo(zone)).date()

    @property
    def channel(self) -> str:
        """The channel of the address that is answered."""
        return self.address.channel if self.address else "telegram"

    # -- saying ----------------------------------------------------------------------------------------------------

    def text(self, key: str, /, **args: object) -> str:
        """Return a catalogue text in the person's language for this channel."""
        return self.registry.catalogue.text(key, self.locale, self.channel, **args)

    @property
    def locale(self) -> str:
        """The person's language."""
        return self._person.locale if self._person else "en"

    def set_locale(self, locale: str) -> None:
        """Change the person's language from this turn on."""
        self.person.locale = locale
        self.work.write(people.person.update().where(people.person.c.id == self.person.id).values(locale=locale))

    def say(self, key: str, /, **args: object) -> None:
        """Add a line to the one reply of this turn; it comes before the next question."""
        self.lines.append(self.text(key, **args))

    def hide(self, secret: str) -> None:
        """Keep a secret that was typed or is told in this turn out of what is kept of the conversation."""
        if secret:
            self.hidden.append(secret)

    def kept(self, text: str) -> str:
        """Return a message as it is kept: what was hidden is `[token]`."""
        for secret in self.hidden:
            text = text.replace(secret, HIDDEN)
        return text

    def show(self, blob: int, filename: str, *, size: int = 0) -> None:
        """Add a file to the reply; one whose size in bytes is known may go as a picture by SMS too."""
        self.files.append((blob, filename))
        self.sizes[blob] = size

    def notify(
        self,
        key: str,
        /,
        *,
        purpose: str = "notice",
        policy: str = "repeat_ok",
        ttl: timedelta | None = None,
        link: tuple[str, str] | None = None,
        files: tuple[tuple[int, str], ...] = (),
        then: str = "",
        context: Mapping[str, Any] | None = None,
        **args: object,
    ) -> None:
        """Send a message of its own to the person, beside the reply of this turn.

        `link` is a text key and a URL: a button where the channel has buttons, the last line elsewhere. `then` names
        the handler (`call:...`) that hears whether it was sent, under which number, or refused.
        """
        shown = (self.text(link[0], **args), link[1]) if link else None
        said = Outgoing(self.text(key, **args), purpose, policy, files, ttl, shown, then, context or {})
        self.outgoing.append(said)

    # -- the world -------------------------------------------------------------------------------------------------

    def call(
        self,
        call: Any,
        *,
        key: str | None = None,
        then: str = "",
        context: Mapping[str, Any] | None = None,
        policy: str = "repeat_ok",
        limit: timedelta | None = None,
        due: datetime | None = None,
        typing: bool = False,
        draft: bool = False,
    ) -> int:
        """Note a call for the delivery worker and return its row id.

        With `typing` the person sees that somebody is at work, with `draft` also the answer as far as it grew, where
        the channel can show it.

        `then` names the handler registered for its outcome. `policy` says what an unknown outcome means: `repeat_ok`
        (harmless, or protected by `key` at the vendor) or `ask_first` (look it up before another try).
        """
        row = self.work.new_id()
        expires = (due or self.now) + limit if limit else None
        note = CallRow(row, call, key or f"call:{row}", then, context or {}, policy, expires, due, typing, draft)
        self.calls.append(note)
        return row

    def timer(self, kind: str, key: str, due: datetime, /, **body: Any) -> None:
        """Let an event of `kind` reach this person's handlers at `due`; the same key moves an earlier timer."""
        timers.set_timer(
            self.work, kind=kind, key=key, due=due, person_id=self.person_id, body=orjson.dumps(body) if body else None
        )

    def cancel_timers(self, prefix: str) -> None:
        """Cancel this person's timers whose key starts with `prefix`."""
        timers.cancel_timers(self.work, self.person_id, prefix)

    def audit(self, action: str, obj: str | None = None, *, actor: str | None = None, **details: Any) -> None:
        """Record an act of a person with power."""
        audit.record(self.work, actor=actor or f"person:{self.person_id}", action=action, obj=obj, **details)

    def alert(self, kind: str, *, key: str, **details: Any) -> None:
        """Tell the operators; the same key is told once."""
        raise_alert(self.work, kind=kind, key=key, details=details)

    def tell(self, what: str, **ids: object) -> None:
        """Let whoever listens know what happened, by our ids alone: `case.mailed`, `ticket.created`."""
        for listener in self.registry.listeners:
            listener(self, what, ids)

    # -- reading and writing ---------------------------------------------------------------------------------------

    def rows(self, statement: sa.Executable) -> list[sa.Row[Any]]:
        """Return the rows of a read."""
        return self.work.rows(statement)

    def row(self, statement: sa.Executable) -> sa.Row[Any] | None:
        """Return the first row of a read."""
        return self.work.row(statement)

    # -- the draft -------------------------------------------------------------------------------------------------

    @property
    def draft(self) -> Any:
        """The draft of the flow on top, as its model; changes are kept at the end of the turn."""
        frame = self.conversation.top
        if frame is None:
            raise LookupError("no flow is open")
        if self._draft is None or self._draft_of is not frame:
            self._draft = self.registry.flows[frame.flow].load(frame.draft, frame.version)
            self._draft_of = frame
        return self._draft

    def keep_draft(self) -> None:
        """Write the loaded draft back into its frame."""
        frame = self.conversation.top
        if frame is not None and self._draft is not None and self._draft_of is frame:
            frame.draft = self._draft.model_dump(mode="json")
            frame.version = self.registry.flows[frame.flow].version

    def flow(self) -> Flow[Any] | None:
        """Return the flow on top."""
        frame = self.conversation.top
        return self.registry.flows.get(frame.flow) if frame else None
