"""One message read from a JSON object, for `main.py try decisions`: the same rules as in the chat, no storage.

    {"text": "Discord at $29/month", "today": "2026-03-02", "locale": "en-US", "currency": "USD"}

May be given too: `pending` (the category that the coach asked for), `options` (the last buttons), `forwarded`,
`done` (task ids), `saved` (category to value). What cannot be read gives `error`, never an exception.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

from bot.core.clock import SystemClock
from handlers.coaching.decisions.reader import recognise
from handlers.coaching.decisions.values import Category, Context, Decision, Task
from handlers.coaching.safety.spoken import own_words

Answer = dict[str, object]
NO_ANSWER: Answer = {"decisions": [], "completions": []}
_PLAN = Path(__file__).parents[1] / "data" / "premium-community.json"
_CURRENCY = re.compile(r"[A-Z]{3}")


class _BadRequestError(ValueError):
    """The object cannot be read; the message names the field."""


def check(request: object) -> Answer:
    """Read one message; whatever cannot be read gives `error` with the field's name, never an exception."""
    try:
        if not isinstance(request, Mapping):
            raise _BadRequestError("request")
        found = recognise(own_words(_text(request, "text", needed=True)), _context(request))
    except _BadRequestError as error:
        return NO_ANSWER | {"error": f"bad field: {error}"}
    return {
        "decisions": [_fields(decision) for decision in found.decisions],
        "completions": [completion.task for completion in found.completions],
    }


def _context(request: Mapping[object, object]) -> Context:
    saved = request.get("saved") or {}
    if not isinstance(saved, Mapping):
        raise _BadRequestError("saved")
    forwarded = request.get("forwarded") or False
    if not isinstance(forwarded, bool):
        raise _BadRequestError("forwarded")
    currency = (_text(request, "currency") or "USD").upper()
    if not _CURRENCY.fullmatch(currency):
        raise _BadRequestError("currency")
    return Context(
        _today(request),
        _text(request, "locale") or "en-US",
        currency,
        pending=_pending(request),
        options=_texts(request, "options"),
        is_forwarded=forwarded,
        tasks=plan_tasks(),
        done=frozenset(_texts(request, "done")),
        saved={str(name): str(value) for name, value in saved.items()},
    )


def _text(request: Mapping[object, object], name: str, *, needed: bool = False) -> str:
    match request.get(name):
        case None if not needed:
            return ""
        case str() as text:
            return text
        case _:
            raise _BadRequestError(name)


def _texts(request: Mapping[object, object], name: str) -> tuple[str, ...]:
    values = request.get(name) or []
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise _BadRequestError(name)
    return tuple(values)


def _pending(request: Mapping[object, object]) -> Category | None:
    name = _text(request, "pending")
    if not name:
        return None
    try:
        return Category(name)
    except ValueError as error:
        raise _BadRequestError("pending") from error


def _today(request: Mapping[object, object]) -> date:
    text = _text(request, "today")
    if not text:
        return SystemClock().now().date()
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise _BadRequestError("today") from error


@cache
def plan_tasks() -> tuple[Task, ...]:
    """Return the tasks of the plan that ships with the code."""
    plan = json.loads(_PLAN.read_text("utf-8"))
    return tuple(
        Task(
            task["id"],
            task["title"],
            tuple(tuple(phrase) for phrase in task["done_phrases"]),
            tuple(task["decisions"]),
        )
        for phase in plan["phases"]
        for task in phase["tasks"]
    )


def _fields(decision: Decision) -> Answer:
    told: Answer = {
        "category": decision.category.value,
        "value": decision.value,
        "quote": decision.quote,
        "certainty": decision.certainty.value,
    }
    if decision.text:
        told["text"] = decision.text
    if decision.rationale:
        told["rationale"] = decision.rationale
    if decision.assumed:
        told["assumed"] = list(decision.assumed)
    if decision.discount_percent is not None:
        told["discount_percent"] = decision.discount_percent
    return told
