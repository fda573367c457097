"""Which reports of their books a person has: trends (`reports.trends`), budgets and digests (`reports.custom`).

What was set while a plan had it stays, is listed and can be ended; it rests without a word, and speaks again when there
is a plan for it. Sums, searches and charts of one range are everybody's.
"""

from __future__ import annotations

from bot.engine.turn import Turn

TRENDS, CUSTOM = "reports.trends", "reports.custom"


def allows(turn: Turn, feature: str) -> bool:
    """Tell whether this person has it."""
    return turn.registry.rights.decide(turn, feature).allows


def told(turn: Turn, feature: str) -> str:
    """Say what they have instead, and what would allow it (RS-8)."""
    return turn.registry.rights.decide(turn, feature).told


def refused(turn: Turn, feature: str) -> bool:
    """Say why not; False when it is theirs."""
    if allows(turn, feature):
        return False
    turn.say("receipts.report_not_in_plan", told=told(turn, feature))
    return True
