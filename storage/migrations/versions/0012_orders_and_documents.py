"""orders and documents"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward."""
    op.create_table(
        "document_counter",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Text(), nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("series", "fiscal_year", name=op.f("pk_document_counter")),
    )
    op.create_table(
        "pay_order",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("gateway", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("is_physical", sa.Boolean(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("net_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("coupon", sa.Text(), nullable=True),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=True),
        sa.Column("url", sa.LargeBinary(), nullable=True),
        sa.Column("session_ref", sa.Text(), nullable=True),
        sa.Column("minted", sa.Integer(), nullable=False),
        sa.Column("minting", sa.Text(), nullable=False),
        sa.Column("closing", sa.Text(), nullable=True),
        sa.Column("held", sa.Text(), nullable=True),
        sa.Column("intent", sa.Text(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.Column("charged_minor", sa.BigInteger(), nullable=False),
        sa.Column("given_minor", sa.BigInteger(), nullable=False),
        sa.Column("refunded_minor", sa.BigInteger(), nullable=False),
        sa.Column("dispute", sa.Text(), nullable=True),
        sa.Column("dispute_due", storage.schema.Moment(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("expires_at", storage.schema.Moment(), nullable=False),
        sa.Column("paid_at", storage.schema.Moment(), nullable=True),
        sa.Column("fulfilled_at", storage.schema.Moment(), nullable=True),
        sa.Column("created_at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "gateway = 'stripe' OR gateway = 'razorpay' OR gateway = 'stars' OR gateway = 'offline' OR gateway = 'none'",
            name=op.f("ck_pay_order_gateway_known"),
        ),
        sa.CheckConstraint(
            "minting = '' OR minting = 'wanted' OR minting = 'asked'", name=op.f("ck_pay_order_minting_known")
        ),
        sa.CheckConstraint(
            "state = 'created' OR state = 'open' OR state = 'processing' OR state = 'paid' OR state = 'partially_refunded' OR state = 'refunded' OR state = 'expired' OR state = 'failed' OR state = 'disputed'",
            name=op.f("ck_pay_order_state_known"),
        ),
        sa.CheckConstraint("given_minor <= charged_minor", name=op.f("ck_pay_order_refunds_within_charge")),
        sa.CheckConstraint(
            "net_minor >= 0 AND discount_minor >= 0 AND tax_minor >= 0", name=op.f("ck_pay_order_amounts_positive")
        ),
        sa.CheckConstraint("refunded_minor <= given_minor", name=op.f("ck_pay_order_refunded_was_given")),
        sa.CheckConstraint("total_minor = net_minor + tax_minor", name=op.f("ck_pay_order_total_adds_up")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_pay_order_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pay_order")),
    )
    with op.batch_alter_table("pay_order", schema=None) as batch_op:
        batch_op.create_index("ix_pay_order_person", ["person_id", "id"], unique=False)
        batch_op.create_index("ix_pay_order_reference", ["person_id", "purpose", "reference"], unique=False)
        batch_op.create_index("ix_pay_order_state", ["state", "created_at"], unique=False)
        batch_op.create_index(
            "uq_pay_order_fulfilled",
            ["person_id", "purpose", "reference"],
            unique=True,
            sqlite_where=sa.text("fulfilled_at IS NOT NULL"),
            postgresql_where=sa.text("fulfilled_at IS NOT NULL"),
        )
        batch_op.create_index("uq_pay_order_intent", ["gateway", "intent"], unique=True)
        batch_op.create_index(
            "uq_pay_order_open",
            ["person_id", "purpose", "reference"],
            unique=True,
            sqlite_where=sa.text("state IN ('created', 'open', 'processing')"),
            postgresql_where=sa.text("state IN ('created', 'open', 'processing')"),
        )
        batch_op.create_index("uq_pay_order_session", ["gateway", "session_ref"], unique=True)

    op.create_table(
        "billing_document",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("fiscal_year", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("credits", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("snapshot", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'credit_note') = (credits IS NOT NULL)", name=op.f("ck_billing_document_credit_names_its_document")
        ),
        sa.CheckConstraint(
            "kind = 'receipt' OR kind = 'invoice' OR kind = 'credit_note'", name=op.f("ck_billing_document_kind_known")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["pay_order.id"], name=op.f("fk_billing_document_order_id_pay_order")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_billing_document_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_document")),
    )
    with op.batch_alter_table("billing_document", schema=None) as batch_op:
        batch_op.create_index("ix_billing_document_order", ["order_id", "id"], unique=False)
        batch_op.create_index("ix_billing_document_person", ["person_id", "id"], unique=False)
        batch_op.create_index("uq_billing_document_number", ["series", "fiscal_year", "number"], unique=True)
        batch_op.create_index("uq_billing_document_source", ["source"], unique=True)

    op.create_table(
        "order_refund",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("order_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("gateway_ref", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.Column("settled_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint(
            "reason = 'duplicate' OR reason = 'fraudulent' OR reason = 'requested_by_customer'",
            name=op.f("ck_order_refund_reason_known"),
        ),
        sa.CheckConstraint(
            "state = 'requested' OR state = 'pending' OR state = 'succeeded' OR state = 'failed'",
            name=op.f("ck_order_refund_state_known"),
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_order_refund_amount_positive")),
        sa.ForeignKeyConstraint(["order_id"], ["pay_order.id"], name=op.f("fk_order_refund_order_id_pay_order")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_order_refund_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_refund")),
        sa.UniqueConstraint("gateway_ref", name=op.f("uq_order_refund_gateway_ref")),
        sa.UniqueConstraint("order_id", "action", name=op.f("uq_order_refund_order_id_action")),
    )
    with op.batch_alter_table("order_refund", schema=None) as batch_op:
        batch_op.create_index("ix_order_refund_person", ["person_id", "id"], unique=False)


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
