"""Who speaks: a member of staff in a private chat or the staff's group, or somebody at the host's terminal.

What was forwarded, edited, or said in the name of a chat has no sender that counts (rule CM-2). The role is read anew
for every message, so a member who was disabled or demoted is so at once (rule TF-6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bot.engine.staff import TERMINAL, Member
from bot.engine.turn import Turn
from handlers.admin import periods
from handlers.admin.roles import OWNER, Roles, packaged
from storage import operators


@dataclass(frozen=True, slots=True)
class AdminSettings:
    """`demo`: a single enrolled operator may do what needs two. `staff_group` is the chat of staff on Telegram."""

    demo: bool = False
    staff_group: int | None = None


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts; `row` is None at the terminal, whose user has the host and therefore the database."""

    member: Member
    row: sa.Row[Any] | None

    @property
    def name(self) -> str:
        """How the audit names them."""
        return self.member.name


def settings_of(turn: Turn) -> AdminSettings:
    """Return the settings of this package."""
    found: AdminSettings = turn.registry.settings.get(AdminSettings) or AdminSettings()
    return found


def roles_of(turn: Turn) -> Roles:
    """Return the roles in force."""
    found: Roles = turn.registry.settings.get(Roles) or packaged()
    return found


def is_private(turn: Turn) -> bool:
    """Tell whether a message came in the sender's own chat with the bot."""
    address = turn.address
    if address is None or address.channel != "telegram":
        return False
    return str(turn.event.payload.get("chat_id")) == address.handle.rpartition(":")[2]


def is_heard(turn: Turn) -> bool:
    """Tell whether a message counts as said by its sender, in a place for staff."""
    payload, group = turn.event.payload, settings_of(turn).staff_group
    if turn.event.kind not in ("text", "button") or payload.get("forwarded") or payload.get("anonymous"):
        return False
    if turn.person_id is None or turn.address is None or turn.address.channel != "telegram":
        return False
    return is_private(turn) or (group is not None and payload.get("chat_id") == group)


def member_of(turn: Turn, row: sa.Row[Any]) -> Member:
    """Return a member of staff as the gate sees them; one without a factor may care for that alone."""
    role = roles_of(turn).role(row.role)
    permissions = role.permissions if row.state in operators.IN_FORCE else frozenset[str]()
    return Member(f"operator:{row.name}", row.role, permissions, row.id, row.person_id, role.limits)


def at_terminal(turn: Turn) -> Member:
    """Return the member that whoever has the host is."""
    role = roles_of(turn).role(OWNER)
    return Member(f"terminal:{turn.event.payload['user']}", OWNER, role.permissions, limits=role.limits)


def actor_of(turn: Turn) -> Actor | None:
    """Return who acts, None for somebody who is not of the staff."""
    if turn.event.source == TERMINAL:
        return Actor(at_terminal(turn), None)
    if not is_heard(turn) or turn.person_id is None:
        return None
    row = operators.by_person(turn.work, turn.person_id)
    return None if row is None else Actor(member_of(turn, row), row)


# -- the unlocked period -----------------------------------------------------------------------------------------------


def is_unlocked(turn: Turn, actor: Actor) -> bool:
    """Tell whether a member proved themselves lately (rule TF-6)."""
    row = actor.row
    if row is None:
        return True
    is_open = row.session_until is not None and turn.now < row.session_until
    return is_open and not row.held and row.state in operators.IN_FORCE


def unlock(turn: Turn, row: sa.Row[Any]) -> None:
    """Begin an unlocked period."""
    until = turn.now + periods.period(turn.work, "unlock")
    operators.change(turn.work, row.id, unlocked_at=turn.now, session_until=until, used_at=turn.now)


def slide(turn: Turn, actor: Actor) -> None:
    """Note that a member is at work: the period goes on, up to its most."""
    row = actor.row
    if row is None:
        return
    values = {"used_at": turn.now}
    if is_unlocked(turn, actor) and row.unlocked_at is not None:
        most = row.unlocked_at + periods.period(turn.work, "unlock_most")
        values["session_until"] = min(turn.now + periods.period(turn.work, "unlock"), most)
    operators.change(turn.work, row.id, **values)


def lock(turn: Turn, row: sa.Row[Any]) -> None:
    """End the unlocked period."""
    operators.change(turn.work, row.id, unlocked_at=None, session_until=None)
