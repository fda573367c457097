"""Every event for every listener: a row until it arrived, and after; what was given up is a dead letter (WH-2)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata, one_of, partial_index, word
from storage.work import Work

delivery = sa.Table(
    "webhook_delivery",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.BigInteger),
    sa.Column("subscription_id", sa.BigInteger, nullable=False),
    sa.Column("event", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("error", sa.Text),
    sa.Column("begun_at", Moment, nullable=False),
    sa.Column("done_at", Moment),
    sa.Index("ix_webhook_delivery_person", "person_id", "id"),
    sa.Index("ix_webhook_delivery_subscription", "subscription_id", "state", "id"),
    partial_index("ix_webhook_delivery_dead", "id", where="state = 'dead'"),
    one_of("state", "waiting", "done", "dead", "dropped"),
)


def add(work: Work, delivery_id: int, *, person_id: int | None, subscription_id: int, event: str, body: bytes) -> None:
    """Begin a delivery."""
    row = {"id": delivery_id, "person_id": person_id, "subscription_id": subscription_id, "event": event}
    begun = {"state": "waiting", "attempts": 0, "begun_at": work.now}
    work.claim(delivery.insert().values(**row, **begun, body=work.seal.seal(body)))


def load(work: Work, delivery_id: int) -> sa.Row[Any] | None:
    """Return one."""
    return work.row(sa.select(delivery).where(delivery.c.id == delivery_id))


def body_of(work: Work, row: sa.Row[Any]) -> str:
    """Return what is delivered, byte for byte."""
    return work.seal.open(row.body).decode()


def tried(work: Work, delivery_id: int, attempts: int, state: str, error: str | None = None) -> bool:
    """Note the outcome of a try, once; False for a try whose outcome is known."""
    mine = (delivery.c.id == delivery_id, delivery.c.attempts == attempts - 1, delivery.c.state == "waiting")
    done = {"done_at": work.now} if state != "waiting" else {}
    values = {"attempts": attempts, "state": state, "error": error, **done}
    return work.claim(delivery.update().where(*mine).values(values)).rowcount == 1


def again(work: Work, delivery_id: int) -> bool:
    """Let a dead letter begin anew; False when it is none."""
    mine = (delivery.c.id == delivery_id, delivery.c.state == "dead")
    fresh = {"state": "waiting", "attempts": 0, "begun_at": work.now, "error": None, "done_at": None}
    return work.claim(delivery.update().where(*mine).values(fresh)).rowcount == 1


def drop_waiting(work: Work, subscription_id: int) -> None:
    """Give up what waits for a listener that was switched off; it can be replayed."""
    mine = (delivery.c.subscription_id == subscription_id, delivery.c.state == "waiting")
    work.claim(delivery.update().where(*mine).values(state="dead", error="switched off", done_at=work.now))


def dead(work: Work, limit: int = 20) -> list[sa.Row[Any]]:
    """Return what was given up, newest first."""
    given_up = sa.select(delivery).where(delivery.c.state == word("dead"))
    return work.rows(given_up.order_by(delivery.c.id.desc()).limit(limit))


def dead_of(work: Work, subscription_id: int, limit: int = 200) -> list[sa.Row[Any]]:
    """Return what was given up for a listener, oldest first."""
    mine = (delivery.c.subscription_id == subscription_id, delivery.c.state == "dead")
    return work.rows(sa.select(delivery).where(*mine).order_by(delivery.c.id).limit(limit))


def counts(work: Work, subscription_id: int) -> dict[str, int]:
    """Return how many deliveries of a listener stand where."""
    mine = delivery.c.subscription_id == subscription_id
    counted = sa.select(delivery.c.state, sa.func.count()).where(mine).group_by(delivery.c.state)
    return {str(of): int(found) for of, found in map(tuple, work.rows(counted))}
