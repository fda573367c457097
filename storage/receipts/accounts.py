"""Where money comes from: cash, a card or a bank account, known by its last four digits only.

The name is sealed; kind and last four digits together are unique per person and found by hash. A balance exists only
where a bank is synced.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from storage.receipts.columns import digest, key, note, owner
from storage.schema import Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

KINDS = ("cash", "card", "bank")

account = sa.Table(
    "ledger_account",
    metadata,
    key(),
    owner(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("last4", sa.LargeBinary),
    sa.Column("account_hash", sa.LargeBinary, nullable=False),
    sa.Column("name", sa.LargeBinary, nullable=False),
    sa.Column("currency", sa.Text),
    sa.Column("balance_minor", sa.BigInteger),
    sa.Column("balance_at", Moment),
    sa.Index("uq_ledger_account_hash", "person_id", "account_hash", unique=True),
    one_of("kind", *KINDS),
)


@dataclass(frozen=True, slots=True)
class Account:
    """An account of a person; the balance in minor units of its currency, None when nothing syncs it."""

    id: int
    kind: str
    name: str
    last4: str | None
    currency: str | None
    balance_minor: int | None


def find_or_add(work: Work, person_id: int, *, kind: str, last4: str | None = None, name: str = "") -> int:
    """Return the id of the account of this kind with these last four digits, made if it is new."""
    if last4 is not None and (len(last4) != 4 or not last4.isdigit()):
        raise ValueError("of an account only its last four digits are kept")
    hashed = digest(work, person_id, "account", f"{kind} {last4 or ''}")
    found = sa.select(account.c.id).where(account.c.person_id == person_id, account.c.account_hash == hashed)
    row = work.row(found)
    if row is not None:
        return int(row.id)
    account_id = work.new_id()
    work.claim(
        upsert(account)
        .values(
            id=account_id, person_id=person_id, kind=kind, account_hash=hashed,
            last4=work.seal.seal(last4.encode()) if last4 else None,
            name=work.seal.seal((name or kind).encode()),
        )
    )  # fmt: skip
    note(work, person_id, "account.create", f"account:{account_id}")
    return account_id


def of_person(work: Work, person_id: int) -> list[Account]:
    """Return a person's accounts, oldest first."""
    mine = sa.select(account).where(account.c.person_id == person_id).order_by(account.c.id)
    return [_opened(work, row) for row in work.rows(mine)]


def rename(work: Work, person_id: int, account_id: int, name: str) -> bool:
    """Change an account's name; tell whether it exists."""
    done = work.claim(
        account.update()
        .where(account.c.person_id == person_id, account.c.id == account_id)
        .values(name=work.seal.seal(name.encode()))
    )
    if done.rowcount == 1:
        note(work, person_id, "account.edit", f"account:{account_id}")
    return done.rowcount == 1


def sync_balance(work: Work, person_id: int, account_id: int, *, currency: str, balance_minor: int) -> bool:
    """Keep the balance that a bank told; tell whether the account exists."""
    done = work.claim(
        account.update()
        .where(account.c.person_id == person_id, account.c.id == account_id)
        .values(currency=currency, balance_minor=balance_minor, balance_at=work.now)
    )
    return done.rowcount == 1


def restore_balance(
    work: Work, person_id: int, account_id: int, *, currency: str, balance_minor: int, at: datetime
) -> None:
    """Keep the balance that a file says a bank told, unless a bank has told one here."""
    mine = (account.c.person_id == person_id, account.c.id == account_id, account.c.balance_at.is_(None))
    work.claim(account.update().where(*mine).values(currency=currency, balance_minor=balance_minor, balance_at=at))


def _opened(work: Work, row: sa.Row[Any]) -> Account:
    last4 = None if row.last4 is None else work.seal.open(row.last4).decode()
    name = work.seal.open(row.name).decode()
    return Account(row.id, row.kind, name, last4, row.currency, row.balance_minor)
