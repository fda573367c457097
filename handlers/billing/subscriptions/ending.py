"""CANCEL PLAN and KEEP PLAN: out in two messages, on every channel, and back until the last instant (SB-9).

U> cancel plan
B> Basic ends 15 Apr and will not renew. Until then all stays. Reply OK.
U> ok
B> Asked. You get a line when it is confirmed.
B> Confirmed: Basic ends 15 Apr. KEEP PLAN takes it back.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel

from bot.core.prompts import Answer, Ask, Choice
from bot.engine import steps
from bot.engine.flow import End, Flow, Next
from bot.engine.turn import Turn
from handlers.billing.subscriptions import changing, ports, purchasing, telling
from handlers.billing.subscriptions.choosing import NAME as PLANS
from handlers.billing.subscriptions.choosing import NO, OK
from storage import disputes
from storage.billing import plan_invoices, subscriptions

_KEEP = re.compile(r"/?resumeplan|/?keepplan|(?:keep|resume) (?:my )?plan", re.I)
_CANCEL = re.compile(r"/?cancelplan", re.I)
AT_ONCE = timedelta(hours=24)
"""So long after the first payment a person may end a plan at once."""


class Nothing(BaseModel):
    """The flow keeps nothing."""


ending = Flow("plan_end", Nothing, version=1, first="sure")


def asked(turn: Turn, argument: str = "") -> bool:
    """Take CANCEL PLAN; False for a person without a plan, whom the engine tells so."""
    purchasing.end_gifts(turn)
    live = subscriptions.live(turn.work, turn.person.id)
    if live is None:
        return False
    _leave_choosing(turn)
    frame = turn.conversation.top
    if live.cancel_at_period_end:
        turn.say("billing.sub.ends", **telling.words(turn, live))
    elif live.gateway in ("comp", "offline"):
        turn.say("billing.sub.gift_runs", **telling.words(turn, live))
    elif frame is None or frame.flow != ending.name:
        steps.open_flow(turn, ending.name)
    return True


def _leave_choosing(turn: Turn) -> None:
    """Who says what becomes of their plan chooses no other one."""
    frame = turn.conversation.top
    if frame is not None and frame.flow == PLANS:
        steps.follow(turn, End())


def heard(turn: Turn, text: str) -> bool:
    """Take /cancelplan, KEEP PLAN and /resumeplan."""
    said = " ".join(text.split()).rstrip(".!?")
    if _CANCEL.fullmatch(said):
        if not asked(turn):
            turn.say("engine.cancel_plan")
        return True
    if _KEEP.fullmatch(said) is None:
        return False
    _leave_choosing(turn)
    live = subscriptions.live(turn.work, turn.person.id)
    if live is None or not (live.cancel_at_period_end or live.next_plan):
        turn.say("billing.sub.nothing_to_keep")
    elif live.gateway == "stars":
        _with_stars(turn, live, ends=False)
    elif disputes.bars(turn.work, turn.person.id, "plan"):
        turn.say("billing.sub.disputed")
    else:
        changing.keep(turn, live)
        turn.say("billing.sub.change_sent")
    return True


def _with_stars(turn: Turn, live: sa.Row[Any], *, ends: bool) -> None:
    desk = ports.stars(turn)
    if desk is None:
        turn.say("billing.sub.on_telegram")
    elif ends:
        desk.end_renewal(turn, live)
    else:
        desk.keep_renewal(turn, live)


def _may_end_now(turn: Turn, live: sa.Row[Any]) -> bool:
    paid = plan_invoices.first_paid(turn.work, turn.person.id, live.id)
    return paid is not None and turn.now - paid <= AT_ONCE


@ending.ask("sure", effort=False)
def ask_sure(turn: Turn) -> Ask:
    """Say when it would end."""
    live = subscriptions.live(turn.work, turn.person.id)
    if live is None:
        return Ask("engine.cancel_plan", choices=(NO,), expects=("choice",))
    if not _may_end_now(turn, live):
        return Ask("billing.sub.end_ask", telling.words(turn, live), choices=(OK, NO), expects=("choice",))
    now = Choice("now", key="billing.sub.now", words=("now",), quiet=True)
    return Ask("billing.sub.end_ask_now", telling.words(turn, live), choices=(OK, now, NO), expects=("choice",))


@ending.take("sure")
def take_sure(turn: Turn, answer: Answer) -> Next:
    """Order the end, at the end of the period or at once."""
    live = subscriptions.live(turn.work, turn.person.id)
    if answer.choice == "no" or live is None:
        turn.say("billing.sub.nothing_changed")
    elif live.gateway == "stars":
        _with_stars(turn, live, ends=True)
    elif answer.choice == "now" and _may_end_now(turn, live):
        changing.end_now(turn, live)
        turn.say("billing.sub.change_sent")
    else:
        changing.end_later(turn, live)
        turn.say("billing.sub.change_sent")
    return End()
