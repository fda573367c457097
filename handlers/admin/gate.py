"""Who may run a command: an operator with an open session in a private chat, or somebody at the host's terminal.

Authorisation comes before anything else. A command of somebody who is no operator is audited and then treated as the
text it is, so that nothing hints at the commands (rule CM-1).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bot.core.errors import Refusal, Spoken
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.admin.factor import Verdict, check, step_of
from storage import audit, operators

TERMINAL = "terminal"
"""The source of events that the command line makes; no door can make one."""


@dataclass(frozen=True, slots=True)
class AdminSettings:
    """`demo`: a single enrolled operator may do what needs two. The caps are for one refund (rules REF-6, PY-5)."""

    demo: bool = False
    operator_refund_cents: int = 10_000
    owner_refund_cents: int = 50_000


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, as the audit names them; `operator` is None at the terminal."""

    name: str
    operator: sa.Row[Any] | None


Act = Callable[[Turn, str, Actor], None]


def is_private(turn: Turn) -> bool:
    """Tell whether a message came in the sender's own chat with the bot."""
    address = turn.address
    if address is None or address.channel != "telegram":
        return False
    return str(turn.event.payload.get("chat_id")) == address.handle.rpartition(":")[2]


def actor_of(turn: Turn) -> Actor | None:
    """Return who acts, None for somebody who is no operator."""
    if turn.event.source == TERMINAL:
        return Actor(f"terminal:{turn.event.payload['user']}", None)
    if turn.person_id is None or not is_private(turn):
        return None
    row = operators.by_person(turn.work, turn.person_id)
    return None if row is None else Actor(f"operator:{row.name}", row)


def command(registry: Registry, name: str) -> Callable[[Act], Act]:
    """Register a command that needs an open session."""

    def wrap(act: Act) -> Act:
        def run(turn: Turn, argument: str) -> bool:
            actor = actor_of(turn)
            if actor is None:
                refuse(turn, name)
                return False
            if not _is_open(turn, actor):
                turn.say("admin.login_first")
                return True
            try:
                act(turn, argument, actor)
            except Spoken as spoken:
                turn.say(spoken.key, **spoken.args_)
            return True

        registry.command(name)(run)
        return act

    return wrap


def _is_open(turn: Turn, actor: Actor) -> bool:
    row = actor.operator
    return row is None or (row.session_until is not None and turn.now < row.session_until and not row.held)


def refuse(turn: Turn, name: str) -> None:
    """Note that somebody without the right tried a command."""
    audit.record(turn.work, actor=f"person:{turn.person_id}", action="command.refused", obj=f"command:{name}")


def need_code(turn: Turn, actor: Actor, code: str) -> None:
    """Ask for a fresh code of the actor; at the terminal any operator's will do. Raise Refusal otherwise."""
    if actor.operator is not None:
        verdict = check(turn, actor.operator, code)
        if verdict is not Verdict.RIGHT:
            raise Refusal(f"admin.code_{verdict.value}")
        return
    for row in operators.in_force(turn.work):
        step = step_of(operators.secret_of(turn.work, row), code, turn.now) if code.isdigit() else None
        if step is not None and operators.use_step(turn.work, row.id, step):
            return
    raise Refusal("admin.code_wrong")


def operate(turn: Turn, name: str, argument: str, actor: Actor) -> str:
    """Run what a service offers under a name; raise Refusal when the service is off."""
    operation = turn.registry.operations.get(name)
    if operation is None:
        raise Refusal("admin.no_service")
    return operation(turn, argument, actor.name)
