"""The outbox: messages to people and calls to vendors, as rows.

A row of a *lane* (an address; for a call, the row itself) leaves in order, one at a time: a partial unique index
allows a single `sending` row per lane, and that is how a process claims an address. States:

    ready -> sending -> sent | ready (another try) | unknown -> sending | dead
    ready -> cancelled | expired;  born `answered` when the reply left in the webhook response

A reply that is born answered has the id of its event: if the event comes again, its answer is found without an index.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from storage.hot import Hot
from storage.schema import Id, metadata, one_of, partial_index, word
from storage.work import Work

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("lane", sa.BigInteger, nullable=False),
    sa.Column("person_id", sa.BigInteger),
    sa.Column("address_id", sa.BigInteger),
    sa.Column("inbox_id", sa.BigInteger),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("policy", sa.Text, nullable=False),
    sa.Column("key", sa.Text),
    sa.Column("body", sa.LargeBinary),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("worker", sa.BigInteger),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("due_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger),
    sa.Column("first_at", sa.BigInteger),
    sa.Column("vendor_id", sa.Text),
    sa.Column("vendor_state", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("at", sa.BigInteger, nullable=False),
    partial_index("uq_outbox_key", "key", unique=True, where="key IS NOT NULL"),
    partial_index("ix_outbox_lane_open", "lane", "id", where="state IN ('ready', 'sending')"),
    partial_index("uq_outbox_lane_sending", "lane", unique=True, where="state = 'sending'"),
    partial_index("ix_outbox_due", "due_at", where="state = 'ready'"),
    partial_index("ix_outbox_address", "address_id", "at", where="vendor_id IS NOT NULL"),
    partial_index("ix_outbox_vendor", "vendor_id", where="vendor_id IS NOT NULL"),
    partial_index("ix_outbox_offer", "inbox_id", where="purpose = 'offer'"),
    partial_index("ix_outbox_dead", "id", where="state = 'dead'"),
    one_of("kind", "message", "call"),
    one_of("purpose", "reply", "code", "notice", "nudge", "offer", "call"),
    one_of("policy", "repeat_ok", "ask_first"),
    one_of("state", "ready", "sending", "sent", "answered", "unknown", "dead", "cancelled", "expired", "dropped"),
)

COLUMNS = [c.name for c in outbox.columns]
BORN = [name for name in COLUMNS if name not in ("vendor_id", "vendor_state", "error")]
"""What a row has when it is born; the rest comes with its delivery."""

ADD = Hot("add outbox", outbox.insert(), keys=BORN, rank=60)
MARK = Hot(
    "mark outbox",
    outbox.update()
    .where(outbox.c.id == sa.bindparam("outbox_id"), outbox.c.worker == sa.bindparam("was_worker"))
    .values({name: sa.bindparam(name) for name in ("state", "worker", "due_at", "vendor_id", "vendor_state", "error")}),
    rank=65,
)
ANSWER_OF = Hot(
    "answer of event",
    sa.select(outbox.c.body, outbox.c.state)
    .select_from(outbox)
    .where(
        outbox.c.id == sa.bindparam("inbox_id"),
        outbox.c.state == sa.literal_column("'answered'"),
    ),
)

_OPEN = (word("ready"), word("sending"))


def _held_back() -> sa.ColumnElement[bool]:
    """An earlier open row of the same lane that this one must not overtake (rule SMS-46).

    One in flight holds everything back. One that waits for another try holds back all but codes. A notice that waits
    for its window holds back later notices, and no reply: people are answered at night too.
    """
    earlier = outbox.alias("earlier")
    answering = outbox.c.purpose.in_([word("reply"), word("code")])
    untried = sa.and_(
        earlier.c.attempts == sa.literal_column("0"),
        earlier.c.purpose.in_([word("notice"), word("nudge"), word("offer")]),
    )
    in_order = sa.and_(
        earlier.c.state == word("ready"), outbox.c.purpose != word("code"), sa.not_(sa.and_(untried, answering))
    )
    return (
        sa.select(sa.literal_column("1"))
        .where(
            earlier.c.lane == outbox.c.lane,
            earlier.c.id < outbox.c.id,
            earlier.c.state.in_(_OPEN),
            sa.or_(earlier.c.state == word("sending"), in_order),
        )
        .exists()
    )


_READY = (
    sa.select(outbox.c.id)
    .where(outbox.c.state == word("ready"), outbox.c.due_at <= sa.bindparam("now_us"), ~_held_back())
    .order_by(outbox.c.due_at)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)
_NEXT_DUE = sa.select(sa.func.min(outbox.c.due_at)).where(outbox.c.state == word("ready"), ~_held_back())


def ready(connection: sa.Connection, now_us: int, limit: int = 200) -> list[int]:
    """Return ids of due rows that no earlier row of their lane holds back."""
    return [row.id for row in connection.execute(_READY, {"now_us": now_us, "limit": limit})]


def _claiming() -> sa.Executable:
    busy = outbox.alias("busy")
    taken = (
        sa.select(sa.literal_column("1")).where(busy.c.lane == outbox.c.lane, busy.c.state == word("sending")).exists()
    )
    now = sa.bindparam("now_us", type_=sa.BigInteger)
    return (
        outbox.update()
        .where(outbox.c.id == sa.bindparam("outbox_id"), outbox.c.state == word("ready"), ~taken)
        .values(
            state=word("sending"),
            worker=sa.bindparam("by_worker", type_=sa.BigInteger),
            attempts=outbox.c.attempts + sa.literal_column("1"),
            first_at=sa.func.coalesce(outbox.c.first_at, now),
        )
        .returning(outbox)
    )


_CLAIM = _claiming()


def claim(work: Work, outbox_id: int, worker: int) -> sa.Row[Any] | None:
    """Claim a ready row for a worker and return it; None when another was faster.

    The state is repeated in the update (rule DB-18), and the lane's unique index refuses a second row in flight.
    """
    return work.claim(_CLAIM, {"outbox_id": outbox_id, "by_worker": worker, "now_us": work.now_us}).first()


def cancel(work: Work, *, address_id: int, keep: Iterable[str] = ()) -> None:
    """Cancel what waits for an address (an opt-out, a blocked bot), except some purposes.

    At once: what this turn itself still writes, the confirmation of an opt-out, is not yet among it (rule SMS-4).
    """
    work.claim(
        outbox.update()
        .where(
            outbox.c.address_id == address_id,
            outbox.c.lane == address_id,
            outbox.c.state == "ready",
            outbox.c.purpose.not_in(list(keep)),
        )
        .values(state="cancelled")
    )


def orphans(connection: sa.Connection, living: list[int]) -> list[int]:
    """Return rows in flight whose worker no longer lives."""
    rows = connection.execute(
        sa.select(outbox.c.id).where(outbox.c.state == word("sending"), outbox.c.worker.not_in(living)).limit(1000)
    )
    return [row.id for row in rows]


def next_due(connection: sa.Connection) -> int | None:
    """Return when the next row falls due that no earlier one of its lane holds back, in microseconds."""
    found: int | None = connection.execute(_NEXT_DUE).scalar()
    return found


def vendor_ids(connection: sa.Connection, address_id: int, since_us: int) -> frozenset[str]:
    """Return the vendor's ids of messages to an address made since a moment."""
    statement = sa.select(outbox.c.vendor_id).where(
        outbox.c.address_id == address_id, outbox.c.vendor_id.is_not(None), outbox.c.at >= since_us
    )
    return frozenset(row.vendor_id for row in connection.execute(statement))


def waiting_long(connection: sa.Connection, beyond_us: int, limit: int = 200) -> list[sa.Row[Any]]:
    """Return calls that failed and are not tried again before a moment, the longest tried first."""
    return list(
        connection.execute(
            sa.select(outbox)
            .where(
                outbox.c.state == word("ready"),
                outbox.c.due_at > beyond_us,
                outbox.c.kind == "call",
                outbox.c.attempts > 0,
            )
            .order_by(outbox.c.due_at)
            .limit(limit)
        )
    )


def bring_forward(work: Work, ids: list[int]) -> None:
    """Let calls be tried now; the last try is not counted, for it met an outage."""
    waiting = outbox.update().where(outbox.c.id.in_(ids), outbox.c.state == word("ready"), outbox.c.attempts > 0)
    work.write(waiting.values(due_at=work.now_us, attempts=outbox.c.attempts - 1))


def uncount(work: Work, outbox_id: int) -> None:
    """Take back the count of a try that never left: the circuit was open, or the sender's pace forbade it."""
    counted = outbox.update().where(outbox.c.id == outbox_id, outbox.c.attempts > 0)
    work.write(counted.values(attempts=outbox.c.attempts - 1))
