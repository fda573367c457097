"""Tokens of the HTTP API, and the answers that it keeps for a day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema
from storage.migrations.receipts.columns import of_person, person, row_id


def make() -> None:
    """Make these tables."""
    _api_token()
    _api_reply()


def _api_token() -> None:
    op.create_table(
        "api_token",
        row_id(),
        person(),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("writes", sa.Boolean(), nullable=False),
        sa.Column("made_at", storage.schema.Moment(), nullable=False),
        sa.Column("expires_at", storage.schema.Moment(), nullable=False),
        sa.Column("dropped_at", storage.schema.Moment(), nullable=True),
        sa.Column("used_at", storage.schema.Moment(), nullable=True),
        of_person("api_token"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
    )
    with op.batch_alter_table("api_token", schema=None) as batch_op:
        batch_op.create_index("uq_api_token_number", ["person_id", "number"], unique=True)
        batch_op.create_index("uq_api_token_hash", ["hash"], unique=True)


def _api_reply() -> None:
    op.create_table(
        "api_reply",
        person(),
        sa.Column("key_hash", sa.LargeBinary(), nullable=False),
        sa.Column("asked", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        of_person("api_reply"),
        sa.PrimaryKeyConstraint("person_id", "key_hash", name=op.f("pk_api_reply")),
    )
