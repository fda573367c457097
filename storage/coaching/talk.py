"""The messages of a coach turn, and the summary of older ones (rules CT-2, CX-2)."""

from __future__ import annotations

from typing import Any, Literal

import sqlalchemy as sa

from storage.coaching.messages import message, summary
from storage.schema import word
from storage.work import Work


def join(work: Work, person_id: int, message_id: int, turn_id: int) -> None:
    """Let a message be answered by a turn."""
    mine = (message.c.person_id == person_id, message.c.id == message_id)
    work.claim(message.update().where(*mine).values(turn_id=turn_id, state="received"))


def of_turn(work: Work, person_id: int, turn_id: int) -> list[tuple[sa.Row[Any], str]]:
    """Return the person's messages of a turn in their order, with their words."""
    rows = work.rows(
        sa.select(message)
        .where(message.c.person_id == person_id, message.c.turn_id == turn_id, message.c.role == word("person"))
        .order_by(message.c.id)
    )
    return [(row, work.seal.open(row.body).decode()) for row in rows]


def mark(work: Work, person_id: int, turn_id: int, state: Literal["answered", "fallback", "failed"]) -> None:
    """Note what became of a turn's messages."""
    mine = (message.c.person_id == person_id, message.c.turn_id == turn_id, message.c.role == word("person"))
    work.claim(message.update().where(*mine).values(state=state))


def earlier(
    work: Work, person_id: int, project_id: int, *, turn_id: int | None = None, after: int = 0, limit: int = 60
) -> list[tuple[int, str, str]]:
    """Return the newest talk after a number, oldest of it first: number, role and words.

    The messages of `turn_id` are left out: what was said while an earlier turn ran stands before its answer.
    """
    another = sa.or_(message.c.turn_id.is_(None), message.c.turn_id != turn_id)
    rows = work.rows(
        sa.select(message.c.number, message.c.role, message.c.body)
        .where(
            message.c.person_id == person_id, message.c.project_id == project_id, message.c.number > after,
            *([another] if turn_id is not None else []),
        )
        .order_by(message.c.number.desc())
        .limit(limit)
    )  # fmt: skip
    return [(row.number, row.role, work.seal.open(row.body).decode()) for row in reversed(rows)]


def current_summary(work: Work, person_id: int, project_id: int) -> tuple[int, str]:
    """Return up to which number the summary reaches, and its words; nothing of nothing."""
    row = work.row(
        sa.select(summary.c.through, summary.c.body).where(
            summary.c.person_id == person_id, summary.c.project_id == project_id, summary.c.state == word("current")
        )
    )
    return (0, "") if row is None else (int(row.through), work.seal.open(row.body).decode())


def put_summary(work: Work, person_id: int, project_id: int, *, through: int, text: str, source: str) -> None:
    """Put a summary in place of the current one."""
    mine = (summary.c.person_id == person_id, summary.c.project_id == project_id)
    work.claim(summary.update().where(*mine, summary.c.state == word("current")).values(state="replaced"))
    row = {
        "id": work.new_id(), "person_id": person_id, "project_id": project_id, "through": through, "source": source,
        "body": work.seal.seal(text.encode()), "state": "current", "at": work.now,
    }  # fmt: skip
    work.claim(summary.insert().values(row))
