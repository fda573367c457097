"""What a person decided: one current decision for each category of a project, and all that came before it.

A decision always names the person's own message (rule PP-5). Saving another one supersedes it in the same commit; what
was undone is neither current nor superseded, and stays as history (PP-3, PP-6).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
import sqlalchemy as sa

from storage.coaching.columns import OF_PERSON, OF_PROJECT, key, mine, note, of_project, owner, project_id
from storage.schema import Moment, metadata, one_of, partial_index, word
from storage.work import Work

VALUE_TYPES = ("enum", "money_per_period", "tiers", "benefit_list", "date")
STATES = ("current", "superseded", "undone")
HOW = ("ok", "number", "button", "command")
CERTAINTIES = ("explicit", "bare", "answer")

decision = sa.Table(
    "decision",
    metadata,
    key(),
    owner(),
    project_id(),
    sa.Column("category", sa.Text, nullable=False),
    sa.Column("value_type", sa.Text, nullable=False),
    sa.Column("value", sa.LargeBinary, nullable=False),  # sealed canonical text and what belongs to it
    sa.Column("rationale", sa.LargeBinary),
    sa.Column("quote", sa.LargeBinary, nullable=False),
    sa.Column("message_id", sa.BigInteger, nullable=False),  # the person's, never the coach's
    sa.Column("proposal_id", sa.BigInteger),
    sa.Column("act_id", sa.BigInteger, nullable=False),
    sa.Column("certainty", sa.Text, nullable=False),
    sa.Column("how", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("superseded_by", sa.BigInteger),
    sa.Column("saved_at", Moment, nullable=False),
    sa.Column("undone_at", Moment),
    of_project(),
    sa.Index("ix_decision_project", "person_id", "project_id", "id"),
    partial_index("uq_decision_current", "person_id", "project_id", "category", where="state = 'current'", unique=True),
    one_of("value_type", *VALUE_TYPES),
    one_of("certainty", *CERTAINTIES),
    one_of("how", *HOW),
    one_of("state", *STATES),
    sa.CheckConstraint(
        "(state = 'superseded' AND superseded_by IS NOT NULL) OR (state <> 'superseded' AND superseded_by IS NULL)",
        name="superseded_named",
    ),
    sa.CheckConstraint(
        "(state = 'undone' AND undone_at IS NOT NULL) OR (state <> 'undone' AND undone_at IS NULL)", name="undone_dated"
    ),
)


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision: its canonical text, what belongs to it, and where it came from."""

    category: str
    value: str
    value_type: str
    quote: str
    message_id: int
    certainty: str
    how: str
    text: str | None = None
    discount_percent: int | None = None
    rationale: str = ""
    proposal_id: int | None = None
    id: int = 0
    state: str = "current"
    superseded_by: int | None = None
    saved_at: datetime | None = None
    undone_at: datetime | None = None


def save(work: Work, person_id: int, project_id: int, new: Decision, *, act_id: int) -> tuple[int, int | None]:
    """Make a decision the current one of its category; return its id and that of the one it supersedes (PP-3)."""
    old = work.row(_HELD, mine(person_id, project_id) | {"category": new.category})
    new_id = work.new_id()
    if old is not None:
        _put(work, person_id, int(old.id), state="superseded", superseded_by=new_id, undone_at=None)
    body = {"value": new.value, "text": new.text, "discount_percent": new.discount_percent}
    work.claim(
        decision.insert().values(
            id=new_id, person_id=person_id, project_id=project_id, category=new.category, value_type=new.value_type,
            value=work.seal.seal(orjson.dumps(body)), quote=work.seal.seal(new.quote.encode()),
            rationale=work.seal.seal(new.rationale.encode()) if new.rationale else None, message_id=new.message_id,
            proposal_id=new.proposal_id, act_id=act_id, certainty=new.certainty, how=new.how, state="current",
            saved_at=work.now,
        )
    )  # fmt: skip
    note(work, person_id, "decision.save", f"decision:{new_id}", category=new.category, how=new.how)
    return new_id, None if old is None else int(old.id)


def take_back(work: Work, person_id: int, decision_id: int, *, former: int | None) -> None:
    """Undo a decision; the former one of its category, if any, becomes current again (PP-6)."""
    _put(work, person_id, decision_id, state="undone", superseded_by=None, undone_at=work.now)
    if former is not None:
        _put(work, person_id, former, state="current", superseded_by=None, undone_at=None)
    note(work, person_id, "decision.undo", f"decision:{decision_id}")


def bring_back(work: Work, person_id: int, decision_id: int) -> None:
    """Make a dropped decision current again."""
    _put(work, person_id, decision_id, state="current", superseded_by=None, undone_at=None)


def current(work: Work, person_id: int, project_id: int) -> list[Decision]:
    """Return the decisions that hold, oldest first."""
    return [_opened(work, row) for row in work.rows(_CURRENT, mine(person_id, project_id))]


def history(work: Work, person_id: int, project_id: int, limit: int = 200) -> list[Decision]:
    """Return all decisions that were ever saved, oldest first."""
    rows = work.rows(
        sa.select(decision)
        .where(decision.c.person_id == person_id, decision.c.project_id == project_id)
        .order_by(decision.c.id)
        .limit(limit)
    )
    return [_opened(work, row) for row in rows]


_CURRENT = (
    sa.select(decision)
    .where(decision.c.person_id == OF_PERSON, decision.c.project_id == OF_PROJECT, decision.c.state == word("current"))
    .order_by(decision.c.id)
)
_HELD = _CURRENT.where(decision.c.category == sa.bindparam("category"))


def _put(work: Work, person_id: int, decision_id: int, **values: Any) -> None:
    mine = (decision.c.person_id == person_id, decision.c.id == decision_id)
    work.claim(decision.update().where(*mine).values(values))


def _opened(work: Work, row: sa.Row[Any]) -> Decision:
    body = orjson.loads(work.seal.open(row.value))
    return Decision(
        row.category, body["value"], row.value_type, work.seal.open(row.quote).decode(), row.message_id, row.certainty,
        row.how, body["text"], body["discount_percent"],
        work.seal.open(row.rationale).decode() if row.rationale else "", row.proposal_id, row.id, row.state,
        row.superseded_by, row.saved_at, row.undone_at,
    )  # fmt: skip
