"""What is sent unasked is part of the conversation: the next words of the person answer it (rule CH-3)."""

from __future__ import annotations

from bot.engine.turn import Turn
from handlers.coaching.flow.asked import update
from handlers.coaching.flow.seen import Seen
from storage.coaching import messages


def tell(turn: Turn, seen: Seen, key: str, *, purpose: str = "notice", **args: object) -> None:
    """Send a message of its own, store it as the coach's, and remember that the coach spoke last."""
    turn.notify(key, purpose=purpose, policy="repeat_ok", ttl=None, link=None, files=(), then="", context=None, **args)
    update(turn)
    text = turn.outgoing[-1].text
    messages.add(
        turn.work, turn.person.id, seen.id, role="coach", channel=turn.channel, text=text, state="answered"
    )  # fmt: skip
