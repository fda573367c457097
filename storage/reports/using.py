"""Who came and who wrote, what was read and asked of the coach, and what messages and models took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from bot.core.ids import Ids
from storage.coaching.model_calls import model_call
from storage.coaching.turns import turn
from storage.inbox import inbox
from storage.outbox import outbox
from storage.people import address, person, usage
from storage.receipts.cloud_costs import HOUSE
from storage.receipts.readings import reading
from storage.receipts.receipts import receipt
from storage.reports.during import During, grouped
from storage.schema import micros
from storage.segments import EVERYBODY, HOUR_US

ACTIVE = timedelta(days=30)
_SOURCES = ("sms", "telegram")
_DAY_US = 24 * HOUR_US


def new_persons(connection: sa.Connection, span: During) -> int:
    """Return how many persons wrote for the first time."""
    return int(connection.execute(sa.select(sa.func.count()).where(span.of(person.c.id))).scalar() or 0)


def active_persons(connection: sa.Connection, span: During) -> dict[str, int]:
    """Return how many persons wrote in the thirty days before the end, by channel, and `all` of them once."""
    lately = sa.and_(
        inbox.c.id >= Ids.floor(span.end - ACTIVE),
        inbox.c.id < Ids.floor(span.end),
        inbox.c.source.in_(_SOURCES),
    )
    writers = sa.func.count(inbox.c.person_id.distinct())
    by_channel = grouped(connection, sa.select(inbox.c.source, writers).where(lately).group_by(inbox.c.source))
    return {"all": int(connection.execute(sa.select(writers).where(lately)).scalar() or 0), **by_channel}


def messages(connection: sa.Connection, span: During) -> dict[str, int]:
    """Return how many messages left, by channel."""
    count = sa.select(address.c.channel, sa.func.count()).select_from(outbox)
    joined = count.join(address, address.c.id == outbox.c.address_id)
    sent = (outbox.c.kind == "message", outbox.c.state.in_(("sent", "answered")))
    return grouped(connection, joined.where(span.of(outbox.c.id), *sent).group_by(address.c.channel))


def segments(connection: sa.Connection, span: During) -> int:
    """Return how many segments of SMS were paid for; the span is taken by whole hours."""
    hour = usage.c.period
    mine = (usage.c.person_id == EVERYBODY, usage.c.kind == "segments_hour")
    within = (hour >= micros(span.start) // HOUR_US, hour < micros(span.end) // HOUR_US)
    return int(connection.execute(sa.select(sa.func.sum(usage.c.used)).where(*mine, *within)).scalar() or 0)


def cloud_readings(connection: sa.Connection, span: During) -> int:
    """Return what readings by outside readers cost, in millionths of a US dollar; the span by whole days of UTC."""
    mine = (usage.c.person_id == HOUSE, usage.c.kind == "cloud_reading")
    within = (usage.c.period >= micros(span.start) // _DAY_US, usage.c.period < -(-micros(span.end) // _DAY_US))
    return int(connection.execute(sa.select(sa.func.sum(usage.c.used)).where(*mine, *within)).scalar() or 0)


def receipts(connection: sa.Connection, span: During) -> dict[str, int]:
    """Return how many receipts came, by what became of them."""
    count = sa.select(receipt.c.state, sa.func.count())
    return grouped(connection, count.where(span.of(receipt.c.id)).group_by(receipt.c.state))


def readings(connection: sa.Connection, span: During) -> dict[str, int]:
    """Return how often each reader read."""
    count = sa.select(reading.c.reader, sa.func.count())
    return grouped(connection, count.where(span.of(reading.c.id)).group_by(reading.c.reader))


@dataclass(frozen=True, slots=True)
class CoachUse:
    """What a model did: calls, persons, cost in nano-USD."""

    model: str
    calls: int
    persons: int
    nano_usd: int


def coach_models(connection: sa.Connection, span: During) -> list[CoachUse]:
    """Return what each model of the coach took, the dearest first."""
    cost = sa.func.sum(model_call.c.nano_usd)
    persons = sa.func.count(model_call.c.person_hash.distinct())
    rows = connection.execute(
        sa.select(model_call.c.model, sa.func.count(), persons, cost)
        .where(model_call.c.utc_day >= span.first, model_call.c.utc_day <= span.last)
        .group_by(model_call.c.model)
        .order_by(cost.desc(), model_call.c.model)
    )
    return [CoachUse(str(model), int(calls), int(who), int(nano)) for model, calls, who, nano in rows]


def coach_turns(connection: sa.Connection, span: During) -> dict[str, int]:
    """Return how turns with the coach ended."""
    within = (turn.c.utc_day >= span.first, turn.c.utc_day <= span.last)
    return grouped(connection, sa.select(turn.c.state, sa.func.count()).where(*within).group_by(turn.c.state))
