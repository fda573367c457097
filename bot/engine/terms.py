"""The version of our terms and of what we say about privacy: named in consent, its change announced once (rule LEG-6).

Whoever changes the words of `engine.terms` or `engine.privacy` counts the version up; a test holds the two together.
A person hears of a change in the reply to their next message, so that nobody is texted because of it.
"""

from __future__ import annotations

from bot.engine.turn import Turn

FIRST = "1"
VERSION = "1"
_SEEN = "terms"


def named(wording: str) -> str:
    """Return a consent's wording together with the version of the terms it was given under."""
    return f"{wording}; terms {VERSION}"


def begin(turn: Turn) -> None:
    """Note the version that a person meets first; there is nothing to announce to them."""
    if VERSION != FIRST and _SEEN not in turn.conversation.notes:
        turn.conversation.notes[_SEEN] = VERSION


def announce(turn: Turn) -> None:
    """Tell a person who knows an older version, once, that there is a newer one."""
    notes = turn.conversation.notes
    if notes.get(_SEEN, FIRST) != VERSION:
        notes[_SEEN] = VERSION
        turn.say("engine.terms_changed", version=VERSION)
