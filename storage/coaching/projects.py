"""A person's projects, the plans they were started from, and their pauses (rules PJ-1 to PJ-3).

One project of a person is active at a time, by index. The template is kept as it was at the start, once for all who
started from the same content, so that a later edit of the file changes no running plan. Progress is never stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

import sqlalchemy as sa

from storage.coaching.columns import OF_PERSON, OF_PROJECT, key, mine, note, of_project, owner, project_id
from storage.schema import Moment, metadata, one_of, partial_index, word
from storage.upsert import upsert
from storage.work import Work

STATUSES = ("active", "paused", "completed", "abandoned")

template = sa.Table(
    "plan_template",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("template_id", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),  # JSON as it was read; holds nothing of a person
    sa.Column("at", Moment, nullable=False),
)

project = sa.Table(
    "project",
    metadata,
    key(),
    owner(),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("template_id", sa.Text, nullable=False),
    sa.Column("template_version", sa.Integer, nullable=False),
    sa.Column("template_digest", sa.ForeignKey("plan_template.digest"), nullable=False),
    sa.Column("status", sa.Text, nullable=False),
    sa.Column("started_on", sa.Date, nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("status_at", Moment, nullable=False),
    sa.UniqueConstraint("code"),
    sa.UniqueConstraint("person_id", "id"),
    partial_index("uq_project_active", "person_id", where="status = 'active'", unique=True),
    one_of("status", *STATUSES),
)

pause = sa.Table(
    "project_pause",
    metadata,
    key(),
    owner(),
    project_id(),
    sa.Column("from_day", sa.Date, nullable=False),
    sa.Column("until_day", sa.Date),  # when it was said to resume
    sa.Column("ended_day", sa.Date),  # when it did
    of_project(),
    sa.Index("ix_project_pause_project", "person_id", "project_id", "id"),
    partial_index("uq_project_pause_open", "person_id", "project_id", where="ended_day IS NULL", unique=True),
    sa.CheckConstraint("until_day IS NULL OR until_day > from_day", name="until_after_start"),
    sa.CheckConstraint("ended_day IS NULL OR ended_day >= from_day", name="ended_after_start"),
)

# Asked for in every turn, and therefore made once: making a statement costs five times what running it does.
_LOAD = sa.select(project).where(project.c.person_id == OF_PERSON, project.c.id == OF_PROJECT)
_ACTIVE = sa.select(project).where(project.c.person_id == OF_PERSON, project.c.status == word("active"))
_PAUSES = (
    sa.select(pause.c.from_day, pause.c.ended_day)
    .where(pause.c.person_id == OF_PERSON, pause.c.project_id == OF_PROJECT)
    .order_by(pause.c.id)
)


def keep_template(work: Work, *, digest: str, template_id: str, version: int, body: bytes) -> None:
    """Keep the content of a plan under its digest, once for all."""
    row = {"digest": digest, "template_id": template_id, "version": version, "body": body, "at": work.now}
    work.claim(upsert(template).values(row).on_conflict_do_nothing())


def template_body(work: Work, digest: str) -> bytes | None:
    """Return the content of a plan."""
    row = work.row(sa.select(template.c.body).where(template.c.digest == digest))
    return None if row is None else bytes(row.body)


def start(
    work: Work, person_id: int, *, template_id: str, version: int, digest: str, started_on: date
) -> sa.Row[Any] | None:
    """Start a project and return it; None when another one is active (PJ-1)."""
    new_id = work.new_id()
    row = {
        "id": new_id, "person_id": person_id, "code": f"P-{work.ids.code(6)}", "template_id": template_id,
        "template_version": version, "template_digest": digest, "status": "active", "started_on": started_on,
        "created_at": work.now, "status_at": work.now,
    }  # fmt: skip
    work.claim(upsert(project).values(row).on_conflict_do_nothing())
    made = load(work, person_id, new_id)
    if made is not None:
        note(work, person_id, "project.start", f"project:{new_id}", template=template_id, version=version)
    return made


def load(work: Work, person_id: int, project_id: int) -> sa.Row[Any] | None:
    """Return a project of this person; another's is as unknown as none (PJ-2)."""
    return work.row(_LOAD, mine(person_id, project_id))


def by_code(work: Work, person_id: int, code: str) -> sa.Row[Any] | None:
    """Return a project of this person by its code; another's is as unknown as none (PJ-2)."""
    return work.row(sa.select(project).where(project.c.code == code, project.c.person_id == person_id))


def active(work: Work, person_id: int) -> sa.Row[Any] | None:
    """Return the project that a person works on."""
    return work.row(_ACTIVE, {"of_person": person_id})


def of_person(work: Work, person_id: int, limit: int = 20) -> list[sa.Row[Any]]:
    """Return a person's projects, newest first."""
    return work.rows(
        sa.select(project).where(project.c.person_id == person_id).order_by(project.c.id.desc()).limit(limit)
    )


def move(work: Work, person_id: int, project_id: int, *, was: Iterable[str], to: str) -> bool:
    """Change a project's status if it still is one of `was`; False too when another project is active already."""
    if to == "active" and active(work, person_id) is not None:
        return False
    moved = work.claim(
        project.update()
        .where(project.c.person_id == person_id, project.c.id == project_id, project.c.status.in_(list(was)))
        .values(status=to, status_at=work.now)
    )
    if moved.rowcount == 1:
        note(work, person_id, f"project.{to}", f"project:{project_id}")
    return moved.rowcount == 1


def begin_pause(work: Work, person_id: int, project_id: int, *, day: date, until: date | None) -> None:
    """Note that a project rests from a day on."""
    row = {"id": work.new_id(), "person_id": person_id, "project_id": project_id, "from_day": day, "until_day": until}
    work.claim(upsert(pause).values(row).on_conflict_do_nothing())


def end_pause(work: Work, person_id: int, project_id: int, *, day: date) -> None:
    """Note that the rest is over."""
    work.claim(
        pause.update()
        .where(pause.c.person_id == person_id, pause.c.project_id == project_id, pause.c.ended_day.is_(None))
        .values(ended_day=day)
    )


def pauses(work: Work, person_id: int, project_id: int) -> list[tuple[date, date | None]]:
    """Return when a project rested: first day, and the day on which it went on, None while it rests."""
    return [(row.from_day, row.ended_day) for row in work.rows(_PAUSES, mine(person_id, project_id))]


def paused_until(work: Work, person_id: int, project_id: int) -> date | None:
    """Return the day on which the present rest is to end, None for an open end or for none."""
    row = work.row(
        sa.select(pause.c.until_day).where(
            pause.c.person_id == person_id, pause.c.project_id == project_id, pause.c.ended_day.is_(None)
        )
    )
    return None if row is None else row.until_day
