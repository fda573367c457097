"""What a person set for their receipts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.migrations.receipts.columns import of_person, person


def make() -> None:
    """Make these tables."""
    _receipt_preference()


def _receipt_preference() -> None:
    op.create_table(
        "receipt_preference",
        person(),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("week_start", sa.Integer(), nullable=False),
        sa.Column("auto", sa.Boolean(), nullable=False),
        sa.Column("cloud", sa.Text(), nullable=False),
        sa.Column("dark", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "cloud = 'ask' OR cloud = 'on' OR cloud = 'off'", name=op.f("ck_receipt_preference_cloud_known")
        ),
        of_person("receipt_preference"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_receipt_preference")),
    )
