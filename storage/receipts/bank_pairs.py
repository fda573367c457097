"""What was decided of each pair of a bank line and a receipt, and what is still asked (rules MAT-2, MAT-4).

A person's yes or no is final: no later sync decides such a pair again. A match made by itself is noted with its moment,
so that the digest can tell it. What a person's yes teaches is that two names mean one merchant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from storage.receipts.bank_lines import ALIVE, bank_line
from storage.receipts.columns import digest, note, owner
from storage.receipts.ledger import transaction
from storage.receipts.receipts import receipt
from storage.receipts.transactions import Transaction, load_all
from storage.schema import Moment, metadata, one_of, word
from storage.upsert import upsert
from storage.work import Work

VERDICTS = ("asked", "matched", "yes", "no", "gone")
"""`matched` by itself, `yes` and `no` by the person; `gone` when the bank took the line back."""

bank_pair = sa.Table(
    "bank_pair",
    metadata,
    owner(primary_key=True),
    sa.Column("line_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("receipt_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("how", sa.Text, nullable=False),
    sa.Column("score", sa.Integer, nullable=False),
    sa.Column("tip_minor", sa.BigInteger, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_bank_pair_verdict", "person_id", "verdict", "at"),
    sa.Index("ix_bank_pair_receipt", "person_id", "receipt_id"),
    one_of("verdict", *VERDICTS),
)

bank_alias = sa.Table(
    "bank_alias",
    metadata,
    owner(primary_key=True),
    sa.Column("line_name_hash", sa.LargeBinary, primary_key=True),
    sa.Column("merchant_hash", sa.LargeBinary, primary_key=True),
)


@dataclass(frozen=True, slots=True)
class Told:
    """A match that was made by itself: what the digest says of it."""

    code: str
    amount_minor: int
    currency: str
    tip_minor: int
    at: datetime


def decide(
    work: Work,
    person_id: int,
    line_id: int,
    receipt_id: int,
    verdict: str,
    *,
    how: str = "total",
    score: int = 0,
    tip_minor: int = 0,
) -> bool:
    """Write a verdict; False when the person has settled this pair and the verdict is not theirs."""  # fmt: skip
    key = {"person_id": person_id, "line_id": line_id, "receipt_id": receipt_id}
    values = {"verdict": verdict, "how": how, "score": score, "tip_minor": tip_minor, "at": work.now}
    insert = upsert(bank_pair).values(**key, **values)
    mine = verdict in ("yes", "no", "gone")
    free = None if mine else bank_pair.c.verdict.not_in(("yes", "no"))
    wrote = work.claim(
        insert.on_conflict_do_update(index_elements=list(key), set_=values, where=free).returning(bank_pair.c.line_id)
    ).first()
    if wrote is not None and verdict != "asked":
        note(work, person_id, f"bank.match.{verdict}", f"bank_line:{line_id}", receipt=receipt_id)
    return wrote is not None


def retip(work: Work, person_id: int, line_id: int, receipt_id: int, tip_minor: int) -> None:
    """Correct the tip of a match whose line changed its amount."""
    work.claim(_pair(person_id, line_id, receipt_id).values(tip_minor=tip_minor))


def _pair(person_id: int, line_id: int, receipt_id: int) -> sa.Update:
    return bank_pair.update().where(
        bank_pair.c.person_id == person_id, bank_pair.c.line_id == line_id, bank_pair.c.receipt_id == receipt_id
    )


def of_line(work: Work, person_id: int, line_id: int) -> list[sa.Row[Any]]:
    """Return the pairs of a line, the likeliest first."""
    mine = (bank_pair.c.person_id == person_id, bank_pair.c.line_id == line_id)
    return work.rows(sa.select(bank_pair).where(*mine).order_by(bank_pair.c.score.desc(), bank_pair.c.receipt_id))


def settled(work: Work, person_id: int, receipt_ids: Sequence[int]) -> set[tuple[int, int]]:
    """Return the pairs (line, receipt) among these receipts of which the person said no."""
    mine = (
        bank_pair.c.person_id == person_id, bank_pair.c.receipt_id.in_(list(receipt_ids)),
        bank_pair.c.verdict == word("no"),
    )  # fmt: skip
    rows = work.rows(sa.select(bank_pair.c.line_id, bank_pair.c.receipt_id).where(*mine))
    return {(row.line_id, row.receipt_id) for row in rows}


def is_refused(work: Work, person_id: int, line_id: int, receipt_id: int) -> bool:
    """Tell whether the person said that these two are not one."""
    return (line_id, receipt_id) in settled(work, person_id, [receipt_id])


def asked(work: Work, person_id: int, limit: int = 50) -> list[sa.Row[Any]]:
    """Return the pairs that wait for the person's word, oldest line first: both sides still free."""
    mine = (
        bank_pair.c.person_id == person_id, bank_pair.c.verdict == word("asked"), bank_line.c.receipt_id.is_(None),
        bank_line.c.state.in_([word(one) for one in ALIVE]), receipt.c.state == word("confirmed"),
    )  # fmt: skip
    matched = bank_line.alias("matched")
    taken = sa.exists().where(matched.c.person_id == person_id, matched.c.receipt_id == bank_pair.c.receipt_id)
    return work.rows(
        sa.select(bank_pair.c.line_id, bank_pair.c.receipt_id, bank_pair.c.how, bank_pair.c.score, receipt.c.code)
        .join(bank_line, sa.and_(bank_line.c.person_id == person_id, bank_line.c.id == bank_pair.c.line_id))
        .join(receipt, sa.and_(receipt.c.person_id == person_id, receipt.c.id == bank_pair.c.receipt_id))
        .where(*mine, ~taken)
        .order_by(bank_line.c.date, bank_line.c.id, bank_pair.c.score.desc(), bank_pair.c.receipt_id)
        .limit(limit)
    )


def matched_since(work: Work, person_id: int, moment: datetime) -> list[Told]:
    """Return the matches that were made by themselves since a moment and still stand, oldest first (MAT-2)."""
    mine = (bank_pair.c.person_id == person_id, bank_pair.c.verdict == word("matched"), bank_pair.c.at >= moment)
    rows = work.rows(
        sa.select(receipt.c.code, bank_line.c.amount_minor, bank_line.c.currency, bank_pair.c.tip_minor, bank_pair.c.at)
        .join(bank_line, sa.and_(bank_line.c.person_id == person_id, bank_line.c.id == bank_pair.c.line_id))
        .join(receipt, sa.and_(receipt.c.person_id == person_id, receipt.c.id == bank_pair.c.receipt_id))
        .where(*mine, bank_line.c.receipt_id == bank_pair.c.receipt_id)
        .order_by(bank_pair.c.at, bank_pair.c.line_id)
    )
    return [Told(row.code, row.amount_minor, row.currency, row.tip_minor, row.at) for row in rows]


def tip_of(work: Work, person_id: int, receipt_id: int) -> int:
    """Return the tip that a matched bank line added to a receipt's total (MAT-3), 0 without one."""
    mine = (bank_pair.c.person_id == person_id, bank_pair.c.receipt_id == receipt_id)
    row = work.row(
        sa.select(bank_pair.c.tip_minor)
        .join(bank_line, sa.and_(bank_line.c.person_id == person_id, bank_line.c.id == bank_pair.c.line_id))
        .where(*mine, bank_line.c.receipt_id == receipt_id)
    )
    return 0 if row is None else int(row.tip_minor)


def remove_lines(work: Work, person_id: int, line_ids: Sequence[int]) -> None:
    """Forget what was decided of lines that go."""
    mine = (bank_pair.c.person_id == person_id, bank_pair.c.line_id.in_(list(line_ids)))
    work.claim(bank_pair.delete().where(*mine))


# -- receipts that are free -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class FreeReceipt:
    """A confirmed receipt that no line is matched with: its sealed fields, and its row of the ledger."""

    receipt_id: int
    code: str
    date: date
    minute: int | None
    currency: str | None
    total_minor: int | None
    fields: bytes
    entry: Transaction


def free_receipts(work: Work, person_id: int, start: date, end: date) -> list[FreeReceipt]:
    """Return the confirmed receipts without a line whose day in the books lies in [start, end), oldest first."""
    within = (transaction.c.person_id == person_id, transaction.c.date >= start, transaction.c.date < end)
    return _free(work, person_id, *within)


def free_receipt(work: Work, person_id: int, receipt_id: int) -> FreeReceipt | None:
    """Return a receipt of this person if it is confirmed and has no line."""
    found = _free(work, person_id, transaction.c.person_id == person_id, transaction.c.receipt_id == receipt_id)
    return found[0] if found else None


def _free(work: Work, person_id: int, *which: sa.ColumnElement[bool]) -> list[FreeReceipt]:
    free = (
        transaction.c.receipt_id.is_not(None), transaction.c.kind != word("transfer"),
        transaction.c.state != word("void"), transaction.c.bank_line_id.is_(None), receipt.c.state == word("confirmed"),
    )  # fmt: skip
    rows = work.rows(
        sa.select(transaction.c.id.label("transaction_id"), receipt)
        .join(receipt, sa.and_(receipt.c.person_id == person_id, receipt.c.id == transaction.c.receipt_id))
        .where(*which, *free)
        .order_by(transaction.c.date, transaction.c.id)
    )
    entries = {one.id: one for one in load_all(work, person_id, [row.transaction_id for row in rows])}
    return [
        FreeReceipt(
            row.id, row.code, row.date or entries[row.transaction_id].date, row.minute, row.currency, row.total_minor,
            row.fields, entries[row.transaction_id],
        )
        for row in rows
    ]  # fmt: skip


# -- names -------------------------------------------------------------------------------------------------------------


class Aliases:
    """The pairs of names that a person's answers made one; asked by the names, stored by their hashes."""

    def __init__(self, work: Work, person_id: int) -> None:
        self._work, self._person_id = work, person_id
        rows = work.rows(sa.select(bank_alias).where(bank_alias.c.person_id == person_id))
        self._known = {(row.line_name_hash, row.merchant_hash) for row in rows}

    def __contains__(self, names: object) -> bool:
        """Tell whether (name on the line, name on the receipt) are one merchant."""
        if not self._known or not isinstance(names, tuple):
            return False
        return _hashes(self._work, self._person_id, str(names[0]), str(names[1])) in self._known


def learn(work: Work, person_id: int, on_line: str, on_receipt: str) -> None:
    """Remember that two merchants' keys mean one."""
    line_name, merchant = _hashes(work, person_id, on_line, on_receipt)
    values = {"person_id": person_id, "line_name_hash": line_name, "merchant_hash": merchant}
    work.claim(upsert(bank_alias).values(**values).on_conflict_do_nothing())


def _hashes(work: Work, person_id: int, on_line: str, on_receipt: str) -> tuple[bytes, bytes]:
    return digest(work, person_id, "bank name", on_line), digest(work, person_id, "merchant", on_receipt)
