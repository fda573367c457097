"""Buttons that act by themselves, whatever is asked by then: `Save` and `Undo` under the message that they are about.

An ordinary button answers the question it was shown with and is old when another one is open. A standing one carries
what it does; doing it twice must be harmless, for a person may press it again, and a press may arrive twice.
"""

from __future__ import annotations

from bot.engine.turn import Turn

MARK = "!"
"""What the data of such a button begins with."""


def data_of(name: str) -> str:
    """Return the data of a standing button."""
    return MARK + name


def pressed(turn: Turn) -> bool:
    """Do what a standing button says; False for every other message."""
    data = str(turn.event.payload.get("data") or "") if turn.event.kind == "button" else ""
    if not data.startswith(MARK):
        return False
    name, _, argument = data[len(MARK) :].partition(":")
    act = turn.registry.buttons.get(name)
    if act is None:
        return False
    frame = turn.conversation.top
    if frame is not None and frame.call is not None:
        turn.say("engine.still_working")
        turn.silent = True
        return True
    message_id, chat_id = turn.event.payload.get("message_id"), turn.event.payload.get("chat_id")
    if message_id and chat_id:
        turn.tapped = int(chat_id), int(message_id)
    act(turn, argument)
    return True
