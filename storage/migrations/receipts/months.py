"""When each month of a ledger changed last."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.migrations.receipts.columns import of_person, person


def make() -> None:
    """Make these tables."""
    _ledger_month()


def _ledger_month() -> None:
    op.create_table(
        "ledger_month",
        person(),
        sa.Column("start", sa.Date(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        of_person("ledger_month"),
        sa.PrimaryKeyConstraint("person_id", "start", name=op.f("pk_ledger_month")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("ledger_month", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_month_revision", ["person_id", "revision", "start"], unique=False)
