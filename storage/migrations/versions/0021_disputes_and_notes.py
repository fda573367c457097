"""disputes with their evidence, bans, own webhooks, own quiet hours, why payments of letters fail, what staff noted beside a refund"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


_QUIET = """
UPDATE person SET
  quiet_from = (SELECT quiet_from FROM coach_profile WHERE coach_profile.person_id = person.id),
  quiet_to = (SELECT quiet_to FROM coach_profile WHERE coach_profile.person_id = person.id)
WHERE id IN (SELECT person_id FROM coach_profile WHERE quiet_from IS NOT NULL AND quiet_to IS NOT NULL)
"""
"""Who chose quiet hours for check-ins has them for everything."""


def upgrade() -> None:
    """Move the schema forward."""
    with op.batch_alter_table("appeal_payment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("failures", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("failure_code", sa.Text(), nullable=True))

    with op.batch_alter_table("appeal_refund", schema=None) as batch_op:
        batch_op.add_column(sa.Column("note", sa.LargeBinary(), nullable=True))

    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.add_column(sa.Column("quiet_from", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("quiet_to", sa.Integer(), nullable=True))
    op.execute(sa.text(_QUIET))

    op.create_table(
        "dispute",
        sa.Column("id", storage.schema.Id, autoincrement=False, nullable=False),
        sa.Column("person_id", storage.schema.Id, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.Column("due_at", storage.schema.Moment(), nullable=True),
        sa.Column("evidence", sa.LargeBinary(), nullable=True),
        sa.Column("opened_at", storage.schema.Moment(), nullable=False),
        sa.Column("closed_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint("state = 'open' OR state = 'won' OR state = 'lost'", name=op.f("ck_dispute_state_known")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_dispute_person_id_person"), initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispute")),
        sa.UniqueConstraint("kind", "subject", name=op.f("uq_dispute_kind_subject")),
    )  # fmt: skip
    with op.batch_alter_table("webhook_subscription", schema=None) as batch_op:
        batch_op.add_column(sa.Column("person_id", storage.schema.Id, nullable=True))
        batch_op.create_index("ix_webhook_subscription_person", ["person_id", "id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_webhook_subscription_person_id_person"), "person", ["person_id"], ["id"],
            initially="DEFERRED", deferrable=True,
        )  # fmt: skip

    op.create_table(
        "support_ban",
        sa.Column("person_id", storage.schema.Id, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint("kind = 'ban' OR kind = 'shadow'", name=op.f("ck_support_ban_kind_known")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_support_ban_person_id_person"), initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_support_ban")),
    )  # fmt: skip
    with op.batch_alter_table("dispute", schema=None) as batch_op:
        batch_op.create_index("ix_dispute_label", ["label"], unique=False)
        batch_op.create_index("ix_dispute_person", ["person_id", "kind"], unique=False)
        batch_op.create_index("ix_dispute_state", ["state", "due_at"], unique=False)


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
