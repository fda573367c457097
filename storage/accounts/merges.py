"""Persons who were joined into one: who, when, by whom, and the manifest of what moved (ID-6, ID-7).

The manifest names rows by their keys and holds, sealed, those that had to give way. It is what a merge is taken back
from, for thirty days; then it goes and the merge stays.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from storage.people import person
from storage.schema import Id, Moment, metadata, partial_index
from storage.work import Work

REVERSIBLE = timedelta(days=30)
_DAY = "day"

merge = sa.Table(
    "person_merge",
    metadata,
    sa.Column("id", Id, primary_key=True, autoincrement=False),
    sa.Column("survivor_id", sa.BigInteger, nullable=False),
    sa.Column("absorbed_id", sa.BigInteger, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("manifest", sa.LargeBinary),
    sa.Column("at", Moment, nullable=False),
    sa.Column("undone_at", Moment),
    sa.Index("ix_person_merge_survivor", "survivor_id", "id"),
    partial_index("uq_person_merge_absorbed", "absorbed_id", where="undone_at IS NULL", unique=True),
)


class Changed(msgspec.Struct, frozen=True, array_like=True):
    """One value that the merge wrote into a row: what it was, and what it is since."""

    table: str
    key: list[Any]
    column: str
    was: Any
    now: Any


class Manifest(msgspec.Struct):
    """What moved, by table and key; what gave way, as it was; what else was written. In the order in which it was."""

    moved: dict[str, list[list[Any]]] = msgspec.field(default_factory=dict)
    gone: dict[str, list[dict[str, Any]]] = msgspec.field(default_factory=dict)
    changed: list[Changed] = msgspec.field(default_factory=list)
    added: dict[str, list[list[Any]]] = msgspec.field(default_factory=dict)
    chained: list[int] = msgspec.field(default_factory=list)
    """Persons who had been absorbed by the absorbed one: no chains, so they point to the survivor now."""

    def count(self, table: str) -> int:
        """Return how many rows of a table moved."""
        return len(self.moved.get(table, ()))


def packed(manifest: Manifest) -> bytes:
    """Return a manifest as bytes."""
    return msgspec.msgpack.encode(_mapped(manifest, _marked))


def unpacked(data: bytes) -> Manifest:
    """Read what `packed` wrote."""
    return _mapped(msgspec.msgpack.decode(data, type=Manifest), _unmarked)


def _mapped(of: Manifest, convert: Callable[[Any], Any]) -> Manifest:
    return Manifest(
        {str(name): [[convert(one) for one in key] for key in keys] for name, keys in of.moved.items()},
        {
            str(name): [{str(at): convert(one) for at, one in row.items()} for row in rows]
            for name, rows in of.gone.items()
        },
        [
            Changed(str(c.table), [*map(convert, c.key)], str(c.column), convert(c.was), convert(c.now))
            for c in of.changed
        ],
        {str(name): [[convert(one) for one in key] for key in keys] for name, keys in of.added.items()},
        of.chained,
    )


def _marked(value: Any) -> Any:
    """Mark a day, which would come back as text; every other value of a row comes back as it is."""
    return {_DAY: value.isoformat()} if isinstance(value, date) and not isinstance(value, datetime) else value


def _unmarked(value: Any) -> Any:
    return date.fromisoformat(value[_DAY]) if isinstance(value, dict) else value


def note(work: Work, *, survivor: int, absorbed: int, actor: str, manifest: Manifest) -> int:
    """Store what a merge did, and let the absorbed one's id lead to the survivor, without chains."""
    before = sa.select(person.c.id).where(person.c.merged_into == absorbed).order_by(person.c.id)
    manifest.chained = [row.id for row in work.rows(before)]
    work.claim(person.update().where(person.c.id == absorbed).values(merged_into=survivor))
    work.claim(person.update().where(person.c.merged_into == absorbed).values(merged_into=survivor))
    new_id = work.new_id()
    work.claim(
        merge.insert().values(
            id=new_id, survivor_id=survivor, absorbed_id=absorbed, actor=actor, at=work.now,
            manifest=work.seal.seal(packed(manifest)),
        )
    )  # fmt: skip
    return new_id


def of_absorbed(work: Work, person_id: int) -> sa.Row[Any] | None:
    """Return the standing merge in which a person was absorbed."""
    return work.row(sa.select(merge).where(merge.c.absorbed_id == person_id, merge.c.undone_at.is_(None)))


def absorbed_by(work: Work, person_id: int) -> list[sa.Row[Any]]:
    """Return the standing merges into a person, newest first."""
    mine = (merge.c.survivor_id == person_id, merge.c.undone_at.is_(None))
    return work.rows(sa.select(merge).where(*mine).order_by(merge.c.id.desc()))


def manifest_of(work: Work, row: sa.Row[Any]) -> Manifest | None:
    """Return a merge's manifest; None when it is past thirty days or its person's data was deleted."""
    if row.manifest is None or work.now - row.at > REVERSIBLE:
        return None
    return unpacked(work.seal.open(row.manifest))


def note_undone(work: Work, row: sa.Row[Any], manifest: Manifest) -> None:
    """Note that a merge was taken back, and let the ids lead where they did before."""
    work.claim(merge.update().where(merge.c.id == row.id).values(undone_at=work.now, manifest=None))
    work.claim(person.update().where(person.c.id == row.absorbed_id).values(merged_into=None))
    if manifest.chained:
        back = person.update().where(person.c.id.in_(manifest.chained), person.c.merged_into == row.survivor_id)
        work.claim(back.values(merged_into=row.absorbed_id))


def survivor_of(work: Work, person_id: int) -> int:
    """Return who answers to an id now: the survivor of its merge, else the person itself."""
    row = work.row(sa.select(person.c.merged_into).where(person.c.id == person_id))
    return person_id if row is None or row.merged_into is None else int(row.merged_into)


def forget(work: Work, merge_id: int) -> None:
    """Drop the manifest of a merge that can no longer be taken back."""
    work.claim(merge.update().where(merge.c.id == merge_id).values(manifest=None))


def erase(work: Work, person_id: int) -> None:
    """Drop the manifests of a person, who deletes what they hold, and of those who were absorbed with theirs."""
    absorbed = work.rows(sa.select(person.c.id).where(person.c.merged_into == person_id))
    survivors = [person_id, *(row.id for row in absorbed)]
    work.claim(merge.update().where(merge.c.survivor_id.in_(survivors)).values(manifest=None))
