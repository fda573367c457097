"""What is looked at before the coach: danger, age, who speaks, what lies outside, abuse (rules SF-1 to SF-4, SF-9).

Each answers by fixed words, asks no model and counts nothing (LI-4). Danger and age are heard before every other
service, but not in the middle of one: a statement about a ticket may tell of threats, and is a statement. The rest is
asked when no other service knows the words: a question about tax may be one to the books.
"""

from __future__ import annotations

from bot.engine.turn import Turn
from bot.engine.vocabulary import Talk, match_talk
from handlers.coaching.flow.asked import NOTE
from handlers.coaching.safety import abuse, ages, danger
from handlers.coaching.safety.scope import outside
from storage.coaching import privacy


def first(turn: Turn, text: str) -> bool:
    """Answer words of danger, and take the ages of those whom the coach knows; False for everything else."""
    top = turn.conversation.top
    if top is not None and not top.flow.startswith("coach"):
        return False
    if danger.answered(turn, text, guessed=top is not None or is_coached(turn)):
        return True
    return is_coached(turn) and ages.heard(turn, text)


IDENTITY = "coaching.safety.identity"


def aside(turn: Turn, text: str, *, zone: str) -> str | None:
    """Return the text that answers what is no matter for the coach, None for all others. Insults are only counted."""
    abuse.flag(turn, text, zone)
    if match_talk(text, turn.locale) is Talk.IDENTITY:
        return IDENTITY
    topic = outside(text)
    return None if topic is None else f"coaching.safety.{topic}"


def is_coached(turn: Turn) -> bool:
    """Tell whether the person ever spoke with the coach; nobody else costs a look-up."""
    return NOTE in turn.conversation.notes


def mind(turn: Turn, argument: str) -> bool:
    """Note for the coach that a person is a minor."""
    return is_coached(turn) and ages.mind(turn, argument)


def drop(turn: Turn, argument: str) -> bool:
    """Delete what a child told the coach (SF-4)."""
    privacy.erase(turn.work, turn.person.id)
    turn.conversation.notes.pop(NOTE, None)
    turn.cancel_timers(f"coach:{turn.person.id}:")
    return False
