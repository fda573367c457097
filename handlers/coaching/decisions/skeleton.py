"""A message with its values as tokens and its words spelled out: `i will charge M0 but not on P1`.

Rules about how something is said are written against this text; each character knows where it came from, so that the
person's exact words can be quoted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from handlers.coaching.decisions.lexicon import data
from handlers.coaching.decisions.mentions import Mention
from handlers.coaching.decisions.text import Message

_PIECE = re.compile(r"[a-z0-9@%]+(?:'[a-z]+)*|.", re.S)
TOKEN = re.compile(r"[A-Z]\d+")
_LONGER = {"'ll": " will", "'re": " are", "'ve": " have", "'m": " am", "'d": " would"}


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The text with tokens; `starts` and `ends` give each character's place in the plain text."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    mentions: tuple[Mention, ...]

    def mention(self, token: str) -> Mention:
        """Return the mention that a token stands for."""
        return self.mentions[int(token[1:])]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the place in the plain text of a place in the skeleton."""
        return self.starts[start], self.ends[end - 1]


@cache
def _spelling() -> dict[str, str]:
    return {str(word): str(full) for word, full in data("stance")["spelling"].items()}


@cache
def _accented() -> dict[str, str]:
    return {str(word): str(full) for word, full in data("stance")["accented"].items()}


def spelled_out(word: str, written: str = "") -> str:
    """Return a typed word as the rules read it."""
    if replaced := _accented().get(written.lower()):
        return replaced
    known = _spelling().get(word)
    if known is not None:
        return known
    if word.endswith("n't"):
        return word[:-3] + " not"
    for tail, full in _LONGER.items():
        if word.endswith(tail):
            return word[: -len(tail)] + full
    return word


def build(message: Message, mentions: Sequence[Mention]) -> Skeleton:
    """Return the skeleton of a message with the given values."""
    ordered = sorted(mentions, key=lambda mention: mention.start)
    pieces: list[tuple[str, int, int]] = []
    position = 0
    for index, mention in enumerate(ordered):
        pieces += _words(message, position, mention.start)
        pieces += [
            (" ", mention.start, mention.start),
            (f"{mention.kind}{index}", mention.start, mention.end),
            (" ", mention.end, mention.end),
        ]
        position = mention.end
        if message.flat[position : position + 2] == "'s":
            pieces.append((" is", position, position + 2))
            position += 2
    pieces += _words(message, position, len(message.flat))
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for piece, start, end in pieces:
        for character in piece:
            if character == " " and (not text or text[-1] in " \n"):
                continue
            text.append(character)
            starts.append(start)
            ends.append(end)
    return Skeleton("".join(text), tuple(starts), tuple(ends), tuple(ordered))


def _words(message: Message, start: int, end: int) -> list[tuple[str, int, int]]:
    pieces = []
    for match in _PIECE.finditer(message.flat, start, end):
        word = spelled_out(match[0], message.plain[match.start() : match.end()])
        pieces.append((word if word or not match[0].strip() else " ", *match.span()))
    return pieces
