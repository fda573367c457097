"""Dead letters: listed, shown, retried, dropped (rule FUL-9). Contents are never shown. `/job` is the same.

> /dead
< 188017 inbox stripe:boom Boom (Nov 21 12:03 UTC)
> /dead drop 188017
< DROP 188017 inbox stripe:boom for good. Type within 2 minutes: drop 188017 CODE
"""

from __future__ import annotations

from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.staff import Effect, Member, Risk, StaffCommand
from bot.engine.turn import Turn
from storage import dead_letters
from storage.dead_letters import DeadLetter
from storage.schema import moment

_MAY, _TARGET = "job.manage", "job"


def register(registry: Registry) -> None:
    """Register the commands of this module, under both names."""
    rows = [StaffCommand("dead", Risk.COUNTERS, _MAY, "/dead [list]", listed, _TARGET)]
    for name in ("dead", "job"):
        rows += [
            StaffCommand(f"{name} list", Risk.COUNTERS, _MAY, f"/{name} list", listed, _TARGET),
            StaffCommand(f"{name} show", Risk.PERSONAL, _MAY, f"/{name} show ID", show, _TARGET),
            StaffCommand(f"{name} retry", Risk.REVERSIBLE, _MAY, f"/{name} retry ID", retry, _TARGET),
            StaffCommand(f"{name} drop", Risk.GRAVE, _MAY, f"/{name} drop ID", drop, _TARGET, foresee=drop_ahead),
        ]
    for row in rows:
        registry.staff_command(row)


def _find(turn: Turn, text: str) -> DeadLetter:
    found = dead_letters.find(turn.work, int(text)) if text.strip().isdigit() and len(text) < 20 else None
    if found is None:
        raise Refusal("admin.no_dead_letter")
    return found


def _line(letter: DeadLetter) -> str:
    return f"{letter.id} {letter.box} {letter.kind} {letter.error or '-'} ({moment(letter.at):%b %d %H:%M} UTC)"


def listed(turn: Turn, argument: str, member: Member) -> str:
    """List the newest."""
    if argument:
        raise Refusal("admin.usage_dead")
    found = dead_letters.newest(turn.work)
    return "\n".join(map(_line, found)) or "No dead letters."


def show(turn: Turn, argument: str, member: Member) -> str:
    """Show one without its contents."""
    letter = _find(turn, argument)
    turn.audit("dead.show", f"{letter.box}:{letter.id}", actor=member.name)
    return f"{_line(letter)}\nperson {letter.person_id or 'unknown'}, {letter.attempts} tries"


def retry(turn: Turn, argument: str, member: Member) -> str:
    """Let one be tried again."""
    letter = _find(turn, argument)
    if not dead_letters.retry(turn.work, letter):
        raise Refusal("admin.dead_call")
    turn.audit("dead.retry", f"{letter.box}:{letter.id}", actor=member.name)
    return turn.text("admin.dead_retried", id=letter.id)


def drop_ahead(turn: Turn, argument: str, member: Member) -> Effect:
    """Tell which one would be given up."""
    letter = _find(turn, argument)
    return Effect(f"DROP {_line(letter)} for good.", f"drop {letter.id}", f"{letter.box}:{letter.id}:{letter.attempts}")


def drop(turn: Turn, argument: str, member: Member) -> str:
    """Give one up for good."""
    letter = _find(turn, argument)
    turn.audit("dead.drop", f"{letter.box}:{letter.id}", actor=member.name)
    dead_letters.drop(turn.work, letter)
    return turn.text("admin.dead_dropped", id=letter.id)
