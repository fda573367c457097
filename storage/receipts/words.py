"""The words of a transaction, as keyed hashes: sealed text that can be searched in SQL (rule SEA-2).

Merchant, description, note, items and raw text are folded and cut into words without plural endings; each distinct
word becomes a 63-bit keyed hash of its own per person. A search is an equality on (person, word), so it costs what it
finds and not what the ledger holds, on both databases and without an extension. The price: words are found whole, not
by their beginnings. A tag is the word with its `#`. The date stands before the id, so that a word that every row bears
gives its newest rows without sorting them all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

import sqlalchemy as sa

from bot.core.fold import fold, words
from storage.receipts.columns import digest
from storage.schema import metadata
from storage.work import Work

MOST = 200
"""Distinct words of one transaction that are kept; a long receipt's last lines may be beyond."""
_SHORTEST_PLURAL = 4

word = sa.Table(
    "ledger_word",
    metadata,
    sa.Column("person_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("word", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("date", sa.Date, primary_key=True),
    sa.Column("transaction_id", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Index("ix_ledger_word_transaction", "person_id", "transaction_id"),
    sqlite_with_rowid=False,
)


def tokens(text: str) -> list[str]:
    """Return the words of a text as they are compared: folded, without apostrophes and plural endings."""
    return [_stem(one.replace("'", "")) for one in words(fold(text))]


def stems(text: str) -> list[str]:
    """Return the distinct words of a text as they are compared."""
    return list(dict.fromkeys(tokens(text)))


def _stem(one: str) -> str:
    plural = len(one) >= _SHORTEST_PLURAL and one.endswith("s") and not one.endswith("ss")
    return one[:-1] if plural else one


def tag_word(tag: str) -> str:
    """Return the word under which a tag is found."""
    return "#" + fold(tag).lstrip("#")


def hashed(work: Work, person_id: int, stem: str) -> int:
    """Return the number under which a word of this person is found."""
    return int.from_bytes(digest(work, person_id, "word", stem)[:8]) >> 1


def index(work: Work, person_id: int, entries: Sequence[tuple[int, date, Iterable[str]]]) -> None:
    """Add the words of new transactions, given as (transaction id, date, distinct stems)."""
    known: dict[str, int] = {}
    rows = []
    for transaction_id, day, found in entries:
        for stem in list(found)[:MOST]:
            if stem not in known:
                known[stem] = hashed(work, person_id, stem)
            rows.append({"person_id": person_id, "word": known[stem], "date": day, "transaction_id": transaction_id})
    work.claim_all(word.insert(), rows)


def forget(work: Work, person_id: int, transaction_id: int) -> None:
    """Remove the words of a transaction."""
    work.claim(word.delete().where(word.c.person_id == person_id, word.c.transaction_id == transaction_id))
