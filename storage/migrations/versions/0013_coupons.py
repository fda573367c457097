"""coupons and their uses, the discount on a letter's payment, charges in Stars"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward."""
    op.create_table(
        "coupon_batch",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("creator", sa.Text(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_coupon_batch_size_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_batch")),
    )
    op.create_table(
        "coupon",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=True),
        sa.Column("batch_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("bps", sa.Integer(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("feature", sa.Text(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("most_off_minor", sa.BigInteger(), nullable=True),
        sa.Column("least_price_minor", sa.BigInteger(), nullable=True),
        sa.Column("products", sa.Text(), nullable=False),
        sa.Column("plans", sa.Text(), nullable=False),
        sa.Column("channels", sa.Text(), nullable=False),
        sa.Column("starts_at", storage.schema.Moment(), nullable=False),
        sa.Column("ends_at", storage.schema.Moment(), nullable=True),
        sa.Column("max_uses", sa.Integer(), nullable=True),
        sa.Column("max_per_person", sa.Integer(), nullable=False),
        sa.Column("first_purchase", sa.Boolean(), nullable=False),
        sa.Column("assigned_to", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("creator", sa.Text(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.CheckConstraint("(kind = 'amount') = (amount_minor IS NOT NULL)", name=op.f("ck_coupon_amount_stated")),
        sa.CheckConstraint(
            "(kind = 'grant') = (feature IS NOT NULL AND quantity IS NOT NULL)", name=op.f("ck_coupon_grant_stated")
        ),
        sa.CheckConstraint("(kind = 'percent') = (bps IS NOT NULL)", name=op.f("ck_coupon_percent_stated")),
        sa.CheckConstraint("kind = 'percent' OR kind = 'amount' OR kind = 'grant'", name=op.f("ck_coupon_kind_known")),
        sa.CheckConstraint("status = 'active' OR status = 'off'", name=op.f("ck_coupon_status_known")),
        sa.CheckConstraint(
            "amount_minor IS NULL OR (amount_minor > 0 AND currency IS NOT NULL)",
            name=op.f("ck_coupon_amount_positive"),
        ),
        sa.CheckConstraint("bps IS NULL OR (bps > 0 AND bps <= 10000)", name=op.f("ck_coupon_percent_in_range")),
        sa.CheckConstraint("ends_at IS NULL OR ends_at > starts_at", name=op.f("ck_coupon_ends")),
        sa.CheckConstraint("max_per_person > 0", name=op.f("ck_coupon_per_person_positive")),
        sa.CheckConstraint("max_uses IS NULL OR max_uses > 0", name=op.f("ck_coupon_uses_positive")),
        sa.CheckConstraint("taken >= 0", name=op.f("ck_coupon_taken_positive")),
        sa.ForeignKeyConstraint(["batch_id"], ["coupon_batch.id"], name=op.f("fk_coupon_batch_id_coupon_batch")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon")),
    )
    with op.batch_alter_table("coupon", schema=None) as batch_op:
        batch_op.create_index("ix_coupon_assigned", ["assigned_to"], unique=False)
        batch_op.create_index("ix_coupon_batch", ["batch_id"], unique=False)
        batch_op.create_index("uq_coupon_code", ["code"], unique=True)
        batch_op.create_index("uq_coupon_folded", ["folded"], unique=True)

    op.create_table(
        "coupon_guess",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_coupon_guess_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_guess")),
    )
    with op.batch_alter_table("coupon_guess", schema=None) as batch_op:
        batch_op.create_index("ix_coupon_guess_person", ["person_id", "at"], unique=False)

    op.create_table(
        "coupon_choice",
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("coupon_id", sa.BigInteger(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_coupon_choice_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_coupon_choice")),
    )
    op.create_table(
        "coupon_use",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("coupon_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("price_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("is_late", sa.Boolean(), nullable=False),
        sa.Column("reserved_at", storage.schema.Moment(), nullable=False),
        sa.Column("redeemed_at", storage.schema.Moment(), nullable=True),
        sa.Column("released_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint("(state = 'released') = (ordinal IS NULL)", name=op.f("ck_coupon_use_ordinal_held")),
        sa.CheckConstraint(
            "state = 'reserved' OR state = 'redeemed' OR state = 'released'", name=op.f("ck_coupon_use_state_known")
        ),
        sa.CheckConstraint(
            "discount_minor >= 0 AND discount_minor <= price_minor", name=op.f("ck_coupon_use_discount_of_price")
        ),
        sa.ForeignKeyConstraint(["coupon_id"], ["coupon.id"], name=op.f("fk_coupon_use_coupon_id_coupon")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_coupon_use_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coupon_use")),
    )
    with op.batch_alter_table("coupon_use", schema=None) as batch_op:
        batch_op.create_index("ix_coupon_use_person", ["person_id", "coupon_id"], unique=False)
        batch_op.create_index("uq_coupon_use_operation", ["operation"], unique=True)
        batch_op.create_index("uq_coupon_use_ordinal", ["coupon_id", "person_id", "ordinal"], unique=True)

    with op.batch_alter_table("appeal_payment", schema=None) as batch_op:
        batch_op.add_column(sa.Column("discount_minor", sa.BigInteger(), server_default="0", nullable=False))

    op.create_table(
        "star_charge",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("charge", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("payer", sa.LargeBinary(), nullable=False),
        sa.Column("paid_until", storage.schema.Moment(), nullable=True),
        sa.Column("bonus_days", sa.Integer(), nullable=False),
        sa.Column("held", sa.Text(), nullable=True),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint("kind = 'once' OR kind = 'renewal'", name=op.f("ck_star_charge_kind_known")),
        sa.CheckConstraint("bonus_days >= 0", name=op.f("ck_star_charge_bonus_positive")),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_star_charge_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_star_charge")),
    )
    with op.batch_alter_table("star_charge", schema=None) as batch_op:
        batch_op.create_index("ix_star_charge_order", ["order_id"], unique=False)
        batch_op.create_index("ix_star_charge_person", ["person_id", "id"], unique=False)
        batch_op.create_index("uq_star_charge_charge", ["charge"], unique=True)


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
