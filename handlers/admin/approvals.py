"""What needs a second person: somebody else of the owners and admins agrees, within 15 minutes, or it is off.

> /role grant bob finance
< ROLE of bob: support_viewer -> finance. Somebody else has to agree. Type within 2 minutes: role bob CODE
> role bob 492017
< It waits for somebody else: /approve 188017, within 15 minutes.

Nobody approves their own act (A108). In demo mode an only owner may, and is told that this is the demo.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bot.core.calls.channels import Button
from bot.core.errors import Refusal, Spoken
from bot.engine.registry import Registry
from bot.engine.staff import TERMINAL, Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.admin import buttons, periods, telling, trail
from handlers.admin.members import Actor, member_of, roles_of, settings_of
from handlers.admin.roles import OWNER
from storage import operators, staff_actions
from storage.staff_actions import Action

APPROVES = "act.approve"


def register(registry: Registry) -> None:
    """Register agreeing and refusing."""
    for name, act in (("approve", approve), ("refuse", refuse)):
        registry.staff_command(
            StaffCommand(name, Risk.REVERSIBLE, APPROVES, f"/{name} NUMBER", act, target="staff act")
        )


def ask(turn: Turn, actor: Actor, action: Action, row: StaffCommand) -> None:
    """Let an act whose code was right wait for somebody else, and tell them."""
    others = _others(turn, actor.member.operator_id)
    if not others:
        _alone(turn, actor, action, row)
        return
    until = turn.now + periods.period(turn.work, "approval")
    if not staff_actions.move(turn.work, action.id, was=("open",), to="waiting", expires_at=until):
        turn.say("admin.act_executed")
        return
    minutes = periods.period(turn.work, "approval").seconds // 60
    says = staff_actions.says_of(turn.work, action)
    words = turn.text("admin.approval_wanted", says=says, by=actor.name, id=action.id, minutes=minutes)
    for chat in others:
        offered = [
            Button(turn.text(f"admin.button_{name}"), buttons.offer(turn, chat.operator_id, name, str(action.id)))
            for name in ("approve", "refuse")
        ]
        telling.tell(turn.work, chat, words, offered)
    turn.say("admin.waits_second", id=action.id, minutes=minutes)


def _able(turn: Turn) -> list[str]:
    """Return the roles that may approve."""
    return [role.name for role in roles_of(turn).by_name.values() if APPROVES in role.permissions]


def _others(turn: Turn, author: int | None) -> list[sa.Row[Any]]:
    """Return the chats of everybody else who may approve."""
    return [chat for chat in operators.chats(turn.work, *_able(turn)) if chat.operator_id != author]


def _somebody_could(turn: Turn, author: int | None) -> bool:
    """Tell whether anybody else in force may approve, even one whom no message reaches."""
    able = _able(turn)
    return any(row.role in able and row.id != author for row in operators.in_force(turn.work))


def _alone(turn: Turn, actor: Actor, action: Action, row: StaffCommand) -> None:
    """Do it at once in demo mode, saying so; elsewhere an act that nobody can approve is off."""
    if not settings_of(turn).demo or _somebody_could(turn, actor.member.operator_id):
        staff_actions.move(turn.work, action.id, was=("open",), to="denied")
        trail.note(turn, "denied", row, actor.name, act=action.id, why="nobody else can approve")
        turn.say("admin.nobody_approves")
        return
    trail.note(turn, "approved", row, actor.name, act=action.id, why="demo mode with a single operator")
    turn.say("admin.alone")
    execute(turn, action, row, actor.member, factor="code")


def execute(
    turn: Turn, action: Action, row: StaffCommand, member: Member, *, factor: str, approver: str | None = None
) -> None:
    """Do an act once, in the commit that ends it; the owners hear of it (rule CM-5)."""
    if not staff_actions.move(turn.work, action.id, was=staff_actions.OPEN, to="executed", approver=approver):
        turn.say("admin.act_executed")
        return
    try:
        text = row.act(turn, staff_actions.argument_of(turn.work, action), member)
    except Spoken as spoken:
        staff_actions.move(turn.work, action.id, was=("executed",), to="denied")
        trail.note(turn, "failed", row, member.name, act=action.id, why=spoken.key)
        _answer(turn, member, turn.text(spoken.key, **spoken.args_), approver)
        return
    more = {"approver": approver} if approver else {}
    trail.note(turn, "executed", row, member.name, act=action.id, factor=factor, **more)
    trail.announce(turn, row, member.name, action.id, **more)
    _answer(turn, member, text, approver)


def _answer(turn: Turn, member: Member, text: str, approver: str | None) -> None:
    """Give the answer to the author alone: it may hold what nobody else should read."""
    if approver is None:
        turn.say("admin.plain", text=text)
    else:
        telling.tell_member(turn.work, member.operator_id, text)
        turn.say("admin.approved")


# -- the second person -------------------------------------------------------------------------------------------------


def approve(turn: Turn, argument: str, member: Member) -> str:
    """Agree to somebody else's act, which is then done, if nothing changed meanwhile."""
    action, row = _waiting(turn, argument)
    if action.actor == member.name or (action.operator_id or 0) == member.operator_id:
        trail.note(turn, "denied", row, member.name, act=action.id, why="own act")
        raise Refusal("admin.own_act")
    author = _author(turn, action)
    if author is None or not author.may(row.permission) or row.foresee is None:
        return _off(turn, action, row, member, "the author may not do it any more")
    try:
        version = row.foresee(turn, staff_actions.argument_of(turn.work, action), author).version
    except Spoken as spoken:
        return _off(turn, action, row, member, spoken.key)
    if version != action.version or not staff_actions.is_whole(turn.work, action):
        return _off(turn, action, row, member, "changed")
    trail.note(turn, "approved", row, member.name, act=action.id, author=action.actor)
    execute(turn, action, row, author, factor="code and approval", approver=member.name)
    return f"Act {action.id}: /{action.command} of {action.actor}."


def refuse(turn: Turn, argument: str, member: Member) -> str:
    """Refuse somebody's act; an author may take their own one back."""
    action, row = _waiting(turn, argument)
    return _off(turn, action, row, member, "refused")


def _waiting(turn: Turn, argument: str) -> tuple[Action, StaffCommand]:
    number = argument.strip()
    action = staff_actions.load(turn.work, int(number)) if number.isdigit() and len(number) < 20 else None
    row = turn.registry.staff.get(action.command) if action is not None else None
    if action is None or row is None or action.state != "waiting":
        raise Refusal("admin.nothing_waits")
    if turn.now >= action.expires_at:
        staff_actions.move(turn.work, action.id, was=("waiting",), to="expired")
        trail.lapsed(turn.work, row.name, action.actor, action.id)
        raise Refusal("admin.act_expired")
    return action, row


def _author(turn: Turn, action: Action) -> Member | None:
    """Return the author as the role is now; whoever sits at the terminal is the owner."""
    if action.operator_id is None:
        role = roles_of(turn).role(OWNER)
        is_host = action.actor.startswith(f"{TERMINAL}:")
        return Member(action.actor, OWNER, role.permissions, limits=role.limits) if is_host else None
    row = operators.by_id(turn.work, action.operator_id)
    return None if row is None else member_of(turn, row)


def _off(turn: Turn, action: Action, row: StaffCommand, member: Member, why: str) -> str:
    staff_actions.move(turn.work, action.id, was=("waiting",), to="denied", approver=member.name)
    trail.note(turn, "denied", row, member.name, act=action.id, author=action.actor, why=why)
    text = f"Act {action.id} (/{action.command}) is off: {why}."
    telling.tell_member(turn.work, action.operator_id, text)
    return text
