"""What the model sees of a conversation, within its budget (rules CX-1, CX-2, SF-6): pure, from values.

Pinned facts and the person's message are always whole. Recent talk is taken newest first, whole messages only, until
its room is full; what is too much goes in this order: the oldest talk, then the end of the summary. Whatever a person
wrote, now or earlier, stands between marks that it cannot close.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.core.calls.coach import Line
from bot.core.model_text import cut_at_sentence
from handlers.coaching.safety.delimiting import clean, neutral

BUDGET = 6000
SYSTEM, FACTS, SUMMARY, RECENT, MESSAGE = 2500, 800, 600, 1600, 500
"""Tokens of each part at most."""
_CHARACTERS = 3
_MARKED = 40
"""Tokens that the marks around a part take, at most."""


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the conversation."""

    who: Literal["person", "coach"]
    text: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class Window:
    """What is sent beside the stable part; `since` is the number of the oldest message in it, if there is one."""

    lines: list[Line]
    tokens: int
    since: int | None


def tokens(text: str) -> int:
    """Return about how many tokens a text has: one for every three characters, more for other scripts."""
    return -(-len(text.encode("utf-8", "replace")) // _CHARACTERS)


def plain(text: str, longest: int | None = None) -> str:
    """Return a person's text without control and invisible characters, capped."""
    seen = clean(text)
    return seen if longest is None or len(seen) <= longest else seen[:longest].rstrip()


def build(system: str, *, facts: str, summary: str, recent: Sequence[Said], message: str) -> Window:
    """Return the window for a message; `recent` is the talk before it, oldest first."""
    message = plain(message)
    code = _code([facts, summary, message, *(said.text for said in recent)])
    fixed = tokens(system) + tokens(facts) + tokens(message) + 3 * _MARKED
    shortened = _shortened(summary, min(SUMMARY, max(BUDGET - fixed, 0)))
    room = min(RECENT - max(tokens(message) - MESSAGE, 0), BUDGET - fixed - tokens(shortened))
    kept = _newest(recent, room, code)
    asked = "\n\n".join(
        part
        for part in (
            _marked(code, "facts", facts),
            _marked(code, "summary", shortened) if shortened else "",
            _marked(code, "message", message),
        )
        if part
    )
    lines = _merged([*kept, Line("user", asked)])
    total = tokens(system) + sum(tokens(line.text) for line in lines)
    since = recent[len(recent) - len(kept)].number if kept else None
    return Window(lines, total, since)


def _newest(recent: Sequence[Said], room: int, code: str) -> list[Line]:
    """Return the newest messages that fit, whole, opening with the person (rule CX-2)."""
    kept: list[Line] = []
    for said in reversed(recent):
        line = _line(said, code)
        room -= tokens(line.text)
        if room < 0:
            break
        kept.insert(0, line)
    while kept and kept[0].role != "user":
        kept.pop(0)
    return kept


def _line(said: Said, code: str) -> Line:
    if said.who == "coach":
        return Line("assistant", plain(said.text))
    return Line("user", _marked(code, "message", plain(said.text)))


def _merged(lines: Iterable[Line]) -> list[Line]:
    """Join neighbours of one role."""
    merged: list[Line] = []
    for line in lines:
        if merged and merged[-1].role == line.role:
            merged[-1] = Line(line.role, f"{merged[-1].text}\n\n{line.text}")
        else:
            merged.append(line)
    return merged


def _shortened(summary: str, most: int) -> str:
    text = plain(summary)
    while text and tokens(text) > most:
        text = cut_at_sentence(text, min(most * _CHARACTERS, len(text) - 1))[0] if most else ""
    return text


def _code(texts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(texts).encode("utf-8", "replace")).hexdigest()[:12]


def _marked(code: str, name: str, text: str) -> str:
    """Return a text between marks; what looks like one of them inside is made harmless."""
    return f'<data-{code} name="{name}">\n{neutral(text)}\n</data-{code}>'
