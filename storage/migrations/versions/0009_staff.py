"""roles of staff, acts that wait for a code or a colleague, backup codes, notes about persons"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ROLES = "role = 'owner' OR role = 'admin' OR role = 'support' OR role = 'support_viewer' OR role = 'marketing' OR role = 'finance'"
STATES = "state = 'open' OR state = 'invited' OR state = 'joined' OR state = 'active' OR state = 'disabled'"


OLD = (
    "id, name, role, state, person_id, telegram, invite, invited_until, secret, last_step, session_until, failures, "
    "locks, day, day_failures, locked_until, held, at"
)


def _operators_anew() -> None:
    """Write the table anew: SQLite changes no check, and alembic's own way names the constraints in no certain order."""
    op.drop_index("ix_operator_state", table_name="operator")
    op.rename_table("operator", "operator_before")
    op.create_table(
        "operator",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("telegram", sa.LargeBinary(), nullable=True),
        sa.Column("invite", sa.LargeBinary(), nullable=True),
        sa.Column("invited_until", storage.schema.Moment(), nullable=True),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("unlocked_at", storage.schema.Moment(), nullable=True),
        sa.Column("session_until", storage.schema.Moment(), nullable=True),
        sa.Column("used_at", storage.schema.Moment(), nullable=True),
        sa.Column("pending", sa.LargeBinary(), nullable=True),
        sa.Column("picture", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locks", sa.Integer(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("day_failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", storage.schema.Moment(), nullable=True),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(ROLES, name=op.f("ck_operator_role_known")),
        sa.CheckConstraint(STATES, name=op.f("ck_operator_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_operator")),
        sa.UniqueConstraint("invite", name=op.f("uq_operator_invite")),
        sa.UniqueConstraint("name", name=op.f("uq_operator_name")),
        sa.UniqueConstraint("person_id", name=op.f("uq_operator_person_id")),
        sa.UniqueConstraint("telegram", name=op.f("uq_operator_telegram")),
    )
    new = OLD.replace("role,", "CASE role WHEN 'operator' THEN 'admin' ELSE role END,").replace("session_until", "NULL")
    op.execute(sa.text(f"INSERT INTO operator ({OLD}) SELECT {new} FROM operator_before"))  # noqa: S608 - our own words
    op.drop_table("operator_before")
    op.create_index("ix_operator_state", "operator", ["state"], unique=False)


def _operators_changed() -> None:
    for name, kind in (
        ("unlocked_at", storage.schema.Moment()),
        ("used_at", storage.schema.Moment()),
        ("pending", sa.LargeBinary()),
        ("picture", sa.BigInteger()),
    ):
        op.add_column("operator", sa.Column(name, kind, nullable=True))
    for name in ("ck_operator_role_known", "ck_operator_state_known"):
        op.drop_constraint(op.f(name), "operator", type_="check")
    op.execute(sa.text("UPDATE operator SET role = 'admin' WHERE role = 'operator'"))
    op.execute(sa.text("UPDATE operator SET session_until = NULL"))
    op.create_check_constraint(op.f("ck_operator_role_known"), "operator", ROLES)
    op.create_check_constraint(op.f("ck_operator_state_known"), "operator", STATES)


def upgrade() -> None:
    """Move the schema forward."""
    if op.get_bind().dialect.name == "sqlite":
        _operators_anew()
    else:
        _operators_changed()
    with op.batch_alter_table("entitlement_override", schema=None) as batch_op:
        batch_op.create_index("ix_entitlement_override_ends", ["expires_at"], unique=False)
    op.create_table(
        "backup_code",
        sa.Column("operator_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.Column("used_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint("state = 'pending' OR state = 'live'", name=op.f("ck_backup_code_state_known")),
        sa.PrimaryKeyConstraint("operator_id", "hash", name=op.f("pk_backup_code")),
    )
    op.create_table(
        "person_note",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("remark", sa.LargeBinary(), nullable=False),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_person_note_person_id_person"),
            initially="DEFERRED",
            deferrable=True,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_note")),
    )
    with op.batch_alter_table("person_note", schema=None) as batch_op:
        batch_op.create_index("ix_person_note_person", ["person_id", "id"], unique=False)
    op.create_table(
        "staff_action",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("operator_id", sa.BigInteger(), nullable=True),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("argument", sa.LargeBinary(), nullable=False),
        sa.Column("says", sa.LargeBinary(), nullable=True),
        sa.Column("typed", sa.LargeBinary(), nullable=True),
        sa.Column("token", sa.LargeBinary(), nullable=True),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("approver", sa.Text(), nullable=True),
        sa.Column("at", storage.schema.Moment(), nullable=False),
        sa.Column("expires_at", storage.schema.Moment(), nullable=False),
        sa.Column("ended_at", storage.schema.Moment(), nullable=True),
        sa.CheckConstraint("kind = 'act' OR kind = 'button'", name=op.f("ck_staff_action_kind_known")),
        sa.CheckConstraint(
            "state = 'open' OR state = 'waiting' OR state = 'executed' OR state = 'denied' OR state = 'expired'",
            name=op.f("ck_staff_action_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_action")),
        sa.UniqueConstraint("token", name=op.f("uq_staff_action_token")),
    )
    with op.batch_alter_table("staff_action", schema=None) as batch_op:
        batch_op.create_index("ix_staff_action_actor", ["actor", "typed", "id"], unique=False)
        batch_op.create_index("ix_staff_action_expires", ["expires_at"], unique=False)
        batch_op.create_index("ix_staff_action_state", ["state", "expires_at"], unique=False)
