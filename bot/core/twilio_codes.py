"""Twilio's error codes and what each asks of us (chat rules, section 5.4): the one table of them.

A code comes in the answer to a send or, later, in a status callback. Unknown codes of the 21xxx and 30xxx families are
permanent for the message and say nothing of the address.
"""

from __future__ import annotations

from datetime import timedelta
from enum import Enum


class Act(Enum):
    """What to do; `BACK_OFF` and `SLOW` keep the message for later, all others beside giving it up."""

    NOTHING = "nothing"
    BACK_OFF = "back_off"
    SLOW = "slow"
    OPT_OUT = "opt_out"
    UNREACHABLE = "unreachable"
    COUNT = "count"
    RETRY_ONCE = "retry_once"
    HOLD_PROACTIVE = "hold_proactive"
    FILTERED = "filtered"
    PAGE = "page"


BAD_CREDENTIALS = 20003

ACTS = {
    BAD_CREDENTIALS: Act.PAGE,
    20429: Act.BACK_OFF,
    21211: Act.UNREACHABLE,
    21408: Act.PAGE,
    21610: Act.OPT_OUT,
    21611: Act.SLOW,
    21614: Act.UNREACHABLE,
    30001: Act.SLOW,
    30003: Act.COUNT,
    30004: Act.UNREACHABLE,
    30005: Act.COUNT,
    30006: Act.COUNT,
    30007: Act.FILTERED,
    30008: Act.RETRY_ONCE,
    30034: Act.HOLD_PROACTIVE,
}


QUEUE_FULL = "queue_full"
"""How a send that met a full queue is told to the worker, which then slows the sender's bucket."""

QUEUE_PAUSE = timedelta(minutes=1)
"""A full queue holds four hours of messages (chat rules, section 5.3): asking again within the minute cannot help."""


def act_of(code: int) -> Act:
    """Return what a code asks for."""
    return ACTS.get(code, Act.NOTHING)
