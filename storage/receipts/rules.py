"""What a person taught: a merchant's category, a text's category, a merchant's other name (rules CAT-1, CAT-5, CAT-7).

A pattern is a merchant key or folded words, sealed and unique per person and kind. Every correction of a merchant's
category is kept in `ledger_lesson`, so that contradictions can be seen (CAT-6).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from storage.receipts import book
from storage.receipts.categories import known
from storage.receipts.columns import digest, key, note, owner
from storage.schema import Moment, metadata, one_of
from storage.upsert import upsert
from storage.work import Work

KINDS = ("merchant", "text", "alias")
MOST = 500
"""Rules of one person."""

rule = sa.Table(
    "ledger_rule",
    metadata,
    key(),
    owner(),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("pattern_hash", sa.LargeBinary, nullable=False),
    sa.Column("pattern", sa.LargeBinary, nullable=False),
    sa.Column("category_id", sa.BigInteger),
    sa.Column("rename", sa.LargeBinary),
    sa.Column("tags", sa.LargeBinary),
    sa.Column("learnt", sa.Boolean, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Index("uq_ledger_rule_pattern", "person_id", "kind", "pattern_hash", unique=True),
    sa.Index("ix_ledger_rule_category", "person_id", "category_id"),
    one_of("kind", *KINDS),
)

lesson = sa.Table(
    "ledger_lesson",
    metadata,
    key(),
    owner(),
    sa.Column("pattern_hash", sa.LargeBinary, nullable=False),
    sa.Column("category_id", sa.BigInteger),
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_ledger_lesson_pattern", "person_id", "pattern_hash", "id"),
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing learnt or made by hand; a rule gives a category, a name, tags, or several of them."""

    kind: str
    pattern: str
    category_id: int | None = None
    rename: str | None = None
    tags: tuple[str, ...] = ()
    learnt: bool = True
    id: int = 0


def teach(work: Work, person_id: int, new: Rule) -> bool:
    """Store a rule in place of the one for the same pattern; False for a category that is not theirs, or too many."""
    if not known(work, person_id, [new.category_id]) or _is_full(work, person_id, new):
        return False
    pattern_hash = digest(work, person_id, new.kind, new.pattern)
    values = {
        "category_id": new.category_id,
        "rename": _sealed(work, new.rename),
        "tags": _sealed(work, " ".join(new.tags)),
        "learnt": new.learnt,
        "at": work.now,
    }
    work.claim(
        upsert(rule)
        .values(
            id=work.new_id(), person_id=person_id, kind=new.kind, pattern_hash=pattern_hash,
            pattern=work.seal.seal(new.pattern.encode()), **values,
        )
        .on_conflict_do_update(index_elements=["person_id", "kind", "pattern_hash"], set_=values)
    )  # fmt: skip
    if new.kind == "merchant":
        work.claim(
            lesson.insert().values(
                id=work.new_id(), person_id=person_id, pattern_hash=pattern_hash, category_id=new.category_id,
                at=work.now,
            )
        )  # fmt: skip
    note(work, person_id, "rule.teach", f"person:{person_id}", kind=new.kind, category=new.category_id)
    book.advance(work, person_id)
    return True


def _is_full(work: Work, person_id: int, new: Rule) -> bool:
    row = work.row(sa.select(sa.func.count().label("entries")).where(rule.c.person_id == person_id))
    return row is not None and row.entries >= MOST and of_pattern(work, person_id, new.kind, new.pattern) is None


def of_pattern(work: Work, person_id: int, kind: str, pattern: str) -> Rule | None:
    """Return the rule of a merchant key, of words, or of a merchant's alias."""
    row = work.row(
        sa.select(rule).where(
            rule.c.person_id == person_id,
            rule.c.kind == kind,
            rule.c.pattern_hash == digest(work, person_id, kind, pattern),
        )
    )
    return None if row is None else _opened(work, row)


def of_person(work: Work, person_id: int, kind: str | None = None) -> list[Rule]:
    """Return a person's rules, oldest first."""
    mine = sa.select(rule).where(rule.c.person_id == person_id).order_by(rule.c.id)
    return [_opened(work, row) for row in work.rows(mine if kind is None else mine.where(rule.c.kind == kind))]


def forget(work: Work, person_id: int, rule_id: int) -> bool:
    """Delete a rule; tell whether it was there."""
    done = work.claim(rule.delete().where(rule.c.person_id == person_id, rule.c.id == rule_id))
    if done.rowcount == 1:
        note(work, person_id, "rule.delete", f"rule:{rule_id}")
        book.advance(work, person_id)
    return done.rowcount == 1


def lessons(work: Work, person_id: int, merchant_key: str, *, since_id: int = 0, limit: int = 10) -> list[int | None]:
    """Return the categories that corrections gave a merchant, newest first, of those made since a row id (CAT-6)."""
    rows = work.rows(
        sa.select(lesson.c.category_id)
        .where(
            lesson.c.person_id == person_id,
            lesson.c.pattern_hash == digest(work, person_id, "merchant", merchant_key),
            lesson.c.id > since_id,
        )
        .order_by(lesson.c.id.desc())
        .limit(limit)
    )
    return [row.category_id for row in rows]


def _sealed(work: Work, text: str | None) -> bytes | None:
    return work.seal.seal(text.encode()) if text else None


def _text(work: Work, sealed: bytes | None) -> str | None:
    return None if sealed is None else work.seal.open(sealed).decode()


def _opened(work: Work, row: sa.Row[Any]) -> Rule:
    tags = tuple((_text(work, row.tags) or "").split())
    pattern = work.seal.open(row.pattern).decode()
    return Rule(row.kind, pattern, row.category_id, _text(work, row.rename), tags, row.learnt, row.id)
