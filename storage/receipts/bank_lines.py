"""Bank lines: what a bank says of each movement of money, under the vendor's id for it (rules BNK-3, MT-8).

A line keeps the vendor's words sealed, and beside them three things that let it step back from the ledger without
loss: what it last wrote there, its own ledger row while a receipt's row counts in its place, and that receipt's values
from before the match. A posted line takes over the row of its pending one; the pending id stays behind as a tombstone,
so that nothing that comes late about it counts again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa

from storage.receipts import kept
from storage.receipts.columns import digest, key, owner
from storage.receipts.transactions import Entry
from storage.schema import Moment, metadata, one_of, word
from storage.work import Work

STATES = ("pending", "posted", "void", "replaced")
ALIVE = ("pending", "posted")
Day = date

bank_line = sa.Table(
    "bank_line",
    metadata,
    key(),
    owner(),
    sa.Column("item_id", sa.BigInteger, nullable=False),
    sa.Column("line_hash", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("date", sa.Date, nullable=False),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("account_id", sa.BigInteger),
    sa.Column("receipt_id", sa.BigInteger),
    sa.Column("is_history", sa.Boolean, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("uq_bank_line_hash", "person_id", "line_hash", unique=True),
    sa.Index("ix_bank_line_state", "person_id", "state", "date"),
    sa.Index("ix_bank_line_receipt", "person_id", "receipt_id"),
    sa.Index("ix_bank_line_item", "person_id", "item_id"),
    one_of("state", *STATES),
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A line as the vendor states it; the amount is positive when money went out (BNK-4), `kind` is the ledger's.

    `replaces` is the vendor's id of the pending line that this one settles.
    """

    vendor_id: str
    date: date
    amount_minor: int
    currency: str
    exponent: int
    kind: str = "expense"
    pending: bool = False
    replaces: str | None = None
    account_id: int | None = None
    name: str = ""
    merchant: str | None = None
    merchant_key: str | None = None
    authorized: Day | None = None
    detail: str = ""
    category_id: int | None = None
    reason: str | None = None
    is_history: bool = False

    def entry(self) -> Entry:
        """Return the ledger row that this line alone makes."""
        return Entry(
            date=self.date, amount_minor=self.amount_minor, currency=self.currency, exponent=self.exponent,
            kind=self.kind, state="pending" if self.pending else "posted", category_id=self.category_id,
            account_id=self.account_id, merchant_key=self.merchant_key, merchant=self.merchant, reason=self.reason,
            also=self.name,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Before:
    """The values of a receipt's ledger row that a match changes, from before it."""

    amount_minor: int
    currency: str
    exponent: int
    kind: str
    account_id: int | None
    parts: tuple[tuple[int | None, int], ...] = ()


@dataclass(frozen=True, slots=True)
class BankLine:
    """A stored line. `written` is what it last put into the ledger, `alone` its own row while a receipt's counts,
    `before` that receipt's values, `cash_back_minor` what of the amount the receipt says was cash."""

    id: int
    item_id: int
    state: str
    date: date
    amount_minor: int
    currency: str
    written: Entry
    account_id: int | None = None
    receipt_id: int | None = None
    is_history: bool = False
    name: str = ""
    authorized: Day | None = None
    detail: str = ""
    alone: Entry | None = None
    before: Before | None = None
    cash_back_minor: int = 0

    @property
    def is_alive(self) -> bool:
        """Whether the bank still stands by it."""
        return self.state in ALIVE


def _hash(work: Work, person_id: int, vendor_id: str) -> bytes:
    return digest(work, person_id, "bank line", vendor_id)


def find(work: Work, person_id: int, vendor_ids: Iterable[str]) -> dict[str, BankLine]:
    """Return the lines of this person that are known under these vendor's ids."""
    hashes = {_hash(work, person_id, one): one for one in vendor_ids}
    found: dict[str, BankLine] = {}
    wanted = list(hashes)
    for start in range(0, len(wanted), 500):
        some = (bank_line.c.person_id == person_id, bank_line.c.line_hash.in_(wanted[start : start + 500]))
        found |= {hashes[row.line_hash]: _opened(work, row) for row in work.rows(sa.select(bank_line).where(*some))}
    return found


def load(work: Work, person_id: int, line_id: int) -> BankLine | None:
    """Return a line of this person."""
    row = work.row(sa.select(bank_line).where(bank_line.c.person_id == person_id, bank_line.c.id == line_id))
    return None if row is None else _opened(work, row)


def of_receipt(work: Work, person_id: int, receipt_id: int) -> BankLine | None:
    """Return the line that a receipt is matched with."""
    mine = (bank_line.c.person_id == person_id, bank_line.c.receipt_id == receipt_id)
    row = work.row(sa.select(bank_line).where(*mine).order_by(bank_line.c.id).limit(1))
    return None if row is None else _opened(work, row)


def unmatched(work: Work, person_id: int, start: date, end: date, limit: int = 2000) -> list[BankLine]:
    """Return living lines without a receipt whose date lies in [start, end), oldest first."""
    mine = (
        bank_line.c.person_id == person_id, bank_line.c.state.in_([word(one) for one in ALIVE]),
        bank_line.c.receipt_id.is_(None), bank_line.c.date >= start, bank_line.c.date < end,
    )  # fmt: skip
    rows = work.rows(sa.select(bank_line).where(*mine).order_by(bank_line.c.date, bank_line.c.id).limit(limit))
    return [_opened(work, row) for row in rows]


def of_item(work: Work, person_id: int, item_id: int) -> list[BankLine]:
    """Return all lines of a bank, oldest first."""
    mine = (bank_line.c.person_id == person_id, bank_line.c.item_id == item_id)
    return [_opened(work, row) for row in work.rows(sa.select(bank_line).where(*mine).order_by(bank_line.c.id))]


def add_all(work: Work, person_id: int, item_id: int, stated: Sequence[Statement]) -> list[BankLine]:
    """Insert lines that are not known yet and return them; their ledger rows are the caller's."""
    lines = [_made(work, item_id, one) for one in stated]
    work.claim_all(
        bank_line.insert(),
        [
            {**_row(work, person_id, line), "id": line.id, "line_hash": _hash(work, person_id, one.vendor_id)}
            for line, one in zip(lines, stated, strict=True)
        ],
    )
    return lines


def _made(work: Work, item_id: int, stated: Statement) -> BankLine:
    line_id = work.new_id()
    line = BankLine(
        line_id, item_id, "posted", stated.date, stated.amount_minor, stated.currency,
        written=replace(stated.entry(), bank_line_id=line_id), is_history=stated.is_history,
    )  # fmt: skip
    return restated(line, stated)


def restated(line: BankLine, stated: Statement) -> BankLine:
    """Return a line with what the vendor says now; what it wrote into the ledger is not yet changed."""
    return replace(
        line, state="pending" if stated.pending else "posted", date=stated.date, amount_minor=stated.amount_minor,
        currency=stated.currency, account_id=stated.account_id, name=stated.name, authorized=stated.authorized,
        detail=stated.detail,
    )  # fmt: skip


def bury(work: Work, person_id: int, item_id: int, vendor_id: str, like: BankLine) -> None:
    """Leave a tombstone under the id of a pending line whose row a posted one took over or that never came."""
    stone = replace(like, id=work.new_id(), state="replaced", receipt_id=None, alone=None, before=None)
    work.claim(
        bank_line.insert().values(
            **_row(work, person_id, stone), id=stone.id, line_hash=_hash(work, person_id, vendor_id)
        )
    )


def rename(work: Work, person_id: int, line_id: int, vendor_id: str) -> None:
    """Let a line be known under the vendor's id of the posted one."""
    mine = (bank_line.c.person_id == person_id, bank_line.c.id == line_id)
    work.claim(bank_line.update().where(*mine).values(line_hash=_hash(work, person_id, vendor_id)))


def save(work: Work, person_id: int, line: BankLine) -> None:
    """Store a changed line."""
    mine = (bank_line.c.person_id == person_id, bank_line.c.id == line.id)
    work.claim(bank_line.update().where(*mine).values(**_row(work, person_id, line)))


def remove_all(work: Work, person_id: int, line_ids: Sequence[int]) -> None:
    """Delete lines; their ledger rows are the caller's."""
    work.claim(bank_line.delete().where(bank_line.c.person_id == person_id, bank_line.c.id.in_(list(line_ids))))


def _row(work: Work, person_id: int, line: BankLine) -> dict[str, Any]:
    body = {
        "name": line.name,
        "authorized": line.authorized and line.authorized.isoformat(),
        "detail": line.detail,
        "written": kept.dumped(line.written),
        "alone": None if line.alone is None else kept.dumped(line.alone),
        "before": None if line.before is None else asdict(line.before),
        "cash_back_minor": line.cash_back_minor,
    }
    return {
        "person_id": person_id, "item_id": line.item_id, "state": line.state, "date": line.date,
        "amount_minor": line.amount_minor, "currency": line.currency, "account_id": line.account_id,
        "receipt_id": line.receipt_id, "is_history": line.is_history, "at": work.now,
        "body": work.seal.seal(orjson.dumps(body)),
    }  # fmt: skip


def _opened(work: Work, row: sa.Row[Any]) -> BankLine:
    body = orjson.loads(work.seal.open(row.body))
    before = body["before"]
    if before is not None:
        before = Before(**{**before, "parts": tuple(tuple(one) for one in before["parts"])})
    return BankLine(
        row.id, row.item_id, row.state, row.date, row.amount_minor, row.currency, kept.read(body["written"]),
        row.account_id, row.receipt_id, row.is_history, body["name"],
        date.fromisoformat(body["authorized"]) if body["authorized"] else None, body["detail"],
        None if body["alone"] is None else kept.read(body["alone"]), before, body["cash_back_minor"],
    )  # fmt: skip
