"""How often, and how much, one person may ask a language model (rule TXT-7).

Five calls within any minute, and a number of tokens a day. Beyond either nothing leaves: the step that waits gets a
refusal at once, in the same turn, and goes the plain way that it has for every failure of a model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.core.calls import Refused
from bot.core.calls.workshop import MODEL_CALLS
from bot.engine.turn import Turn
from storage import model_use

LIMIT = "model_limit"
"""The code of a refusal for want of allowance."""

_MINUTE_US = 60_000_000
_NOTE = "model_calls"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What one person may ask of a model."""

    calls_per_minute: int = 5
    tokens_per_day: int = 100_000


def refusal(turn: Turn, call: object) -> Refused | None:
    """Note a call of a model, or return the refusal when the person has none left; other calls pass."""
    if not isinstance(call, MODEL_CALLS):
        return None
    allowed: Allowance = turn.registry.settings.get(Allowance) or Allowance()
    now, notes = turn.work.now_us, turn.conversation.notes
    lately = [at for at in notes.get(_NOTE, ()) if now - at < _MINUTE_US]
    if len(lately) >= allowed.calls_per_minute:
        return Refused(LIMIT, "calls a minute")
    if turn.person_id is not None and model_use.used_today(turn.work, turn.person_id) >= allowed.tokens_per_day:
        return Refused(LIMIT, "tokens a day")
    notes[_NOTE] = [*lately, now]
    return None


def settle(turn: Turn) -> None:
    """Count the tokens of a call's outcome, also of one that is no use or that nobody waits for any more (LLM-9)."""
    payload = turn.event.payload
    spent = (payload.get("result") or {}).get("fields") if payload["outcome"] == "done" else payload.get("details")
    used = sum(_number(spent, name) for name in ("input_tokens", "output_tokens"))
    if used > 0 and turn.person_id is not None:
        model_use.count(turn.work, turn.person_id, used)


def _number(spent: Any, name: str) -> int:
    """Read a count from a result, as the dataclass that it is or as the JSON that it was stored as."""
    found = spent.get(name) if isinstance(spent, Mapping) else getattr(spent, name, None)
    return found if isinstance(found, int) else 0
