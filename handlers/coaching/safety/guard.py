"""What is looked at before the coach: danger, age, who speaks, what lies outside, abuse (rules SF-1 to SF-4, SF-9).

Each answers by fixed words, asks no model and counts nothing (LI-4). Danger is heard from everybody who is not in the
middle of another service: a statement about a ticket may tell of threats, and is a statement.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.engine.turn import Turn
from bot.engine.vocabulary import Talk, match_talk
from handlers.coaching.safety import abuse, ages, danger
from handlers.coaching.safety.scope import outside

Next = Callable[[Turn], str]
"""Says the computed next step of a person's plan, an empty text when there is none."""


def heard(turn: Turn, text: str, *, zone: str, next_step: Next) -> bool:
    """Answer what is no matter for the coach; False for everything else."""
    if danger.answered(turn, text) or ages.heard(turn, text):
        return True
    abuse.flag(turn, text, zone)
    if match_talk(text, turn.locale) is Talk.IDENTITY:
        turn.say("coaching.safety.identity")
        return True
    topic = outside(text)
    if topic is None:
        return False
    turn.say(f"coaching.safety.{topic}")
    step = next_step(turn)
    if step:
        turn.lines.append(step)
    return True
