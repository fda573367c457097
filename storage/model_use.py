"""Tokens that a language model took for a person, by day (rule TXT-7)."""

from __future__ import annotations

import sqlalchemy as sa

from storage.people import usage
from storage.transcript import USE
from storage.work import Work

DAY_US = 86_400_000_000
KIND = "model_tokens"


def count(work: Work, person_id: int, tokens: int) -> None:
    """Count what an answer took."""
    work.put(USE, {"person_id": person_id, "kind": KIND, "period": work.now_us // DAY_US, "used": tokens})


def used_today(work: Work, person_id: int) -> int:
    """Return how many tokens a person's questions took today (UTC)."""
    row = work.row(
        sa.select(usage.c.used).where(
            usage.c.person_id == person_id, usage.c.kind == KIND, usage.c.period == work.now_us // DAY_US
        )
    )
    return int(row.used) if row is not None else 0
