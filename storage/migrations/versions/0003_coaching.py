"""coaching

What is made stands by subject in `storage/migrations/coaching/`.
"""

from __future__ import annotations

from storage.migrations.coaching import care, conversation, decisions, profiles, projects, tasks, usage

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the schema forward."""
    for subject in (profiles, projects, tasks, decisions, conversation, usage, care):
        subject.make()


def downgrade() -> None:
    """Migrations only move forward; a backup is the way back."""
    raise NotImplementedError
