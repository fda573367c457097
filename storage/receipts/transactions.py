"""The ledger: one row per real movement of money, positive when it was spent (rules DRF-2, CAT-8, AUD-1).

A receipt makes one transaction, and at most one transfer beside it (cash back); unique indexes guard both. A split
transaction has parts, whose amounts add to its own. What was written is sealed; `size_milli` is the absolute amount in
thousandths of the currency's unit, so that "over 50" means the number that is printed, whatever the currency.

Each change brings the words, the totals and the revision of the books up to date in the same transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Any

import orjson
import sqlalchemy as sa

from storage.receipts import book, totals, words
from storage.receipts.categories import known
from storage.receipts.columns import digest, digest_or_none, note
from storage.receipts.ledger import KINDS, STATES, part, theirs, transaction
from storage.work import Work

__all__ = ["KINDS", "STATES", "Entry", "Part", "Transaction"]

EXPONENT = 2
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Part:
    """A share of a split transaction."""

    category_id: int | None
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A movement of money as it is to be stored; `exponent` is its currency's, `also` is text to be found only."""

    date: date
    amount_minor: int
    currency: str
    exponent: int = EXPONENT
    kind: str = "expense"
    state: str = "posted"
    category_id: int | None = None
    account_id: int | None = None
    receipt_id: int | None = None
    source_id: int | None = None
    bank_line_id: int | None = None
    minute: int | None = None
    pictured: bool = False
    merchant_key: str | None = None
    merchant: str | None = None
    description: str | None = None
    note: str | None = None
    tags: tuple[str, ...] = ()
    reason: str | None = None
    also: str = ""
    parts: tuple[Part, ...] = ()

    def __post_init__(self) -> None:
        if self.parts and sum(one.amount_minor for one in self.parts) != self.amount_minor:
            raise ValueError("the parts of a transaction must add to its amount (CAT-8)")


@dataclass(frozen=True, slots=True)
class Transaction(Entry):
    """A movement of money as it is stored."""

    id: int = 0
    revision: int = 0
    split: bool = field(default=False)
    updated_at: datetime = _NEVER


_PLAIN = (
    "date", "amount_minor", "currency", "kind", "state", "category_id", "account_id", "receipt_id", "source_id",
    "bank_line_id", "minute", "pictured",
)  # fmt: skip
_SEALED = ("exponent", "merchant_key", "merchant", "description", "note", "tags", "reason", "also")


def add(work: Work, person_id: int, entry: Entry, *, quiet: bool = False) -> int:
    """Insert a transaction and return its id; raise IntegrityError when its receipt has one already."""
    return add_all(work, person_id, [entry], quiet=quiet)[0]


def add_all(
    work: Work,
    person_id: int,
    entries: Sequence[Entry],
    *,
    ids: Sequence[int] = (),
    updated: Sequence[datetime] = (),
    quiet: bool = False,
) -> list[int]:
    """Insert transactions and return their ids; totals are made once for each month.

    `ids` are those that rows had before they were removed, `updated` when imported ones were changed last; `quiet` says
    that the caller writes the audit entry.
    """
    if not entries:
        return []
    _check_categories(work, person_id, entries)
    ids = list(ids) or [work.new_id() for _ in entries]
    made = list(zip(ids, entries, strict=True))
    moments = list(updated) or [work.now] * len(made)
    work.claim_all(
        transaction.insert(),
        [
            {"id": one, "person_id": person_id, "revision": 0, **_columns(work, person_id, entry), "updated_at": moment}
            for (one, entry), moment in zip(made, moments, strict=True)
        ],
    )
    work.claim_all(part.insert(), [row for one, entry in made for row in _parts(person_id, one, entry)])
    words.index(work, person_id, [(one, entry.date, _stems(entry)) for one, entry in made])
    _settle(work, person_id, (entry.date for entry in entries))
    if not quiet:
        note(work, person_id, "transaction.create", f"transaction:{ids[0]}", count=len(ids))
    return ids


def load(work: Work, person_id: int, transaction_id: int) -> Transaction | None:
    """Return a transaction of this person."""
    found = load_all(work, person_id, [transaction_id])
    return found[0] if found else None


def load_all(work: Work, person_id: int, ids: Sequence[int]) -> list[Transaction]:
    """Return transactions of this person in the order of their ids as given; ids of others are left out."""
    if not ids:
        return []
    mine = (theirs(person_id), transaction.c.id.in_(ids))
    rows = {row.id: row for row in work.rows(sa.select(transaction).where(*mine))}
    splits = [row.id for row in rows.values() if row.split]
    parts = _parts_of(work, person_id, splits) if splits else {}
    return [_opened(work, rows[one], parts.get(one, ())) for one in ids if one in rows]


def of_receipt(work: Work, person_id: int, receipt_id: int) -> list[Transaction]:
    """Return the transactions of a receipt: none, one, or one with its cash back."""
    mine = (transaction.c.person_id == person_id, transaction.c.receipt_id == receipt_id)
    rows = work.rows(sa.select(transaction.c.id).where(*mine).order_by(transaction.c.id))
    return load_all(work, person_id, [row.id for row in rows])


def of_merchant(work: Work, person_id: int, merchant_key: str, limit: int = 500) -> list[sa.Row[Any]]:
    """Return (id, category_id) of a merchant's transactions, newest first (CAT-5, CAT-6)."""
    hashed = digest(work, person_id, "merchant", merchant_key)
    return work.rows(
        sa.select(transaction.c.id, transaction.c.category_id)
        .where(transaction.c.person_id == person_id, transaction.c.merchant_hash == hashed)
        .order_by(transaction.c.date.desc(), transaction.c.id.desc())
        .limit(limit)
    )


def change(
    work: Work, person_id: int, transaction_id: int, entry: Entry, *, revision: int, quiet: bool = False
) -> bool:
    """Replace a transaction; tell whether it still was at this revision (API-3)."""
    _check_categories(work, person_id, [entry])
    before = _head(work, person_id, transaction_id)
    if before is None or before.revision != revision:
        return False
    work.claim(
        transaction.update()
        .where(transaction.c.person_id == person_id, transaction.c.id == transaction_id)
        .values(revision=revision + 1, **_columns(work, person_id, entry))
    )
    _forget_rest(work, person_id, transaction_id)
    work.claim_all(part.insert(), _parts(person_id, transaction_id, entry))
    words.index(work, person_id, [(transaction_id, entry.date, _stems(entry))])
    _settle(work, person_id, (before.date, entry.date))
    if not quiet:
        note(work, person_id, "transaction.edit", f"transaction:{transaction_id}", before=revision, after=revision + 1)
    return True


def move(work: Work, person_id: int, transaction_id: int, *, was: tuple[str, ...], to: str) -> bool:
    """Change the state if it still is one of `was`; tell whether it happened."""
    before = _head(work, person_id, transaction_id)
    moved = work.claim(
        transaction.update()
        .where(
            transaction.c.person_id == person_id, transaction.c.id == transaction_id, transaction.c.state.in_(was)
        )
        .values(state=to, revision=transaction.c.revision + 1, updated_at=work.now)
    )  # fmt: skip
    if before is None or moved.rowcount != 1:
        return False
    _settle(work, person_id, (before.date,))
    note(work, person_id, f"transaction.{to}", f"transaction:{transaction_id}", was=before.state)
    return True


def remove(work: Work, person_id: int, transaction_id: int, *, quiet: bool = False) -> bool:
    """Delete a transaction with its parts and words; tell whether it was there."""
    before = _head(work, person_id, transaction_id)
    if before is None:
        return False
    _forget_rest(work, person_id, transaction_id)
    work.claim(transaction.delete().where(transaction.c.person_id == person_id, transaction.c.id == transaction_id))
    _settle(work, person_id, (before.date,))
    if not quiet:
        note(work, person_id, "transaction.delete", f"transaction:{transaction_id}")
    return True


def recategorise(work: Work, person_id: int, ids: Sequence[int], category_id: int | None) -> int:
    """Give unsplit transactions a category and return how many it changed; 0 for a category that is not theirs."""
    if not ids or not known(work, person_id, [category_id]):
        return 0
    mine = (theirs(person_id), transaction.c.id.in_(ids), transaction.c.split.is_(False))
    dates = [row.date for row in work.rows(sa.select(transaction.c.date).where(*mine).distinct())]
    if not dates:
        return 0
    changed = work.claim(
        transaction.update()
        .where(*mine)
        .values(category_id=category_id, revision=transaction.c.revision + 1, updated_at=work.now)
    )
    _settle(work, person_id, dates)
    note(work, person_id, "transaction.edit", f"transaction:{ids[0]}", count=changed.rowcount, category=category_id)
    return int(changed.rowcount)


def _head(work: Work, person_id: int, transaction_id: int) -> sa.Row[Any] | None:
    return work.row(
        sa.select(transaction.c.date, transaction.c.state, transaction.c.revision).where(
            transaction.c.person_id == person_id, transaction.c.id == transaction_id
        )
    )


def _columns(work: Work, person_id: int, entry: Entry) -> dict[str, Any]:
    body = {name: getattr(entry, name) for name in _SEALED}
    main = max(entry.parts, key=lambda one: abs(one.amount_minor)).category_id if entry.parts else entry.category_id
    return {
        **{name: getattr(entry, name) for name in _PLAIN},
        "category_id": main,
        "split": bool(entry.parts),
        "size_milli": abs(entry.amount_minor) * 1000 // 10**entry.exponent,
        "merchant_hash": digest_or_none(work, person_id, "merchant", entry.merchant_key),
        "updated_at": work.now,
        "body": work.seal.seal(orjson.dumps(body)),
    }


def _parts(person_id: int, transaction_id: int, entry: Entry) -> list[dict[str, Any]]:
    return [
        {"person_id": person_id, "transaction_id": transaction_id, "seq": seq, "date": entry.date, **asdict(one)}
        for seq, one in enumerate(entry.parts)
    ]


def _parts_of(work: Work, person_id: int, ids: Sequence[int]) -> dict[int, tuple[Part, ...]]:
    mine = (part.c.person_id == person_id, part.c.transaction_id.in_(ids))
    rows = work.rows(sa.select(part).where(*mine).order_by(part.c.transaction_id, part.c.seq))
    found: dict[int, tuple[Part, ...]] = {}
    for row in rows:
        one = Part(row.category_id, row.amount_minor)
        found[row.transaction_id] = (*found.get(row.transaction_id, ()), one)
    return found


def _opened(work: Work, row: sa.Row[Any], parts: tuple[Part, ...]) -> Transaction:
    body = orjson.loads(work.seal.open(row.body))
    body["tags"] = tuple(body["tags"])
    plain = {name: row._mapping[name] for name in _PLAIN}
    return Transaction(
        **plain, **body, parts=parts, id=row.id, revision=row.revision, split=row.split, updated_at=row.updated_at
    )


def entry_of(stored: Transaction) -> Entry:
    """Return what would store this transaction again."""
    return Entry(**{one.name: getattr(stored, one.name) for one in fields(Entry)})


def _stems(entry: Entry) -> list[str]:
    texts = (entry.merchant, entry.description, entry.note, entry.also)
    stems = words.stems(" ".join(filter(None, texts)))
    return list(dict.fromkeys([*map(words.tag_word, entry.tags), *stems]))


def index_again(work: Work, person_id: int, ids: Sequence[int]) -> None:
    """Add the words of transactions that have none."""
    found = load_all(work, person_id, ids)
    words.index(work, person_id, [(one.id, one.date, _stems(one)) for one in found])


def _forget_rest(work: Work, person_id: int, transaction_id: int) -> None:
    words.forget(work, person_id, transaction_id)
    work.claim(part.delete().where(part.c.person_id == person_id, part.c.transaction_id == transaction_id))


def _settle(work: Work, person_id: int, dates: Iterable[date]) -> None:
    touched = set(dates)
    totals.refresh(work, person_id, touched)
    book.advance(work, person_id, touched)


def _check_categories(work: Work, person_id: int, entries: Sequence[Entry]) -> None:
    named = {entry.category_id for entry in entries} | {one.category_id for entry in entries for one in entry.parts}
    if not known(work, person_id, named):
        raise ValueError("a transaction needs a category of its own person")
