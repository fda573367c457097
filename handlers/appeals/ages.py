"""What a person says of their age: nobody under 13 is served, nobody under 18 pays (rules UPL-8, UX-16).

    U> I'm 15
    B> People under 18 cannot pay here. I can still help with your words and the free way. ...

Only their own words tell us, so a later word of theirs corrects an earlier one. A minor who names no age counts as 12.
"""

from __future__ import annotations

from bot.engine.turn import Turn
from bot.engine.vocabulary import Talk, match_talk, stated_age

GROWN, SERVED = 18, 13
_NOTE = "stated_age"


def keep(turn: Turn, text: str) -> int | None:
    """Keep the age that a message states, and return it; None for a message that states none."""
    known = turn.conversation.notes.get(_NOTE)
    if match_talk(text, turn.locale) is not Talk.AGE and known is None:
        return None
    age = stated_age(text, turn.locale)
    if age is None:
        return None
    turn.conversation.notes[_NOTE] = age
    return age


def is_child(turn: Turn) -> bool:
    """Tell whether the person said that they are under 13."""
    return _known(turn) < SERVED


def may_pay(turn: Turn) -> bool:
    """Tell whether the person may pay: they did not say that they are under 18."""
    return _known(turn) >= GROWN


def _known(turn: Turn) -> int:
    return int(turn.conversation.notes.get(_NOTE, GROWN))
