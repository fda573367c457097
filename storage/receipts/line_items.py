"""What was printed line by line: items and tax lines of a receipt, optional, replaced as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import orjson
import sqlalchemy as sa

from storage.receipts.columns import owner
from storage.receipts.receipts import receipt
from storage.schema import metadata, one_of
from storage.work import Work

line_item = sa.Table(
    "receipt_line_item",
    metadata,
    owner(primary_key=True),
    sa.Column("receipt_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("amount_minor", sa.BigInteger),
    sa.Column("category_id", sa.BigInteger),
    sa.Column("body", sa.LargeBinary, nullable=False),
    one_of("kind", "item", "tax"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line. Of an item: text, quantity as printed, unit price. Of a tax: rate in basis points and base."""

    kind: str = "item"
    amount_minor: int | None = None
    category_id: int | None = None
    text: str = ""
    quantity: str | None = None
    unit_minor: int | None = None
    rate_basis_points: int | None = None
    base_minor: int | None = None


_PLAIN = ("kind", "amount_minor", "category_id")


def replace(work: Work, person_id: int, receipt_id: int, lines: Sequence[Line]) -> bool:
    """Make these the lines of a receipt of this person; tell whether it exists."""
    own = sa.select(receipt.c.id).where(receipt.c.person_id == person_id, receipt.c.id == receipt_id)
    if work.row(own) is None:
        return False
    work.claim(line_item.delete().where(line_item.c.person_id == person_id, line_item.c.receipt_id == receipt_id))
    for seq, line in enumerate(lines):
        values = asdict(line)
        plain = {name: values.pop(name) for name in _PLAIN}
        body = work.seal.seal(orjson.dumps(values))
        work.claim(line_item.insert().values(person_id=person_id, receipt_id=receipt_id, seq=seq, body=body, **plain))
    return True


def of_receipt(work: Work, person_id: int, receipt_id: int) -> list[Line]:
    """Return a receipt's lines as printed."""
    rows = work.rows(
        sa.select(line_item)
        .where(line_item.c.person_id == person_id, line_item.c.receipt_id == receipt_id)
        .order_by(line_item.c.seq)
    )
    return [opened(work, row) for row in rows]


def opened(work: Work, row: sa.Row[Any]) -> Line:
    """Return a line from its row."""
    plain = {name: row._mapping[name] for name in _PLAIN}
    return Line(**plain, **orjson.loads(work.seal.open(row.body)))
