"""Grave acts: first what would happen, in words; then the same words typed again with a fresh code (rule CM-4).

> /refund 188017 10.00 lost
< REFUND $10.00 to +********23 (case A-23456), $19.95 left. Type within 2 minutes: refund A-23456 CODE
> refund A-23456 492017
< Payment 188017: $10.00 goes back; the person is told.

A code is spent on the one act that it was typed for. What changed between the two messages is shown anew.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.core.errors import Spoken
from bot.engine.staff import Effect, Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.admin import approvals, periods, telling, trail
from handlers.admin.codes import Proven, prove
from handlers.admin.factor import CODE
from handlers.admin.members import Actor, actor_of
from storage import staff_actions
from storage.staff_actions import Action, Begun

_CODED = re.compile(rf"/?(.{{1,400}}?)\s+({CODE})\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Typed:
    """A message that may confirm an act: the act, and the code that came with it."""

    action: Action
    code: str
    actor: Actor


def ask(turn: Turn, actor: Actor, row: StaffCommand, argument: str) -> None:
    """Say what an act would do and what to type for it; an earlier one that waits is forgotten."""
    effect = _effect(turn, row, argument, actor.member)
    for older in staff_actions.unfinished(turn.work, actor.name):
        if staff_actions.move(turn.work, older.id, was=("open",), to="expired"):
            trail.lapsed(turn.work, older.command, actor.name, older.id)
    action_id = staff_actions.begin(
        turn.work,
        Begun(
            "act", actor.name, actor.member.operator_id, row.name, argument, effect.version,
            turn.now + periods.period(turn.work, "code"), says=effect.says, typed=effect.typed,
        ),
    )  # fmt: skip
    trail.note(turn, "requested", row, actor.name, act=action_id)
    trail.note(turn, "challenged", row, actor.name, act=action_id, typed=effect.typed)
    minutes = periods.period(turn.work, "code").seconds // 60
    second = turn.text("admin.second_too") if row.risk is Risk.GUARDED or effect.needs_second else ""
    turn.say("admin.challenge", says=effect.says, typed=effect.typed, minutes=minutes, second=second)


def _effect(turn: Turn, row: StaffCommand, argument: str, member: Member) -> Effect:
    if row.foresee is None:  # a grave row without a dry run does not start; this is for the types
        raise LookupError(f"/{row.name} has no dry run")
    return row.foresee(turn, argument, member)


def read(turn: Turn, text: str) -> Typed | None:
    """Return the act that a message would confirm, None for any other message."""
    match = _CODED.fullmatch(text)
    actor = actor_of(turn) if match is not None else None
    if match is None or actor is None:
        return None
    action = staff_actions.of_words(turn.work, actor.name, match[1])
    return None if action is None else Typed(action, match[2], actor)


def confirm(turn: Turn, typed: Typed) -> None:
    """Do a grave act whose words and code were typed; each step that fails is said and audited."""
    action, actor = typed.action, typed.actor
    turn.hide(typed.code)
    telling.take_back(turn)
    row = turn.registry.staff.get(action.command)
    if action.state != "open":
        turn.say(f"admin.act_{action.state}")
    elif row is None or not actor.member.may(row.permission):
        _end(turn, action, "denied")
        turn.say("admin.not_yours")
    elif turn.now >= action.expires_at:
        _end(turn, action, "expired")
        trail.lapsed(turn.work, row.name, actor.name, action.id)
        turn.say("admin.act_expired")
    else:
        _with_code(turn, typed, row)


def _with_code(turn: Turn, typed: Typed, row: StaffCommand) -> None:
    action, actor = typed.action, typed.actor
    proven = prove(turn, actor, typed.code)
    if not proven.is_right:
        trail.note(turn, "denied", row, actor.name, act=action.id, why=f"code {proven.verdict.value}")
        turn.say(f"admin.code_{proven.verdict.value}")
        return
    argument = staff_actions.argument_of(turn.work, action)
    try:
        effect = _effect(turn, row, argument, actor.member)
    except Spoken as spoken:
        _refused(turn, typed, row, proven)
        turn.say(spoken.key, **spoken.args_)
        return
    if effect.version != action.version or not staff_actions.is_whole(turn.work, action):
        _refused(turn, typed, row, proven)
        turn.say("admin.changed")
        ask(turn, actor, row, argument)
        return
    if row.risk is Risk.GUARDED or effect.needs_second:
        approvals.ask(turn, actor, action, row)
        return
    approvals.execute(turn, action, row, actor.member, factor=proven.factor)


def _refused(turn: Turn, typed: Typed, row: StaffCommand, proven: Proven) -> None:
    _end(turn, typed.action, "denied")
    trail.note(turn, "denied", row, typed.actor.name, act=typed.action.id, why="changed", factor=proven.factor)


def _end(turn: Turn, action: Action, state: str) -> None:
    staff_actions.move(turn.work, action.id, was=("open",), to=state)
