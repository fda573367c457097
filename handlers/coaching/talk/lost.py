"""Tries that nobody told of: a process died between a call and its commit, and the row's time was over (rule CT-6)."""

from __future__ import annotations

from bot.core.calls.coach import ModelTry, tries_of
from bot.core.calls.outcome import Outcome, Refused
from bot.engine.turn import Turn
from handlers.coaching.talk.settings import MAX_OUTPUT, settings_of
from handlers.coaching.talk.window import BUDGET
from storage.coaching.ledger import Booked
from storage.schema import micros


def tries(turn: Turn, of: Booked, outcome: Outcome) -> list[ModelTry]:
    """Return the tries of a turn without a reply; those of a process that died are estimated, and flagged (LI-2)."""
    told = tries_of(outcome.details) if isinstance(outcome, Refused) else []
    if told or not isinstance(outcome, Refused):
        return told
    attempts = int(turn.event.payload.get("attempts") or 1)
    gone = attempts - 1 if outcome.code == "timed_out" else 1 if outcome.code == "lost" else 0
    return [
        ModelTry(
            "reply", number, settings_of(turn).reply_model, "failed", micros(of.at), 0, input_tokens=BUDGET,
            output_tokens=MAX_OUTPUT, usage_known=False,
        )
        for number in range(1, gone + 1)
    ]  # fmt: skip
