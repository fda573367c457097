"""Facts that a model found in a message, held against the message and against the rules (rules CT-3, PP-1, C09-C11).

A quote must stand in the person's message; the deterministic reader must read the same value out of it. Where it reads
another one the person is asked, where it reads none the note is dropped. Nothing here writes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.core.calls.coach import FactsWanted
from handlers.coaching.decisions import (
    Category,
    Certainty,
    Completion,
    Context,
    Decision,
    Recognition,
    Verdict,
    check_quote,
    recognise,
)
from handlers.coaching.decisions.quotes import is_quoted
from handlers.coaching.settings import Said
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


def wanted(
    model: str, *, message: str, question: str, decisions: Mapping[str, str], tasks: Sequence[str]
) -> FactsWanted:
    """Return the question about one message; the model sees nothing else of the person (rule CT-3)."""
    data = {
        "message": plain(message),
        "last question of the coach": plain(question, 600),
        "current decisions": "; ".join(f"{name} = {plain(text, 200)}" for name, text in decisions.items()) or "none",
        "open tasks": ", ".join(tasks) or "none",
    }
    return FactsWanted(model, prompts()["facts"], data, SCHEMA, FACTS_OUTPUT)


def confirmed(
    facts: Mapping[str, Any] | None, said: Said, known: Recognition, context: Context
) -> tuple[Recognition, list[str]]:
    """Return what the rules find in a message and what of a model's notes they confirm, and quotes to ask about.

    A note stands when its quote is in the message and the rules read the same value from it; where they read another
    one the person is asked; a note without either is dropped (rule PP-1).
    """
    decisions = {one.category: one for one in known.decisions}
    completions = {one.task: one for one in known.completions}
    unclear: list[str] = []
    for subject, value, quote in _notes(facts):
        if subject == "done":
            if is_quoted(quote, said.text) and any(one.task == value for one in recognise(quote, context).completions):
                completions.setdefault(value, Completion(value, quote))
        elif Category(subject) not in decisions:
            category = Category(subject)
            verdict = check_quote(said.text, quote, category, value, context)
            if verdict is Verdict.STANDS:
                decisions[category] = _read(quote, category, value, context)
            elif verdict is Verdict.ASK:
                unclear.append(quote)
    return Recognition(tuple(decisions.values()), tuple(completions.values())), unclear


def _notes(facts: Mapping[str, Any] | None) -> list[tuple[str, str, str]]:
    notes = facts.get("notes") if facts is not None else None
    if not isinstance(notes, list):
        return []
    told = [tuple(str(one.get(name) or "").strip() for name in ("subject", "value", "quote")) for one in notes]
    return [
        (subject, value, quote)
        for subject, value, quote in told[:MOST_NOTES]
        if subject in SUBJECTS and value and 0 < len(quote) <= LONGEST_QUOTE
    ]


def _read(quote: str, category: Category, value: str, context: Context) -> Decision:
    """Return a decision as the rules read it from its quote, with what belongs to it where they tell."""
    found = recognise(quote, replace(context, pending=category)).decisions
    whole = next((one for one in found if one.category is category and one.value == value), None)
    return Decision(category, value, quote, Certainty.EXPLICIT) if whole is None else replace(whole, quote=quote)
