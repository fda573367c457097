"""Every call of the model: purpose, tokens by kind, cost in nano-USD, outcome (rules LI-5, CO-1).

It names a person by keyed hash only, and holds no words. Rows stay 24 months and outlive the person's data.
"""

from __future__ import annotations

import sqlalchemy as sa

from storage.coaching.columns import key
from storage.schema import Moment, metadata, one_of

PURPOSES = ("reply", "extract", "summary")

model_call = sa.Table(
    "model_call",
    metadata,
    key(),
    sa.Column("person_hash", sa.LargeBinary, nullable=False),
    sa.Column("project_id", sa.BigInteger),
    sa.Column("turn_id", sa.BigInteger, nullable=False),
    sa.Column("purpose", sa.Text, nullable=False),
    sa.Column("attempt", sa.Integer, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("price_row", sa.Text, nullable=False),
    sa.Column("input_tokens", sa.Integer, nullable=False),
    sa.Column("output_tokens", sa.Integer, nullable=False),
    sa.Column("cache_read_tokens", sa.Integer, nullable=False),
    sa.Column("cache_write_5m_tokens", sa.Integer, nullable=False),
    sa.Column("cache_write_1h_tokens", sa.Integer, nullable=False),
    sa.Column("nano_usd", sa.BigInteger, nullable=False),
    sa.Column("reserved_nano", sa.BigInteger, nullable=False),
    sa.Column("usage_known", sa.Boolean, nullable=False),
    sa.Column("stop_reason", sa.Text),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("latency_ms", sa.Integer, nullable=False),
    sa.Column("utc_day", sa.Date, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("turn_id", "purpose", "attempt"),
    sa.Index("ix_model_call_day", "utc_day", "model"),
    sa.Index("ix_model_call_person", "person_hash", "utc_day"),
    one_of("purpose", *PURPOSES),
    one_of("outcome", "answered", "refused", "cut", "failed", "timeout", "network_refused"),
    sa.CheckConstraint("nano_usd >= 0 AND reserved_nano >= 0", name="money_not_negative"),
)
