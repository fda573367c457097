"""Who answers and who asks for a yes: the rest of coaching, or what a test puts in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.engine.turn import Turn
from handlers.coaching.decisions import Recognition
from handlers.coaching.flow import saving
from handlers.coaching.flow import scripted as rules
from handlers.coaching.flow.asking import ask
from handlers.coaching.flow.seen import Seen
from handlers.coaching.settings import Answerer, Said


@dataclass(frozen=True, slots=True)
class Found:
    """What a message of the person decides or completes; `source` tells whether a model saw it, or the rules alone."""

    said: Said
    what: Recognition
    source: str = "rules"


def propose(turn: Turn, seen: Seen, found: Sequence[Found]) -> None:
    """Let what several messages decide wait for a yes, and ask for all of it in one question (PP-2)."""
    made = []
    for one in found:
        said = one.said
        made += saving.let_wait(turn, seen, one.what, message_id=said.message_id, text=said.text, source=one.source)
    if made:
        ask(turn, seen, made)


@dataclass(frozen=True, slots=True)
class Ports:
    """`scripted` answers in the place of a model, `outage` for one that failed; `read` finds what a message decides
    by rules; `propose` lets what was found wait for a yes, and asks for it in this turn's reply."""

    scripted: Answerer = rules.answer
    outage: Answerer = rules.outage
    read: Callable[[Turn, Seen, Said], Recognition] = rules.read
    propose: Callable[[Turn, Seen, Sequence[Found]], None] = propose


def ports_of(turn: Turn) -> Ports:
    """Return what was given, else the rest of coaching itself."""
    found: Ports = turn.registry.settings.get(Ports) or Ports()
    return found
