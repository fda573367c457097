"""support tickets"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward."""
    op.create_table(
        "support_counter",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_support_counter")),
    )
    op.create_table(
        "support_assignment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("operator_id", sa.BigInteger(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "reason = 'initial' OR reason = 'reassign' OR reason = 'escalation' OR reason = 'expertise' OR reason = 'return'",
            name=op.f("ck_support_assignment_reason_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_support_assignment_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_assignment")),
    )
    with op.batch_alter_table("support_assignment", schema=None) as batch_op:
        batch_op.create_index("ix_support_assignment_person", ["person_id"], unique=False)
        batch_op.create_index("ix_support_assignment_ticket", ["ticket_id", "id"], unique=False)

    op.create_table(
        "support_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_support_event_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_event")),
        sa.UniqueConstraint("key", name=op.f("uq_support_event_key")),
    )
    with op.batch_alter_table("support_event", schema=None) as batch_op:
        batch_op.create_index("ix_support_event_person", ["person_id"], unique=False)
        batch_op.create_index("ix_support_event_ticket", ["ticket_id", "id"], unique=False)

    op.create_table(
        "support_message",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.BigInteger(), nullable=True),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "author <> 'person' OR operator_id IS NULL", name=op.f("ck_support_message_person_is_no_operator")
        ),
        sa.CheckConstraint("author = 'person' OR author = 'staff'", name=op.f("ck_support_message_author_known")),
        sa.CheckConstraint(
            "state = 'received' OR state = 'waiting' OR state = 'handed' OR state = 'refused'",
            name=op.f("ck_support_message_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_support_message_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_message")),
        sa.UniqueConstraint("source", name=op.f("uq_support_message_source")),
    )
    with op.batch_alter_table("support_message", schema=None) as batch_op:
        batch_op.create_index("ix_support_message_person", ["person_id"], unique=False)
        batch_op.create_index("ix_support_message_ticket", ["ticket_id", "id"], unique=False)

    op.create_table(
        "support_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ticket_id", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_support_note_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_note")),
    )
    with op.batch_alter_table("support_note", schema=None) as batch_op:
        batch_op.create_index("ix_support_note_person", ["person_id"], unique=False)
        batch_op.create_index("ix_support_note_ticket", ["ticket_id", "id"], unique=False)

    op.create_table(
        "support_ticket",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("priority", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("assignee", sa.BigInteger(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.Column("tags", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", storage.schema.Moment(), nullable=False),
        sa.Column("first_response_at", storage.schema.Moment(), nullable=True),
        sa.Column("resolved_at", storage.schema.Moment(), nullable=True),
        sa.Column("closed_at", storage.schema.Moment(), nullable=True),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("first_due", storage.schema.Moment(), nullable=True),
        sa.Column("next_due", storage.schema.Moment(), nullable=True),
        sa.Column("resolution_due", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint(
            "priority = 'low' OR priority = 'medium' OR priority = 'high' OR priority = 'urgent'",
            name=op.f("ck_support_ticket_priority_known"),
        ),
        sa.CheckConstraint(
            "state = 'new' OR state = 'open' OR state = 'waiting_user' OR state = 'resolved' OR state = 'closed'",
            name=op.f("ck_support_ticket_state_known"),
        ),
        sa.CheckConstraint(
            "rating IS NULL OR (rating >= 1 AND rating <= 5)", name=op.f("ck_support_ticket_rating_of_five")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_support_ticket_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support_ticket")),
        sa.UniqueConstraint("number", name=op.f("uq_support_ticket_number")),
        sa.UniqueConstraint("source", name=op.f("uq_support_ticket_source")),
    )
    with op.batch_alter_table("support_ticket", schema=None) as batch_op:
        batch_op.create_index("ix_support_ticket_person", ["person_id", "id"], unique=False)
        batch_op.create_index("ix_support_ticket_state", ["state", "id"], unique=False)


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
