"""Who is of the staff, and in which role (section 11): inviting, disabling, enabling, granting, revoking.

> /staff invite carol
< INVITE carol as support_viewer. Somebody else has to agree. Type within 2 minutes: staff invite carol CODE

The last owner stays one, and nobody changes their own role (A109).
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.staff import Effect, Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.admin import tfa
from handlers.admin.members import roles_of
from handlers.admin.roles import FIRST, OWN, limits_told
from handlers.admin.session import described
from storage import operators

INVITED = timedelta(hours=24)
_NAME = re.compile(r"[a-z][a-z0-9_.-]{1,30}")
_TARGET = "staff"


def register(registry: Registry) -> None:
    """Register the commands of this module."""
    may = "role.manage"
    rows = (
        StaffCommand("staff list", Risk.COUNTERS, may, "/staff list", members, _TARGET),
        StaffCommand("staff invite", Risk.GUARDED, may, "/staff invite NAME", invite, _TARGET, foresee=invite_ahead),
        StaffCommand("staff disable", Risk.GRAVE, may, "/staff disable NAME", disable, _TARGET, foresee=disable_ahead),
        StaffCommand("staff enable", Risk.GUARDED, may, "/staff enable NAME", enable, _TARGET, foresee=enable_ahead),
        StaffCommand("role list", Risk.COUNTERS, "report.ops", "/role list", roles, _TARGET),
        StaffCommand("role grant", Risk.GUARDED, may, "/role grant NAME ROLE", grant, _TARGET, foresee=grant_ahead),
        StaffCommand("role revoke", Risk.GUARDED, may, "/role revoke NAME", revoke, _TARGET, foresee=revoke_ahead),
    )
    for row in rows:
        registry.staff_command(row)


def members(turn: Turn, argument: str, member: Member) -> str:
    """List everybody who was ever enrolled."""
    lines = []
    for row in operators.everyone(turn.work):
        used = f", last at work {row.used_at:%Y-%m-%d}" if row.used_at is not None else ""
        lines.append(described(turn, row) + used)
    return "\n".join(lines) or "Nobody is enrolled."


def roles(turn: Turn, argument: str, member: Member) -> str:
    """List the roles: who has each, and what it may."""
    rows, known = operators.everyone(turn.work), roles_of(turn).by_name
    lines = []
    for role in known.values():
        having = ", ".join(row.name for row in rows if row.role == role.name and row.state in operators.KNOWN)
        within = [known[name] for name in role.includes]
        own = role.permissions.difference({OWN}, *(other.permissions for other in within))
        may = [*(f"all of {other.name}" for other in within), *sorted(own)]
        limits = f"; alone up to {limits_told(role.limits)}" if role.limits else ""
        lines.append(f"{role.name} ({having or 'nobody'}): {', '.join(may)}{limits}")
    return "\n".join(lines)


def _member(turn: Turn, name: str, *states: str) -> sa.Row[Any]:
    row = operators.by_name(turn.work, name.strip().lower())
    if row is None or row.state not in states:
        raise Refusal("admin.no_member")
    return row


def _another(turn: Turn, name: str, member: Member, *states: str) -> sa.Row[Any]:
    row = _member(turn, name, *states)
    if row.id == member.operator_id:
        raise Refusal("admin.not_oneself")
    return row


def _version(row: sa.Row[Any]) -> str:
    return f"{row.id}:{row.role}:{row.state}"


# -- inviting ----------------------------------------------------------------------------------------------------------


def _newcomer(turn: Turn, argument: str) -> str:
    name = argument.strip().lower()
    if not _NAME.fullmatch(name):
        raise Refusal("admin.bad_name")
    known = operators.by_name(turn.work, name)
    if known is not None and known.state not in ("invited", "disabled"):
        raise Refusal("admin.known_member", name=name)
    return name


def invite_ahead(turn: Turn, argument: str, member: Member) -> Effect:
    """Tell whom an invitation would make what."""
    name = _newcomer(turn, argument)
    known = operators.by_name(turn.work, name)
    return Effect(
        f"INVITE {name} as {FIRST}, by a link that holds for 24 hours, once.",
        f"staff invite {name}",
        _version(known) if known is not None else "new",
    )


def invite(turn: Turn, argument: str, member: Member) -> str:
    """Make the invitation and give its link to the author; only its keyed hash is kept (rule TF-1)."""
    name, token = _newcomer(turn, argument), turn.work.ids.token()
    new_id = operators.enroll(
        turn.work, name=name, role=FIRST, state="invited", secret=tfa.new_secret(), invite=token,
        invited_until=turn.now + INVITED,
    )  # fmt: skip
    operators.change(turn.work, new_id, pending=turn.work.seal.seal(b""))
    turn.hide(token)
    bot = turn.registry.bot_username
    link = f"https://t.me/{bot}?start=staff_{token}" if bot else f"/start staff_{token} (typed to this bot)"
    return turn.text("admin.invited", name=name, link=link)


# -- disabling ---------------------------------------------------------------------------------------------------------


def disable_ahead(turn: Turn, argument: str, member: Member) -> Effect:
    """Tell whose power would end."""
    row = _another(turn, argument, member, "invited", *operators.KNOWN)
    tfa.guard_last_owner(turn, row)
    return Effect(
        f"DISABLE {row.name} ({row.role}): all power ends at once.", f"staff disable {row.name}", _version(row)
    )


def disable(turn: Turn, argument: str, member: Member) -> str:
    """End a member's power at once; the factor and the bound identity go with it."""
    row = _another(turn, argument, member, "invited", *operators.KNOWN)
    tfa.guard_last_owner(turn, row)
    operators.disable(turn.work, row.name)
    return f"{row.name} is disabled."


def enable_ahead(turn: Turn, argument: str, member: Member) -> Effect:
    """Tell whom a new invitation lets back."""
    row = _another(turn, argument, member, "disabled")
    return Effect(
        f"ENABLE {row.name}: a new invitation as {FIRST}, for 24 hours.", f"staff enable {row.name}", _version(row)
    )


def enable(turn: Turn, argument: str, member: Member) -> str:
    """Let a disabled member back by a new invitation: who they are is proved anew."""
    _another(turn, argument, member, "disabled")
    return invite(turn, argument, member)


# -- roles -------------------------------------------------------------------------------------------------------------


def _wanted(turn: Turn, argument: str, member: Member) -> tuple[sa.Row[Any], str]:
    name, _, role = argument.partition(" ")
    row, role = _another(turn, name, member, *operators.KNOWN), role.strip().lower()
    if role not in roles_of(turn).by_name:
        raise Refusal("admin.no_role", roles=", ".join(roles_of(turn).by_name))
    if role != row.role:
        tfa.guard_last_owner(turn, row)
    return row, role


def grant_ahead(turn: Turn, argument: str, member: Member) -> Effect:
    """Tell a member's role before and after."""
    row, role = _wanted(turn, argument, member)
    return Effect(f"ROLE of {row.name}: {row.role} -> {role}.", f"role {row.name}", _version(row))


def grant(turn: Turn, argument: str, member: Member) -> str:
    """Give a member a role in place of theirs."""
    row, role = _wanted(turn, argument, member)
    operators.change(turn.work, row.id, role=role)
    turn.audit("role.grant", f"operator:{row.name}", actor=member.name, before=row.role, after=role, outcome="ok")
    return f"{row.name} is {role} now."


def revoke_ahead(turn: Turn, argument: str, member: Member) -> Effect:
    """Tell what a member falls back to."""
    return grant_ahead(turn, f"{argument.strip()} {FIRST}", member)


def revoke(turn: Turn, argument: str, member: Member) -> str:
    """Take a member's role away: what remains is the one that new staff get."""
    return grant(turn, f"{argument.strip()} {FIRST}", member)
