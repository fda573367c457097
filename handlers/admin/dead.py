"""Dead letters: listed, shown, retried, dropped (rule FUL-9). Contents are never shown."""

from __future__ import annotations

from bot.core.errors import Refusal
from bot.engine.registry import Registry
from bot.engine.turn import Turn
from handlers.admin.gate import Actor, command
from storage import dead_letters
from storage.dead_letters import DeadLetter
from storage.schema import moment


def register(registry: Registry) -> None:
    """Register the commands of this module."""
    command(registry, "dead")(dead)


def dead(turn: Turn, argument: str, actor: Actor) -> None:
    """Run `/dead list | show ID | retry ID | drop ID`."""
    verb, _, rest = argument.partition(" ")
    match verb:
        case "" | "list":
            _list(turn, actor)
        case "show":
            _show(turn, _find(turn, rest), actor)
        case "retry":
            _retry(turn, _find(turn, rest), actor)
        case "drop":
            _drop(turn, _find(turn, rest), actor)
        case _:
            raise Refusal("admin.usage_dead")


def _find(turn: Turn, text: str) -> DeadLetter:
    found = dead_letters.find(turn.work, int(text)) if text.strip().isdigit() and len(text) < 20 else None
    if found is None:
        raise Refusal("admin.no_dead_letter")
    return found


def _line(letter: DeadLetter) -> str:
    return f"{letter.id} {letter.box} {letter.kind} {letter.error or '-'} ({moment(letter.at):%b %d %H:%M} UTC)"


def _list(turn: Turn, actor: Actor) -> None:
    turn.audit("dead.list", actor=actor.name)
    found = dead_letters.newest(turn.work)
    turn.say("admin.plain", text="\n".join(map(_line, found)) or "No dead letters.")


def _show(turn: Turn, letter: DeadLetter, actor: Actor) -> None:
    turn.audit("dead.show", f"{letter.box}:{letter.id}", actor=actor.name)
    details = f"{_line(letter)}\nperson {letter.person_id or 'unknown'}, {letter.attempts} tries"
    turn.say("admin.plain", text=details)


def _retry(turn: Turn, letter: DeadLetter, actor: Actor) -> None:
    turn.audit("dead.retry", f"{letter.box}:{letter.id}", actor=actor.name)
    if not dead_letters.retry(turn.work, letter):
        raise Refusal("admin.dead_call")
    turn.say("admin.dead_retried", id=letter.id)


def _drop(turn: Turn, letter: DeadLetter, actor: Actor) -> None:
    turn.audit("dead.drop", f"{letter.box}:{letter.id}", actor=actor.name)
    dead_letters.drop(turn.work, letter)
    turn.say("admin.dead_dropped", id=letter.id)
