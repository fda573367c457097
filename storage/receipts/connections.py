"""Other programs that a person's books are sent to: address and token, sealed, one of each kind (EXP-9, EXP-10)."""

from __future__ import annotations

import orjson
import sqlalchemy as sa

from storage.receipts.columns import note, owner
from storage.schema import Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

KINDS = ("firefly", "actual")

connection = sa.Table(
    "ledger_connection",
    metadata,
    owner(primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("at", Moment, nullable=False),
    one_of("kind", *KINDS),
)


def put(work: Work, person_id: int, kind: str, settings: dict[str, str]) -> None:
    """Keep where a person's books are sent."""
    values = {"body": work.seal.seal(orjson.dumps(settings)), "at": work.now}
    work.claim(
        upsert(connection)
        .values(person_id=person_id, kind=kind, **values)
        .on_conflict_do_update(index_elements=["person_id", "kind"], set_=values)
    )
    note(work, person_id, "connection.put", f"person:{person_id}", kind=kind)


def load(work: Work, person_id: int, kind: str) -> dict[str, str] | None:
    """Return the settings of a connection."""
    row = work.row(sa.select(connection.c.body).where(connection.c.person_id == person_id, connection.c.kind == kind))
    return None if row is None else orjson.loads(work.seal.open(row.body))


def drop(work: Work, person_id: int, kind: str) -> bool:
    """Forget a connection; tell whether there was one."""
    done = work.claim(connection.delete().where(connection.c.person_id == person_id, connection.c.kind == kind))
    if done.rowcount == 1:
        note(work, person_id, "connection.drop", f"person:{person_id}", kind=kind)
    return done.rowcount == 1
