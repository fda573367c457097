"""Who listens: an https address, the events, the secrets that sign. Their secrets are sealed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata
from storage.work import Work

subscription = sa.Table(
    "webhook_subscription",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED")),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("url", sa.LargeBinary, nullable=False),
    sa.Column("events", sa.Text, nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),
    sa.Column("old_secret", sa.LargeBinary),
    sa.Column("old_until", Moment),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("failing_since", Moment),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("name"),
    sa.Index("ix_webhook_subscription_person", "person_id", "id"),
)
"""Without a person it is the house's own, and hears of everybody."""


def add(work: Work, *, name: str, url: str, events: str, secret: str, actor: str, person_id: int | None = None) -> None:
    """Let somebody listen: the house, or a person to what happens to them."""
    sealed = {"url": work.seal.seal(url.encode()), "secret": work.seal.seal(secret.encode())}
    row = {"id": work.new_id(), "name": name, "events": events, "active": True, "seq": 0, "actor": actor}
    work.claim(subscription.insert().values(**row, **sealed, person_id=person_id, at=work.now))


def everyone(work: Work) -> list[sa.Row[Any]]:
    """Return all of the house, oldest first; read once in a turn."""
    house = sa.select(subscription).where(subscription.c.person_id.is_(None)).order_by(subscription.c.id)
    return work.once("webhooks", lambda: work.rows(house))


def of_person(work: Work, person_id: int) -> list[sa.Row[Any]]:
    """Return a person's own, oldest first."""
    mine = sa.select(subscription).where(subscription.c.person_id == person_id)
    return work.rows(mine.order_by(subscription.c.id))


def remove(work: Work, subscription_id: int) -> None:
    """Let one listen no more and forget it; what waits for it finds nobody."""
    work.claim(subscription.delete().where(subscription.c.id == subscription_id))


def load(work: Work, subscription_id: int) -> sa.Row[Any] | None:
    """Return one."""
    return work.row(sa.select(subscription).where(subscription.c.id == subscription_id))


def named(work: Work, name: str) -> sa.Row[Any] | None:
    """Return the one of a name."""
    return work.row(sa.select(subscription).where(subscription.c.name == name))


def change(work: Work, subscription_id: int, **values: Any) -> None:
    """Change one."""
    work.claim(subscription.update().where(subscription.c.id == subscription_id).values(values))
    work.forget("webhooks")


def rotate(work: Work, row: sa.Row[Any], secret: str, *, old_until: datetime, **values: Any) -> None:
    """Give a new secret; the old one signs beside it for a while."""
    fresh = {"secret": work.seal.seal(secret.encode()), "old_secret": row.secret, "old_until": old_until}
    change(work, row.id, **fresh, **values)


def secrets_of(work: Work, row: sa.Row[Any]) -> list[str]:
    """Return what signs now: the newest secret first."""
    found = [work.seal.open(row.secret).decode()]
    if row.old_secret is not None and row.old_until is not None and work.now < row.old_until:
        found.append(work.seal.open(row.old_secret).decode())
    return found


def url_of(work: Work, row: sa.Row[Any]) -> str:
    """Return where it listens."""
    return work.seal.open(row.url).decode()


def next_seq(work: Work, subscription_id: int) -> int:
    """Return the number of the next event; who takes one at the same time waits for this turn's commit."""
    mine = subscription.update().where(subscription.c.id == subscription_id).values(seq=subscription.c.seq + 1)
    return int(work.claim(mine.returning(subscription.c.seq)).one()[0])


def failed(work: Work, subscription_id: int) -> None:
    """Note since when nothing arrives; an earlier moment stays."""
    mine = (subscription.c.id == subscription_id, subscription.c.failing_since.is_(None))
    work.claim(subscription.update().where(*mine).values(failing_since=work.now))


def worked(work: Work, subscription_id: int) -> None:
    """Note that something arrived."""
    mine = (subscription.c.id == subscription_id, subscription.c.failing_since.is_not(None))
    work.claim(subscription.update().where(*mine).values(failing_since=None))


def switch_off(work: Work, subscription_id: int) -> bool:
    """Let one listen no more; False when it did not anyway."""
    mine = (subscription.c.id == subscription_id, subscription.c.active.is_(True))
    return work.claim(subscription.update().where(*mine).values(active=False)).rowcount == 1
