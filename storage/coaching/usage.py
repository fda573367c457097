"""The log of model calls, and what it sums up to (rules LI-5, LI-6). Persons stand in it by keyed hash only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa

from bot.core.calls.coach import ModelTry
from storage.coaching.model_calls import model_call
from storage.coaching.turns import turn
from storage.schema import moment
from storage.upsert import upsert
from storage.work import Work

TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens")


def person_hash(work: Work, person_id: int) -> bytes:
    """Return the hash by which the log and the vendor know a person."""
    return work.seal.digest("coach", str(person_id))


def log(
    work: Work, tries: Iterable[tuple[ModelTry, str, int]], *, person_id: int, project_id: int | None, turn_id: int,
    reserved_nano: int,
) -> None:  # fmt: skip
    """Keep tries of a turn, each with its price row and its cost in nano-USD; one that is there already stays."""
    for one, price_row, nano_usd in tries:
        asked = moment(one.asked_at)
        work.write(
            upsert(model_call)
            .values(
                id=work.new_id(),
                person_hash=person_hash(work, person_id),
                project_id=project_id,
                turn_id=turn_id,
                purpose=one.purpose,
                attempt=one.attempt,
                model=one.model,
                price_row=price_row,
                **{name: getattr(one, name) for name in TOKENS},
                nano_usd=nano_usd,
                reserved_nano=reserved_nano if one.purpose == "reply" and one.attempt == 1 else 0,
                usage_known=one.usage_known,
                stop_reason=one.stop_reason or None,
                outcome=one.outcome,
                latency_ms=one.latency_ms,
                utc_day=asked.date(),
                at=asked,
            )
            .on_conflict_do_nothing()
        )


@dataclass(frozen=True, slots=True)
class ByModel:
    """What one model took on one day."""

    day: date
    model: str
    calls: int
    nano_usd: int
    tokens: tuple[int, ...]
    refusals: int
    unknown: int


def by_day_and_model(work: Work, first: date, last: date) -> list[ByModel]:
    """Return what was used from `first` to `last`, both included."""
    sums = [sa.func.sum(model_call.c[name]).label(name) for name in TOKENS]
    rows = work.rows(
        sa.select(
            model_call.c.utc_day,
            model_call.c.model,
            sa.func.count().label("calls"),
            sa.func.sum(model_call.c.nano_usd).label("nano"),
            sa.func.sum(sa.case((model_call.c.outcome == "refused", 1), else_=0)).label("refusals"),
            sa.func.sum(sa.case((model_call.c.usage_known, 0), else_=1)).label("unknown"),
            *sums,
        )
        .where(model_call.c.utc_day >= first, model_call.c.utc_day <= last)
        .group_by(model_call.c.utc_day, model_call.c.model)
        .order_by(model_call.c.utc_day, model_call.c.model)
    )
    return [
        ByModel(
            row.utc_day, row.model, row.calls, int(row.nano), tuple(int(getattr(row, name)) for name in TOKENS),
            int(row.refusals), int(row.unknown),
        )
        for row in rows
    ]  # fmt: skip


def dearest(work: Work, first: date, last: date, limit: int = 10) -> list[tuple[str, int]]:
    """Return the hashed persons that cost most, with their nano-USD."""
    total = sa.func.sum(model_call.c.nano_usd)
    rows = work.rows(
        sa.select(model_call.c.person_hash, total.label("nano"))
        .where(model_call.c.utc_day >= first, model_call.c.utc_day <= last)
        .group_by(model_call.c.person_hash)
        .order_by(total.desc(), model_call.c.person_hash)
        .limit(limit)
    )
    return [(row.person_hash.hex()[:12], int(row.nano)) for row in rows]


@dataclass(frozen=True, slots=True)
class Turns:
    """How turns ended."""

    all: int
    persons: int
    fallback: int
    unsettled: int


def turns(work: Work, first: date, last: date) -> Turns:
    """Return how the turns from `first` to `last` ended."""
    row: Any = work.row(
        sa.select(
            sa.func.count().label("all"),
            sa.func.count(turn.c.person_id.distinct()).label("persons"),
            sa.func.sum(sa.case((turn.c.state == "fallback", 1), else_=0)).label("fallback"),
            sa.func.sum(sa.case((turn.c.settled_at.is_(None), 1), else_=0)).label("unsettled"),
        ).where(turn.c.utc_day >= first, turn.c.utc_day <= last)
    )
    return Turns(row.all, row.persons, int(row.fallback or 0), int(row.unsettled or 0))
