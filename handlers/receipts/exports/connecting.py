"""Connecting a program of the person's own: Firefly III, or Actual behind its HTTP server (EXP-9, EXP-10).

    U> EXPORT FIREFLY
    B> Where is your Firefly III? Its address, like https://firefly.example.org
    U> https://money.example.org
    B> Your personal access token (Options > Profile > OAuth). Delete your message afterwards.
    U> eyJ0...
    B> Connected. EXPORT FIREFLY sends your books, EXPORT FIREFLY NEW what changed. DISCONNECT FIREFLY forgets it.

Only https addresses of the public net are taken, unless the operator allows others; address and token are sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel

from bot.core.errors import Mistake
from bot.core.fold import fold
from bot.core.outside_urls import acceptable
from bot.core.prompts import Answer, Ask
from bot.engine import steps
from bot.engine.flow import End, Flow, Goto, Next
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.receipts.exports.export_kind import ExportKind
from storage.receipts import connections

_LONGEST_TOKEN, _LONGEST_BUDGET = 2000, 100


@dataclass(frozen=True, slots=True)
class Example:
    """A program that the demo has at hand, and what to type for it."""

    url: str
    token: str
    budget: str = ""


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """What the operator decides: addresses that are good whatever they look like, and whether private ones are."""

    known: tuple[str, ...] = ()
    private: bool = False
    examples: Mapping[str, Example] = field(default_factory=dict)


class Connecting(BaseModel):
    """What was entered so far."""

    kind: str = ""
    url: str = ""
    token: str = ""


flow = Flow("books_connection", Connecting, version=1, first="url")


def register(registry: Registry) -> None:
    """Register the questions and the words."""
    registry.add_flow(flow)
    registry.word("text")(said)


def begin(turn: Turn, kind: ExportKind) -> None:
    """Ask for the address."""
    frame = turn.conversation.top
    if frame is not None and frame.flow == flow.name:
        steps.follow(turn, End())
    steps.open_flow(turn, flow.name, draft=Connecting(kind=kind.value).model_dump())


def said(turn: Turn, text: str) -> bool:
    """Take CONNECT and DISCONNECT with the name of a program."""
    cut = fold(text).split()
    if len(cut) != 2 or cut[0] not in ("connect", "disconnect") or cut[1] not in connections.KINDS:
        return False
    frame = turn.conversation.top
    if frame is not None and frame.call is not None:
        turn.say("engine.still_working")
    elif cut[0] == "connect":
        begin(turn, ExportKind(cut[1]))
    else:
        gone = connections.drop(turn.work, turn.person.id, cut[1])
        turn.say(f"receipts.connection.{'dropped' if gone else 'none'}", program=_program(turn, cut[1]))
    return True


def _program(turn: Turn, kind: str) -> str:
    return turn.text(f"receipts.connection.{kind}")


def _example(turn: Turn, field_name: str) -> dict[str, object]:
    """Return what to type where the demo has the program at hand, nothing elsewhere."""
    settings = turn.registry.settings.get(ConnectionSettings, ConnectionSettings())
    known = settings.examples.get(turn.draft.kind)
    if known is None:
        return {"example": ""}
    return {"example": turn.text("receipts.connection.example", value=getattr(known, field_name))}


@flow.ask("url", effort=False)
def ask_url(turn: Turn) -> Ask:
    """Ask for the address of the program."""
    return Ask("receipts.connection.url", {"program": _program(turn, turn.draft.kind), **_example(turn, "url")})


@flow.take("url")
def take_url(turn: Turn, answer: Answer) -> Next:
    """Take an address that we may go to."""
    settings = turn.registry.settings.get(ConnectionSettings, ConnectionSettings())
    url = acceptable(answer.text, known=settings.known, private=settings.private)
    if url is None:
        raise Mistake("receipts.connection.bad_url")
    turn.draft.url = url
    return Goto("token")


@flow.ask("token", free_text=True)
def ask_token(turn: Turn) -> Ask:
    """Ask for the token."""
    return Ask(f"receipts.connection.token_{turn.draft.kind}", _example(turn, "token"))


@flow.take("token")
def take_token(turn: Turn, answer: Answer) -> Next:
    """Take a token: one word of ASCII."""
    token = answer.text.strip()
    turn.hide(token)
    if not token or len(token) > _LONGEST_TOKEN or not token.isascii() or len(token.split()) != 1:
        raise Mistake("receipts.connection.bad_token")
    turn.draft.token = token
    return Goto("budget") if turn.draft.kind == ExportKind.ACTUAL else _connected(turn, {})


@flow.ask("budget", free_text=True)
def ask_budget(turn: Turn) -> Ask:
    """Ask which budget of Actual."""
    return Ask("receipts.connection.budget", _example(turn, "budget"))


@flow.take("budget")
def take_budget(turn: Turn, answer: Answer) -> Next:
    """Take the sync id of a budget."""
    budget = answer.text.strip()
    if not budget or len(budget) > _LONGEST_BUDGET or len(budget.split()) != 1:
        raise Mistake("receipts.connection.bad_token")
    return _connected(turn, {"budget": budget})


def _connected(turn: Turn, more: dict[str, str]) -> Next:
    draft: Connecting = turn.draft
    connections.put(turn.work, turn.person.id, draft.kind, {"url": draft.url, "token": draft.token, **more})
    turn.say("receipts.connection.done", program=_program(turn, draft.kind), word=draft.kind.upper())
    return End()
