"""Categories: a tree per person, copied from the default one at first use (rules CAT-3, CAT-4).

Names are sealed; their keyed hash keeps them unique among siblings. A category that came with the default tree keeps
its `key` (`food.coffee`), whatever it is called now: the tables of brands and keywords name keys. The parent of a root
is 0. Uncategorised is no row: a transaction without a category is uncategorised.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bot.core.fold import fold
from storage.receipts import book
from storage.receipts.columns import digest, key, note, owner
from storage.schema import metadata, one_of
from storage.upsert import upsert
from storage.work import Work

ROOT = 0
KINDS = ("expense", "income", "transfer")

category = sa.Table(
    "ledger_category",
    metadata,
    key(),
    owner(),
    sa.Column("parent_id", sa.BigInteger, nullable=False),
    sa.Column("key", sa.Text),
    sa.Column("name", sa.LargeBinary, nullable=False),
    sa.Column("name_hash", sa.LargeBinary, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("icon", sa.Text),
    sa.Column("colour", sa.Text),
    sa.Column("hidden", sa.Boolean, nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Index("uq_ledger_category_name", "person_id", "parent_id", "name_hash", unique=True),
    sa.Index("uq_ledger_category_key", "person_id", "key", unique=True),
    one_of("kind", *KINDS),
)


@dataclass(frozen=True, slots=True)
class Category:
    """A node of a person's tree."""

    id: int
    parent_id: int
    name: str
    kind: str = "expense"
    key: str | None = None
    icon: str | None = None
    colour: str | None = None
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Seed:
    """A node of the default tree: its key, its parent's key (None for a root), and what it is called."""

    key: str
    parent: str | None
    name: str
    kind: str = "expense"
    icon: str | None = None
    colour: str | None = None


def has_tree(work: Work, person_id: int) -> bool:
    """Tell whether this person has categories."""
    return work.row(sa.select(category.c.id).where(category.c.person_id == person_id).limit(1)) is not None


def plant(work: Work, person_id: int, seeds: Sequence[Seed]) -> bool:
    """Copy the default tree, parents before children, unless the person has one; tell whether it was copied."""
    if has_tree(work, person_id):
        return False
    ids: dict[str | None, int] = {None: ROOT}
    rows = []
    for position, seed in enumerate(seeds):
        ids[seed.key] = work.new_id()
        named = _named(work, person_id, seed.name)
        rows.append(
            {
                "id": ids[seed.key], "person_id": person_id, "parent_id": ids[seed.parent], "key": seed.key,
                "kind": seed.kind, "icon": seed.icon, "colour": seed.colour, "hidden": False, "position": position,
                **named,
            }
        )  # fmt: skip
    work.claim_all(category.insert(), rows)
    note(work, person_id, "category.plant", f"person:{person_id}", count=len(rows))
    return True


def of_person(work: Work, person_id: int) -> list[Category]:
    """Return a person's tree in its order, hidden nodes too."""
    mine = sa.select(category).where(category.c.person_id == person_id)
    rows = work.rows(mine.order_by(category.c.position, category.c.id))
    return [_opened(work, row) for row in rows]


def known(work: Work, person_id: int, ids: Iterable[int | None]) -> bool:
    """Tell whether all of these are categories of this person; None is Uncategorised, which everybody has."""
    named = {one for one in ids if one is not None}
    if not named:
        return True
    mine = (category.c.person_id == person_id, category.c.id.in_(sorted(named)))
    row = work.row(sa.select(sa.func.count().label("entries")).where(*mine))
    return row is not None and row.entries == len(named)


def add(work: Work, person_id: int, *, parent_id: int, name: str, kind: str, icon: str | None = None) -> int | None:
    """Insert a category and return its id; None when a sibling bears the name or the parent is not theirs."""
    if parent_id != ROOT and not known(work, person_id, [parent_id]):
        return None
    row = work.claim(
        upsert(category)
        .values(
            id=work.new_id(), person_id=person_id, parent_id=parent_id, key=None, kind=kind, icon=icon, colour=None,
            hidden=False, position=1000, **_named(work, person_id, name),
        )
        .on_conflict_do_nothing()
        .returning(category.c.id)
    ).first()  # fmt: skip
    if row is None:
        return None
    _changed(work, person_id, "create", row.id)
    return int(row.id)


def restore(work: Work, person_id: int, one: Category) -> int:
    """Insert a category that comes from a file, or find the one of its name under its parent; return its id."""
    named = _named(work, person_id, one.name)
    mine = (category.c.person_id == person_id, category.c.parent_id == one.parent_id)
    found = work.row(sa.select(category.c.id).where(*mine, category.c.name_hash == named["name_hash"]))
    if found is not None:
        return int(found.id)
    bears = (category.c.person_id == person_id, category.c.key == one.key)
    free = one.key is not None and work.row(sa.select(category.c.id).where(*bears)) is None
    category_id = work.new_id()
    work.claim(
        category.insert().values(
            id=category_id, person_id=person_id, parent_id=one.parent_id, key=one.key if free else None,
            kind=one.kind, icon=one.icon, colour=one.colour, hidden=one.hidden, position=1000, **named,
        )
    )  # fmt: skip
    return category_id


def rename(work: Work, person_id: int, category_id: int, name: str) -> bool:
    """Change a name; tell whether the category exists and no sibling bears the name."""
    return _place(work, person_id, category_id, "rename", name=name)


def move_under(work: Work, person_id: int, category_id: int, parent_id: int) -> bool:
    """Hang a category under another one; the caller has checked for cycles and depth. False as for `rename`."""
    if parent_id != ROOT and not known(work, person_id, [parent_id]):
        return False
    return _place(work, person_id, category_id, "move", parent_id=parent_id)


def _place(
    work: Work, person_id: int, category_id: int, act: str, *, name: str | None = None, parent_id: int | None = None
) -> bool:
    row = _row(work, person_id, category_id)
    if row is None:
        return False
    named = {} if name is None else _named(work, person_id, name)
    parent = row.parent_id if parent_id is None else parent_id
    other = category.alias("other")
    taken = sa.select(other.c.id).where(
        other.c.person_id == person_id,
        other.c.parent_id == parent,
        other.c.name_hash == named.get("name_hash", row.name_hash),
        other.c.id != category_id,
    )
    if work.row(taken) is not None:
        return False
    work.claim(
        category.update()
        .where(category.c.person_id == person_id, category.c.id == category_id)
        .values(parent_id=parent, **named)
    )
    _changed(work, person_id, act, category_id)
    return True


def hide(work: Work, person_id: int, category_id: int, *, hidden: bool = True) -> bool:
    """Hide a category from choices, or show it again; tell whether it exists."""
    done = work.claim(
        category.update().where(category.c.person_id == person_id, category.c.id == category_id).values(hidden=hidden)
    )
    if done.rowcount == 1:
        _changed(work, person_id, "hide" if hidden else "show", category_id)
    return done.rowcount == 1


def drop(work: Work, person_id: int, ids: Collection[int]) -> int:
    """Delete category rows that nothing names any more and return how many; see `recategorising.merge`."""
    done = work.claim(category.delete().where(category.c.person_id == person_id, category.c.id.in_(sorted(ids))))
    for one in sorted(ids):
        _changed(work, person_id, "delete", one)
    return int(done.rowcount)


def _row(work: Work, person_id: int, category_id: int) -> sa.Row[Any] | None:
    return work.row(sa.select(category).where(category.c.person_id == person_id, category.c.id == category_id))


def _named(work: Work, person_id: int, name: str) -> dict[str, bytes]:
    return {"name": work.seal.seal(name.encode()), "name_hash": digest(work, person_id, "category", fold(name))}


def _opened(work: Work, row: sa.Row[Any]) -> Category:
    name = work.seal.open(row.name).decode()
    return Category(row.id, row.parent_id, name, row.kind, row.key, row.icon, row.colour, row.hidden)


def _changed(work: Work, person_id: int, act: str, category_id: int) -> None:
    note(work, person_id, f"category.{act}", f"category:{category_id}")
    book.advance(work, person_id)
