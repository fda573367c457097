"""Logging in and out, joining by invitation, and who is who.

> /login 123456
< Logged in as ann until 21:14 UTC. /lock ends it.
> /login 000000
< That code is not right.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.engine.copies import mail_copy
from bot.engine.registry import Registry
from bot.engine.staff import Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.admin import codes, members, periods, telling, tfa
from handlers.admin.factor import Verdict, check, is_backup
from handlers.admin.members import is_heard, is_private
from handlers.admin.roles import OWN, limits_told
from storage import operators, timers

JOINS = "/start staff_"
"""What an invitation's link makes a Telegram app send."""
SETUP = "tfa setup"
"""The one command of somebody who has no factor yet."""


def register(registry: Registry) -> None:
    """Register the commands of this module."""
    registry.command("login")(login)
    registry.on("timer:operator.answer")(_answer)
    for name, usage, act in (
        ("login", "/login CODE", _logged_in),
        ("lock", "/lock", lock),
        ("logout", "/logout", lock),
        ("whoami", "/whoami", whoami),
    ):
        registry.staff_command(StaffCommand(name, Risk.COUNTERS, OWN, usage, act, target="staff"))
    registry.staff_command(StaffCommand("who", Risk.COUNTERS, "report.ops", "/who", who, target="staff"))


def login(turn: Turn, argument: str) -> bool:
    """Begin an unlocked period by a code; the first right one makes an invited person a member."""
    if not is_heard(turn) or not is_private(turn) or turn.address is None or turn.person_id is None:
        return False
    code, _, invite = argument.partition(" ")
    row = operators.by_person(turn.work, turn.person_id)
    row = row or operators.candidate(turn.work, telegram=turn.address.handle.rpartition(":")[2], invite=invite.strip())
    if row is None:
        turn.audit("staff.denied", "command:login", outcome="denied", why="stranger")
        return False
    turn.hide(code)
    turn.hide(invite.strip())
    telling.take_back(turn)
    if row.state == "joined":
        turn.say("admin.plain", text=tfa.finish(turn, row, code))
        return True
    verdict = check(turn, row, code) if code else Verdict.WRONG
    if verdict is not Verdict.RIGHT:
        turn.say(f"admin.code_{verdict.value}" if code else "admin.code_missing")
        return True
    _enter(turn, row, turn.person_id)
    if is_backup(code):
        codes.warn(turn, row.id)
    return True


def _enter(turn: Turn, row: sa.Row[Any], person_id: int) -> None:
    state = "open" if row.state == "open" else "active"
    operators.change(turn.work, row.id, person_id=person_id, state=state, invite=None, invited_until=None)
    members.unlock(turn, row)
    turn.audit("login", f"operator:{row.name}", actor=f"operator:{row.name}", outcome="ok")
    mail_copy(turn, "login", name=row.name, when=f"{turn.now:%Y-%m-%d %H:%M} UTC")
    until = turn.now + periods.period(turn.work, "unlock")
    turn.say("admin.logged_in", name=row.name, until=f"{until:%H:%M} UTC")


def _logged_in(turn: Turn, argument: str, member: Member) -> str:
    """Answer /login at the terminal, where nobody logs in."""
    return f"You are {member.name}."


def join(turn: Turn, token: str) -> bool:
    """Bind a Telegram user to an invitation (rule TF-1); a token that is none is any payload of a link."""
    if not is_heard(turn) or not is_private(turn) or turn.person_id is None:
        return False
    row = operators.invited_by_token(turn.work, token)
    if row is None or operators.by_person(turn.work, turn.person_id) is not None:
        return False
    turn.hide(token)
    if not operators.join(turn.work, row.id, turn.person_id):
        return False
    turn.audit("staff.joined", f"operator:{row.name}", actor=f"operator:{row.name}", outcome="ok")
    turn.say("admin.joined", name=row.name)
    return True


def lock(turn: Turn, argument: str, member: Member) -> str:
    """End the unlocked period."""
    if member.operator_id is not None:
        operators.change(turn.work, member.operator_id, unlocked_at=None, session_until=None)
    turn.audit("logout", member.name, actor=member.name, outcome="ok")
    return turn.text("admin.logged_out")


def whoami(turn: Turn, argument: str, member: Member) -> str:
    """Tell a member who they are to us, and until when."""
    row = operators.by_id(turn.work, member.operator_id) if member.operator_id is not None else None
    is_open = row is not None and row.session_until is not None and row.session_until > turn.now
    until = f"unlocked until {row.session_until:%H:%M} UTC" if row is not None and is_open else "locked"
    limits = limits_told(member.limits)
    usable = {name.partition(" ")[0] for name, one in turn.registry.staff.items() if member.may(one.permission)}
    lines = [f"You are {member.name}, {member.role}; {until if row is not None else 'at the terminal'}."]
    lines += [f"Alone up to: {limits}"] if limits else []
    lines += [f"Commands: /{' /'.join(sorted(usable))}", "Most of them alone tell what may follow."]
    return "\n".join([*lines, "/role list tells what each role may."])


def who(turn: Turn, argument: str, member: Member) -> str:
    """List the operators."""
    lines = [described(turn, row) for row in operators.everyone(turn.work)]
    return f"You are {member.name}.\n" + ("\n".join(lines) or "Nobody is enrolled.")


def described(turn: Turn, row: sa.Row[Any]) -> str:
    """Return one line about a member of staff."""
    state = "held" if row.held else row.state
    if row.locked_until is not None and row.locked_until > turn.now:
        state = f"locked until {row.locked_until:%H:%M} UTC"
    is_open = row.session_until is not None and row.session_until > turn.now
    return f"{row.name}: {row.role}, {state}{', logged in' if is_open else ''}"


def _answer(turn: Turn) -> None:
    """Tell an operator what became of something that ran in another person's queue; words of persons lie sealed."""
    payload = turn.event.payload
    sealed = turn.work.seal.open(bytes.fromhex(payload["sealed"])).decode() if payload.get("sealed") else ""
    text = sealed or str(payload.get("text") or "")
    turn.notify("admin.plain", purpose="reply", ttl=timedelta(hours=24), text=text)
    timers.empty(turn.work, int(turn.event.key))
