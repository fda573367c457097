"""quotes, and what is told to many"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward."""
    op.create_table(
        "broadcast",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.Column("sent_at", storage.schema.Moment(), nullable=True),
        sa.Column("ended_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint(
            "state = 'draft' OR state = 'freezing' OR state = 'sending' OR state = 'stopped' OR state = 'done'",
            name=op.f("ck_broadcast_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_broadcast")),
        sa.UniqueConstraint("number", name=op.f("uq_broadcast_number")),
    )
    op.create_table(
        "flag",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("since", storage.schema.Moment(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "kind = 'release' OR kind = 'operational' OR kind = 'kill_switch'", name=op.f("ck_flag_kind_known")
        ),
        sa.CheckConstraint("value = 'on' OR value = 'off'", name=op.f("ck_flag_value_known")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_flag")),
    )
    op.create_table(
        "organisation",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_organisation")),
    )
    op.create_table(
        "quote_counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_quote_counter")),
    )
    op.create_table(
        "broadcast_recipient",
        sa.Column("broadcast_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("inbox_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "state = 'waiting' OR state = 'queued' OR state = 'sent' OR state = 'skipped'",
            name=op.f("ck_broadcast_recipient_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_broadcast_recipient_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("broadcast_id", "person_id", name=op.f("pk_broadcast_recipient")),
    )
    with op.batch_alter_table("broadcast_recipient", schema=None) as batch_op:
        batch_op.create_index("ix_broadcast_recipient_person", ["person_id"], unique=False)
        batch_op.create_index(
            "ix_broadcast_recipient_waiting",
            ["broadcast_id", "person_id"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "quote",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("current", sa.Integer(), nullable=False),
        sa.Column("wished_bps", sa.Integer(), nullable=True),
        sa.Column("order_id", sa.BigInteger(), nullable=True),
        sa.Column("link", sa.LargeBinary(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("expires_at", storage.schema.Moment(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "state = 'draft' OR state = 'sent' OR state = 'negotiated' OR state = 'accepted' OR state = 'declined' OR state = 'expired' OR state = 'paid'",
            name=op.f("ck_quote_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_quote_person_id_person"), initially="DEFERRED", deferrable=True
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
        sa.UniqueConstraint("number", name=op.f("uq_quote_number")),
        sa.UniqueConstraint("source", name=op.f("uq_quote_source")),
    )
    with op.batch_alter_table("quote", schema=None) as batch_op:
        batch_op.create_index("ix_quote_person", ["person_id", "id"], unique=False)

    op.create_table(
        "quote_contact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_quote_contact_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_contact")),
        sa.UniqueConstraint("person_id", "hash", name=op.f("uq_quote_contact_person_id_hash")),
    )
    op.create_table(
        "quote_version",
        sa.Column("quote_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column("discount_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("locked_at", storage.schema.Moment(), nullable=True),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "subtotal_minor >= discount_minor AND discount_minor >= 0", name=op.f("ck_quote_version_discount_within")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_quote_version_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("quote_id", "number", name=op.f("pk_quote_version")),
    )
    with op.batch_alter_table("quote_version", schema=None) as batch_op:
        batch_op.create_index("ix_quote_version_person", ["person_id", "quote_id"], unique=False)

    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index(
            "ix_consent_offers",
            ["person_id", "hash"],
            unique=False,
            sqlite_where=sa.text("kind = 'offers' AND ended_at IS NULL"),
            postgresql_where=sa.text("kind = 'offers' AND ended_at IS NULL"),
        )

    with op.batch_alter_table("mail_sender", schema=None) as batch_op:
        batch_op.add_column(sa.Column("copies_at", storage.schema.Moment(), nullable=True))

    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(
            "ix_outbox_offer",
            ["inbox_id"],
            unique=False,
            sqlite_where=sa.text("purpose = 'offer'"),
            postgresql_where=sa.text("purpose = 'offer'"),
        )


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
