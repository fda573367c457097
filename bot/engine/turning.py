"""Words that turn to another service while a question is open: they are obeyed as if nothing were asked (VOC-2).

    B> Which plan? 1 Basic, $9.00 a month ...
    U> got a ticket in SF
    B> Is it a San Francisco, CA ticket? ...

The step reads the message first; only what it refuses turns elsewhere, and a command with a slash, which answers no
question. The open question waits beneath and is asked again afterwards; one to which nothing was said is dropped.
"""

from __future__ import annotations

import re

from bot.core.errors import Mistake, Refusal
from bot.core.fold import fold, trim
from bot.engine import navigation, steps
from bot.engine.state import Frame
from bot.engine.turn import Turn

_MINE = re.compile(r"^(?:my|the|an?) ")
MOST_OPEN = 5
"""Flows that wait beneath one another; who opens more has the lowest parked."""


def commanded(turn: Turn) -> bool:
    """Obey a command with a slash whatever the open step would take."""
    return turn.event.text.startswith("/") and turned(turn)


def turned(turn: Turn) -> bool:
    """Obey words that name another service or one of its commands; False for all others."""
    frame, text = turn.conversation.top, turn.event.text.strip()
    if frame is None or frame.call is not None or turn.event.kind != "text" or not text:
        return False
    name = None
    if not any(word(turn, text) for word in turn.registry.words.get("turns", ())):
        name = _entry(turn, text)
        below = [one for one in turn.conversation.frames if one.flow == name]
        if name is None or below:
            return bool(below) and _brought_up(turn, below[-1])
    return _obeyed(turn, name, text)


def _entry(turn: Turn, text: str) -> str | None:
    """Return the entry of the menu, or the flow, that words name: alone, or in a sentence about a service's matter."""
    plain = trim(fold(text)).removeprefix("/")
    plain = _MINE.sub("", plain)
    for value, key, words in turn.registry.menu:
        if plain in words.split() or plain == fold(turn.text(key)):
            return value
    alone = next((flow.name for flow in turn.registry.flows.values() if plain in flow.entry), None)
    told = navigation.opens(turn, text)
    return alone or (told if told in {value for value, *_ in turn.registry.menu} else None)


def _brought_up(turn: Turn, frame: Frame) -> bool:
    """Go on with a flow that waits beneath; False for the one on top, whose own step refused the words."""
    frames = turn.conversation.frames
    if frame is frames[-1]:
        return False
    turn.keep_draft()
    frames.remove(frame)
    _open_again(turn, [*frames, frame])
    return True


def _obeyed(turn: Turn, name: str | None, text: str) -> bool:
    """Do what is asked with the open flows set aside; those in which something was entered wait beneath what opens."""
    conversation = turn.conversation
    waits = steps.was_entered(turn)
    turn.keep_draft()
    kept, prompt, conversation.frames, conversation.prompt = conversation.frames, conversation.prompt, [], None
    try:
        took = navigation.obey(turn) or (name is not None and navigation.choose(turn, name, text))
    except (Mistake, Refusal) as error:
        turn.say(error.key, **error.args_)
        took = True
    opened = conversation.frames
    if opened and not waits:
        kept = kept[:-1]
    for doubled in [one for one in kept if one.flow in {frame.flow for frame in opened}]:
        kept.remove(doubled)
        _park(turn, doubled)
    _open_again(turn, [*kept, *opened])
    if not took:
        conversation.prompt = prompt
    return took


def _open_again(turn: Turn, frames: list[Frame]) -> None:
    while len(frames) > MOST_OPEN:
        _park(turn, frames.pop(0))
    turn.conversation.frames = frames
    turn.conversation.misses = 0


def _park(turn: Turn, frame: Frame) -> None:
    opened, turn.conversation.frames = turn.conversation.frames, [frame]
    prompt = turn.conversation.prompt
    steps.park(turn)
    turn.conversation.frames, turn.conversation.prompt = opened, prompt
