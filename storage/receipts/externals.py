"""Names that rows bear outside: ids from a file that was imported, so that nothing is imported twice (rule CAP-12).

A row has a natural name made of its id. A name of another ledger leads to the row that was made from it; where `shown`
it is also the name in exports, so that an import into empty books gives the same export again (rule EXP-4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from storage.receipts.columns import digest, owner
from storage.schema import metadata, one_of
from storage.upsert import upsert
from storage.work import Work

THINGS = ("entry", "category", "account", "rule", "budget", "picture")

external = sa.Table(
    "ledger_external",
    metadata,
    owner(primary_key=True),
    sa.Column("thing", sa.Text, primary_key=True),
    sa.Column("hash", sa.LargeBinary, primary_key=True),
    sa.Column("row_id", sa.BigInteger, nullable=False),
    sa.Column("name", sa.LargeBinary, nullable=False),
    sa.Column("shown", sa.Boolean, nullable=False),
    sa.Index("ix_ledger_external_row", "person_id", "thing", "row_id"),
    one_of("thing", *THINGS),
)


@dataclass(frozen=True, slots=True)
class Name:
    """The name that a row bears outside."""

    row_id: int
    name: str
    shown: bool = True


def known(work: Work, person_id: int, thing: str, names: Iterable[str]) -> dict[str, int]:
    """Return the rows that bear these names, by name."""
    hashes = {_hash(work, person_id, thing, name): name for name in names}
    if not hashes:
        return {}
    mine = (external.c.person_id == person_id, external.c.thing == thing, external.c.hash.in_(list(hashes)))
    return {
        hashes[row.hash]: row.row_id for row in work.rows(sa.select(external.c.hash, external.c.row_id).where(*mine))
    }


def put(work: Work, person_id: int, thing: str, names: Sequence[Name]) -> None:
    """Let names lead to rows; a name that led to another row leads to this one from now on."""
    for one in names:
        values = {"row_id": one.row_id, "shown": one.shown}
        work.claim(
            upsert(external)
            .values(
                person_id=person_id, thing=thing, hash=_hash(work, person_id, thing, one.name),
                name=work.seal.seal(one.name.encode()), **values,
            )
            .on_conflict_do_update(index_elements=["person_id", "thing", "hash"], set_=values)
        )  # fmt: skip


def shown(work: Work, person_id: int, thing: str, ids: Sequence[int] | None = None) -> Mapping[int, str]:
    """Return the outside names of rows by their ids; of all rows without `ids`."""
    mine = [external.c.person_id == person_id, external.c.thing == thing, external.c.shown.is_(True)]
    if ids is not None:
        mine.append(external.c.row_id.in_(list(ids)))
    rows = work.rows(sa.select(external.c.row_id, external.c.name).where(*mine).order_by(external.c.row_id))
    return {row.row_id: work.seal.open(row.name).decode() for row in rows}


def _hash(work: Work, person_id: int, thing: str, name: str) -> bytes:
    return digest(work, person_id, f"external {thing}", name)
