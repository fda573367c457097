"""Pairs of bank lines that are one movement between a person's own accounts: what went out, what came in (BNK-4).

A person's no is final for a pair, like that for a receipt (MAT-4); a pair that one of its banks took back is gone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from storage.receipts.columns import note, owner
from storage.schema import Moment, metadata, one_of, word
from storage.upsert import upsert
from storage.work import Work

VERDICTS = ("joined", "maybe", "no", "gone")
"""`joined` counts as nothing spent and nothing earned, `maybe` waits for the person's word."""
Day = date

bank_transfer = sa.Table(
    "bank_transfer",
    metadata,
    owner(primary_key=True),
    sa.Column("out_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("in_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("date", sa.Date, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_bank_transfer_date", "person_id", "date"),
    sa.Index("ix_bank_transfer_in", "person_id", "in_id"),
    one_of("verdict", *VERDICTS),
)


@dataclass(frozen=True, slots=True)
class Transfer:
    """One pair; `date` is that of the line that went out."""

    out_id: int
    in_id: int
    verdict: str
    date: Day


def decide(work: Work, person_id: int, pair: Transfer, *, told: bool = False) -> bool:
    """Write a verdict; False when the person settled this pair and it is not their word (`told`) now."""
    key = {"person_id": person_id, "out_id": pair.out_id, "in_id": pair.in_id}
    values = {"verdict": pair.verdict, "date": pair.date, "at": work.now}
    free = None if told or pair.verdict == "gone" else bank_transfer.c.verdict != word("no")
    insert = upsert(bank_transfer).values(**key, **values)
    wrote = work.claim(
        insert.on_conflict_do_update(index_elements=list(key), set_=values, where=free).returning(
            bank_transfer.c.out_id
        )
    ).first()
    if wrote is not None and pair.verdict != "maybe":
        note(work, person_id, f"bank.transfer.{pair.verdict}", f"bank_line:{pair.out_id}", into=pair.in_id)
    return wrote is not None


def since(work: Work, person_id: int, start: date) -> list[Transfer]:
    """Return the pairs from a day on, the newest first."""
    mine = (bank_transfer.c.person_id == person_id, bank_transfer.c.date >= start)
    newest = (bank_transfer.c.date.desc(), bank_transfer.c.out_id.desc(), bank_transfer.c.in_id.desc())
    return [_read(row) for row in work.rows(sa.select(bank_transfer).where(*mine).order_by(*newest))]


def of_lines(work: Work, person_id: int, line_ids: Collection[int]) -> list[Transfer]:
    """Return the pairs that these lines are part of."""
    found: dict[tuple[int, int], Transfer] = {}
    wanted = sorted(line_ids)
    for start in range(0, len(wanted), 500):
        for column in (bank_transfer.c.out_id, bank_transfer.c.in_id):
            some = (bank_transfer.c.person_id == person_id, column.in_(wanted[start : start + 500]))
            pairs = [_read(row) for row in work.rows(sa.select(bank_transfer).where(*some))]
            found |= {(one.out_id, one.in_id): one for one in pairs}
    return list(found.values())


def joined(work: Work, person_id: int, line_ids: Collection[int]) -> set[int]:
    """Return which of these lines are part of a movement between own accounts: they have no receipt."""
    pairs = [one for one in of_lines(work, person_id, line_ids) if one.verdict == "joined"]
    return {line for one in pairs for line in (one.out_id, one.in_id)}


def remove_lines(work: Work, person_id: int, line_ids: Sequence[int]) -> None:
    """Delete the pairs of lines that are deleted; what is left of them keeps its kind."""
    for column in (bank_transfer.c.out_id, bank_transfer.c.in_id):
        work.claim(bank_transfer.delete().where(bank_transfer.c.person_id == person_id, column.in_(list(line_ids))))


def _read(row: sa.Row[tuple[object, ...]]) -> Transfer:
    return Transfer(row.out_id, row.in_id, row.verdict, row.date)
