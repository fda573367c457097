"""A licence plate and its state as people type them: "8abc 123 ca", "CA 8ABC123", "ca-8abc123", "New York, ABC-1234".

The state may stand before or behind, as its code or its name, set apart or not. What can be read in two ways is a plate
without a state, or one to be confirmed: it is shown before it counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from handlers.appeals.citation_text import plain_text
from handlers.appeals.place_names import Words

LONGEST = 8
_PLATE = re.compile(r"[A-Z0-9]{2,8}")
_UNMISTAKABLE = re.compile(r"(?=.*[A-Za-z])(?=.*\d.*\d)[A-Za-z0-9]{5,8}", re.ASCII)
_LABEL = re.compile(r"\b(?:license|licence|plate|tag|number|no|is|state|my|the|it's|its|and|from)\b|#", re.IGNORECASE)
_APART = re.compile(r"[^\w']+|_")
_EVERYDAY_CODES = frozenset("in or me ok hi oh la de id pa ma al mo co".split())  # noqa: SIM905
_OPENERS = frozenset({"ok", "oh", "hi"})
_LONGEST_NAME = 3


@dataclass(frozen=True, slots=True)
class Plate:
    """A plate, the state that was named with it, and whether both were set apart from each other."""

    plate: str
    state: str | None = None
    certain: bool = True


def read_plate(text: str, states: Mapping[Words, str]) -> Plate | None:
    """Return the plate in a text, or None; `states` are names and codes in small letters, by their words."""
    plain = re.sub(r"\b([A-Za-z])\.\s?([A-Za-z])\.(?!\w)", r"\1\2", plain_text(text))
    words = [word for word in _APART.split(_LABEL.sub(" ", plain)) if word]
    if words and words[0] in _OPENERS:
        words = words[1:]
    named = list(_named(words, states))
    for state, rest in named:
        plate = _joined(rest)
        if plate is not None:
            return Plate(plate, state)
    whole = _joined(words)
    if whole is not None:
        return Plate(whole)
    return _glued("".join(words).upper(), states) or _among(words, named[0][0] if named else None)


def _among(words: list[str], state: str | None) -> Plate | None:
    """Pick the one word of "blue Honda Civic 7ABC123" that can only be the plate."""
    found = [word.upper() for word in words if _UNMISTAKABLE.fullmatch(word)]
    return Plate(found[0], state, certain=False) if len(found) == 1 else None


def _named(words: list[str], states: Mapping[Words, str]) -> Iterator[tuple[str, list[str]]]:
    """Yield each state that stands at an end, behind before in front and names before codes, with the other words."""
    for size in range(min(_LONGEST_NAME, len(words) - 1), 0, -1):
        if (state := states.get(_key(words[-size:]))) is not None:
            yield state, words[:-size]
    for size in range(min(_LONGEST_NAME, len(words) - 1), 0, -1):
        if (state := states.get(_key(words[:size]))) is not None and not _is_everyday(words[0]):
            yield state, words[size:]


def _key(words: list[str]) -> Words:
    return tuple(word.casefold() for word in words)


def _is_everyday(word: str) -> bool:
    """Tell "ok 8ABC123" from "OK 8ABC123": a small word in front is no state."""
    return word.islower() and word in _EVERYDAY_CODES


def _joined(words: list[str]) -> str | None:
    plain = "".join(words).upper()
    return plain if _PLATE.fullmatch(plain) else None


def _glued(text: str, states: Mapping[Words, str]) -> Plate | None:
    """Divide "CA8ABC123", which is too long for a plate alone."""
    for code, rest in ((text[:2], text[2:]), (text[-2:], text[:-2])):
        state = states.get((code.casefold(),))
        if state and _PLATE.fullmatch(rest) and any(c.isdigit() for c in rest):
            return Plate(rest, state, certain=False)
    return None
