"""plans, overrides, grants of quota and their ledger"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward."""
    op.create_table(
        "trial_used",
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("address_hash", name=op.f("pk_trial_used")),
    )
    op.create_table(
        "account_suspension",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_account_suspension_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_account_suspension")),
    )
    op.create_table(
        "entitlement_override",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("feature", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("unlimited", sa.Boolean(), nullable=False),
        sa.Column("starts_at", storage.schema.Moment(), nullable=False),
        sa.Column("expires_at", storage.schema.Moment(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("ticket", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.Column("revoked_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint(
            "(operation <> 'set' AND operation <> 'add' AND operation <> 'max') OR unlimited <> (amount IS NOT NULL)",
            name=op.f("ck_entitlement_override_amount_stated"),
        ),
        sa.CheckConstraint(
            "kind = 'feature_unlock' OR kind = 'quota_increase' OR kind = 'trial_extension' OR kind = 'emergency_access' OR kind = 'deny'",
            name=op.f("ck_entitlement_override_kind_known"),
        ),
        sa.CheckConstraint(
            "operation = 'unlock' OR operation = 'set' OR operation = 'add' OR operation = 'max' OR operation = 'trial' OR operation = 'plan' OR operation = 'deny'",
            name=op.f("ck_entitlement_override_operation_known"),
        ),
        sa.CheckConstraint("amount IS NULL OR amount >= 0", name=op.f("ck_entitlement_override_amount_positive")),
        sa.CheckConstraint("expires_at > starts_at", name=op.f("ck_entitlement_override_ends")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_entitlement_override_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entitlement_override")),
    )
    with op.batch_alter_table("entitlement_override", schema=None) as batch_op:
        batch_op.create_index("ix_entitlement_override_person", ["person_id", "expires_at"], unique=False)

    op.create_table(
        "quota_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("feature", sa.Text(), nullable=False),
        sa.Column("grant_id", sa.BigInteger(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "kind = 'reserve' OR kind = 'commit' OR kind = 'release' OR kind = 'adjust' OR kind = 'revoke' OR kind = 'expire'",
            name=op.f("ck_quota_entry_kind_known"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_quota_entry_amount_positive")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_quota_entry_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_entry")),
    )
    with op.batch_alter_table("quota_entry", schema=None) as batch_op:
        batch_op.create_index(
            "uq_quota_entry_once", ["person_id", "feature", "operation", "kind", "grant_id"], unique=True
        )

    op.create_table(
        "quota_grant",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("feature", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_ref", sa.Text(), nullable=False),
        sa.Column("period_key", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=True),
        sa.Column("unlimited", sa.Boolean(), nullable=False),
        sa.Column("taken", sa.BigInteger(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("effective_at", storage.schema.Moment(), nullable=False),
        sa.Column("expires_at", storage.schema.Moment(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "source = 'goodwill' OR source = 'coupon' OR source = 'plan' OR source = 'override' OR source = 'pack'",
            name=op.f("ck_quota_grant_source_known"),
        ),
        sa.CheckConstraint("amount IS NULL OR amount >= 0", name=op.f("ck_quota_grant_amount_positive")),
        sa.CheckConstraint("expires_at > effective_at", name=op.f("ck_quota_grant_ends")),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_quota_grant_taken_positive")),
        sa.CheckConstraint("unlimited <> (amount IS NOT NULL)", name=op.f("ck_quota_grant_amount_stated")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_quota_grant_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quota_grant")),
    )
    with op.batch_alter_table("quota_grant", schema=None) as batch_op:
        batch_op.create_index("ix_quota_grant_live", ["person_id", "expires_at"], unique=False)
        batch_op.create_index(
            "uq_quota_grant_source", ["person_id", "feature", "source", "source_ref", "period_key"], unique=True
        )

    op.create_table(
        "quota_notice",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("feature", sa.Text(), nullable=False),
        sa.Column("period_key", sa.Text(), nullable=False),
        sa.Column("percent", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_quota_notice_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", "feature", "period_key", "percent", name=op.f("pk_quota_notice")),
    )
    op.create_table(
        "quota_operation",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("feature", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("overdrawn", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.Column("expires_at", storage.schema.Moment(), nullable=False),
        sa.Column("settled_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint(
            "state = 'reserved' OR state = 'committed' OR state = 'released' OR state = 'expired'",
            name=op.f("ck_quota_operation_state_known"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_quota_operation_amount_positive")),
        sa.CheckConstraint("overdrawn >= 0 AND overdrawn <= used", name=op.f("ck_quota_operation_overdrawn_of_used")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_quota_operation_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", "feature", "operation", name=op.f("pk_quota_operation")),
    )
    with op.batch_alter_table("quota_operation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_quota_operation_open",
            ["person_id", "expires_at"],
            unique=False,
            sqlite_where=sa.text("state = 'reserved'"),
            postgresql_where=sa.text("state = 'reserved'"),
        )

    op.create_table(
        "subscription",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("customer_ref", sa.Text(), nullable=True),
        sa.Column("gateway_ref", sa.Text(), nullable=True),
        sa.Column("item_ref", sa.Text(), nullable=True),
        sa.Column("price_ref", sa.Text(), nullable=True),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("plan_version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("gateway_status", sa.Text(), nullable=True),
        sa.Column("anchor_at", storage.schema.Moment(), nullable=False),
        sa.Column("period_start", storage.schema.Moment(), nullable=True),
        sa.Column("period_end", storage.schema.Moment(), nullable=True),
        sa.Column("cancel_at_period_end", sa.Boolean(), nullable=False),
        sa.Column("trial_end", storage.schema.Moment(), nullable=True),
        sa.Column("grace_since", storage.schema.Moment(), nullable=True),
        sa.Column("as_of", storage.schema.Moment(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "gateway = 'stripe' OR gateway = 'stars' OR gateway = 'comp' OR gateway = 'offline'",
            name=op.f("ck_subscription_gateway_known"),
        ),
        sa.CheckConstraint("gateway = 'stripe' OR period_end IS NOT NULL", name=op.f("ck_subscription_paid_until")),
        sa.CheckConstraint("state <> 'grace' OR grace_since IS NOT NULL", name=op.f("ck_subscription_grace_began")),
        sa.CheckConstraint("state <> 'trial' OR trial_end IS NOT NULL", name=op.f("ck_subscription_trial_ends")),
        sa.CheckConstraint(
            "state = 'pending' OR state = 'trial' OR state = 'active' OR state = 'grace' OR state = 'suspended' OR state = 'ended'",
            name=op.f("ck_subscription_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_subscription_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
    )
    with op.batch_alter_table("subscription", schema=None) as batch_op:
        batch_op.create_index("ix_subscription_person", ["person_id", "id"], unique=False)
        batch_op.create_index("uq_subscription_gateway_ref", ["gateway", "gateway_ref"], unique=True)
        batch_op.create_index(
            "uq_subscription_live",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("state = 'trial' OR state = 'active' OR state = 'grace'"),
            postgresql_where=sa.text("state = 'trial' OR state = 'active' OR state = 'grace'"),
        )

    op.create_table(
        "usage_record",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("metric", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("billed", sa.Boolean(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "metric = 'letters_mailed' OR metric = 'receipts_read' OR metric = 'coach_messages' OR metric = 'coach_cost' OR metric = 'exports' OR metric = 'sms_segments' OR metric = 'bank_syncs' OR metric = 'tickets' OR metric = 'api_calls' OR metric = 'webhook_deliveries'",
            name=op.f("ck_usage_record_metric_known"),
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_usage_record_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_usage_record_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usage_record")),
    )
    with op.batch_alter_table("usage_record", schema=None) as batch_op:
        batch_op.create_index("ix_usage_record_at", ["person_id", "metric", "at"], unique=False)
        batch_op.create_index("uq_usage_record_operation", ["person_id", "metric", "operation"], unique=True)


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
