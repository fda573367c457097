"""Which event reaches which function: Stripe, Lob, timers, answers of calls, global words.

    register_events(registry, settings)

Stripe's events may belong to another service too, so each handler first asks whether the event bears our ids.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from bot.core.events import Event
from bot.engine.registry import Handler, Registry
from bot.engine.turn import Turn
from handlers.appeals import (
    api,
    checkouts,
    choices,
    discounts,
    disputes,
    followups,
    fulfilment,
    hearing_kit,
    identity,
    included,
    minors,
    operators,
    orders,
    payments,
    record_changes,
    records,
    refunds,
    reminders,
    status,
    tracking,
)
from handlers.appeals.decision import decision
from handlers.appeals.operator_port import register_operations
from handlers.appeals.settings import AppealSettings, use_settings
from handlers.appeals.staff import register_rows
from storage.appeals import privacy
from storage.work import Work

STRIPE: Mapping[str, Handler] = {
    "checkout.session.completed": payments.session_event,
    "checkout.session.async_payment_succeeded": payments.session_event,
    "checkout.session.async_payment_failed": payments.session_event,
    "checkout.session.expired": payments.session_event,
    "payment_intent.payment_failed": payments.declined,
    "refund.created": lambda turn: refunds.refund_event(turn, payments.thing_of(turn.event)),
    "refund.updated": lambda turn: refunds.refund_event(turn, payments.thing_of(turn.event)),
    "refund.failed": lambda turn: refunds.refund_event(turn, payments.thing_of(turn.event)),
    "charge.refunded": lambda turn: refunds.charge_refunded(turn, payments.thing_of(turn.event)),
    "charge.dispute.created": lambda turn: disputes.dispute_opened(turn, payments.thing_of(turn.event)),
    "charge.dispute.updated": lambda turn: disputes.dispute_opened(turn, payments.thing_of(turn.event)),
    "charge.dispute.closed": lambda turn: disputes.dispute_closed(turn, payments.thing_of(turn.event)),
}

TIMERS: Mapping[str, Handler] = {
    "appeals.mail": fulfilment.hold_over,
    "appeals.letter_search": fulfilment.search_due,
    "appeals.letter_watch": tracking.watch_due,
    "appeals.letter_late": followups.late_due,
    "appeals.pay_check": payments.check_due,
    "appeals.included": included.due,
    "appeals.link_ends": checkouts.link_ends,
    "appeals.link_slow": checkouts.link_slow,
    "appeals.free": payments.free_due,
    "appeals.operator": operators.ordered,
    "appeals.blocked_refund": orders.blocked_refund_due,
    "appeals.blocked_reminder": orders.blocked_reminder_due,
    "appeals.unmailed": reminders.unmailed_due,
    "appeals.idle": reminders.idle_due,
    "appeals.mail_by": reminders.mail_by_due,
    "appeals.next_level": reminders.next_level_due,
    "appeals.notice": reminders.notice_due,
    "appeals.decision": followups.decision_due,
    "appeals.city_change": record_changes.change_due,
    "appeals.verification": records.verification_due,
    "appeals.record_changed": record_changes.case_due,
}

CALLS: Mapping[str, Handler] = {
    "appeals.checkout_opened": checkouts.checkout_opened,
    "appeals.checkout_closed": payments.checkout_read,
    "appeals.checkout_read": payments.checkout_read,
    "appeals.refunded": refunds.refunded,
    "appeals.refunds_found": refunds.refunds_found,
    "appeals.mailed": fulfilment.mailed,
    hearing_kit.THEN: hearing_kit.made,
    "appeals.letter_found": fulfilment.letter_found,
    "appeals.letter_read": tracking.letter_read,
    "appeals.letter_cancelled": operators.letter_cancelled,
}


def register_events(registry: Registry, settings: AppealSettings | None = None) -> None:
    """Register everything that follows an approval; the conversation before it is registered beside this."""
    if settings is not None:
        use_settings(registry, settings)
    registry.add_texts(Path(__file__).with_name("texts_after"))
    registry.add_flow(decision)
    for kind, handler in STRIPE.items():
        name = f"stripe:{kind}"
        registry.handlers[name] = _shared(handler, registry.handlers.get(name))
    registry.on("lob:*")(tracking.lob_event)
    for kind, handler in TIMERS.items():
        registry.on(f"timer:{kind}")(handler)
    for kind, handler in CALLS.items():
        registry.on(f"call:{kind}")(handler)
    register_operations(registry)
    register_rows(registry)
    api.register(registry)
    registry.finders["stripe"] = _finder(registry.finders.get("stripe"))
    registry.finders["lob"] = tracking.person_of
    registry.holds.append(privacy.unsettled)
    registry.erasers.append(privacy.erase)
    registry.repricers.append(discounts.reprice)
    registry.word("prove")(identity.doubted)
    registry.word("provable")(identity.has_proof)
    registry.word("proof")(identity.shows)
    registry.word("proven")(identity.accepted)
    registry.word("status")(status.status)
    registry.word("undo")(orders.undo)
    registry.word("minor")(minors.close)
    registry.word("child")(minors.drop)
    registry.word("text")(status.heard)
    registry.word("reads")(status.reads)
    registry.word("text")(choices.heard)
    registry.word("text")(choices.refund_word)
    registry.word("text")(hearing_kit.heard)


def _shared(handler: Handler, other: Handler | None) -> Handler:
    """Take Stripe's events about our payments; others go to the service that registered before us, if any."""

    def take(turn: Turn) -> None:
        if other is not None and not payments.is_ours(turn.work, turn.event):
            other(turn)
        elif payments.in_this_mode(turn):
            handler(turn)

    return take


def _finder(other: Callable[[Work, Event], int | None] | None) -> Callable[[Work, Event], int | None]:
    """Find the person of a Stripe event among our payments, else ask the service that registered before."""

    def find(work: Work, event: Event) -> int | None:
        found = payments.person_of(work, event)
        return found if found is not None or other is None else other(work, event)

    return find
