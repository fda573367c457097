"""persons who become one"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Move the schema forward."""
    op.add_column("person", sa.Column("merged_into", sa.BigInteger(), nullable=True))
    _partial("ix_person_merged_into", "person", ["merged_into"], "merged_into IS NOT NULL")
    _partial("ix_link_person", "link", ["person_id"], "person_id IS NOT NULL")
    _codes()
    _merges()


def _codes() -> None:
    op.create_table(
        "person_code",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("expires_at", storage.schema.Moment(), nullable=False),
        sa.Column("used_at", storage.schema.Moment(), nullable=True),
        sa.Column("ended_at", storage.schema.Moment(), nullable=True),
        sa.Column("answered_from", sa.BigInteger(), nullable=True),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "purpose = 'link' OR purpose = 'export' OR purpose = 'delete'", name=op.f("ck_person_code_purpose_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_code")),
    )
    live = "used_at IS NULL AND ended_at IS NULL"
    op.create_index("ix_person_code_person", "person_code", ["person_id", "purpose", "at"])
    _partial("uq_person_code_live", "person_code", ["person_id", "purpose"], live, unique=True)
    _partial("uq_person_code_hash", "person_code", ["hash"], f"purpose = 'link' AND {live}", unique=True)
    _partial("ix_person_code_token", "person_code", ["token_hash"], "token_hash IS NOT NULL")
    past = "purpose = 'link' AND used_at IS NULL AND ended_at IS NULL"
    _partial("ix_person_code_overdue", "person_code", ["expires_at"], past)


def _merges() -> None:
    op.create_table(
        "person_merge",
        sa.Column("id", _ID, autoincrement=False, nullable=False),
        sa.Column("survivor_id", sa.BigInteger(), nullable=False),
        sa.Column("absorbed_id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("manifest", sa.LargeBinary(), nullable=True),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.Column("undone_at", storage.schema.Moment(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merge")),
    )
    op.create_index("ix_person_merge_survivor", "person_merge", ["survivor_id", "id"])
    _partial("uq_person_merge_absorbed", "person_merge", ["absorbed_id"], "undone_at IS NULL", unique=True)


def _partial(name: str, table: str, columns: list[str], where: str, *, unique: bool = False) -> None:
    op.create_index(
        name, table, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where)
    )  # fmt: skip


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
