"""Exports, what they sent, names of rows outside, programs that a person's books are sent to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema
from storage.migrations.receipts.columns import of_person, person, row_id


def make() -> None:
    """Make these tables."""
    _ledger_export()
    _ledger_export_file()
    _ledger_export_mark()
    _ledger_external()
    _ledger_connection()


def _ledger_export() -> None:
    op.create_table(
        "ledger_export",
        row_id(),
        person(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("start", sa.Date(), nullable=True),
        sa.Column("end", sa.Date(), nullable=True),
        sa.Column("fresh", sa.Boolean(), nullable=False),
        sa.Column("mark_revision", sa.Integer(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent", sa.LargeBinary(), nullable=True),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "state = 'making' OR state = 'made' OR state = 'ended' OR state = 'locked'",
            name=op.f("ck_ledger_export_state_known"),
        ),
        of_person("ledger_export"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_export")),
    )
    with op.batch_alter_table("ledger_export", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_export_person", ["person_id", "id"], unique=False)
        batch_op.create_index(
            "uq_ledger_export_open",
            ["person_id", "kind"],
            unique=True,
            sqlite_where=sa.text("state = 'making'"),
            postgresql_where=sa.text("state = 'making'"),
        )


def _ledger_export_file() -> None:
    op.create_table(
        "ledger_export_file",
        person(),
        sa.Column("export_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("blob_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("taken_at", storage.schema.Moment(), nullable=True),
        of_person("ledger_export_file"),
        sa.PrimaryKeyConstraint("person_id", "export_id", "seq", name=op.f("pk_ledger_export_file")),
    )


def _ledger_export_mark() -> None:
    op.create_table(
        "ledger_export_mark",
        person(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("blob_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        of_person("ledger_export_mark"),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_ledger_export_mark")),
    )


def _ledger_external() -> None:
    op.create_table(
        "ledger_external",
        person(),
        sa.Column("thing", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("row_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.LargeBinary(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "thing = 'entry' OR thing = 'category' OR thing = 'account' OR thing = 'rule' OR thing = 'budget' OR thing = 'picture'",
            name=op.f("ck_ledger_external_thing_known"),
        ),
        of_person("ledger_external"),
        sa.PrimaryKeyConstraint("person_id", "thing", "hash", name=op.f("pk_ledger_external")),
    )
    with op.batch_alter_table("ledger_external", schema=None) as batch_op:
        batch_op.create_index("ix_ledger_external_row", ["person_id", "thing", "row_id"], unique=False)


def _ledger_connection() -> None:
    op.create_table(
        "ledger_connection",
        person(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint("kind = 'firefly' OR kind = 'actual'", name=op.f("ck_ledger_connection_kind_known")),
        of_person("ledger_connection"),
        sa.PrimaryKeyConstraint("person_id", "kind", name=op.f("pk_ledger_connection")),
    )
