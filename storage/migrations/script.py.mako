"""${message}"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    """Move the schema forward."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
