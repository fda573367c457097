"""PLANS: choose a plan, see what it costs and how it ends, say OK; or change the one that runs.

U> upgrade
B> Which plan?  1 Basic, $9.00 a month  2 Pro, $29.00 a month  ...
U> 1
B> Basic: $9.00 a month, no tax. It renews every month until you end it: CANCEL PLAN. ... Reply OK.
U> ok
B> Your link is good for 24 hours: https://.../p/...

On Telegram what is used there is sold for Stars only, by whoever is plugged in (`ports`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel

from bot.core.calls import Done, Outcome
from bot.core.calls.subscriptions import ChangePreview, PreviewChange
from bot.core.errors import Mistake, Permanent, Refusal
from bot.core.money import Money
from bot.core.prompts import Answer, Ask, Choice
from bot.engine import ages, steps
from bot.engine.discounts import Discount
from bot.engine.flow import Call, End, Flow, Goto, Next
from bot.engine.turn import Turn
from handlers.billing import contents
from handlers.billing.catalogue import Catalogue
from handlers.billing.orders.settings import settings_of
from handlers.billing.subscriptions import changing, coding, offers, ports, purchasing, telling
from handlers.billing.subscriptions.offers import Offer
from storage.billing import plan_changes, subscriptions

_PLANS = re.compile(
    r"/?plans|/?subscribe|/?upgrade|/?changeplan|change (?:my )?plan|downgrade"
    r"|planes|mejorar(?: (?:mi )?plan)?|suscribirme",
    re.I,
)
OK = Choice("ok", key="billing.sub.ok", words=("ok", "okay", "yes"), quiet=True)
NO = Choice("no", key="billing.sub.no", words=("no", "stop it"), quiet=True)


class Chosen(BaseModel):
    """What was chosen: the offer, what was shown of trial days and of a code, and the change that was previewed."""

    offer: str = ""
    days: int = 0
    off_minor: int = 0
    change: int = 0


NAME = "plans"


def heard(turn: Turn, text: str, catalogue: Catalogue) -> bool:
    """Take PLANS, SUBSCRIBE, UPGRADE and their like."""
    if _PLANS.fullmatch(" ".join(text.split()).rstrip(".!?")) is None:
        return False
    purchasing.end_gifts(turn)
    live = subscriptions.live(turn.work, turn.person.id)
    frame = turn.conversation.top
    if not ages.may_pay(turn):
        turn.say("billing.sub.under_age")
    elif live is not None and live.gateway == "stars":
        _stars(turn, live)
    elif turn.channel == "telegram":
        _on_telegram(turn, catalogue, live)
    elif live is not None and live.gateway != "stripe":
        turn.say("billing.sub.gift_runs", **telling.words(turn, live))
    elif frame is None or frame.flow != NAME:
        contents.before_choosing(turn, catalogue)
        steps.open_flow(turn, NAME)
    return True


def pressed(turn: Turn, argument: str, catalogue: Catalogue) -> None:
    """Open the plans from the button under an answer that names one."""
    heard(turn, "plans", catalogue)


def _stars(turn: Turn, live: sa.Row[Any]) -> None:
    desk = ports.stars(turn)
    if desk is not None and turn.channel == "telegram":
        desk.change(turn, live)
    else:
        turn.say("billing.sub.on_telegram")


def _on_telegram(turn: Turn, catalogue: Catalogue, live: sa.Row[Any] | None) -> None:
    desk, frame = ports.stars(turn), turn.conversation.top
    if frame is not None and frame.flow == NAME:
        steps.follow(turn, End())
    if live is not None:
        turn.say("billing.sub.elsewhere", **telling.words(turn, live))
    elif desk is None:
        turn.say("billing.sub.not_here")
    else:
        contents.before_choosing(turn, catalogue)
        desk.offer(turn, [one for one in catalogue.newest.values() if one.days_30.get("XTR")])


def _offer(turn: Turn, catalogue: Catalogue) -> Offer:
    plan, _, every = str(turn.draft.offer).partition(":")
    found = offers.offer(catalogue, plan, every)
    if found is None:
        raise Permanent("no such offer")
    return found


def _label(turn: Turn, one: Offer) -> str:
    cost = telling.price(turn, one.price, one.every)
    return turn.text("billing.sub.offer", plan=telling.named(turn, one.plan.key), price=cost)


def _called(turn: Turn, one: Offer) -> tuple[str, ...]:
    """Return how people name an offer: "pro yearly", "annual basic"."""
    name = telling.named(turn, one.plan.key).casefold()
    ways = turn.text(f"billing.sub.called_{one.every}").split()
    return tuple(words for way in ways for words in (f"{name} {way}", f"{way} {name}", f"{name} plan {way}"))


def ask_plan(turn: Turn, catalogue: Catalogue) -> Ask:
    """List what is sold; what the person has is left out."""
    live = subscriptions.live(turn.work, turn.person.id)
    mine = f"{live.plan}:{live.every}" if live is not None else ""
    listed = [one for one in offers.offers(catalogue) if one.value != mine]
    choices = tuple(Choice(one.value, text=_label(turn, one), words=_called(turn, one)) for one in listed)
    if live is None:
        return Ask("billing.sub.choose", choices=choices, expects=("choice",))
    return Ask("billing.sub.choose_other", telling.words(turn, live), choices=choices, expects=("choice",))


def take_plan(turn: Turn, answer: Answer, catalogue: Catalogue) -> Next:
    """Go on to the terms, or to what a change would cost."""
    turn.draft.offer = answer.choice or ""
    live = subscriptions.live(turn.work, turn.person.id)
    if live is None:
        turn.draft.days = purchasing.trial_days(turn, _offer(turn, catalogue))
        purchasing.refuse(turn)
        return _show_terms(turn, coding.foreseen(turn, _offer(turn, catalogue), turn.draft.days))
    return _offer_change(turn, catalogue, live)


def _show_terms(turn: Turn, found: Discount) -> Next:
    """Go to the terms, which show what a code takes off; one that does not count here says why (CP-3)."""
    if found.told and not found.amount_minor:
        turn.lines.append(found.told)
    return Goto("agree")


def ask_terms(turn: Turn, catalogue: Catalogue) -> Ask:
    """Say item, price, tax, renewal and how to end it, before anything is agreed (SB-2, PY-1)."""
    one = _offer(turn, catalogue)
    found = coding.foreseen(turn, one, turn.draft.days)
    turn.draft.off_minor = found.amount_minor
    shown: dict[str, object] = {
        "plan": telling.named(turn, one.plan.key), "price": telling.price(turn, one.price, one.every),
        "every": turn.text(f"billing.sub.every_{one.every}"), "days": turn.draft.days,
        "tax": turn.text("billing.sub.tax_included" if settings_of(turn.registry).stripe_tax else "billing.sub.no_tax"),
    }  # fmt: skip
    key = "billing.sub.terms_trial" if turn.draft.days else "billing.sub.terms"
    if turn.draft.off_minor:
        off, due = (Money(n, one.price.currency) for n in (found.amount_minor, found.total_minor))
        shown, key = shown | {"code": found.code, "off": off, "due": due}, "billing.sub.terms_code"
    return Ask(key, shown, choices=(OK, NO), expects=("choice",))


def take_terms(turn: Turn, answer: Answer, catalogue: Catalogue) -> Next:
    """Take the OK as consent and send the link."""
    if answer.choice != "ok":
        turn.say("billing.sub.nothing_bought")
        return End()
    one = _offer(turn, catalogue)
    found = coding.foreseen(turn, one, turn.draft.days)
    if found.amount_minor != turn.draft.off_minor:
        return _show_terms(turn, found)
    try:
        _, page = purchasing.begin(turn, one, days=turn.draft.days, off_minor=turn.draft.off_minor)
    except Refusal as refusal:
        turn.say(refusal.key, **refusal.args_)
        return End()
    turn.notify("billing.sub.link", purpose="reply", ttl=timedelta(hours=1), link=("billing.sub.link_button", page))
    return End()


# -- changes -----------------------------------------------------------------------------------------------------------


def _offer_change(turn: Turn, catalogue: Catalogue, live: sa.Row[Any]) -> Next:
    changing.refuse(turn, live)
    one = _offer(turn, catalogue)
    up = offers.is_upgrade(catalogue, (live.plan, live.every), (one.plan.key, one.every))
    turn.draft.change = plan_changes.add(
        turn.work, turn.person.id, subscription_id=live.id, plan=one.plan.key, plan_version=one.plan.version,
        every=one.every, kind="upgrade" if up else "downgrade", prorated_at=turn.now if up else None,
    )  # fmt: skip
    if not up:
        return Goto("confirm")
    asked = PreviewChange(live.gateway_ref, live.item_ref, one.at_gateway(turn), int(turn.now.timestamp()))
    return Call(asked, then="previewed", limit=timedelta(seconds=60))


def previewed(turn: Turn, outcome: Outcome) -> Next:
    """Show what Stripe says that the change costs; the amount is never ours (SB-8)."""
    row = plan_changes.load(turn.work, turn.person.id, turn.draft.change)
    if row is None or not isinstance(outcome, Done) or not isinstance(outcome.result, ChangePreview):
        turn.say("billing.sub.no_preview")
        return End()
    found = outcome.result
    shown = {"due_minor": found.amount_due_minor, "at": turn.now, "prorated_at": row.prorated_at.replace(microsecond=0)}
    plan_changes.move(turn.work, row, was="asked", to="shown", **shown)
    return Goto("confirm", forget=True)


def ask_change(turn: Turn, catalogue: Catalogue) -> Ask:
    """Ask for the OK to a change: what is paid now, what then, and when it begins."""
    one, row = _offer(turn, catalogue), plan_changes.load(turn.work, turn.person.id, turn.draft.change)
    live = subscriptions.live(turn.work, turn.person.id)
    shown: dict[str, object] = {
        "plan": telling.named(turn, one.plan.key), "price": telling.price(turn, one.price, one.every),
        "at": telling.day(turn, live.period_end) if live is not None else "",
        "due": Money(row.due_minor or 0, one.price.currency) if row is not None else "",
    }  # fmt: skip
    key = "billing.sub.up_ask" if row is not None and row.kind == "upgrade" else "billing.sub.down_ask"
    return Ask(key, shown, choices=(OK, NO), expects=("choice",))


def take_change(turn: Turn, answer: Answer, catalogue: Catalogue) -> Next:
    """Do what was shown; a preview older than ten minutes is made anew first (A50)."""
    row = plan_changes.load(turn.work, turn.person.id, turn.draft.change)
    live = subscriptions.live(turn.work, turn.person.id)
    if answer.choice != "ok" or row is None or live is None or live.id != row.subscription_id:
        turn.say("billing.sub.nothing_changed")
        return End()
    if changing.is_stale(turn, row):
        turn.say("billing.sub.new_preview")
        return _offer_change(turn, catalogue, live)
    changing.confirm(turn, row, live, _offer(turn, catalogue))
    turn.say("billing.sub.change_sent")
    return End()


def _asked(turn: Turn, ask: Callable[[Turn], Ask]) -> Ask:
    """Ask by text alone: inside Telegram nobody is shown another way to pay for what is used there (section 6)."""
    return Ask("billing.sub.by_text", expects=("choice",)) if turn.channel == "telegram" else ask(turn)


def _taken(turn: Turn, answer: Answer, take: Callable[[Turn, Answer], Next]) -> Next:
    """Take an answer given by text; one to what Telegram showed last, which had no choices, is asked for again."""
    if turn.channel == "telegram":
        raise Mistake("billing.sub.not_in_telegram")
    if answer.choice is None:
        raise Mistake("engine.shown_elsewhere")
    return take(turn, answer)


def prepare(catalogue: Catalogue) -> Flow[Chosen]:
    """Return the flow over a catalogue."""
    flow = Flow(NAME, Chosen, version=1, first="choose")
    for name, ask, take in (
        ("choose", ask_plan, take_plan), ("agree", ask_terms, take_terms), ("confirm", ask_change, take_change)
    ):  # fmt: skip
        flow.ask(name, effort=False)(partial(_asked, ask=partial(ask, catalogue=catalogue)))
        flow.take(name)(partial(_taken, take=partial(take, catalogue=catalogue)))
    flow.result("previewed")(previewed)
    return flow
