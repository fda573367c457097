"""What might be saved and waits for the person's yes: a decision, a tick, a change of the plan (rules PP-1 to PP-4).

One proposal waits for each subject of a project, by index: a newer one replaces it in the same commit. `number` is its
place in the question that was asked, by which it is picked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from storage.coaching.columns import OF_PERSON, OF_PROJECT, key, mine, of_project, owner, project_id
from storage.coaching.decisions import CERTAINTIES
from storage.schema import Moment, metadata, one_of, partial_index, word
from storage.work import Work

EXPIRES = timedelta(days=7)

KINDS = ("decision", "tick", "drop", "add_task", "remove_task", "reorder", "reschedule", "reword")
STATES = ("pending", "saved", "declined", "replaced", "expired")
SOURCES = ("model", "rules", "person")
TRIGGERS = ("user_request", "progress_signal", "market_feedback")

proposal = sa.Table(
    "proposal",
    metadata,
    key(),
    owner(),
    project_id(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),  # a category, or the id of a task
    sa.Column("value", sa.LargeBinary, nullable=False),  # sealed canonical text and what belongs to it
    sa.Column("quote", sa.LargeBinary, nullable=False),
    sa.Column("message_id", sa.BigInteger, nullable=False),
    sa.Column("certainty", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("trigger", sa.Text),
    sa.Column("question", sa.BigInteger),  # the outgoing question that asks for it; several may share one
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("replaced_by", sa.BigInteger),
    sa.Column("at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
    sa.Column("closed_at", Moment),
    of_project(),
    sa.Index("ix_proposal_project", "person_id", "project_id", "id"),
    partial_index("uq_proposal_pending", "person_id", "project_id", "subject", where="state = 'pending'", unique=True),
    one_of("kind", *KINDS),
    one_of("certainty", *CERTAINTIES),
    one_of("source", *SOURCES),
    one_of("trigger", *TRIGGERS),
    one_of("state", *STATES),
    sa.CheckConstraint(
        "(state = 'pending' AND closed_at IS NULL) OR (state <> 'pending' AND closed_at IS NOT NULL)",
        name="closed_dated",
    ),
)


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a person may confirm: `value` is the canonical text, `more` what else its saving needs."""

    kind: str
    subject: str
    value: str
    quote: str
    message_id: int
    certainty: str = "explicit"
    source: str = "rules"
    trigger: str | None = None
    more: dict[str, Any] = field(default_factory=dict)
    id: int = 0
    number: int = 0
    question: int | None = None
    state: str = "pending"
    expires_at: datetime | None = None


_MINE = (proposal.c.person_id == OF_PERSON, proposal.c.project_id == OF_PROJECT)
_IS_PENDING = proposal.c.state == word("pending")
_WAITING = sa.select(proposal).where(*_MINE, _IS_PENDING).order_by(proposal.c.id)
_OF_QUESTION = (
    sa.select(proposal)
    .where(*_MINE, proposal.c.question == sa.bindparam("question"))
    .order_by(proposal.c.number, proposal.c.id)
)
_LOAD = sa.select(proposal).where(*_MINE, proposal.c.id == sa.bindparam("proposal_id"))
_REPLACE = (
    proposal.update()
    .where(*_MINE, _IS_PENDING, proposal.c.subject == sa.bindparam("of_subject"))
    .values(state="replaced", replaced_by=sa.bindparam("newer"), closed_at=sa.bindparam("at_moment", type_=Moment))
)
_OPEN = proposal.insert()
_ONE = (proposal.c.person_id == OF_PERSON, proposal.c.id == sa.bindparam("of_id"))
_ASK = proposal.update().where(*_ONE).values(question=sa.bindparam("asked"), number=sa.bindparam("place"))
_CLOSE = (
    proposal.update()
    .where(*_ONE, _IS_PENDING)
    .values(state=sa.bindparam("ended"), closed_at=sa.bindparam("at_moment", type_=Moment))
)


def open_one(work: Work, person_id: int, project_id: int, new: Proposal) -> int:
    """Let a proposal wait in place of an older one of its subject; return its id (PP-4)."""
    new_id = work.new_id()
    work.claim(
        _REPLACE, mine(person_id, project_id) | {"of_subject": new.subject, "newer": new_id, "at_moment": work.now}
    )
    body = {"value": new.value, "more": new.more}
    work.claim(
        _OPEN,
        {
            "id": new_id, "person_id": person_id, "project_id": project_id, "kind": new.kind, "subject": new.subject,
            "value": work.seal.seal(orjson.dumps(body)), "quote": work.seal.seal(new.quote.encode()),
            "message_id": new.message_id, "certainty": new.certainty, "source": new.source, "trigger": new.trigger,
            "number": new.number, "question": new.question, "state": "pending", "replaced_by": None, "at": work.now,
            "expires_at": work.now + EXPIRES, "closed_at": None,
        },
    )  # fmt: skip
    return new_id


def pending(work: Work, person_id: int, project_id: int) -> list[Proposal]:
    """Return what waits, oldest first; what is past its time too, for its saving is refused."""
    rows = work.rows(_WAITING, mine(person_id, project_id))
    return [_opened(work, row) for row in rows]


def of_question(work: Work, person_id: int, project_id: int, question: int) -> list[Proposal]:
    """Return the proposals that one question asked for, in whatever state, by their numbers."""
    rows = work.rows(_OF_QUESTION, mine(person_id, project_id) | {"question": question})
    return [_opened(work, row) for row in rows]


def load(work: Work, person_id: int, project_id: int, proposal_id: int) -> Proposal | None:
    """Return a proposal of this project, in whatever state."""
    row = work.row(_LOAD, mine(person_id, project_id) | {"proposal_id": proposal_id})
    return None if row is None else _opened(work, row)


def ask(work: Work, person_id: int, proposal_ids: Iterable[int], *, question: int) -> None:
    """Note that one question asks for these, in this order."""
    places = enumerate(proposal_ids, 1)
    work.claim_all(
        _ASK, [{"of_person": person_id, "of_id": one, "asked": question, "place": number} for number, one in places]
    )


def close(work: Work, person_id: int, proposal_id: int, *, state: str) -> bool:
    """End a proposal that waits; False when it does not wait any more."""
    ended = work.claim(_CLOSE, {"of_person": person_id, "of_id": proposal_id, "ended": state, "at_moment": work.now})
    return ended.rowcount == 1


def close_all(work: Work, person_id: int, project_id: int, *, state: str) -> None:
    """End all that wait in a project, when it closes (PP-4)."""
    work.claim(proposal.update().where(*_pending(person_id, project_id)).values(state=state, closed_at=work.now))


def _pending(person_id: int, project_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        proposal.c.person_id == person_id, proposal.c.project_id == project_id, proposal.c.state == word("pending")
    )  # fmt: skip


def _opened(work: Work, row: sa.Row[Any]) -> Proposal:
    body = orjson.loads(work.seal.open(row.value))
    return Proposal(
        row.kind, row.subject, body["value"], work.seal.open(row.quote).decode(), row.message_id, row.certainty,
        row.source, row.trigger, body["more"], row.id, row.number, row.question, row.state, row.expires_at,
    )  # fmt: skip
