"""DROP THIS CASE: an explicit word, asked once more, before anything is withdrawn (rules ST-24, CONV-5)."""

from __future__ import annotations

import re

from bot.core.prompts import Answer, Ask, Choice
from bot.engine import steps
from bot.engine.flow import End, Goto, Next
from bot.engine.turn import Turn
from handlers.appeals.flow.flow import appeal, ask, draft_of, onward, take
from handlers.appeals.flow.later import ended
from handlers.appeals.flow.words_meant import NO
from handlers.appeals.stages import BEFORE_PAYMENT, stage_of
from handlers.appeals.withdrawals import withdraw

_DROP = re.compile(
    r"(?:please )?(?:drop|cancel|withdraw|delete|forget|abandon) (?:this|my|the) (?:case|appeal|ticket|letter)|"
    r"cancel (?:case|appeal|letter)",
    re.IGNORECASE,
)


def heard(turn: Turn, text: str) -> bool:
    """Ask before dropping the case of the open appeal; False for every other text."""
    flow = turn.flow()
    if flow is not appeal or not _DROP.fullmatch(text.strip(" .!")):
        return False
    steps.follow(turn, Goto("drop"))
    return True


@ask("drop")
def ask_drop(turn: Turn) -> Ask:
    """Ask once more."""
    choices = (
        Choice("drop", key="appeals.drop.drop", words=("drop", "drop it")),
        Choice("stay", key="appeals.drop.stay", words=(*NO, "keep", "stay")),
    )
    return Ask("appeals.drop.ask", choices=choices, expects=("choice",))


@take("drop")
def take_drop(turn: Turn, answer: Answer) -> Next:
    """Withdraw the case; an open pay link is closed first, and money that still arrives is refunded."""
    draft = draft_of(turn)
    if answer.choice != "drop":
        return onward(turn)
    if draft.case_id is not None:
        stage = stage_of(turn, draft.case_id)
        if stage in (*BEFORE_PAYMENT, "awaiting_payment") and not withdraw(turn, draft.case_id):
            turn.say("appeals.drop.too_late")
            return ended(turn, End())
    turn.say("appeals.drop.done")
    return ended(turn, End())
