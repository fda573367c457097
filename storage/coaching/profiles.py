"""The coach's profile of a person: one each, every field of it optional, none of it ever fetched (rule PR-1).

Numbers and choices are columns with checks; the niche and the address of a page are words of the person and sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson
import sqlalchemy as sa

from storage.coaching.columns import OF_PERSON, note, owner
from storage.schema import Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

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

_PLAIN = (
    "primary_platform", "follower_count", "hours_per_week", "engagement_bps", "engagement_comparison", "avg_views",
    "posts_per_week", "repeat_commenters", "tone", "currency", "locale", "checkin_every", "checkin_day", "checkin_hour",
    "quiet_from", "quiet_to", "model_allowed", "greeted_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Profile:
    """What a person told about what they make; every field may be missing."""

    primary_platform: str | None = None
    follower_count: int | None = None
    niche: str | None = None
    hours_per_week: int | None = None
    engagement_bps: int | None = None
    engagement_comparison: str | None = None
    profile_url: str | None = None
    avg_views: int | None = None
    posts_per_week: int | None = None
    repeat_commenters: int | None = None
    tone: str = "casual"
    currency: str | None = None
    locale: str | None = None
    checkin_every: str = "week"
    checkin_day: int = 0
    checkin_hour: int = 9
    quiet_from: int | None = None
    quiet_to: int | None = None
    model_allowed: bool = True
    greeted_at: Any = None


_LOAD = sa.select(profile).where(profile.c.person_id == OF_PERSON)


def load(work: Work, person_id: int) -> Profile | None:
    """Return a person's profile, None before the first word with the coach."""
    row = work.row(_LOAD, {"of_person": person_id})
    if row is None:
        return None
    words = orjson.loads(work.seal.open(row.words)) if row.words else {}
    return Profile(**{name: row._mapping[name] for name in _PLAIN}, **words)


def put(work: Work, person_id: int, new: Profile) -> None:
    """Store a profile in place of the earlier one."""
    words = {"niche": new.niche, "profile_url": new.profile_url}
    values: dict[str, Any] = {name: getattr(new, name) for name in _PLAIN}
    values |= {"words": work.seal.seal(orjson.dumps(words)), "changed_at": work.now}
    work.claim(
        upsert(profile)
        .values(person_id=person_id, created_at=work.now, **values)
        .on_conflict_do_update(index_elements=["person_id"], set_=values)
    )
    note(work, person_id, "profile.put", f"person:{person_id}")
