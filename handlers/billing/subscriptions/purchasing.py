"""From OK to a Checkout Session, and what Stripe tells of it (SB-1 to SB-3, SB-6).

    OK -> purchase row (the consent) and our link -> the tap makes a session -> Stripe tells that it was paid

With a coupon a use is set aside at the OK, and the tap first has a promotion code made (`coding`).

Nothing here gives a plan: that follows from the subscription alone, which is looked at when a session is done.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from bot.core.calls import Done, Refused
from bot.core.calls.promotions import Promotion
from bot.core.calls.stripe import Checkout, ExpireCheckout
from bot.core.calls.subscriptions import OpenPlanCheckout
from bot.core.errors import Refusal
from bot.core.limits import limits
from bot.engine import ages
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from handlers.billing.catalogue import Catalogue
from handlers.billing.orders.settings import settings_of
from handlers.billing.subscriptions import coding, offers, ports
from handlers.billing.subscriptions.offers import Offer
from storage import disputes
from storage.billing import pay_links, plan_changes, purchases, subscriptions, suspensions
from storage.links import make_link, revoke_links

WORDING = "plan-1"
"""The version of `billing.sub.terms`, `billing.sub.terms_code` and `billing.sub.terms_trial`."""
WITH_TAX = f"{WORDING}-tax"
"""The same words where the price includes the tax that Stripe works out."""
LIFE = timedelta(hours=24)
SESSION = timedelta(hours=23, minutes=55)
CALL_LIMIT = timedelta(minutes=3)
TAPPED, OPENED, CLOSED = "plan_tapped", "billing.plan_checkout", "billing.plan_checkout_closed"


def refuse(turn: Turn) -> None:
    """Raise Refusal for whoever may not buy a plan now: suspended, under age, or with a live plan (SB-1, ID-12)."""
    end_gifts(turn)
    if subscriptions.live(turn.work, turn.person.id) is not None:
        raise Refusal("billing.sub.has_plan")
    if suspensions.is_suspended(turn.work, turn.person.id):
        raise Refusal("billing.sub.suspended")
    if disputes.bars(turn.work, turn.person.id, "plan"):
        raise Refusal("billing.sub.disputed")
    if not ages.may_pay(turn):
        raise Refusal("billing.sub.under_age")
    if pay_links.made_since(turn.work, turn.person.id, turn.now - timedelta(hours=1)) >= limits().pay_links_an_hour:
        raise Refusal("billing.sub.too_many")


def trial_days(turn: Turn, offer: Offer) -> int:
    """Return the days of trial that a person may have of an offer: none after any trial of any address (SB-12)."""
    spent = subscriptions.trial_spent(turn.work, turn.person.id)
    return 0 if spent else offer.plan.trial_days


def begin(turn: Turn, offer: Offer, *, days: int, off_minor: int = 0) -> tuple[int, str]:
    """Keep the consent and make the link; return the purchase and the link. An older open link is closed (PY-2).

    `off_minor` is what the terms showed that a coupon takes off; raise Refusal when it no longer does.
    """
    refuse(turn)
    _replace(turn)
    expires = turn.now + LIFE
    purchase_id = purchases.add(
        turn.work, turn.person.id, plan=offer.plan.key, plan_version=offer.plan.version, every=offer.every,
        amount_minor=offer.price.amount_minor, currency=offer.price.currency, trial_days=days,
        promotion=purchases.COUPON_WAITS if off_minor else None,
        expires_at=expires, source=f"inbox:{turn.inbox_id}",
        wording=WITH_TAX if settings_of(turn.registry).stripe_tax else WORDING,
    )  # fmt: skip
    if off_minor:
        coding.reserve(turn, offer, purchase_id, off_minor)
    token = make_link(
        turn.work, kind="p", target=purchase_id, name=purchases.LINK, expires=expires, person_id=turn.person.id
    )
    return purchase_id, f"{turn.registry.public_url}/p/{token}"


def _replace(turn: Turn) -> None:
    row = purchases.open_one(turn.work, turn.person.id)
    if row is None:
        return
    if row.state == "processing":
        raise Refusal("billing.sub.processing")
    close(turn, to="replaced")


def close(turn: Turn, *, to: str) -> None:
    """End the purchase that a person could still pay, with its link, its coupon and its session; none is no matter."""
    row = purchases.open_one(turn.work, turn.person.id)
    if row is None or not purchases.move(turn.work, row, was=("created", "open"), to=to):
        return
    revoke_links(turn.work, kind="p", target=row.id)
    coding.release(turn, row)
    if row.session_ref:
        turn.call(ExpireCheckout(row.session_ref), then=CLOSED, context={"purchase": row.id})


def end_gifts(turn: Turn) -> None:
    """End a gift whose time is over: nobody else tells us (SB-15)."""
    row = subscriptions.live(turn.work, turn.person.id)
    if row is None or row.gateway != "comp" or row.period_end > turn.now:
        return
    subscriptions.change(turn.work, turn.person.id, row.id, state="ended")
    plan_changes.log(turn.work, turn.person.id, row.id, "canceled", was=f"{row.plan}:{row.plan_version}", cause="end")
    turn.tell("subscription.changed", subscription=row.id)


# -- the tap -----------------------------------------------------------------------------------------------------------


def tapped(turn: Turn, catalogue: Catalogue) -> None:
    """Make a session for a purchase whose link was tapped, unless one is open; its row waits for the answer."""
    row = purchases.load(turn.work, int(turn.event.payload["purchase"]))
    turn.silent = True
    if row is None or row.state not in ("created", "open") or row.expires_at <= turn.now:
        return
    end_gifts(turn)
    spent = row.trial_days > 0 and subscriptions.trial_spent(turn.work, turn.person.id)
    if spent or subscriptions.live(turn.work, turn.person.id) is not None:
        purchases.move(turn.work, row, was=("created", "open"), to="expired")
        coding.release(turn, row)
        return
    if row.url is not None and row.session_ends > turn.now:
        return
    attempt = row.attempt + (row.url is not None)
    purchases.move(turn.work, row, was=(row.state,), to="created", attempt=attempt, url=None, session_ref=None)
    desk = ports.discounts(turn)
    if desk is not None and row.promotion == purchases.COUPON_WAITS:
        desk.make(turn, row, attempt, then=coding.PROMOTED)
    else:
        _open(turn, catalogue, row, attempt)


def promoted(turn: Turn, catalogue: Catalogue) -> None:
    """Make the session with the promotion code that Stripe made; without one the link stays good for another tap."""
    turn.silent = True
    context, outcome = turn.event.payload["context"], outcome_of(turn)
    row = purchases.load(turn.work, int(context["purchase"]))
    if row is None or row.state != "created" or row.attempt != context["attempt"]:
        return
    if isinstance(outcome, Done) and isinstance(outcome.result, Promotion):
        code = outcome.result.promotion_code
        purchases.move(turn.work, row, was=("created",), to="created", promotion=code)
        _open(turn, catalogue, purchases.load(turn.work, row.id) or row, row.attempt)
    elif isinstance(outcome, Refused):
        _again(turn, row, outcome)


def _again(turn: Turn, row: sa.Row[Any], refused: Refused) -> None:
    """Let the next tap begin anew; what no outage explains is told to people."""
    purchases.move(turn.work, row, was=("created",), to="created", attempt=row.attempt + 1)
    if refused.code not in ("timed_out", "gave_up"):
        turn.alert("checkout_refused", key=f"checkout:{row.id}:{row.attempt}", purchase=row.id, code=refused.code)


def _open(turn: Turn, catalogue: Catalogue, row: sa.Row[Any], attempt: int) -> None:
    offer = offers.offer(catalogue, row.plan, row.every, row.plan_version)
    if offer is None or offer.price.amount_minor != row.amount_minor:
        turn.alert("price_changed", key=f"price_changed:{row.id}", purchase=row.id)
        purchases.move(turn.work, row, was=("created",), to="expired")
        return
    known = subscriptions.newest(turn.work, turn.person.id)
    turn.call(
        OpenPlanCheckout(
            reference=f"{row.id}:{attempt}",
            price=offer.at_gateway(turn),
            success_url=f"{turn.registry.public_url}/paid",
            cancel_url=f"{turn.registry.public_url}/paid",
            expires_at=int((turn.now + SESSION).timestamp()),
            metadata={"purchase_id": str(row.id)},
            trial_days=row.trial_days,
            customer=known.customer_ref if known is not None and known.gateway == "stripe" else None,
            promotion_code=row.promotion,
        ),
        key=f"pay:{row.id}:v{attempt}",
        then=OPENED,
        context={"purchase": row.id, "attempt": attempt},
        policy="ask_first",
        limit=CALL_LIMIT,
    )


def opened(turn: Turn) -> None:
    """Take the session that Stripe made; one that nobody wants any more is closed."""
    turn.silent = True
    context, outcome = turn.event.payload["context"], outcome_of(turn)
    row = purchases.load(turn.work, int(context["purchase"]))
    if row is None or row.attempt != context["attempt"]:
        return
    if isinstance(outcome, Done) and isinstance(outcome.result, Checkout):
        _opened(turn, row, outcome.result)
    elif isinstance(outcome, Refused) and outcome.details.get("param") == "customer":
        _forget_customer(turn)
        purchases.move(turn.work, row, was=("created",), to="created", attempt=row.attempt + 1)
    elif isinstance(outcome, Refused):
        _again(turn, row, outcome)


def _forget_customer(turn: Turn) -> None:
    """Name a customer no more who is gone at Stripe: the next tap makes a new one."""
    known = subscriptions.newest(turn.work, turn.person.id)
    if known is not None:
        subscriptions.change(turn.work, turn.person.id, known.id, customer_ref=None, as_of=known.as_of)


def _opened(turn: Turn, row: sa.Row[Any], session: Checkout) -> None:
    url = turn.work.seal.seal((session.url or "").encode())
    ends = turn.now + SESSION
    known = {"session_ref": session.session_id, "url": url, "session_ends": ends}
    if not purchases.move(turn.work, row, was=("created",), to="open", **known) and row.state != "open":
        turn.call(ExpireCheckout(session.session_id), then=CLOSED, context={"purchase": row.id})


# -- what Stripe tells -------------------------------------------------------------------------------------------------


def completed(turn: Turn, thing: Mapping[str, Any], row: sa.Row[Any] | None) -> bool:
    """Note what a session says of the money; True when the subscription behind it must be looked at."""
    if row is None:
        turn.alert("money_without_order", key=f"money:{turn.event.key}", inbox=turn.inbox_id)
        return False
    match turn.event.kind:
        case "checkout.session.expired":
            _expired(turn, row, str(thing.get("id")))
            return False
        case "checkout.session.async_payment_failed":
            _failed(turn, row)
        case _ if thing.get("payment_status") in ("paid", "no_payment_required"):
            _check_amount(turn, thing, row)
            _paid(turn, row)
        case _:
            if purchases.move(turn.work, row, was=("created", "open"), to="processing"):
                turn.notify("billing.sub.waits", purpose="reply")
    return True


def _check_amount(turn: Turn, thing: Mapping[str, Any], row: sa.Row[Any]) -> None:
    """Alert where Stripe took another amount than was shown (STR-11)."""
    desk = ports.discounts(turn) if row.promotion is not None else None
    shown = 0 if row.trial_days else row.amount_minor - (desk.off(turn, row.id) if desk is not None else 0)
    currency = str(thing.get("currency") or "").upper()
    if thing.get("amount_total") != shown or currency != row.currency:
        turn.alert("amount_mismatch", key=f"amount_mismatch:{row.id}", purchase=row.id, shown=shown)


def _paid(turn: Turn, row: sa.Row[Any]) -> None:
    was = ("created", "open", "processing", "failed", "expired", "replaced")
    if purchases.move(turn.work, row, was=was, to="paid", paid_at=turn.now):
        desk = ports.discounts(turn)
        if desk is not None and row.promotion is not None:
            desk.redeemed(turn, row.id)


def _failed(turn: Turn, row: sa.Row[Any]) -> None:
    if purchases.move(turn.work, row, was=("created", "open", "processing"), to="failed"):
        coding.release(turn, row)
        turn.notify("billing.sub.not_paid", purpose="reply")


def _expired(turn: Turn, row: sa.Row[Any], session_ref: str) -> None:
    """Make room for a new session while our link lives; the link itself ends with the purchase."""
    if row.session_ref != session_ref or row.state != "open":
        return
    if row.expires_at <= turn.now + timedelta(minutes=30):
        purchases.move(turn.work, row, was=("open",), to="expired")
        coding.release(turn, row)
    else:
        following = {"attempt": row.attempt + 1, "url": None, "session_ref": None}
        purchases.move(turn.work, row, was=("open",), to="created", **following)


def settled(turn: Turn, metadata: Mapping[str, str]) -> None:
    """Note that a subscription runs whose session's own event may have been lost."""
    row = named(turn, metadata)
    if row is not None and row.person_id == turn.person_id:
        _paid(turn, row)


def given_back(turn: Turn, metadata: Mapping[str, str], paid_at: datetime) -> None:
    """Let a code count again when all that was paid first went back within a day (CP-8).

    Money that went back was paid, also where no other event said so yet.
    """
    row, desk = named(turn, metadata), ports.discounts(turn)
    if row is None or row.person_id != turn.person_id or desk is None or row.promotion is None:
        return
    _paid(turn, row)
    desk.refunded(turn, row.id, paid_at)


def named(turn: Turn, metadata: Mapping[str, str]) -> sa.Row[Any] | None:
    """Return the purchase whose id Stripe was given."""
    value = metadata.get("purchase_id", "")
    known = value.isascii() and value.isdigit() and len(value) < 20
    return purchases.load(turn.work, int(value)) if known else None
