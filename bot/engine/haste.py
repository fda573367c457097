"""Who writes faster than anybody types is told so once, and heard again when the minute is over (OR-4).

Nobody is cut off from STOP, and pictures are taken: they have limits of their own. Who answers a long flow
quickly, with many OKs, is never held (SMS-47): an accepted answer does not count. Without `Haste` in the registry's
settings nothing is counted.
"""

from __future__ import annotations

from dataclasses import dataclass

from bot.engine.turn import Turn

_MINUTE_US = 60_000_000
_NOTE = "heard"


@dataclass(frozen=True, slots=True)
class Haste:
    """How many messages of one address are taken in a minute; 0 for any number."""

    a_minute: int


def held(turn: Turn) -> bool:
    """Count a message; True when it is one too many, told at the first of them."""
    allowed: Haste | None = turn.registry.settings.get(Haste)
    if allowed is None or not allowed.a_minute or turn.address is None or turn.event.kind == "media":
        return False
    minute, counts = turn.work.now_us // _MINUTE_US, turn.conversation.notes.get(_NOTE) or {}
    known = counts.get(str(turn.address.id)) or (0, 0)
    count = known[1] + 1 if known[0] == minute else 1
    kept = {address: seen for address, seen in counts.items() if seen[0] == minute}
    turn.conversation.notes[_NOTE] = kept | {str(turn.address.id): (minute, count)}
    if count <= allowed.a_minute:
        return False
    turn.silent = True
    if count == allowed.a_minute + 1:
        turn.say("engine.too_fast")
    return True


def forgive(turn: Turn) -> None:
    """Take this message out of the count: it was accepted as the answer of an open step."""
    counts = turn.conversation.notes.get(_NOTE) or {}
    known = counts.get(str(turn.address.id)) if turn.address is not None else None
    if turn.address is not None and known is not None and known[1] > 0:
        turn.conversation.notes[_NOTE] = counts | {str(turn.address.id): (known[0], known[1] - 1)}
