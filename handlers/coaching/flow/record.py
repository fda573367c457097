"""The record of the conversation: what the person said and what the coach said to it, once each (CT-6, CH-3)."""

from __future__ import annotations

from collections.abc import Callable

from bot.engine.turn import Turn
from handlers.coaching.flow.asked import update
from handlers.coaching.flow.seen import Seen
from storage.coaching import messages, projects


def is_forwarded(turn: Turn) -> bool:
    """Tell whether the person passed on somebody else's words."""
    return bool(turn.event.payload.get("forwarded"))


def heard_id(turn: Turn, seen: Seen, text: str) -> int | None:
    """Store the person's message of this turn, once, and return its id; None for one that was stored before."""
    return turn.work.once(
        ("coaching", "heard", turn.inbox_id),
        lambda: messages.add(
            turn.work, turn.person.id, seen.id, role="person", channel=turn.channel, text=text, state="answered",
            provider_id=f"{turn.event.source}:{turn.event.key}", is_forwarded=is_forwarded(turn),
        ),
    )  # fmt: skip


def with_reply(turn: Turn, seen: Seen, act: Callable[[], object]) -> None:
    """Let the coach speak, remember that it spoke last, and store what it said."""
    before = len(turn.lines)
    update(turn)
    act()
    told = "\n".join(turn.lines[before:])
    if told and projects.load(turn.work, turn.person.id, seen.id) is not None:
        messages.add(
            turn.work, turn.person.id, seen.id, role="coach", channel=turn.channel, text=told, state="answered"
        )
