"""What the coach does unasked: check-ins, weekly reviews, nudges after silence, a new plan when the opening has passed.

Each is a timer of the person that looks at the rows again when it falls due, and is claimed by its period, so that none
is sent twice or lost. Nothing leaves without consent, in quiet hours, to an opted-out address, during a pause, in the
week after words of danger, or while a human owns the chat (rules NG-1 to NG-5, SF-3).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.engine.registry import Registry


def register(registry: Registry) -> None:
    """Add the timers, their words and buttons; before the words that take any text."""
    from handlers.coaching.later import checkins, nudges, openings, picture, rests, schedule, words

    registry.add_texts(Path(__file__).with_name("texts"))
    registry.on(f"timer:{schedule.CHECKIN}")(checkins.due)
    registry.on(f"timer:{schedule.NUDGE}")(nudges.due)
    registry.on(f"timer:{schedule.OPENING}")(openings.due)
    registry.on(f"call:{picture.CALL}")(picture.drawn)
    registry.switches |= words.SWITCHES
    registry.button(words.BUTTONS)(words.pressed)
    registry.word("text")(words.heard)
    registry.word("quiet")(words.quieted)
    registry.word("resume")(rests.resumed)
    registry.word("zone")(words.moved)
