"""From an event to its delivery: a row for each listener, six tries, then a dead letter that staff may replay (WH-2).

The body is made once and delivered byte for byte, whatever the try; `seq` counts the events of one listener, so that
gaps and disorder show.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.calls.outcome import Done, Refused
from bot.core.calls.webhooks import DeliverWebhook
from bot.engine.registry import Registry
from bot.engine.results import outcome_of
from bot.engine.turn import Turn
from storage import timers
from storage.schema import micros
from storage.webhooks import deliveries, subscriptions

EVENTS = (
    "ticket.created", "ticket.updated", "ticket.message", "ticket.resolved", "payment.paid", "refund.created",
    "subscription.changed", "case.mailed", "receipt.filed",
)  # fmt: skip
TRIES = tuple(timedelta(minutes=minutes) for minutes in (0, 1, 3, 7, 15, 31))
"""When each try is made, counted from the event."""
FEATURE = "data.api"
TOLD_OFF = "webhooks.told_off"
"""The timer by which a person hears that a webhook of theirs was switched off."""
GIVE_UP = timedelta(days=3)
"""A listener to whom nothing arrives for so long is switched off."""


def register(registry: Registry) -> None:
    """Listen, and take what falls due."""
    registry.listeners.append(tell)
    registry.on("call:webhooks.delivered")(delivered)
    registry.on("timer:webhooks.again")(again)


def wants(patterns: str, what: str) -> bool:
    """Tell whether a listener asked for an event: names, or `ticket.*`."""
    return any(fnmatchcase(what, pattern) for pattern in patterns.split())


def tell(turn: Turn, what: str, ids: Mapping[str, object]) -> None:
    """Begin a delivery for everybody who listens to this."""
    if what not in EVENTS:
        raise ValueError(f"no event is called {what}")
    for row in [*subscriptions.everyone(turn.work), *_own(turn, ids)]:
        if row.active and wants(row.events, what):
            _begin(turn, row, what, ids)


def _own(turn: Turn, ids: Mapping[str, object]) -> list[sa.Row[Any]]:
    """Return the webhooks of the person whom an event is about, while their plan has them."""
    subject = ids.get("person", turn.person_id)
    if not isinstance(subject, int):
        return []
    found = subscriptions.of_person(turn.work, subject)
    return found if found and turn.registry.rights.permits(turn.work, subject, FEATURE) else []


def _begin(turn: Turn, row: sa.Row[Any], what: str, ids: Mapping[str, object]) -> None:
    delivery_id = turn.work.new_id()
    body = {
        "id": str(delivery_id),
        "type": what,
        "seq": subscriptions.next_seq(turn.work, row.id),
        "created": turn.now.isoformat(timespec="seconds"),
        "ids": {name: str(value) for name, value in ids.items()},
    }
    deliveries.add(
        turn.work, delivery_id, person_id=turn.person_id, subscription_id=row.id, event=what, body=orjson.dumps(body)
    )
    send(turn, delivery_id)


def send(turn: Turn, delivery_id: int) -> None:
    """Make the next try of a delivery now; one whose listener was switched off is given up."""
    delivery = deliveries.load(turn.work, delivery_id)
    listener = subscriptions.load(turn.work, delivery.subscription_id) if delivery is not None else None
    if delivery is None or delivery.state != "waiting":
        return
    attempt = delivery.attempts + 1
    if listener is None or not listener.active:
        deliveries.tried(turn.work, delivery_id, attempt, "dead", "switched off")
        return
    call = DeliverWebhook(
        subscriptions.url_of(turn.work, listener), subscriptions.secrets_of(turn.work, listener), str(delivery_id),
        deliveries.body_of(turn.work, delivery), outside=listener.person_id is not None,
    )  # fmt: skip
    turn.call(
        call,
        key=f"webhook:{delivery_id}:{turn.inbox_id}",
        then="webhooks.delivered",
        context={"delivery": delivery_id, "attempt": attempt},
    )


def again(turn: Turn) -> None:
    """Try a delivery again."""
    turn.silent = True
    send(turn, int(turn.event.payload["delivery"]))


def delivered(turn: Turn) -> None:
    """Take what became of a try."""
    turn.silent = True
    context, outcome = turn.event.payload["context"], outcome_of(turn)
    row, attempt = deliveries.load(turn.work, int(context["delivery"])), int(context["attempt"])
    if row is None:
        return
    if isinstance(outcome, Done):
        if deliveries.tried(turn.work, row.id, attempt, "done"):
            subscriptions.worked(turn.work, row.subscription_id)
        return
    code = outcome.code if isinstance(outcome, Refused) else "unknown"
    last = attempt >= len(TRIES)
    if not deliveries.tried(turn.work, row.id, attempt, "dead" if last else "waiting", code):
        return
    listener = subscriptions.load(turn.work, row.subscription_id)
    if listener is None:
        return
    if last and listener.person_id is None:
        turn.alert("webhook_dead", key=f"webhook:{row.id}:{micros(row.begun_at)}", delivery=row.id, error=code)
    elif not last:
        due = max(row.begun_at + TRIES[attempt], turn.now)
        turn.timer("webhooks.again", f"webhooks:again:{row.id}", due, delivery=row.id)
    _failed(turn, row.subscription_id)


def _failed(turn: Turn, subscription_id: int) -> None:
    """Switch a listener off to whom nothing arrived for three days, and say so."""
    subscriptions.failed(turn.work, subscription_id)
    row = subscriptions.load(turn.work, subscription_id)
    if row is None or row.failing_since is None or turn.now - row.failing_since < GIVE_UP:
        return
    if subscriptions.switch_off(turn.work, subscription_id):
        deliveries.drop_waiting(turn.work, subscription_id)
        if row.person_id is not None:
            timers.set_timer(
                turn.work, kind=TOLD_OFF, key=f"webhooks:off:{row.id}", due=turn.now, person_id=row.person_id,
                body=orjson.dumps({"name": row.name}),
            )  # fmt: skip
            return
        turn.alert("webhook_off", key=f"webhook_off:{row.name}:{turn.now:%Y-%m-%d}", webhook=row.name)
