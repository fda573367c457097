"""Mail: addresses, senders, quarantine, mailboxes, consents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema
from storage.migrations.receipts.columns import of_person, person, row_id


def make() -> None:
    """Make these tables."""
    _mail_address()
    _mail_consent()
    _mail_import()
    _mail_quarantine()
    _mail_seen()
    _mail_sender()
    _mailbox()


def _mail_address() -> None:
    op.create_table(
        "mail_address",
        person(),
        sa.Column("local_hash", sa.LargeBinary(), nullable=False),
        sa.Column("local", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        of_person("mail_address"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mail_address")),
        sa.UniqueConstraint("local_hash", name=op.f("uq_mail_address_local_hash")),
    )


def _mail_consent() -> None:
    op.create_table(
        "mail_consent",
        row_id(),
        person(),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("link_hash", sa.LargeBinary(), nullable=False),
        sa.Column("state_hash", sa.LargeBinary(), nullable=True),
        sa.Column("cookie_hash", sa.LargeBinary(), nullable=True),
        sa.Column("verifier", sa.LargeBinary(), nullable=True),
        sa.Column("expires_at", storage.schema.Moment(), nullable=False),
        sa.Column("used_at", storage.schema.Moment(), nullable=True),
        of_person("mail_consent"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_consent")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_mail_consent_link_hash")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_mail_consent_state_hash")),
    )
    with op.batch_alter_table("mail_consent", schema=None) as batch_op:
        batch_op.create_index("ix_mail_consent_person", ["person_id", "expires_at"], unique=False)


def _mail_import() -> None:
    op.create_table(
        "mail_import",
        person(),
        sa.Column("mailbox_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("receipt_id", sa.BigInteger(), autoincrement=False, nullable=False),
        of_person("mail_import"),
        sa.PrimaryKeyConstraint("person_id", "mailbox_id", "receipt_id", name=op.f("pk_mail_import")),
    )


def _mail_quarantine() -> None:
    op.create_table(
        "mail_quarantine",
        row_id(),
        person(),
        sa.Column("message_hash", sa.LargeBinary(), nullable=False),
        sa.Column("sender", sa.LargeBinary(), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("blob_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "state = 'waiting' OR state = 'kept' OR state = 'dropped'", name=op.f("ck_mail_quarantine_state_known")
        ),
        sa.CheckConstraint(
            "why = 'sender' OR why = 'failed' OR why = 'unproven'", name=op.f("ck_mail_quarantine_why_known")
        ),
        of_person("mail_quarantine"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_quarantine")),
    )
    with op.batch_alter_table("mail_quarantine", schema=None) as batch_op:
        batch_op.create_index("ix_mail_quarantine_state", ["person_id", "state", "id"], unique=False)
        batch_op.create_index("uq_mail_quarantine_message", ["person_id", "message_hash"], unique=True)


def _mail_seen() -> None:
    op.create_table(
        "mail_seen",
        person(),
        sa.Column("message_hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        of_person("mail_seen"),
        sa.PrimaryKeyConstraint("person_id", "message_hash", name=op.f("pk_mail_seen")),
    )


def _mail_sender() -> None:
    op.create_table(
        "mail_sender",
        person(),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("own", sa.Boolean(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        of_person("mail_sender"),
        sa.PrimaryKeyConstraint("person_id", "address_hash", name=op.f("pk_mail_sender")),
    )


def _mailbox() -> None:
    op.create_table(
        "mailbox",
        row_id(),
        person(),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address_hash", sa.LargeBinary(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("secret_blob", sa.BigInteger(), nullable=True),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("next_at", storage.schema.Moment(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint("kind = 'imap' OR kind = 'gmail'", name=op.f("ck_mailbox_kind_known")),
        sa.CheckConstraint(
            "state = 'good' OR state = 'needs_login' OR state = 'revoked'", name=op.f("ck_mailbox_state_known")
        ),
        of_person("mailbox"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mailbox")),
    )
    with op.batch_alter_table("mailbox", schema=None) as batch_op:
        batch_op.create_index("ix_mailbox_next", ["state", "next_at"], unique=False)
        batch_op.create_index("uq_mailbox_address", ["person_id", "kind", "address_hash"], unique=True)
