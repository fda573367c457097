"""By what a ticket is counted: the files of the release, and what staff changed since (/calendar set, /sla set)."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

from handlers.support import calendar, targets
from handlers.support.calendar import Desk
from handlers.support.clocks import Counting
from handlers.support.targets import PRIORITIES, Target
from storage.support import rules
from storage.work import Work


def counting(work: Work, opened_at: datetime | None = None) -> Counting:
    """Return by what a ticket of a moment is counted; without one, by what is in force now."""
    moment = opened_at or work.now
    return _counting(rules.in_force(work, "calendar", moment), rules.in_force(work, "targets", moment))


@lru_cache(maxsize=64)
def _counting(calendar_text: str | None, targets_text: str | None) -> Counting:
    desk = calendar.read(json.loads(calendar_text)) if calendar_text else calendar.desk()
    found = targets.read(json.loads(targets_text)) if targets_text else targets.targets()
    return Counting(desk, found)


def desk_now(work: Work) -> Desk:
    """Return the calendar of today."""
    return counting(work).desk


def enforced_from(work: Work) -> datetime | None:
    """Return from when promises bind: tickets that are older never breach (SLA-5)."""
    body = rules.in_force(work, "enforce_from", work.now)
    return datetime.fromisoformat(body) if body else None


def strategy(work: Work) -> str:
    """Return how tickets are given out (AS-1)."""
    return rules.in_force(work, "assignment", work.now) or "hybrid"


def calendar_words(work: Work) -> dict[str, Any]:
    """Return the calendar of today as its file would say it."""
    body = rules.in_force(work, "calendar", work.now)
    if body:
        found: dict[str, Any] = json.loads(body)
        return found
    raw = tomllib.loads(calendar.DATA.read_text("utf-8"))
    return {**raw, "closed": [str(one) for one in raw.get("closed", [])]}


def targets_words(work: Work) -> dict[str, dict[str, int | str]]:
    """Return the targets of today as their file would say them."""
    return {name: _said(target) for name, target in counting(work).targets.items()}


def _said(target: Target) -> dict[str, int | str]:
    spans: Mapping[str, Any] = {name: getattr(target, name) for name in ("response", "resolution", "escalate")}
    return {
        **{name: round(span.total_seconds() / 60) for name, span in spans.items()},
        "escalate_to": target.escalate_to,
    }


__all__ = [
    "PRIORITIES", "calendar_words", "counting", "desk_now", "enforced_from", "strategy", "targets_words",
]  # fmt: skip
