"""`main.py try optout`: the opt-out rules on one JSON line, in the state "no flow open, not opted out"."""

from __future__ import annotations

from collections.abc import Mapping

from bot.engine.optout.decision import decide


def try_optout(request: Mapping[str, object]) -> dict[str, object]:
    """Return the decision on `{"text", "channel"?}` as a plain record; ask and topic requests count as no."""
    decision = decide(str(request.get("text") or ""), idle=True)
    record: dict[str, object] = {"optout": decision.optout, "ask": decision.ask, "reason": decision.reason}
    if decision.topic:
        record["topic"] = decision.topic
    return record
