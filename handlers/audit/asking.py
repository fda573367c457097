"""`/audit ...`: twenty entries a page, the newest first. What waits for its number gets it before the question."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import sqlalchemy as sa

from bot.engine.registry import Registry
from bot.engine.staff import Member, Risk, StaffCommand
from bot.engine.turn import Turn
from handlers.audit.question import FILTERS, asked
from storage.audit import chain
from storage.audit.redaction import tagged
from storage.audit.search import PAGE, page
from storage.schema import moment

USAGE = "/audit [who|action|category|target|since|until|outcome|text ...] [page N]"
PERMISSION = "audit.view"
_SHOWN = 160


def register(registry: Registry) -> None:
    """Register the question and its beginnings."""
    for first in ("", *FILTERS):
        name = f"audit {first}".strip()
        act = partial(ask, first=first)
        registry.staff_command(StaffCommand(name, Risk.PERSONAL, PERMISSION, USAGE, act, "audit"))


def ask(turn: Turn, argument: str, member: Member, *, first: str = "") -> str:
    """Return a page of entries; the question is an entry itself, with its words masked like any others."""
    question = asked(argument, turn.now, first=first)
    wanted = replace(question.wanted, text=tagged(question.wanted.text, turn.work.seal) or question.wanted.text)
    chain.seal(turn.work)
    rows = page(turn.work, wanted, question.page)
    turn.audit("audit.view", "audit", actor=member.name, asked=f"{first} {argument}".strip()[:_SHOWN])
    lines = [line(row) for row in rows[:PAGE]]
    if len(rows) > PAGE:
        lines.append(f"More: page {question.page + 1}")
    return "\n".join(lines) or "Nothing found."


def line(row: sa.Row[Any]) -> str:
    """Return an entry on one line."""
    said = "" if row.outcome == "ok" else f" {row.outcome}"
    details = "" if row.details == "{}" else f" {row.details}"
    told = f"#{row.seq} {moment(row.at):%b %d %H:%M} {row.actor} {row.action} {row.object or ''}".rstrip()
    return (told + said + details)[:_SHOWN]
