"""Versions of city records as operators changed and verified them; nothing is edited in place (rules REG-3, REG-4).

The packaged registry is version 0 of every city. A record is stored as JSON that the service checks when it reads it.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata, one_of
from storage.work import Work

city_record = sa.Table(
    "city_record",
    metadata,
    sa.Column("city_id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

city_verification = sa.Table(
    "city_verification",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("city_id", sa.Text, nullable=False),
    sa.Column("verified_on", sa.Date, nullable=False),
    sa.Column("verified_by", sa.Text, nullable=False),
    sa.Column("method", sa.Text, nullable=False),
    sa.Column("answered_by", sa.Text, nullable=False),
    sa.Column("words", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_city_verification_city", "city_id", "id"),
    one_of("method", "phone", "official_paper", "official_page"),
)

city_change = sa.Table(
    "city_change",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("city_id", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("proposed_by", sa.Text, nullable=False),
    sa.Column("approved_by", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("takes_effect_at", Moment, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_city_change_city", "city_id", "state"),
    one_of("state", "pending", "effective", "dropped"),
)


def newest(work: Work, city_id: str) -> sa.Row[Any] | None:
    """Return the newest stored version of a city's record."""
    return work.row(
        sa.select(city_record).where(city_record.c.city_id == city_id).order_by(city_record.c.version.desc()).limit(1)
    )


def all_newest(work: Work) -> list[sa.Row[Any]]:
    """Return the newest stored version of every city that has one."""
    top = (
        sa.select(city_record.c.city_id, sa.func.max(city_record.c.version).label("version"))
        .group_by(city_record.c.city_id)
        .subquery()
    )
    return work.rows(
        sa.select(city_record).join(
            top, sa.and_(top.c.city_id == city_record.c.city_id, top.c.version == city_record.c.version)
        )
    )


def add(work: Work, *, city_id: str, body: str, made_by: str, why: str) -> None:
    """Store the next version of a record."""
    following = sa.select(sa.func.coalesce(sa.func.max(city_record.c.version), 0) + 1).where(
        city_record.c.city_id == city_id
    )
    work.claim(
        city_record.insert().values(
            city_id=city_id, version=following.scalar_subquery(), body=body, made_by=made_by, why=why, at=work.now
        )
    )


def add_verification(
    work: Work, *, city_id: str, verified_on: date, verified_by: str, method: str, answered_by: str, words: str
) -> None:
    """Note who checked a record, how, with whom, and the words read back."""
    work.claim(
        city_verification.insert().values(
            id=work.ids.next(), city_id=city_id, verified_on=verified_on, verified_by=verified_by, method=method,
            answered_by=answered_by, words=words, at=work.now,
        )
    )  # fmt: skip


def propose(work: Work, *, city_id: str, body: str, why: str, proposed_by: str, takes_effect_at: datetime) -> int:
    """Store a change that waits for a second operator or for its hour; return its id."""
    change_id = work.ids.next()
    work.claim(
        city_change.insert().values(
            id=change_id, city_id=city_id, body=body, why=why, proposed_by=proposed_by, state="pending",
            takes_effect_at=takes_effect_at, at=work.now,
        )
    )  # fmt: skip
    return change_id


def load_change(work: Work, change_id: int) -> sa.Row[Any] | None:
    """Return a change."""
    return work.row(sa.select(city_change).where(city_change.c.id == change_id))


def pending(work: Work, city_id: str) -> list[sa.Row[Any]]:
    """Return a city's changes that wait."""
    return work.rows(
        sa.select(city_change)
        .where(city_change.c.city_id == city_id, city_change.c.state == "pending")
        .order_by(city_change.c.id)
    )


def settle(work: Work, change_id: int, *, state: str, approved_by: str | None) -> bool:
    """End a change that waits; tell whether it still did."""
    done = work.claim(
        city_change.update()
        .where(city_change.c.id == change_id, city_change.c.state == "pending")
        .values(state=state, approved_by=approved_by)
    )
    return done.rowcount == 1
