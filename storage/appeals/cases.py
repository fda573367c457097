"""The case: one citation of one person at one level of review, and the stage that it has reached.

A partial unique index allows one live case per person, city, number and level (rules ST-1 and CONV-9). Other persons
may hold the same citation; nobody learns of the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata, one_of, partial_index
from storage.upsert import upsert
from storage.work import Work

STAGES = (
    "intake", "review", "ready", "awaiting_payment", "paid", "paid_blocked", "submitted", "returned", "decided",
    "informed", "closed", "refunded", "abandoned", "withdrawn",
)  # fmt: skip
ENDED = ("closed", "refunded", "withdrawn")
OVER = (*ENDED, "abandoned")
_ended = ", ".join(repr(stage) for stage in ENDED)
_live = f"number_hash IS NOT NULL AND stage NOT IN ({_ended})"

case = sa.Table(
    "appeal_case",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("person_id", sa.ForeignKey("person.id", deferrable=True, initially="DEFERRED"), nullable=False),
    sa.Column("city_id", sa.Text),
    sa.Column("record_version", sa.Text),
    sa.Column("number", sa.LargeBinary),
    sa.Column("number_hash", sa.LargeBinary),
    sa.Column("number_status", sa.Text),
    sa.Column("level", sa.Integer, nullable=False),
    sa.Column("parent_id", sa.ForeignKey("appeal_case.id")),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("reason", sa.Text),
    sa.Column("facts", sa.LargeBinary, nullable=False),
    sa.Column("deadline", sa.Date),
    sa.Column("rule_id", sa.Text),
    sa.Column("mail_by_standard", sa.Date),
    sa.Column("mail_by_certified", sa.Date),
    sa.Column("return_state", sa.Text),
    sa.Column("outcome", sa.Text),
    sa.Column("decided_on", sa.Date),
    sa.Column("amount_before_minor", sa.BigInteger),
    sa.Column("amount_after_minor", sa.BigInteger),
    sa.Column("revision", sa.Integer, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("stage_at", Moment, nullable=False),
    sa.Column("touched_at", Moment, nullable=False),
    sa.UniqueConstraint("code"),
    partial_index(
        "uq_appeal_case_live", "person_id", "city_id", "number_hash", "level", unique=True,
        where=_live,
    ),
    sa.Index("ix_appeal_case_person", "person_id", "id"),
    sa.Index("ix_appeal_case_city", "city_id", "stage"),
    sa.Index("ix_appeal_case_stage", "stage", "stage_at"),
    sa.Index("ix_appeal_case_number", "city_id", "number_hash"),
    one_of("stage", *STAGES),
    one_of("outcome", "won", "reduced", "lost", "unknown"),
)  # fmt: skip


def number_hash(work: Work, number: str | None) -> bytes | None:
    """Return the keyed hash under which a number is looked up."""
    return work.seal.digest("citation", number) if number else None


def add(work: Work, **values: Any) -> int:
    """Insert a case with a fresh code and return its id; raise IntegrityError when a live one exists."""
    while True:
        row = (
            work.claim(
                upsert(case)
                .values(
                    id=work.ids.next(),
                    code=f"A-{work.ids.code()}",
                    revision=0,
                    created_at=work.now,
                    stage_at=work.now,
                    touched_at=work.now,
                    **values,
                )
                .on_conflict_do_nothing(index_elements=["code"])
                .returning(case.c.id)
            )
        ).first()
        if row is not None:
            return int(row.id)


def load(work: Work, case_id: int) -> sa.Row[Any] | None:
    """Return a case."""
    return work.row(sa.select(case).where(case.c.id == case_id))


def change(work: Work, case_id: int, **values: Any) -> None:
    """Change columns of a case, never its stage."""
    work.claim(case.update().where(case.c.id == case_id).values(revision=case.c.revision + 1, **values))


def move_stage(work: Work, case_id: int, *, was: str, to: str, reason: str | None) -> bool:
    """Change the stage if it still is `was`; tell whether it happened."""
    moved = work.claim(
        case.update()
        .where(case.c.id == case_id, case.c.stage == was)
        .values(stage=to, reason=reason, stage_at=work.now, revision=case.c.revision + 1)
    )
    return moved.rowcount == 1


def same_ticket(work: Work, *, person_id: int, city_id: str, number: str, level: int) -> sa.Row[Any] | None:
    """Return this person's newest case of a citation that still counts: live, or closed after mailing."""
    return work.row(
        sa.select(case)
        .where(
            case.c.person_id == person_id,
            case.c.city_id == city_id,
            case.c.number_hash == number_hash(work, number),
            case.c.level == level,
            case.c.stage.not_in(["refunded", "withdrawn"]),
        )
        .order_by(case.c.id.desc())
        .limit(1)
    )


def unnumbered(work: Work, *, person_id: int, city_id: str | None) -> sa.Row[Any] | None:
    """Return this person's case of a city that has no number yet."""
    return work.row(
        sa.select(case)
        .where(
            case.c.person_id == person_id,
            case.c.city_id == city_id,
            case.c.number_hash.is_(None),
            case.c.stage.in_(["intake", "abandoned"]),
        )
        .order_by(case.c.id.desc())
        .limit(1)
    )


def of_person(work: Work, person_id: int, *, stages: Iterable[str] = STAGES, limit: int = 20) -> list[sa.Row[Any]]:
    """Return a person's cases in some stages, newest first."""
    return work.rows(
        sa.select(case)
        .where(case.c.person_id == person_id, case.c.stage.in_(list(stages)))
        .order_by(case.c.id.desc())
        .limit(limit)
    )


def open_state(work: Work, person_id: int) -> str | None:
    """Return the state of the return address of this person's newest open case (quiet hours, chat rules 4)."""
    row = work.row(
        sa.select(case.c.return_state)
        .where(case.c.person_id == person_id, case.c.return_state.is_not(None), case.c.stage.not_in(OVER))
        .order_by(case.c.id.desc())
        .limit(1)
    )
    return str(row.return_state) if row is not None else None


def by_code(work: Work, code: str) -> sa.Row[Any] | None:
    """Return the case of a code, whoever asks; callers compare the person (rule DATA-4)."""
    return work.row(sa.select(case).where(case.c.code == code))


def of_city(work: Work, city_id: str, stages: Iterable[str]) -> list[sa.Row[Any]]:
    """Return a city's cases in some stages."""
    return work.rows(sa.select(case).where(case.c.city_id == city_id, case.c.stage.in_(list(stages))))


def of_citation(work: Work, city_id: str, number: str) -> list[sa.Row[Any]]:
    """Return every person's cases of a citation, for operators."""
    return work.rows(sa.select(case).where(case.c.city_id == city_id, case.c.number_hash == number_hash(work, number)))
