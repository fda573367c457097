"""EVIDENCE: back to the photos of the appeal under way; without one, where photos belong.

U> evidence
B> Exhibit A is saved. Anything else? Send photos, or SKIP.
"""

from __future__ import annotations

import re

from bot.engine import steps
from bot.engine.turn import Turn
from handlers.appeals.flow.corrections import correct
from handlers.appeals.flow.flow import appeal

_EVIDENCE = re.compile(r"(?:/evidence|(?:(?:add|more|my) )?(?:evidence|proof))", re.IGNORECASE)


def heard(turn: Turn, text: str) -> bool:
    """Go to the photos of the open appeal; False for every other text, and for one word that a story may hold."""
    if _EVIDENCE.fullmatch(text.strip(" .!")) is None:
        return False
    step = correct(turn, "photos") if turn.flow() is appeal else None
    if step is not None:
        steps.follow(turn, step)
    elif turn.conversation.top is None or text.startswith("/"):
        turn.say("appeals.evidence.where")
    else:
        return False
    return True
