"""The coach's profile of a person: one each, every field of it optional, none of it ever fetched (rule PR-1).

Numbers and choices are columns with checks; the niche and the address of a page are words of the person and sealed.
"""

from __future__ import annotations

import sqlalchemy as sa

from storage.coaching.columns import owner
from storage.schema import Moment, metadata, one_of

PLATFORMS = ("youtube", "instagram", "tiktok", "twitch", "other")
COMPARISONS = ("above", "about", "below")
TONES = ("casual", "professional", "educational")
EVERY = ("day", "week", "never")


def _between(column: str, low: int, high: int) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"{column} >= {low} AND {column} <= {high}", name=f"{column}_range")


profile = sa.Table(
    "coach_profile",
    metadata,
    owner(primary_key=True),
    sa.Column("primary_platform", sa.Text),
    sa.Column("follower_count", sa.BigInteger),
    sa.Column("hours_per_week", sa.Integer),
    sa.Column("engagement_bps", sa.Integer),
    sa.Column("engagement_comparison", sa.Text),
    sa.Column("avg_views", sa.BigInteger),
    sa.Column("posts_per_week", sa.Integer),
    sa.Column("repeat_commenters", sa.Integer),
    sa.Column("words", sa.LargeBinary),  # sealed JSON: niche, profile_url
    sa.Column("tone", sa.Text, nullable=False),
    sa.Column("currency", sa.Text),
    sa.Column("locale", sa.Text),
    sa.Column("checkin_every", sa.Text, nullable=False),
    sa.Column("checkin_day", sa.Integer, nullable=False),
    sa.Column("checkin_hour", sa.Integer, nullable=False),
    sa.Column("quiet_from", sa.Integer),
    sa.Column("quiet_to", sa.Integer),
    sa.Column("model_allowed", sa.Boolean, nullable=False),
    sa.Column("greeted_at", Moment),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
    one_of("primary_platform", *PLATFORMS),
    one_of("engagement_comparison", *COMPARISONS),
    one_of("tone", *TONES),
    one_of("checkin_every", *EVERY),
    _between("follower_count", 0, 1_000_000_000),
    _between("hours_per_week", 1, 80),
    _between("engagement_bps", 0, 10_000),
    _between("checkin_day", 0, 6),
    _between("checkin_hour", 0, 23),
    _between("quiet_from", 0, 23),
    _between("quiet_to", 0, 23),
)
