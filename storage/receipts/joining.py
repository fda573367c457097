"""A person's books become part of another's: one tree, one set of accounts, names found by the new owner's hashes.

Text is found by a hash that holds its owner, so whatever moves is hashed anew from what is sealed beside it. What a
hash alone is kept of (messages that were taken, ids of banks, documents' bytes) stays under the old one: a picture sent
a second time is then known by what is on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa

from bot.core.fold import fold
from storage.accounts.joining import Joining, Row
from storage.receipts import book, totals, transactions, words
from storage.receipts.accounts import account
from storage.receipts.bank_items import bank_account
from storage.receipts.bank_lines import bank_line
from storage.receipts.budgets import budget
from storage.receipts.categories import ROOT, category
from storage.receipts.columns import digest
from storage.receipts.externals import external
from storage.receipts.ledger import part, transaction
from storage.receipts.line_items import line_item
from storage.receipts.mail.mailboxes import mailbox
from storage.receipts.mail.senders import mail_sender
from storage.receipts.rules import lesson, rule
from storage.receipts.series import series
from storage.receipts.totals import total
from storage.work import Work

_AT_ONCE = 200


def before(joining: Joining) -> None:
    """Lead what both have to the survivor's, and hash the rest as the survivor's."""
    _categories(joining)
    _accounts(joining)
    merchants = _merchants(joining)
    _rehash(joining, rule, "pattern_hash", lambda row, text: (row.kind, text), "pattern")
    _rehash(joining, external, "hash", lambda row, text: (f"external {row.thing}", text), "name")
    _rehash(joining, mail_sender, "address_hash", lambda row, text: ("sender", text), "address")
    _rehash(joining, mailbox, "address_hash", lambda row, text: ("mailbox", text), "address")
    for row in _rows(joining, lesson):
        if row.pattern_hash in merchants:
            joining.change(lesson, row, {"pattern_hash": merchants[row.pattern_hash]})


def _rows(joining: Joining, table: sa.Table) -> list[Row]:
    return joining.work.rows(sa.select(table).where(joining.theirs(table)))


def _text(joining: Joining, sealed: bytes) -> str:
    return joining.work.seal.open(sealed).decode()


def _hash(joining: Joining, kind: str, text: str) -> bytes:
    return digest(joining.work, joining.survivor, kind, text)


def _rehash(
    joining: Joining, table: sa.Table, column: str, name: Callable[[Row, str], tuple[str, str]], sealed: str
) -> None:
    for row in _rows(joining, table):
        joining.change(table, row, {column: _hash(joining, *name(row, _text(joining, row._mapping[sealed])))})


def _merchants(joining: Joining) -> dict[bytes, bytes]:
    """Hash the merchants of transactions and series anew; return the new hash of each old one."""
    known: dict[bytes, bytes] = {}
    for table in (transaction, series):
        named = sa.select(table).where(joining.theirs(table), table.c.merchant_hash.is_not(None))
        for row in joining.work.rows(named):
            if row.merchant_hash not in known:
                body = orjson.loads(joining.work.seal.open(row.body))
                known[row.merchant_hash] = _hash(joining, "merchant", body["merchant_key"])
            joining.change(table, row, {"merchant_hash": known[row.merchant_hash]})
    return known


# -- what both have ----------------------------------------------------------------------------------------------------


def _categories(joining: Joining) -> None:
    """Find the survivor's twin of each category, by its key or its name, from the roots down; the others move."""
    mine = joining.work.rows(sa.select(category).where(category.c.person_id == joining.survivor))
    by_key = {row.key: row.id for row in mine if row.key is not None}
    by_name = {(row.parent_id, bytes(row.name_hash)): row.id for row in mine}
    twins: dict[int, int] = {}
    alike: list[Row] = []
    for row in _downwards(_rows(joining, category)):
        parent = twins.get(row.parent_id, row.parent_id)
        hashed = _hash(joining, "category", fold(_text(joining, row.name)))
        twin = by_key.get(row.key) if row.key is not None else None
        twin = by_name.get((parent, hashed)) if twin is None else twin
        if twin is None:
            joining.change(category, row, {"parent_id": parent, "name_hash": hashed})
        else:
            twins[row.id] = twin
            alike.append(row)
    for table in (transaction, part, line_item, rule, lesson):
        joining.lead(table, "category_id", twins)
    joining.lead(budget, "category_id", twins)
    joining.give_way(category, alike)
    joining.twins[category.name] = twins


def _downwards(rows: Iterable[Row]) -> list[Row]:
    """Return parents before their children."""
    under: dict[int, list[Row]] = {}
    for row in rows:
        under.setdefault(row.parent_id, []).append(row)
    found = list(under.get(ROOT, ()))
    for row in found:
        found += under.get(row.id, ())
    return found


def _accounts(joining: Joining) -> None:
    mine = sa.select(account.c.id, account.c.account_hash).where(account.c.person_id == joining.survivor)
    known = {bytes(row.account_hash): row.id for row in joining.work.rows(mine)}
    twins: dict[int, int] = {}
    alike: list[Row] = []
    for row in _rows(joining, account):
        last4 = _text(joining, row.last4) if row.last4 is not None else ""
        hashed = _hash(joining, "account", f"{row.kind} {last4}")
        if hashed in known:
            twins[row.id] = known[hashed]
            alike.append(row)
        else:
            joining.change(account, row, {"account_hash": hashed})
    for table in (transaction, bank_line, bank_account):
        joining.lead(table, "account_id", twins)
    joining.give_way(account, alike)
    joining.twins[account.name] = twins


# -- what is made again ------------------------------------------------------------------------------------------------


def after(work: Work, person_id: int) -> None:
    """Make words, sums and the revision of a person's books fit their transactions."""
    _words(work, person_id)
    dates: set[date] = set()
    for table in (transaction, part):
        found = sa.select(table.c.date).where(table.c.person_id == person_id).distinct()
        dates |= {row.date for row in work.rows(found)}
    work.claim(total.delete().where(total.c.person_id == person_id))
    if dates:
        totals.refresh(work, person_id, dates)
        book.advance(work, person_id, dates)


def _words(work: Work, person_id: int) -> None:
    mine = sa.select(transaction.c.id).where(transaction.c.person_id == person_id)
    word: Any = words.word
    work.claim(word.delete().where(word.c.person_id == person_id, word.c.transaction_id.not_in(mine)))
    has = sa.exists().where(word.c.person_id == person_id, word.c.transaction_id == transaction.c.id)
    missing = [row.id for row in work.rows(mine.where(~has).order_by(transaction.c.id))]
    for start in range(0, len(missing), _AT_ONCE):
        transactions.index_again(work, person_id, missing[start : start + _AT_ONCE])
