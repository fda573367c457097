"""A long silence is told once (rules CONV-6, UX-24): by SMS after 20 seconds, without a promise; Telegram shows typing.

A flow that waits for its own call is watched by the engine. What else a person waits for (pictures that are read, a
chart) is watched here under a name of its own, until `over`; one name is one wait, of however many calls.
"""

from __future__ import annotations

from bot.engine import steps
from bot.engine.registry import Registry
from bot.engine.turn import Turn

TIMER = "slow_work"
_WATCHED, _TOLD = "watched", "told_slow"


def register(registry: Registry) -> None:
    """Register the timer."""
    registry.on(f"timer:{TIMER}")(due)


def watch(turn: Turn, name: str) -> None:
    """Tell the person once if this is not over in 20 seconds, unless they were told of the same wait already."""
    notes = turn.conversation.notes
    if turn.channel == "sms" and _TOLD not in notes:
        notes[_WATCHED] = [*notes.get(_WATCHED, ()), name]
        turn.timer(TIMER, _key(name), turn.now + steps.SLOW, name=name)


def over(turn: Turn, name: str) -> None:
    """End a wait: from this turn on it is answered."""
    if _unwatch(turn, name):
        turn.cancel_timers(_key(name))


def due(turn: Turn) -> None:
    """Say that the work goes on, if it does."""
    if _unwatch(turn, str(turn.event.payload["name"])) and turn.channel == "sms":
        turn.purpose = "reply"
        turn.say("engine.still_working")
    turn.silent = True


def told(turn: Turn) -> None:
    """Note that what is waited for was told already, until `forget` in a later turn."""
    turn.conversation.notes[_TOLD] = 1


def forget(turn: Turn) -> None:
    """Let the next wait be told again."""
    turn.conversation.notes.pop(_TOLD, None)


def _key(name: str) -> str:
    return f"slow:{name}:"


def _unwatch(turn: Turn, name: str) -> bool:
    notes = turn.conversation.notes
    watched = notes.get(_WATCHED, ())
    if name not in watched:
        return False
    notes[_WATCHED] = [one for one in watched if one != name]
    return True
