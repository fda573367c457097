"""What the services registered: flows, event handlers, finders of persons, operators' commands, texts.

A service package offers one function `register(registry)`; `main.py` calls it. That is the one line of registration.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.core.events import Event
from bot.core.prompts import Answer, Choice
from bot.core.texts import Catalogue
from bot.engine.api.routes import Route
from bot.engine.flow import Flow
from bot.engine.rights import Rights, Unlimited
from bot.engine.turn import Turn
from storage.work import Work

Handler = Callable[[Turn], None]
"""Takes an event that is not an answer of the open step: a paid checkout, a timer, a call's outcome."""

Finder = Callable[[Work, Event], int | None]
"""Finds the person whom a vendor's event is about."""

Command = Callable[[Turn, str], bool]
"""An operators' command; False when the one who asks is no operator: then the message is like any other."""

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

Press = Callable[[Turn, str], None]
"""Does what a standing button says, by its argument; harmless when done twice."""

PhotoTaker = Callable[[Turn, Answer], None]
"""Takes pictures that no step waits for, and says what it did with them in one line."""


@dataclass(frozen=True, slots=True)
class Taker:
    """A service that takes such pictures, and the choice that means it where there are several."""

    choice: Choice
    take: PhotoTaker


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
    settings: dict[type, Any] = field(default_factory=dict)
    rights: Rights = field(default_factory=Unlimited)
    catalogue: Catalogue = field(default_factory=Catalogue)
    flows: dict[str, Flow[Any]] = field(default_factory=dict)
    handlers: dict[str, Handler] = field(default_factory=dict)
    finders: dict[str, Finder] = field(default_factory=dict)
    words: dict[str, list[Word]] = field(default_factory=dict)
    menu: list[tuple[str, str, str]] = field(default_factory=list)
    commands: dict[str, Command] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)
    buttons: dict[str, Press] = field(default_factory=dict)
    photo_takers: list[Taker] = field(default_factory=list)
    voice_takers: list[PhotoTaker] = field(default_factory=list)
    table_taker: PhotoTaker | None = None
    holds: list[Hold] = field(default_factory=list)
    erasers: list[Eraser] = field(default_factory=list)
    farewells: list[Farewell] = field(default_factory=list)
    switches: set[str] = field(default_factory=set)
    """Whole messages, folded, that turn one thing of a service off ("digest off") and are no opt-out from all."""
    routes: list[Route] = field(default_factory=list)
    warmers: list[Callable[[], None]] = field(default_factory=list)
    """What makes a service's patterns ready, in a thread of its own: made in a turn they would hold everybody up."""
    _postponed: list[Callable[[], None]] = field(default_factory=list)

    def postpone(self, register: Callable[[], None]) -> None:
        """Let services register with the first event: until then their modules cost neither memory nor time."""
        self._postponed.append(register)

    def complete(self) -> None:
        """Let those that were postponed register now."""
        while self._postponed:
            self._postponed.pop(0)()

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
        """Register an operators' command; it checks who asks before anything else."""

        def register(function: Command) -> Command:
            self.commands[name] = function
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
