"""plans that renew: purchases, the mirror's looks, changes, invoices"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward."""
    op.create_table(
        "plan_change",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("subscription_id", sa.BigInteger(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("every", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("prorated_at", storage.schema.Moment(), nullable=True),
        sa.Column("due_minor", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint("kind = 'upgrade' OR kind = 'downgrade'", name=op.f("ck_plan_change_kind_known")),
        sa.CheckConstraint(
            "state = 'asked' OR state = 'shown' OR state = 'confirmed' OR state = 'done' OR state = 'failed'",
            name=op.f("ck_plan_change_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_plan_change_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_change")),
    )
    with op.batch_alter_table("plan_change", schema=None) as batch_op:
        batch_op.create_index("ix_plan_change_person", ["person_id", "id"], unique=False)

    op.create_table(
        "plan_invoice",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("subscription_id", sa.BigInteger(), nullable=False),
        sa.Column("invoice_ref", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("url", sa.LargeBinary(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", storage.schema.Moment(), nullable=True),
        sa.Column("as_of", storage.schema.Moment(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_plan_invoice_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_invoice")),
        sa.UniqueConstraint("invoice_ref", name=op.f("uq_plan_invoice_invoice_ref")),
    )
    with op.batch_alter_table("plan_invoice", schema=None) as batch_op:
        batch_op.create_index("ix_plan_invoice_person", ["person_id", "at"], unique=False)

    op.create_table(
        "plan_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("subscription_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("was", sa.Text(), nullable=True),
        sa.Column("now", sa.Text(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "kind = 'created' OR kind = 'trial_started' OR kind = 'renewed' OR kind = 'upgraded' OR kind = 'downgrade_scheduled' OR kind = 'downgrade_undone' OR kind = 'downgraded' OR kind = 'cancel_scheduled' OR kind = 'cancel_undone' OR kind = 'canceled' OR kind = 'payment_failed' OR kind = 'recovered' OR kind = 'paused' OR kind = 'comped'",
            name=op.f("ck_plan_log_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_plan_log_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_log")),
    )
    with op.batch_alter_table("plan_log", schema=None) as batch_op:
        batch_op.create_index("ix_plan_log_person", ["person_id", "subscription_id", "id"], unique=False)

    op.create_table(
        "plan_notice",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("subscription_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mark", sa.Text(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_plan_notice_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", "subscription_id", "kind", "mark", name=op.f("pk_plan_notice")),
    )
    op.create_table(
        "plan_purchase",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("every", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("trial_days", sa.Integer(), nullable=False),
        sa.Column("promotion", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("session_ref", sa.Text(), nullable=True),
        sa.Column("url", sa.LargeBinary(), nullable=True),
        sa.Column("session_ends", storage.schema.Moment(), nullable=True),
        sa.Column("expires_at", storage.schema.Moment(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("paid_at", storage.schema.Moment(), nullable=True),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint("every = 'month' OR every = 'year'", name=op.f("ck_plan_purchase_every_known")),
        sa.CheckConstraint(
            "state = 'created' OR state = 'open' OR state = 'processing' OR state = 'paid' OR state = 'failed' OR state = 'expired' OR state = 'replaced'",
            name=op.f("ck_plan_purchase_state_known"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_plan_purchase_amount_positive")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_plan_purchase_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_purchase")),
    )
    with op.batch_alter_table("plan_purchase", schema=None) as batch_op:
        batch_op.create_index("ix_plan_purchase_person", ["person_id", "id"], unique=False)
        batch_op.create_index(
            "uq_plan_purchase_open",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("state = 'created' OR state = 'open' OR state = 'processing'"),
            postgresql_where=sa.text("state = 'created' OR state = 'open' OR state = 'processing'"),
        )

    op.create_table(
        "plan_watch",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("gateway_ref", sa.Text(), nullable=False),
        sa.Column("asked_at", storage.schema.Moment(), nullable=True),
        sa.Column("again", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_plan_watch_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", "gateway_ref", name=op.f("pk_plan_watch")),
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.add_column(sa.Column("every", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("amount_minor", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("currency", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("schedule_ref", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("next_plan", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("next_every", sa.Text(), nullable=True))
        batch_op.create_index("ix_subscription_customer", ["customer_ref"], unique=False)


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
