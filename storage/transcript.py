"""What was said, both ways: bodies are sealed, and blanked after twelve months."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from storage.hot import Hot
from storage.people import usage
from storage.schema import Id, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

transcript = sa.Table(
    "transcript",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.BigInteger, nullable=False),
    sa.Column("address_id", sa.BigInteger),
    sa.Column("direction", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Index("ix_transcript_person", "person_id", "id"),
    one_of("direction", "in", "out"),
)

ADD = Hot(
    "add transcript", transcript.insert(), keys=["id", "person_id", "address_id", "direction", "body", "at"], rank=45
)

_use = upsert(usage)
USE = Hot(
    "count usage",
    _use.on_conflict_do_update(
        index_elements=["person_id", "kind", "period"], set_={"used": usage.c.used + _use.excluded.used}
    ),
    keys=["person_id", "kind", "period", "used"],
    rank=46,
)


def of_person(connection: sa.Connection, person_id: int, limit: int = 50) -> list[sa.Row[Any]]:
    """Return the last entries of a person, newest first."""
    return list(
        connection.execute(
            sa.select(transcript)
            .where(transcript.c.person_id == person_id)
            .order_by(transcript.c.id.desc())
            .limit(limit)
        )
    )


def heard_since(work: Work, person_id: int, after: int, *, before: int) -> bool:
    """Tell whether the person wrote anything between two events, by their ids in the inbox."""
    return work.row(_HEARD_BETWEEN, {"person_id": person_id, "after": after, "before": before}) is not None


_HEARD_BETWEEN = (
    sa.select(transcript.c.id)
    .where(
        transcript.c.person_id == sa.bindparam("person_id"),
        transcript.c.id > sa.bindparam("after"),
        transcript.c.id < sa.bindparam("before"),
        transcript.c.direction == "in",
    )
    .limit(1)
)
