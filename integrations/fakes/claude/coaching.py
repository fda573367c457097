"""What the fake says as a coach: something out of the plan that it was given, and the next step of the facts.

It finds the task whose words the message shares and says its detail; of decisions it notes only the plainest. That
keeps a demo truthful: nothing in its answers comes from anywhere but the request.
"""

from __future__ import annotations

import re
from typing import Any

from integrations.fakes.claude.requests import texts_of

_TASK = re.compile(r"^- (?P<id>[\w.]+) (?P<title>[^(\n]+) \([^)\n]*\)\. (?P<detail>.+)$", re.M)
_NEXT = re.compile(r"^Next step, chosen by the program: (.+)$", re.M)
_WORD = re.compile(r"[a-z]{4,}")
_PRICE = re.compile(r"\$(\d{1,4})(?:\.(\d\d))? ?(?:/|an? |per )(month|year|week)", re.I)
_PLATFORM = re.compile(r"\b(discord|circle|skool|patreon)\b", re.I)
_COMMITTED = re.compile(r"\b(?:i'll|i will|going with|let's|decided|picked|settled on|it is|final)\b", re.I)
_DONE = re.compile(r"\b(\d\.\d) is (?:done|complete|finished)\b", re.I)
_COMMON = frozenset(
    {"what", "when", "with", "that", "this", "have", "they", "them", "your", "will", "should", "would", "about"}
)


def is_coaching(body: dict[str, Any]) -> bool:
    """Tell whether a request asks for a coach's reply."""
    return any("Parley's coach" in text for text in texts_of(body.get("system")))


def asks_for_notes(schema: dict[str, Any]) -> bool:
    """Tell whether a schema is the one of notes about a message."""
    return set(schema.get("properties") or {}) == {"notes"}


def reply(body: dict[str, Any], blocks: dict[str, str]) -> str:
    """Return a coach's reply to the newest message."""
    said = _stems(blocks.get("message", ""))
    plan = "\n".join(texts_of(body.get("system")))
    scored = [(len(said & _stems(f"{task['title']} {task['detail']}")), task) for task in _TASK.finditer(plan)]
    best, task = max(scored, key=lambda one: one[0], default=(0, None))
    step = _NEXT.search(blocks.get("facts", ""))
    opening = f"{task['detail'].rstrip('.')}." if task is not None and best else "Tell me a little more about that."
    return f"{opening} Next: {step[1].rstrip('.')}." if step else opening


def notes(blocks: dict[str, str]) -> dict[str, Any]:
    """Return what a message decides or finishes, as far as the plainest words go."""
    text, found = blocks.get("message", ""), list[dict[str, str]]()
    committed = _COMMITTED.search(text) is not None and "?" not in text
    if committed and (price := _PRICE.search(text)):
        minor = int(price[1]) * 100 + int(price[2] or 0)
        found.append(_note("pricing", f"USD {minor}/{price[3].lower()}", price[0]))
    if committed and (platform := _PLATFORM.search(text)):
        found.append(_note("platform", platform[1].lower(), platform[0]))
    found += [_note("done", done[1], done[0]) for done in _DONE.finditer(text)]
    return {"notes": found}


def _note(subject: str, value: str, quote: str) -> dict[str, str]:
    return {"subject": subject, "value": value, "quote": quote}


def _stems(text: str) -> set[str]:
    return {word[:6] for word in _WORD.findall(text.lower()) if word not in _COMMON}
