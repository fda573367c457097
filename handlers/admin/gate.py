"""The gate: every command and every button of staff passes here, and nothing else runs a row of the catalogue (CM-1).

Whoever is no member of staff gets the answer of any unknown text. A member is authorised before a code is asked for;
then the class decides: an unlocked period, a fresh code, a dry run with its code, somebody else's approval.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

from bot.core.errors import Misconfigured, Refusal, Spoken
from bot.engine.registry import Registry
from bot.engine.staff import TERMINAL, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.admin import buttons, challenges, members, session, telling, trail
from handlers.admin.codes import need
from handlers.admin.factor import CODE
from handlers.admin.members import Actor, actor_of
from handlers.admin.roles import packaged
from storage import operators, staff_actions
from storage.staff_actions import Action

PERSONS = frozenset({"coupon", "export", "quote", "plan", "status"})
"""First words that persons use as well: what is no row of the catalogue is theirs."""

_LONGEST, _MEANT = 32, 3
_LAST_CODE = re.compile(rf"(.*?)\s*({CODE})\s*", re.DOTALL)


def register(registry: Registry) -> None:
    """Let the gate hear messages and buttons, and refuse to start with a row that no role may use."""
    registry.gate, registry.bar = hears, barred
    registry.word("lost")(astray)
    registry.button(buttons.NAME)(press)
    registry.checks.append(lambda: check(registry))


def check(registry: Registry) -> None:
    """Raise Misconfigured for a row whose permission no role carries (CM-1)."""
    known = packaged().permissions
    for row in registry.staff.values():
        row.check()
        if row.permission not in known:
            raise Misconfigured("staff commands", f"/{row.name} asks for {row.permission}, which no role has")


def hears(turn: Turn, text: str) -> bool:
    """Take a message of staff; False when it is like anybody's."""
    if text.startswith(session.JOINS):
        return session.join(turn, text.removeprefix(session.JOINS).strip())
    typed = challenges.read(turn, text)
    if typed is not None:
        challenges.confirm(turn, typed)
        return True
    if not text.startswith("/"):
        return False
    found = named(turn.registry, text)
    return run(turn, *found) if found is not None else _help(turn, text)


def named(registry: Registry, text: str) -> tuple[StaffCommand, str] | None:
    """Return the row that a message names, by as many words as it has, and what follows them."""
    words = text[1:].split(maxsplit=2)
    if not words:
        return None
    words[0] = words[0].partition("@")[0]
    for count in (2, 1):
        row = registry.staff.get(" ".join(words[:count]).lower()) if len(words) >= count else None
        if row is not None:
            return row, _rest(text, count)
    return None


def _rest(text: str, count: int) -> str:
    parts = text.split(maxsplit=count)
    return parts[count].strip() if len(parts) > count else ""


def _help(turn: Turn, text: str) -> bool:
    """Show a member what begins with a word that names no row by itself."""
    first = text[1:].partition(" ")[0].lower()
    rows = [row for row in turn.registry.staff.values() if row.name.partition(" ")[0] == first]
    actor = actor_of(turn) if rows and first not in PERSONS else None
    usable = [row.usage for row in rows if actor is not None and actor.member.may(row.permission)]
    if not usable:
        return False
    turn.say("admin.usage", usage="\n".join(usable))
    return True


def astray(turn: Turn, text: str) -> bool:
    """Tell a member that a command is none, and which may be meant; nobody else learns that there are any."""
    actor = actor_of(turn) if text.startswith("/") and turn.channel == "telegram" else None
    if actor is None:
        return False
    said = text[1:].partition(" ")[0].partition("@")[0].casefold()
    names = near(said, [row.name for row in turn.registry.staff.values() if actor.member.may(row.permission)])
    shown = turn.text("admin.near", names=", ".join(f"/{name}" for name in names)) if names else ""
    turn.say("admin.no_such_command", said=f"/{said[:_LONGEST]}", near=shown)
    return True


def near(said: str, names: Iterable[str]) -> list[str]:
    """Return the commands that a mistyped word may mean: those with it as a later word, else what is spelled alike."""
    all_names = sorted(set(names))
    found = [name for name in all_names if said in name.split()[1:]]
    firsts = sorted({name.partition(" ")[0] for name in all_names})
    return (found or difflib.get_close_matches(said, firsts, n=_MEANT, cutoff=0.7))[:_MEANT]


def run(turn: Turn, row: StaffCommand, argument: str) -> bool:
    """Run a row for whoever speaks; False when they are no member of staff."""
    own = turn.registry.commands.get(row.name)
    if own is not None and turn.event.source != TERMINAL:
        return own(turn, argument)
    actor = actor_of(turn)
    if actor is None:
        _unknown(turn, row)
        return False
    refused = _refusal(turn, actor, row)
    if refused is not None:
        trail.note(turn, "denied", row, actor.name, why=refused)
        turn.say(f"admin.{refused}")
        return True
    members.slide(turn, actor)
    try:
        _act(turn, actor, row, argument)
    except Spoken as spoken:
        trail.note(turn, "failed", row, actor.name, why=spoken.key)
        turn.say(spoken.key, **spoken.args_)
    return True


def _unknown(turn: Turn, row: StaffCommand) -> None:
    """Note that somebody who is no member tried a command; what persons may say as well is no try."""
    if row.name not in PERSONS:
        trail.note(turn, "denied", row, f"person:{turn.person_id}", why="stranger")


def _refusal(turn: Turn, actor: Actor, row: StaffCommand) -> str | None:
    """Return the text that says why a member may not, None when they may."""
    if actor.row is not None and actor.row.state == "joined":
        return None if row.name == session.SETUP else "factor_first"
    if not actor.member.may(row.permission):
        return "not_yours"
    return "login_first" if row.risk >= Risk.PERSONAL and not members.is_unlocked(turn, actor) else None


def barred(turn: Turn, name: str) -> str | None:
    """Return why the sender of an event may not run a command by another door than their words; None: they may."""
    row, found = turn.registry.staff[name], None
    if turn.person_id is not None:
        found = operators.by_person(turn.work, turn.person_id)
    if found is None:
        return "admin.not_yours"
    actor = Actor(members.member_of(turn, found), found)
    refused = _refusal(turn, actor, row)
    if refused is None:
        return None
    trail.note(turn, "denied", row, actor.name, why=refused)
    return f"admin.{refused}"


def _act(turn: Turn, actor: Actor, row: StaffCommand, argument: str) -> None:
    if row.wants_words and not argument.strip() and not row.needs_code:
        raise Refusal("admin.usage", usage=row.usage)
    if row.risk >= Risk.GRAVE or (row.is_grave is not None and row.is_grave(turn, argument, actor.member)):
        challenges.ask(turn, actor, row, argument)
        return
    factor = "none" if row.risk is Risk.COUNTERS else "period"
    if row.needs_code:
        argument, factor = _with_code(turn, actor, argument)
    text = row.act(turn, argument, actor.member)
    trail.note(turn, "executed", row, actor.name, factor=factor)
    if text:
        turn.say("admin.plain", text=text)


def _with_code(turn: Turn, actor: Actor, argument: str) -> tuple[str, str]:
    """Take a fresh code off the end of a command; raise Refusal when it is not right."""
    match = _LAST_CODE.fullmatch(argument)
    telling.take_back(turn)
    if match is None:
        raise Refusal("admin.code_missing")
    return match[1], need(turn, actor, match[2])


# -- buttons -----------------------------------------------------------------------------------------------------------


def press(turn: Turn, token: str) -> None:
    """Run what a button of staff stands for, once, for its author."""
    actor, action = actor_of(turn), staff_actions.of_token(turn.work, token)
    if actor is None:
        _stranger(turn, action)
        return
    row = turn.registry.staff.get(action.command) if action is not None else None
    if action is None or row is None or action.state != "open" or turn.now >= action.expires_at:
        turn.say("admin.button_old")
        return
    refused = _refusal(turn, actor, row)
    if action.operator_id != actor.member.operator_id:
        refused = "button_other"
    if refused is not None:
        turn.tapped = None  # the button stays for whom it is meant, and for when they may
        trail.note(turn, "denied", row, actor.name, act=action.id, why=refused)
        turn.say(f"admin.{refused}")
        return
    if staff_actions.is_whole(turn.work, action) and staff_actions.move(
        turn.work, action.id, was=("open",), to="executed"
    ):
        run(turn, row, staff_actions.argument_of(turn.work, action))


def _stranger(turn: Turn, action: Action | None) -> None:
    """Answer as to any button that is old."""
    row = turn.registry.staff.get(action.command) if action is not None else None
    if row is not None:
        trail.note(turn, "denied", row, f"person:{turn.person_id}", why="stranger")
    turn.tapped = None
    turn.say("engine.old_button")
    turn.menu = True
