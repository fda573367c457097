"""Coaching: who a person is to the coach, and how they wish to be spoken to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import storage.schema
from storage.migrations.coaching.columns import of_person, person


def make() -> None:
    """Make these tables."""
    _coach_profile()


def _coach_profile() -> None:
    op.create_table(
        "coach_profile",
        person(),
        sa.Column("primary_platform", sa.Text(), nullable=True),
        sa.Column("follower_count", sa.BigInteger(), nullable=True),
        sa.Column("hours_per_week", sa.Integer(), nullable=True),
        sa.Column("engagement_bps", sa.Integer(), nullable=True),
        sa.Column("engagement_comparison", sa.Text(), nullable=True),
        sa.Column("avg_views", sa.BigInteger(), nullable=True),
        sa.Column("posts_per_week", sa.Integer(), nullable=True),
        sa.Column("repeat_commenters", sa.Integer(), nullable=True),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("tone", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=True),
        sa.Column("checkin_every", sa.Text(), nullable=False),
        sa.Column("checkin_day", sa.Integer(), nullable=False),
        sa.Column("checkin_hour", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.Integer(), nullable=True),
        sa.Column("quiet_to", sa.Integer(), nullable=True),
        sa.Column("model_allowed", sa.Boolean(), nullable=False),
        sa.Column("greeted_at", storage.schema.Moment(), nullable=True),
        sa.Column("created_at", storage.schema.Moment(), nullable=False),
        sa.Column("changed_at", storage.schema.Moment(), nullable=False),
        sa.CheckConstraint(
            "checkin_every = 'day' OR checkin_every = 'week' OR checkin_every = 'never'",
            name=op.f("ck_coach_profile_checkin_every_known"),
        ),
        sa.CheckConstraint(
            "engagement_comparison = 'above' OR engagement_comparison = 'about' OR engagement_comparison = 'below'",
            name=op.f("ck_coach_profile_engagement_comparison_known"),
        ),
        sa.CheckConstraint(
            "primary_platform = 'youtube' OR primary_platform = 'instagram' OR primary_platform = 'tiktok' OR "
            "primary_platform = 'twitch' OR primary_platform = 'other'",
            name=op.f("ck_coach_profile_primary_platform_known"),
        ),
        sa.CheckConstraint(
            "tone = 'casual' OR tone = 'professional' OR tone = 'educational'", name=op.f("ck_coach_profile_tone_known")
        ),
        sa.CheckConstraint("checkin_day >= 0 AND checkin_day <= 6", name=op.f("ck_coach_profile_checkin_day_range")),
        sa.CheckConstraint(
            "checkin_hour >= 0 AND checkin_hour <= 23", name=op.f("ck_coach_profile_checkin_hour_range")
        ),
        sa.CheckConstraint(
            "engagement_bps >= 0 AND engagement_bps <= 10000", name=op.f("ck_coach_profile_engagement_bps_range")
        ),
        sa.CheckConstraint(
            "follower_count >= 0 AND follower_count <= 1000000000", name=op.f("ck_coach_profile_follower_count_range")
        ),
        sa.CheckConstraint(
            "hours_per_week >= 1 AND hours_per_week <= 80", name=op.f("ck_coach_profile_hours_per_week_range")
        ),
        sa.CheckConstraint("quiet_from >= 0 AND quiet_from <= 23", name=op.f("ck_coach_profile_quiet_from_range")),
        sa.CheckConstraint("quiet_to >= 0 AND quiet_to <= 23", name=op.f("ck_coach_profile_quiet_to_range")),
        of_person("coach_profile"),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_coach_profile")),
    )
