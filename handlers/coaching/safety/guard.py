"""What is looked at before the coach: danger, age, who speaks, what lies outside, abuse (rules SF-1 to SF-4, SF-9).

Each answers by fixed words, asks no model and counts nothing (LI-4). Danger and age are heard before every other
service, but not in the middle of one: a statement about a ticket may tell of threats, and is a statement. The rest is
asked when no other service knows the words: a question about tax may be one to the books.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.engine.turn import Turn
from bot.engine.vocabulary import Talk, match_talk
from handlers.coaching.safety import abuse, ages, danger
from handlers.coaching.safety.scope import outside
from storage.coaching import privacy, profiles

Step = Callable[[Turn], str]
"""Says the computed next step of a person's plan, an empty text when there is none."""


def first(turn: Turn, text: str) -> bool:
    """Answer words of danger, and take the ages of those whom the coach knows; False for everything else."""
    top = turn.conversation.top
    if top is not None and not top.flow.startswith("coach"):
        return False
    return danger.answered(turn, text) or ((is_coached(turn) or ages.is_child(turn)) and ages.heard(turn, text))


def aside(turn: Turn, text: str, *, zone: str, step: Step) -> bool:
    """Answer what is no matter for the coach; False for everything else. Insults are counted, not answered."""
    if not is_coached(turn):
        return False
    abuse.flag(turn, text, zone)
    if match_talk(text, turn.locale) is Talk.IDENTITY:
        turn.say("coaching.safety.identity")
        return True
    topic = outside(text)
    if topic is None:
        return False
    turn.say(f"coaching.safety.{topic}")
    ahead = step(turn)
    if ahead:
        turn.lines.append(ahead)
    return True


def is_coached(turn: Turn) -> bool:
    """Tell whether the person has told the coach anything."""
    return turn.person_id is not None and profiles.load(turn.work, turn.person_id) is not None


def drop(turn: Turn, argument: str) -> bool:
    """Delete what a child told the coach (SF-4)."""
    privacy.erase(turn.work, turn.person.id)
    turn.cancel_timers(f"coach:{turn.person.id}:")
    return False
