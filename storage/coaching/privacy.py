"""What goes when a person deletes a project or all their data, and what stays: counts and costs (rule PJ-3)."""

from __future__ import annotations

import sqlalchemy as sa

from storage import audit
from storage.blobs import blob
from storage.coaching.acts import act
from storage.coaching.care import care, checkin, promise
from storage.coaching.decisions import decision
from storage.coaching.messages import message, summary
from storage.coaching.model_calls import model_call
from storage.coaching.profiles import profile
from storage.coaching.projects import pause, project, template
from storage.coaching.proposals import proposal
from storage.coaching.tasks import event, task
from storage.coaching.turns import spend, turn
from storage.work import Work

OF_PROJECT = (event, decision, proposal, act, summary, message, promise, checkin, pause, task)
"""Tables whose rows go with their project."""
OF_PERSON = (care, profile)
KEPT = (turn, model_call, spend, template)
"""The ledger of messages and costs, without a word of the person, and the templates."""

TABLES: tuple[sa.Table, ...] = (*OF_PROJECT, project, *OF_PERSON, *KEPT)


def erase(work: Work, person_id: int) -> None:
    """Delete everything of a person but the ledger, which loses its words."""
    _drop_photos(work, event.c.person_id == person_id)
    for table in (*OF_PROJECT, project, *OF_PERSON):
        work.claim(table.delete().where(table.c.person_id == person_id))
    work.claim(turn.update().where(turn.c.person_id == person_id).values(body=None))


def _drop_photos(work: Work, *whose: sa.ColumnElement[bool]) -> None:
    """Delete the photos that were kept with tasks, before the events that name them go."""
    kept = sa.select(event.c.evidence).where(*whose, event.c.evidence.is_not(None))
    work.claim(blob.delete().where(blob.c.id.in_(kept)))


def erase_project(work: Work, person_id: int, project_id: int) -> bool:
    """Delete a project with all that belongs to it; False for one that is not theirs."""
    mine = (project.c.person_id == person_id, project.c.id == project_id)
    if work.row(sa.select(project.c.id).where(*mine)) is None:
        return False
    _drop_photos(work, event.c.person_id == person_id, event.c.project_id == project_id)
    for table in OF_PROJECT:
        work.claim(table.delete().where(table.c.person_id == person_id, table.c.project_id == project_id))
    work.claim(project.delete().where(*mine))
    audit.record(work, actor=f"person:{person_id}", action="coaching.project.erase", obj=f"project:{project_id}")
    return True
