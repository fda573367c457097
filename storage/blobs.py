"""Files: pictures, voice clips, letters. Sealed, in the database, so that they share its commit and its backup."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.schema import Id, Moment, metadata
from storage.work import Work

blob = sa.Table(
    "blob",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("person_id", sa.BigInteger),
    sa.Column("media_type", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("delete_after", Moment),
    sa.Index("ix_blob_person", "person_id"),
    sa.Index("ix_blob_delete_after", "delete_after"),
)


def keep(
    work: Work,
    *,
    blob_id: int,
    data: bytes,
    media_type: str,
    person_id: int | None,
    delete_after: datetime | None = None,
) -> None:
    """Store a file under an id made beforehand; with `delete_after` it goes by itself."""
    row = {"id": blob_id, "person_id": person_id, "media_type": media_type, "delete_after": delete_after}
    work.write(blob.insert(), {**row, "size": len(data), "data": work.seal.seal(data), "at": work.now})


def media_type_of(work: Work, blob_id: int) -> str:
    """Return what a file is; an empty string for one that is gone."""
    row = work.row(sa.select(blob.c.media_type).where(blob.c.id == blob_id))
    return str(row.media_type) if row is not None else ""


def load(connection: sa.Connection, blob_id: int) -> sa.Row[Any] | None:
    """Return a file's row, its data still sealed."""
    return connection.execute(sa.select(blob).where(blob.c.id == blob_id)).first()
