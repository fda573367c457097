"""Whether somebody at a number that was silent is the one who is coached: they know what it is about (ID-10).

B> This number was quiet for long. Send a case code like A-7Q4MK, a receipt code, ... or your project's topic.
U> retro speedruns
"""

from __future__ import annotations

from bot.core.fold import fold, words
from bot.engine.turn import Turn
from storage.coaching import profiles, projects

_TELLING = 4
"""Shorter words ("my", "art") tell too little."""


def has_proof(turn: Turn, argument: str) -> bool:
    """Tell whether there is a project that nobody else should see."""
    return bool(projects.of_person(turn.work, turn.person.id, limit=1))


def shows(turn: Turn, text: str) -> bool:
    """Tell whether a message names what the project is about."""
    profile = profiles.load(turn.work, turn.person.id)
    niche = (profile.niche if profile is not None else None) or ""
    telling = {one for one in words(fold(niche)) if len(one) >= _TELLING}
    return bool(telling) and telling <= set(words(fold(text)))
