"""Bills that a person is to be reminded of: to whom, how much, until which day (row BK-13).

A bill is no transaction and never becomes one. A row begins as an offer and lasts until some weeks after its day; the
payee and the amount are sealed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from storage.receipts.columns import key, note, owner
from storage.schema import metadata, one_of
from storage.work import Work

KEPT = timedelta(days=60)
"""How long after its day a bill is still kept."""
MOST = 50
"""Bills of one person that may wait at a time."""
STATES = ("offered", "set", "ended")
Day = date

bill = sa.Table(
    "receipt_bill",
    metadata,
    key(),
    owner(),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("ix_receipt_bill_day", "person_id", "day"),
    one_of("state", *STATES),
)


@dataclass(frozen=True, slots=True)
class Bill:
    """One bill; the amount is in minor units of `currency`, `payee` None where the text named none."""

    payee: str | None
    amount_minor: int
    currency: str
    day: Day
    state: str = "offered"
    id: int = 0


def offer(work: Work, person_id: int, new: Bill) -> Bill:
    """Store a bill as an offer and return it; the same bill that waits already is returned as it stands."""
    what = (new.payee, new.amount_minor, new.currency)
    for one in _at(work, person_id, new.day):
        if one.state != "ended" and (one.payee, one.amount_minor, one.currency) == what:
            return one
    body = orjson.dumps({"payee": new.payee, "amount_minor": new.amount_minor, "currency": new.currency})
    bill_id = work.new_id()
    work.claim(
        bill.insert().values(id=bill_id, person_id=person_id, state="offered", day=new.day, body=work.seal.seal(body))
    )
    note(work, person_id, "bill.offered", f"bill:{bill_id}")
    return Bill(new.payee, new.amount_minor, new.currency, new.day, "offered", bill_id)


def move(work: Work, person_id: int, bill_id: int, *, was: str, to: str) -> bool:
    """Take a bill from one state to another; False when it is not theirs, or not in that state."""
    mine = (bill.c.person_id == person_id, bill.c.id == bill_id, bill.c.state == was)
    moved = work.claim(bill.update().where(*mine).values(state=to)).rowcount == 1
    if moved:
        note(work, person_id, f"bill.{to}", f"bill:{bill_id}")
    return moved


def load(work: Work, person_id: int, bill_id: int) -> Bill | None:
    """Return a bill of this person, in whatever state."""
    row = work.row(sa.select(bill).where(bill.c.person_id == person_id, bill.c.id == bill_id))
    return None if row is None else _opened(work, row)


def ahead(work: Work, person_id: int, since: date, *, state: str = "set") -> list[Bill]:
    """Return the bills in a state whose day lies ahead, next first, the first MOST of them."""
    mine = (bill.c.person_id == person_id, bill.c.day >= since, bill.c.state == state)
    rows = work.rows(sa.select(bill).where(*mine).order_by(bill.c.day, bill.c.id).limit(MOST))
    return [_opened(work, row) for row in rows]


def tidy(work: Work, person_id: int, today: date) -> None:
    """Delete the bills whose day is long past."""
    work.claim(bill.delete().where(bill.c.person_id == person_id, bill.c.day < today - KEPT))


def _at(work: Work, person_id: int, day: date) -> list[Bill]:
    rows = work.rows(sa.select(bill).where(bill.c.person_id == person_id, bill.c.day == day).order_by(bill.c.id))
    return [_opened(work, row) for row in rows]


def _opened(work: Work, row: sa.Row[Any]) -> Bill:
    body = orjson.loads(work.seal.open(row.body))
    return Bill(body["payee"], body["amount_minor"], body["currency"], row.day, row.state, row.id)
