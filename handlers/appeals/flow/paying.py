"""The end of part 6, pay: the link comes as a message of its own, and PAY brings it again.

    B> Certified letter $19.95, tax $0.00, total $19.95. Planned arrival by Mon Nov 30 ... Pay (until Thu 10:40am): ...
    U> pay
    B> (the same text again)

The link's message asks nothing, so no question stands behind it: the words for the link and EDIT work all the same.
"""

from __future__ import annotations

from bot.core.errors import Mistake
from bot.core.prompts import Answer, Ask, Choice
from bot.engine.flow import End, Goto, Next, Stay
from bot.engine.turn import Turn
from handlers.appeals.case_files import own_case
from handlers.appeals.checkouts import request_payment
from handlers.appeals.flow.flow import ask, draft_of, onward, take
from handlers.appeals.flow.informed import inform
from handlers.appeals.flow.later import ended
from handlers.appeals.flow.words_meant import EDIT, means
from handlers.appeals.stages import BEFORE_PAYMENT, stage_of

_PAY = (
    "pay", "pay now", "pay link", "pay it", "link", "the link", "new link", "send", "send it", "send link",
    "send the link", "send it again", "send me the link", "send the link again", "link again", "pay again", "again",
    "ok", "okay", "yes", "pagar",
)  # fmt: skip


def first_link(turn: Turn, case_id: int, draft_id: int) -> Next:
    """Ask for the pay link of a letter just approved; its message, with price and dates, is the reply (rule PAY-2)."""
    requested = request_payment(turn, case_id, draft_id)
    return _wait(turn) if requested.refusal is None else inform(turn, requested.refusal)


def _wait(turn: Turn) -> Next:
    turn.silent = True
    turn.conversation.prompt = None
    return Goto("pay", forget=True)


@ask("pay")
def ask_pay(turn: Turn) -> Ask:
    """Say where the pay link is."""
    choices = (
        Choice("pay", key="appeals.pay.again", words=_PAY),
        Choice("edit", key="appeals.edit", words=EDIT),
    )
    case_id = draft_of(turn).case_id
    sent = case_id is not None and stage_of(turn, case_id) == "awaiting_payment"
    return Ask("appeals.pay.open" if sent else "appeals.pay.wait", choices=choices, expects=("choice", "text"))


@take("pay")
def take_pay(turn: Turn, answer: Answer) -> Next:
    """Send the link again, or change the letter; a case that was paid needs nothing more here."""
    draft = draft_of(turn)
    draft_id = draft.preview.draft_id if draft.preview else None
    if draft.case_id is None or draft_id is None:
        return onward(turn)
    stage = stage_of(turn, draft.case_id)
    if stage not in ("ready", "awaiting_payment"):
        return _over(turn, draft.case_id, stage)
    if answer.choice == "edit" or means(answer.text, EDIT):
        turn.say("appeals.edit.which")
        return Stay()
    if answer.choice == "pay" or means(answer.text, _PAY):
        return _link_again(turn, draft.case_id, draft_id)
    raise Mistake("appeals.pay.what")


def _over(turn: Turn, case_id: int, stage: str) -> Next:
    if stage in BEFORE_PAYMENT:
        draft_of(turn).preview = None
        return onward(turn)
    turn.say("appeals.pay.over", code=own_case(turn, case_id).code)
    return ended(turn, End())


def _link_again(turn: Turn, case_id: int, draft_id: int) -> Next:
    requested = request_payment(turn, case_id, draft_id)
    if requested.refusal is not None:
        return inform(turn, requested.refusal)
    if not requested.sent:
        turn.say("appeals.pay.coming")
    return _wait(turn)
