"""Who gets a broadcast, frozen when it is sent: one address for each person, once (BC-1, ID-11).

    waiting -> queued (a timer of the person stands) -> sent | skipped

Only addresses with a live consent to offers are taken, and consent is asked for again when the message leaves.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from storage.billing.columns import owner
from storage.billing.subscriptions import subscription
from storage.campaigns.broadcasts import Segment
from storage.outbox import outbox
from storage.people import address, consent, person
from storage.schema import metadata, micros, one_of, partial_index, word
from storage.work import Work

KIND = "offers"

recipient = sa.Table(
    "broadcast_recipient",
    metadata,
    sa.Column("broadcast_id", sa.BigInteger, primary_key=True, autoincrement=False),
    owner(primary_key=True),
    sa.Column("address_id", sa.BigInteger, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("why", sa.Text),
    sa.Column("inbox_id", sa.BigInteger),
    sa.Index("ix_broadcast_recipient_person", "person_id"),
    partial_index("ix_broadcast_recipient_waiting", "broadcast_id", "person_id", where="state = 'waiting'"),
    one_of("state", "waiting", "queued", "sent", "skipped"),
)

_LIVE_PLAN = (word("trial"), word("active"), word("grace"))


def _consents(asked_at: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """A live consent that was given by the moment of asking."""
    return consent.c.kind == word(KIND), consent.c.ended_at.is_(None), consent.c.at <= asked_at


def _wanted(
    segment: Segment, now: datetime, asked_at: datetime, among: tuple[int, int] | None = None
) -> sa.Select[Any]:
    """Return one address of each person of a segment: the one that wrote last of those that consented.

    `among` are the first and the last person who are looked at: no other's rows are read.
    """
    order = (sa.func.coalesce(address.c.last_in_at, 0).desc(), address.c.id)
    place = sa.func.row_number().over(partition_by=consent.c.person_id, order_by=order).label("place")
    page = () if among is None else (consent.c.person_id >= among[0], consent.c.person_id <= among[1])
    ranked = (
        sa.select(consent.c.person_id, address.c.id.label("address_id"), address.c.channel, place)
        .join(address, sa.and_(address.c.hash == consent.c.hash, address.c.person_id == consent.c.person_id))
        .join(person, person.c.id == consent.c.person_id)
        .where(*_consents(asked_at), *page, address.c.state == word("active"), *_marks(segment, now))
        .subquery()
    )
    return sa.select(ranked.c.person_id, ranked.c.address_id, ranked.c.channel).where(ranked.c.place == 1)


def _marks(segment: Segment, now: datetime) -> list[sa.ColumnElement[bool]]:
    marks: list[sa.ColumnElement[bool]] = []
    if segment.channel:
        marks.append(address.c.channel == segment.channel)
    if segment.city:
        marks.append(sa.func.lower(person.c.place) == segment.city.lower())
    if segment.locale:
        marks.append(person.c.locale == segment.locale)
    heard = sa.func.coalesce(address.c.last_in_at, 0)
    if segment.active_days:
        marks.append(heard >= micros(now - timedelta(days=segment.active_days)))
    if segment.silent_days:
        marks.append(heard < micros(now - timedelta(days=segment.silent_days)))
    if segment.plan:
        live = sa.select(subscription.c.id).where(
            subscription.c.person_id == person.c.id, subscription.c.state.in_(_LIVE_PLAN)
        )
        named = live.where(subscription.c.plan == segment.plan)
        marks.append(~live.exists() if segment.plan == "free" else named.exists())
    return marks


def counted(work: Work, segment: Segment) -> dict[tuple[str, str], int]:
    """Return how many persons a segment has now, by channel and locale."""
    found = _wanted(segment, work.now, work.now).subquery()
    rows = work.rows(
        sa.select(found.c.channel, person.c.locale, sa.func.count().label("number"))
        .join(person, person.c.id == found.c.person_id)
        .group_by(found.c.channel, person.c.locale)
    )
    return {(str(row.channel), str(row.locale)): int(row.number) for row in rows}


def freeze(work: Work, broadcast_id: int, segment: Segment, *, asked_at: datetime, after: int, most: int) -> int | None:
    """Freeze whom the segment means among the next persons by their ids who consented; None when there is none left.

    Returns the last person who was looked at. A batch reads `most` persons by key, however many there are in all.
    """
    following = sa.select(consent.c.person_id).distinct().where(*_consents(asked_at), consent.c.person_id > after)
    page = [int(row.person_id) for row in work.rows(following.order_by(consent.c.person_id).limit(most))]
    if not page:
        return None
    made = [
        {"broadcast_id": broadcast_id, "person_id": r.person_id, "address_id": r.address_id, "channel": r.channel}
        for r in work.rows(_wanted(segment, asked_at, asked_at, (page[0], page[-1])))
    ]
    if made:
        work.claim_all(recipient.insert().values(state="waiting"), made)
    return page[-1]


def take(work: Work, broadcast_id: int, most: int) -> list[int]:
    """Queue the next persons who wait, and return them."""
    mine = (recipient.c.broadcast_id == broadcast_id, recipient.c.state == word("waiting"))
    rows = work.rows(sa.select(recipient.c.person_id).where(*mine).order_by(recipient.c.person_id).limit(most))
    found = [int(row.person_id) for row in rows]
    if found:
        work.claim(recipient.update().where(*mine, recipient.c.person_id.in_(found)).values(state="queued"))
    return found


def settle(work: Work, broadcast_id: int, person_id: int, state: str, *, inbox_id: int, why: str | None = None) -> bool:
    """Note once what became of a person who was queued; False when that is known already."""
    mine = (recipient.c.broadcast_id == broadcast_id, recipient.c.person_id == person_id, recipient.c.state == "queued")
    changed = recipient.update().where(*mine).values(state=state, inbox_id=inbox_id, why=why)
    return work.claim(changed).rowcount == 1


def address_of(work: Work, broadcast_id: int, person_id: int) -> int | None:
    """Return the address that was frozen for a person."""
    mine = (recipient.c.broadcast_id == broadcast_id, recipient.c.person_id == person_id)
    row = work.row(sa.select(recipient.c.address_id).where(*mine))
    return None if row is None else int(row.address_id)


def drop_rest(work: Work, broadcast_id: int) -> int:
    """Skip everybody who has not got it yet, and cancel what waits to leave; return how many were skipped."""
    mine = recipient.c.broadcast_id == broadcast_id
    rest = recipient.update().where(mine, recipient.c.state.in_(["waiting", "queued"]))
    skipped = work.claim(rest.values(state="skipped", why="stopped")).rowcount
    made = sa.select(recipient.c.inbox_id).where(mine, recipient.c.state == "sent")
    waits = (outbox.c.purpose == word("offer"), outbox.c.state == word("ready"), outbox.c.inbox_id.in_(made))
    return skipped + work.claim(outbox.update().where(*waits).values(state="cancelled", error="stopped")).rowcount


def states(work: Work, broadcast_id: int) -> dict[str, int]:
    """Return how many recipients are waiting, queued, sent to and skipped, with the reason of the last."""
    rows = work.rows(
        sa.select(recipient.c.state, recipient.c.why, sa.func.count().label("number"))
        .where(recipient.c.broadcast_id == broadcast_id)
        .group_by(recipient.c.state, recipient.c.why)
    )
    return {f"{row.state} {row.why}" if row.why else str(row.state): int(row.number) for row in rows}


def deliveries(work: Work, broadcast_id: int) -> dict[str, int]:
    """Return what became of the messages that were written, by the state of their rows."""
    rows = work.rows(
        sa.select(outbox.c.state, sa.func.count().label("number"))
        .join(recipient, outbox.c.inbox_id == recipient.c.inbox_id)
        .where(recipient.c.broadcast_id == broadcast_id, outbox.c.purpose == word("offer"))
        .group_by(outbox.c.state)
    )
    return {str(row.state): int(row.number) for row in rows}


def left_after(work: Work, broadcast_id: int, since: datetime) -> int:
    """Return how many of those who got it took their consent to offers back since."""
    gone = (
        sa.select(consent.c.id)
        .where(consent.c.person_id == recipient.c.person_id, consent.c.kind == word(KIND), consent.c.ended_at >= since)
        .exists()
    )
    mine = (recipient.c.broadcast_id == broadcast_id, recipient.c.state == "sent", gone)
    row = work.row(sa.select(sa.func.count()).select_from(recipient).where(*mine))
    return int(row[0]) if row is not None else 0


def erase(work: Work, person_id: int) -> None:
    """Forget that a person was among the recipients."""
    work.claim(recipient.delete().where(recipient.c.person_id == person_id))
