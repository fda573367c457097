"""Facts that a model found in a message, held against the message and against the rules (rules CT-3, PP-1, C09-C11).

A quote must stand in the person's message; the deterministic reader must read the same value out of it. Where it reads
another one the person is asked, where it reads none the note is dropped. Nothing here writes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bot.core.calls.coach import FactsWanted
from handlers.coaching.talk.ports import Candidate
from handlers.coaching.talk.prompting import prompts
from handlers.coaching.talk.settings import FACTS_OUTPUT
from handlers.coaching.talk.window import plain

SUBJECTS = ("platform", "pricing", "structure", "timeline", "content", "done")
MOST_NOTES, LONGEST_QUOTE = 10, 300
_TEXT = {"type": "string"}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "notes": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"subject": {"type": "string", "enum": list(SUBJECTS)}, "value": _TEXT, "quote": _TEXT},
                "required": ["subject", "value", "quote"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["notes"],
    "additionalProperties": False,
}
_SAME = str.maketrans(
    {**dict.fromkeys("‘’‚‛′`´ʼ", "'"), **dict.fromkeys("“”„‟″«»", '"'), **dict.fromkeys("‐‑‒–—―−", "-")}
)
_SPACES = re.compile(r"\s+")


def wanted(
    model: str, *, message: str, question: str, decisions: Mapping[str, str], tasks: Sequence[str]
) -> FactsWanted:
    """Return the question about one message; the model sees nothing else of the person (rule CT-3)."""
    data = {
        "message": plain(message),
        "the coach's last question": plain(question, 600),
        "current decisions": "; ".join(f"{name} = {plain(text, 200)}" for name, text in decisions.items()) or "none",
        "open tasks": ", ".join(tasks) or "none",
    }
    return FactsWanted(model, prompts()["facts"], data, SCHEMA, FACTS_OUTPUT)


def candidates(
    facts: Mapping[str, Any] | None, messages: Sequence[tuple[int, str]], read: Callable[[str], Mapping[str, str]]
) -> list[Candidate] | None:
    """Return what of a model's notes holds, by the person's messages (id, text); None when there are none at all."""
    notes = facts.get("notes") if facts is not None else None
    if not isinstance(notes, list):
        return None
    found: dict[str, Candidate] = {}
    for note in notes[:MOST_NOTES]:
        candidate = _candidate(note, messages, read)
        if candidate is not None:
            found[candidate.subject] = candidate
    return list(found.values())


def _candidate(
    note: Mapping[str, Any], messages: Sequence[tuple[int, str]], read: Callable[[str], Mapping[str, str]]
) -> Candidate | None:
    subject, value, quote = (str(note.get(name) or "").strip() for name in ("subject", "value", "quote"))
    message_id = _where(quote, messages)
    if message_id is None:
        return None
    subject = f"done {value}" if subject == "done" else subject
    seen = read(quote)
    if subject not in seen:
        return None
    return Candidate(
        subject, seen[subject], quote, message_id, source="model", asks=_same(seen[subject]) != _same(value)
    )


def _where(quote: str, messages: Sequence[tuple[int, str]]) -> int | None:
    """Return the newest message in which a quote stands, after typographic variants became plain."""
    wanted_words = _plain(quote)
    if not wanted_words or len(quote) > LONGEST_QUOTE:
        return None
    return next((one for one, text in reversed(messages) if wanted_words in _plain(text)), None)


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text.translate(_SAME)).strip().casefold()


def _same(value: str) -> str:
    return _SPACES.sub("", value).casefold()
