"""What a call's outcome does: the flow that waits for it goes on, or the handler named by the call takes it.

An outcome that nobody waits for any more (the person went elsewhere, the time limit passed) is dropped.
"""

from __future__ import annotations

from bot.core.calls import Outcome, Refused, unpack
from bot.core.calls.outcome import Done
from bot.core.errors import Mistake, Refusal
from bot.engine import album, allowance, steps
from bot.engine.state import Frame
from bot.engine.turn import Turn


def outcome_of(turn: Turn) -> Outcome:
    """Return the outcome that a `call` event carries: Done with its result, or Refused with its code."""
    payload = turn.event.payload
    if payload["outcome"] == "done":
        return Done(unpack(payload["result"]) if payload.get("result") else None)
    return Refused(str(payload.get("code") or "failed"), str(payload.get("reason") or ""), payload.get("details") or {})


def call_ended(turn: Turn) -> None:
    """Take a call's outcome where it belongs."""
    payload, conversation = turn.event.payload, turn.conversation
    call_id, then = int(payload["call_id"]), str(payload.get("then") or "")
    allowance.settle(turn)
    if conversation.album is not None and conversation.album.call == call_id:
        turn.purpose = "reply"
        _spoken(turn, lambda: album.fetched(turn, outcome_of(turn)))
        return
    frame = conversation.top
    if frame is not None and frame.call == call_id:
        turn.purpose = "reply"
        turn.cancel_timers(f"slow:{call_id}")
        _continue(turn, frame)
        return
    handler = turn.registry.handlers.get(f"call:{then}")
    if handler is not None:
        handler(turn)
    else:
        turn.silent = True


def _continue(turn: Turn, frame: Frame) -> None:
    outcome = outcome_of(turn)
    _spoken(turn, lambda: steps.take_result(turn, frame, outcome))


def _spoken(turn: Turn, act: object) -> None:
    try:
        act()  # type: ignore[operator]
    except (Mistake, Refusal) as error:
        turn.say(error.key, **error.args_)
