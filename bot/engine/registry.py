"""What the services registered: flows, event handlers, finders of persons, operators' commands, texts.

A service package offers one function `register(registry)`; `main.py` calls it. That is the one line of registration.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.core.errors import Misconfigured
from bot.core.events import Event
from bot.core.prompts import Answer, Choice
from bot.core.texts import Catalogue
from bot.engine.api.routes import Route
from bot.engine.checkout import Judge
from bot.engine.copies import MailCopy
from bot.engine.discounts import Discounts, NoDiscounts, Reprice
from bot.engine.flow import Flow
from bot.engine.orders import Fulfil, Till, Undo
from bot.engine.rights import Rights, Unlimited
from bot.engine.staff import Bar, Gate, StaffCommand
from bot.engine.turn import Turn
from storage.organisation import Organisation
from storage.work import Work

if TYPE_CHECKING:
    from storage.accounts.joining import After, Before

Handler = Callable[[Turn], None]
"""Takes an event that is not an answer of the open step: a paid checkout, a timer, a call's outcome."""

Finder = Callable[[Work, Event], int | None]
"""Finds the person whom a vendor's event is about."""

Command = Callable[[Turn, str], bool]
"""A command of staff that judges itself who asks (LOGIN, before anybody is known); False for what is like any other."""

Operation = Callable[[Turn, str, str], str]
"""What a service lets operators do, by (turn, argument, actor); answers in plain words for staff. Service packages do
not import each other, so the operators' commands find it here by name."""

Hold = Callable[[Work, int], object]
"""Names what of a person must be settled before their data is deleted; nothing, when all is."""

Eraser = Callable[[Work, int], object]
"""Empties a service's own rows of a person."""

Farewell = Callable[[Turn, str], None]
"""Sends a person the last thing that they get, with the number of their deletion, while their address is known."""

Word = Callable[[Turn, str], bool]
"""Answers a global word (STATUS, UNDO, a case code); False when it is not its business."""

Guard = Callable[[Turn], bool]
"""Looks at every message before anything answers it; True when it took the message. It asks the snapshot only."""

Press = Callable[[Turn, str], None]
"""Does what a standing button says, by its argument; harmless when done twice."""

PhotoTaker = Callable[[Turn, Answer], None]
"""Takes pictures that no step waits for, and says what it did with them in one line."""


@dataclass(frozen=True, slots=True)
class Taker:
    """A service that takes such pictures, and the choice that means it where there are several."""

    choice: Choice
    take: PhotoTaker


Listener = Callable[[Turn, str, Mapping[str, object]], None]
"""Hears of what happened in any service ("ticket.created", "case.mailed"), by ids alone."""


CARRIER_WORDS = frozenset(
    {"STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT"}
    | {"START", "UNSTOP", "YES", "HELP", "INFO"}
)
"""Single words on which the carrier layer acts by itself (chat rules, section 1)."""


@dataclass(slots=True)
class Registry:
    """Everything that services add to the engine."""

    public_url: str = "http://localhost"
    keyword_mode: str = "default"
    introduces: bool = True
    house: Organisation = field(default_factory=Organisation)
    """Who we are by the settings of the host, until staff say it in the chat."""
    settings: dict[type, Any] = field(default_factory=dict)
    rights: Rights = field(default_factory=Unlimited)
    features: frozenset[str] = frozenset()
    """Features and categories that an operator may switch off for everybody: whoever answers for rights names them."""
    catalogue: Catalogue = field(default_factory=Catalogue)
    flows: dict[str, Flow[Any]] = field(default_factory=dict)
    handlers: dict[str, Handler] = field(default_factory=dict)
    finders: dict[str, Finder] = field(default_factory=dict)
    words: dict[str, list[Word]] = field(default_factory=dict)
    menu: list[tuple[str, str, str]] = field(default_factory=list)
    commands: dict[str, Command] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)
    staff: dict[str, StaffCommand] = field(default_factory=dict)
    gate: Gate | None = None
    bar: Bar | None = None
    checks: list[Callable[[], None]] = field(default_factory=list)
    """What must hold when all is registered; each raises Misconfigured otherwise."""
    till: Till | None = None
    listeners: list[Listener] = field(default_factory=list)
    fulfilments: dict[str, Fulfil] = field(default_factory=dict)
    discounts: Discounts = field(default_factory=NoDiscounts)
    repricers: list[Reprice] = field(default_factory=list)
    checkout: Judge | None = None
    takebacks: dict[str, Undo] = field(default_factory=dict)
    returns: dict[str, Undo] = field(default_factory=dict)
    """By purpose: what takes back the rest of what was paid for, and what gives it again (a dispute that was won)."""
    buttons: dict[str, Press] = field(default_factory=dict)
    photo_takers: list[Taker] = field(default_factory=list)
    photo_claims: list[Callable[[Turn, Answer], bool]] = field(default_factory=list)
    """Each takes pictures whose caption is clearly its own, before anybody is asked what they are for."""
    voice_takers: list[PhotoTaker] = field(default_factory=list)
    table_taker: PhotoTaker | None = None
    holds: list[Hold] = field(default_factory=list)
    erasers: list[Eraser] = field(default_factory=list)
    farewells: list[Farewell] = field(default_factory=list)
    guards: list[Guard] = field(default_factory=list)
    joins: list[Before] = field(default_factory=list)
    remakers: list[After] = field(default_factory=list)
    bot_username: str = ""
    sms_number: str = ""
    """The names under which persons reach us: of the Telegram bot once it is known, and of the sender of texts."""
    switches: set[str] = field(default_factory=set)
    """Whole messages, folded, that turn one thing of a service off ("digest off") and are no opt-out from all."""
    routes: list[Route] = field(default_factory=list)
    mail_copy: MailCopy | None = None
    before_reply: Handler | None = None
    """Adds to a reply that is about to be made of a person's message; asked at each one, so it must be quick."""
    warmers: list[Callable[[], None]] = field(default_factory=list)
    """What makes a service's patterns ready, in a thread of its own: made in a turn they would hold everybody up."""
    _postponed: list[Callable[[], None]] = field(default_factory=list)

    def postpone(self, register: Callable[[], None]) -> None:
        """Let services register with the first event: until then their modules cost neither memory nor time."""
        self._postponed.append(register)

    def complete(self) -> None:
        """Let those that were postponed register now."""
        if not self._postponed:
            return
        while self._postponed:
            self._postponed.pop(0)()
        self.check()

    def check(self) -> None:
        """Raise Misconfigured for a command of staff without a row, and for whatever else was registered wrongly."""
        for name in self.commands:
            if name not in self.staff:
                raise Misconfigured("staff commands", f"/{name} has a handler and no row in the catalogue (CM-1)")
        for check in self.checks:
            check()

    def warm(self) -> None:
        """Make ready what else would be made in somebody's turn; may run in another thread than the turns."""
        for warmer in self.warmers:
            warmer()

    def carrier_answers(self, text: str) -> bool:
        """Tell whether Twilio itself answers this message (its own single words, unless switched to `self`)."""
        return self.keyword_mode != "self" and text.strip().upper() in CARRIER_WORDS

    def add_texts(self, folder: Path) -> None:
        """Add a folder of catalogues."""
        self.catalogue.add_folder(folder)

    def speaks(self, locale: str) -> bool:
        """Tell whether there is a catalogue for a locale."""
        return self.catalogue.speaks(locale)

    def add_flow(self, flow: Flow[Any]) -> None:
        """Add a flow; raise ValueError when it is incomplete or its name is taken."""
        flow.check()
        if flow.name in self.flows:
            raise ValueError(f"two flows are called {flow.name}")
        self.flows[flow.name] = flow

    def on(self, name: str) -> Callable[[Handler], Handler]:
        """Register the handler of an event: `stripe:checkout.session.completed`, `timer:followup`, `call:mailed`."""

        def register(handler: Handler) -> Handler:
            if name in self.handlers:
                raise ValueError(f"two handlers for {name}")
            self.handlers[name] = handler
            return handler

        return register

    def word(self, name: str) -> Callable[[Word], Word]:
        """Register what a global word (`status`, `undo`, `case_code`) does in this service."""

        def register(function: Word) -> Word:
            self.words.setdefault(name, []).append(function)
            return function

        return register

    def button(self, name: str) -> Callable[[Press], Press]:
        """Register what standing buttons of a name do."""

        def register(function: Press) -> Press:
            self.buttons[name] = function
            return function

        return register

    def takes_photos(self, choice: Choice) -> Callable[[PhotoTaker], PhotoTaker]:
        """Register what a service does with pictures that no step waits for (rule SMS-43)."""

        def register(function: PhotoTaker) -> PhotoTaker:
            self.photo_takers.append(Taker(choice, function))
            return function

        return register

    def serve(self, *routes: Route) -> None:
        """Register resources of the HTTP API; raise ValueError when one is there already."""
        known = {(route.method, route.path) for route in self.routes}
        for route in routes:
            if (route.method, route.path) in known:
                raise ValueError(f"two routes for {route.method} {route.path}")
            self.routes.append(route)

    def takes_tables(self, function: PhotoTaker) -> PhotoTaker:
        """Register the one service that takes files with data (JSON, CSV) which no step waits for."""
        self.table_taker = function
        return function

    def takes_voices(self, function: PhotoTaker) -> PhotoTaker:
        """Register what a service does with voice clips that no step waits for."""
        self.voice_takers.append(function)
        return function

    def command(self, name: str) -> Callable[[Command], Command]:
        """Register a command of staff that checks by itself who asks; it needs a row too, or the start is refused."""

        def register(function: Command) -> Command:
            self.commands[name] = function
            return function

        return register

    def staff_command(self, command: StaffCommand) -> None:
        """Add a row of the staff's catalogue; raise ValueError for two of a name, or a grave one without a dry run."""
        command.check()
        if command.name in self.staff:
            raise ValueError(f"two commands of staff are called {command.name}")
        self.staff[command.name] = command

    def fulfils(self, purpose: str) -> Callable[[Fulfil], Fulfil]:
        """Register what happens when an order of a purpose is paid."""

        def register(function: Fulfil) -> Fulfil:
            if purpose in self.fulfilments:
                raise ValueError(f"two services fulfil {purpose}")
            self.fulfilments[purpose] = function
            return function

        return register

    def operation(self, name: str) -> Callable[[Operation], Operation]:
        """Register what a service lets operators do."""

        def register(function: Operation) -> Operation:
            self.operations[name] = function
            return function

        return register


_NO_SERVICES = ("status", "help")
"""Entries of the menu that are the engine's own."""


def about_services(registry: Registry, key: str) -> str:
    """Return the key of a text that names what we do: the one for the services that are switched on, or for all."""
    services = [value for value, *_ in registry.menu if value not in _NO_SERVICES]
    chosen = f"{key}_{'_'.join(services)}"
    return chosen if registry.catalogue.has(chosen) else key
