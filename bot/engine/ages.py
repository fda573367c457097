"""What a person says of their age: nobody under 13 is served, nobody under 18 pays (rules ID-12, UPL-8, UX-16).

    U> I'm 15
    B> People under 18 cannot pay here. What costs nothing is open to you. ...

It is heard in every service. Only their own words tell us, so a later word of theirs corrects an earlier one. Services
close what could still be paid by the word `minor`, and drop what a child told them by the word `child`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.engine.registry import Registry
from bot.engine.turn import Turn
from bot.engine.vocabulary.ages import GROWN, SERVED, stated_age

NOTE = "stated_age"
MINOR, CHILD = "minor", "child"
_RIGHTS = "own_data"
_STORY = 60
"""A longer message at an open step is an answer too, whatever age it tells."""


def register(registry: Registry) -> None:
    """Hear ages before every service, and let a child's pictures and buttons reach none."""
    registry.words.setdefault("text", []).insert(0, heard)
    registry.guards.append(guard)


def keep(turn: Turn, text: str) -> int | None:
    """Keep the age that a message states, and return it; None for one that states none, or none that matters."""
    age = stated_age(text, turn.now.date())
    if age is None or (age >= GROWN and NOTE not in turn.conversation.notes):
        return None
    turn.conversation.notes[NOTE] = age
    return age


def heard(turn: Turn, text: str) -> bool:
    """Take a message that states an age, and every message of a child; False for all others."""
    age = keep(turn, text)
    if is_child(turn):
        if age is None and _about_own_data(turn):
            return False
        refuse(turn)
        return True
    if age is None:
        return False
    if age < GROWN:
        close(turn)
    turn.say("engine.age_minor" if age < GROWN else "engine.age_noted")
    return turn.conversation.top is None or len(text) <= _STORY


def guard(turn: Turn) -> bool:
    """Take whatever a child sends beside words, but the answer about their own data."""
    if turn.event.kind in ("text", "edited") or not is_child(turn) or _about_own_data(turn):
        return False
    refuse(turn)
    turn.silent = True
    return True


def is_child(turn: Turn) -> bool:
    """Tell whether the person said that they are under 13."""
    return _known(turn.conversation.notes) < SERVED


def may_pay(turn: Turn) -> bool:
    """Tell whether the person may pay: they did not say that they are under 18."""
    return is_grown(turn.conversation.notes)


def is_grown(notes: Mapping[str, Any]) -> bool:
    """Tell the same of the notes of a stored conversation."""
    return _known(notes) >= GROWN


def close(turn: Turn) -> None:
    """Let services close what could still be paid."""
    for closes in turn.registry.words.get(MINOR, ()):
        closes(turn, "")


def refuse(turn: Turn, key: str = "engine.age_child") -> None:
    """Drop what is not paid; the rest is deleted after a day (ID-12), and staff look after what was paid."""
    conversation = turn.conversation
    conversation.frames.clear()
    conversation.parked.clear()
    conversation.prompt = None
    for drops in turn.registry.words.get(CHILD, ()):
        drops(turn, "")
    turn.alert("privacy_wanted", key=f"privacy:child:{turn.person_id}", person=turn.person_id, why="under 13")
    turn.say(key)


def _about_own_data(turn: Turn) -> bool:
    top = turn.conversation.top
    return top is not None and top.flow == _RIGHTS


def _known(notes: Mapping[str, Any]) -> int:
    return int(notes.get(NOTE, GROWN))
