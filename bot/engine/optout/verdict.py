"""What the opt-out rules say about one text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """End all texts, ask which end was meant, end one topic, pause, come back, or none of these."""

    OUT = "out"
    ASK = "ask"
    TOPIC = "topic"
    PAUSE = "pause"
    START = "start"
    ORDINARY = "ordinary"


@dataclass(frozen=True, slots=True)
class OptOut:
    """A decision, the rule that made it (S1-S3, P1-P9, X1-X7, S0 when none applied) and its scope.

    `keyword` tells that the whole message, untrimmed, is one of the carrier's own words, which the carrier may have
    answered by itself. `everywhere` tells that the person named all channels (SMS-25).
    """

    verdict: Verdict
    reason: str
    topic: str | None = None
    everywhere: bool = False
    keyword: bool = False

    @property
    def optout(self) -> bool:
        """Tell whether all texts end now."""
        return self.verdict is Verdict.OUT

    @property
    def ask(self) -> bool:
        """Tell whether the person must be asked what shall end."""
        return self.verdict is Verdict.ASK


ORDINARY = OptOut(Verdict.ORDINARY, "S0")
