"""What a person says of their age: nobody under 13 is coached, and minors are reminded of a guardian (rule SF-4).

    U> I'm 15
    B> Thanks for saying so. We can plan together, but taking payments, and setting prices, needs a parent ...

Only their own words tell us, so a later word of theirs corrects an earlier one. The note is the one that the other
services keep. What a child told the coach goes at once; the rest is deleted after a day (ID-12).
"""

from __future__ import annotations

from bot.engine.turn import Turn
from handlers.coaching.safety.stated import COACHED, GROWN, stated_age
from storage.coaching import cares

NOTE = "stated_age"
CHILD, MINOR = "child", "minor"
"""The words by which services drop what a child told them, and close what a minor could still pay."""


def heard(turn: Turn, text: str) -> bool:
    """Take a message that states an age, and every message of a child; False for all others."""
    said = stated_age(text, turn.now.date())
    age = said if NOTE in turn.conversation.notes or (said is not None and said < GROWN) else None
    if age is not None:
        turn.conversation.notes[NOTE] = age
    if is_child(turn):
        _refuse(turn)
        return True
    if age is None:
        return False
    is_minor = age < GROWN
    cares.set_age_band(turn.work, turn.person.id, "minor" if is_minor else None)
    if is_minor:
        for close in turn.registry.words.get(MINOR, ()):
            close(turn, "")
        turn.say("coaching.safety.minor")
    return is_minor


def is_child(turn: Turn) -> bool:
    """Tell whether the person said that they are under 13."""
    return int(turn.conversation.notes.get(NOTE, GROWN)) < COACHED


def is_minor(turn: Turn) -> bool:
    """Tell whether the person said that they are under 18: prices and payments then need a guardian's word."""
    return int(turn.conversation.notes.get(NOTE, GROWN)) < GROWN


def refused(turn: Turn, argument: str) -> bool:
    """Refuse a child that opens the coach by a button; False for everybody else."""
    if is_child(turn):
        _refuse(turn)
    return is_child(turn)


def _refuse(turn: Turn) -> None:
    conversation = turn.conversation
    conversation.frames.clear()
    conversation.parked.clear()
    conversation.prompt = None
    for drop in turn.registry.words.get(CHILD, ()):
        drop(turn, "")
    turn.alert("privacy_wanted", key=f"privacy:child:{turn.person_id}", person=turn.person_id, why="under 13")
    turn.say("coaching.safety.child")
    turn.silent = True
