"""Logging in and out, and who is who.

> /login 123456
< Logged in as ann until 21:14 UTC. /logout ends it.
> /login 000000
< That code is not right.
"""

from __future__ import annotations

from datetime import timedelta

from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.admin.factor import Verdict, check
from handlers.admin.gate import Actor, actor_of, command, is_private, refuse
from storage import operators

SESSION = timedelta(hours=12)


def register(registry: Registry) -> None:
    """Register the commands of this module."""
    registry.command("login")(login)
    registry.command("logout")(logout)
    registry.on("timer:operator.answer")(_answer)
    command(registry, "who")(who)


def login(turn: Turn, argument: str) -> bool:
    """Open a session by a code; the first right one makes an invited person the operator."""
    if turn.person_id is None or not is_private(turn) or turn.address is None:
        return False
    code, _, invite = argument.partition(" ")
    row = operators.by_person(turn.work, turn.person_id)
    row = row or operators.candidate(turn.work, telegram=turn.address.handle.rpartition(":")[2], invite=invite.strip())
    if row is None:
        refuse(turn, "login")
        return False
    verdict = check(turn, row, code)
    if verdict is not Verdict.RIGHT:
        turn.say(f"admin.code_{verdict.value}")
        return True
    until = turn.now + SESSION
    operators.change(
        turn.work,
        row.id,
        person_id=turn.person_id,
        state="open" if row.state == "open" else "active",
        session_until=until,
        invite=None,
        invited_until=None,
    )
    turn.audit("login", f"operator:{row.name}", actor=f"operator:{row.name}")
    turn.say("admin.logged_in", name=row.name, until=f"{until:%H:%M} UTC")
    return True


def logout(turn: Turn, argument: str) -> bool:
    """End the session."""
    actor = actor_of(turn)
    if actor is None or actor.operator is None:
        refuse(turn, "logout")
        return False
    operators.change(turn.work, actor.operator.id, session_until=None)
    turn.audit("logout", f"operator:{actor.operator.name}", actor=actor.name)
    turn.say("admin.logged_out")
    return True


def who(turn: Turn, argument: str, actor: Actor) -> None:
    """List the operators."""
    turn.audit("who", actor=actor.name)
    lines = []
    for row in operators.everyone(turn.work):
        state = "held" if row.held else row.state
        if row.locked_until is not None and row.locked_until > turn.now:
            state = f"locked until {row.locked_until:%H:%M} UTC"
        session = row.session_until is not None and row.session_until > turn.now
        lines.append(f"{row.name}: {row.role}, {state}{', logged in' if session else ''}")
    turn.say("admin.plain", text=f"You are {actor.name}.\n" + ("\n".join(lines) or "Nobody is enrolled."))


def _answer(turn: Turn) -> None:
    """Tell an operator what became of something that ran in another person's queue."""
    turn.notify("admin.plain", purpose="reply", ttl=timedelta(hours=24), text=str(turn.event.payload.get("text") or ""))
