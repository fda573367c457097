"""What the team changed of its own rules at run time: calendar, targets, since when they bind. A row each.

A ticket is counted by the rules that were in force when it was opened: a promise that was made stays made, and any
replay gives the same (SLA-2).
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata, one_of
from storage.work import Work

rule = sa.Table(
    "support_rule",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    one_of("kind", "calendar", "targets", "enforce_from", "assignment"),
)


def everything(work: Work) -> dict[str, list[tuple[datetime, str]]]:
    """Return all changes by kind, newest first; read once in a turn."""
    return work.once("support.rules", lambda: _read(work))


def _read(work: Work) -> dict[str, list[tuple[datetime, str]]]:
    found: dict[str, list[tuple[datetime, str]]] = {}
    for row in work.rows(sa.select(rule).order_by(rule.c.id.desc())):
        found.setdefault(row.kind, []).append((row.at, row.body))
    return found


def in_force(work: Work, kind: str, moment: datetime) -> str | None:
    """Return what was in force at a moment; None for what the files of the release say."""
    return next((body for since, body in everything(work).get(kind, ()) if since <= moment), None)


def add(work: Work, kind: str, body: str, *, actor: str) -> None:
    """Let something be in force from now on."""
    work.claim(rule.insert().values(id=work.new_id(), kind=kind, body=body, actor=actor, at=work.now))
    work.forget("support.rules")
