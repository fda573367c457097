"""What a person used, by metric, for their own view and for the report of staff (LG-11); and who was told (LG-8)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa

from storage.billing.columns import key, owner
from storage.schema import Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

METRICS = (
    "letters_mailed", "receipts_read", "coach_messages", "coach_cost", "exports", "sms_segments", "bank_syncs",
    "tickets", "api_calls", "webhook_deliveries",
)  # fmt: skip

record = sa.Table(
    "usage_record",
    metadata,
    key(),
    owner(),
    sa.Column("metric", sa.Text, nullable=False),
    sa.Column("quantity", sa.BigInteger, nullable=False),
    sa.Column("operation", sa.Text, nullable=False),
    sa.Column("billed", sa.Boolean, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("uq_usage_record_operation", "person_id", "metric", "operation", unique=True),
    sa.Index("ix_usage_record_at", "person_id", "metric", "at"),
    one_of("metric", *METRICS),
    sa.CheckConstraint("quantity > 0", name="quantity_positive"),
)

notice = sa.Table(
    "quota_notice",
    metadata,
    owner(primary_key=True),
    sa.Column("feature", sa.Text, primary_key=True),
    sa.Column("period_key", sa.Text, primary_key=True),
    sa.Column("percent", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", Moment, nullable=False),
)


def count(work: Work, person_id: int, metric: str, quantity: int, *, operation_id: str) -> None:
    """Note what an operation used, once."""
    row = {
        "id": work.new_id(), "person_id": person_id, "metric": metric, "quantity": quantity,
        "operation": operation_id, "billed": False, "at": work.now,
    }  # fmt: skip
    work.claim(upsert(record).values(row).on_conflict_do_nothing())


def total(work: Work, person_id: int, metric: str, since: datetime) -> int:
    """Return how much of a metric a person used since an instant."""
    mine = (record.c.person_id == person_id, record.c.metric == metric, record.c.at >= since)
    row = work.row(sa.select(sa.func.coalesce(sa.func.sum(record.c.quantity), 0)).where(*mine))
    return int(row[0]) if row is not None else 0


def reach(work: Work, person_id: int, feature: str, period_key: str, thresholds: Iterable[int]) -> list[int]:
    """Mark thresholds as reached and return those that were not marked before."""
    return [
        percent
        for percent in thresholds
        if work.claim(
            upsert(notice)
            .values(person_id=person_id, feature=feature, period_key=period_key, percent=percent, at=work.now)
            .on_conflict_do_nothing()
            .returning(notice.c.percent)
        ).first()
    ]
