"""One person's rows become another's, in one transaction, with a note of every row (ID-6, ID-7).

Everything runs at once, as claims, so that what follows sees it: a merge that fails has changed nothing. Services have
their say before the rows move (`change`, `give_way`) and make again afterwards what is derived from them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from bot.core.errors import Permanent
from storage.accounts.merges import Changed, Manifest
from storage.accounts.rules import keys_of, of_persons, rules, unique_keys
from storage.schema import metadata
from storage.work import Work

Row = sa.Row[Any]


@dataclass(slots=True)
class Joining:
    """A merge under way: `survivor` stays, `absorbed` gives all it has."""

    work: Work
    survivor: int
    absorbed: int
    manifest: Manifest = field(default_factory=Manifest)
    twins: dict[str, dict[int, int]] = field(default_factory=dict)
    """Rows of the absorbed person that the survivor has too, by table: whoever names one names the other now."""

    def theirs(self, table: sa.Table) -> sa.ColumnElement[bool]:
        """Return the condition that a row is still the absorbed person's."""
        return table.c.person_id == self.absorbed

    def change(self, table: sa.Table, row: Row, values: Mapping[str, Any]) -> None:
        """Write values into a row, and note what was there; of a row that is found by its key."""
        key = [values.get(column.name, row._mapping[column.name]) for column in keys_of(table)]
        for column, now in values.items():
            was = row._mapping[column]
            if was != now:
                self.manifest.changed.append(Changed(table.name, key, column, was, now))
        self.work.claim(table.update().where(*_is(table, row._mapping)).values(values))

    def add(self, table: sa.Table, row: Mapping[str, Any]) -> None:
        """Insert a row that goes again when the merge is taken back."""
        self.work.claim(table.insert().values(row))
        self.manifest.added.setdefault(table.name, []).append([row[column.name] for column in keys_of(table)])

    def lead(self, table: sa.Table, column: str, twins: Mapping[int, int]) -> None:
        """Let the absorbed person's rows that name a twin name the survivor's row."""
        named = sa.select(table).where(self.theirs(table), table.c[column].in_(sorted(twins)))
        for row in self.work.rows(named) if twins else ():
            self.change(table, row, {column: twins[row._mapping[column]]})

    def give_way(self, table: sa.Table, rows: Iterable[Row]) -> None:
        """Delete rows, and keep them as they were in the manifest."""
        for row in rows:
            if row.person_id != self.absorbed:
                raise Permanent(f"a merge reached a row of {table.name} that is somebody else's")
            self.manifest.gone.setdefault(table.name, []).append(dict(row._mapping))
            self.work.claim(table.delete().where(*_is(table, row._mapping)))

    def move(self, table: sa.Table, where: str = "") -> None:
        """Give a table's rows to the survivor; those in whose way a key of the survivor stands give way to it."""
        mine: list[Any] = [self.theirs(table), *([sa.text(f"({where})")] if where else [])]
        for columns, condition in unique_keys(table):
            met = self._met(table, columns, condition)
            if met is not None:
                self.give_way(table, self.work.rows(sa.select(table).where(*mine, met)))
        keys = keys_of(table)
        found = self.work.rows(sa.select(*(keys or [table.c.person_id])).where(*mine))
        if found:
            self.manifest.moved.setdefault(table.name, []).extend([list(row) for row in found] if keys else [[]])
            give(self.work, table, mine, self.survivor)

    def _met(self, table: sa.Table, columns: list[sa.Column[Any]], condition: str) -> sa.ColumnElement[bool] | None:
        """Return the condition that a row of the absorbed person meets one of the survivor in a key; None for ids."""
        if [column.name for column in columns] == ["id"]:
            return None
        other = table.alias("other")
        same = [other.c[column.name] == column for column in columns]
        holds = [sa.text(f"({condition})")] if condition else []  # one with an OR in it would reach everybody's rows
        taken = sa.exists().where(other.c.person_id == self.survivor, *same, *holds)
        return sa.and_(taken, *holds)


def give(work: Work, table: sa.Table, which: Iterable[sa.ColumnElement[bool]], person_id: int) -> None:
    """Let rows be a person's. Those that the database lets nobody change are made anew, with the same ids."""
    if table.name not in APPEND_ONLY:
        work.claim(table.update().where(*which).values(person_id=person_id))
        return
    rows = [{**row._mapping, "person_id": person_id} for row in work.rows(sa.select(table).where(*which))]
    if rows:
        work.claim(table.delete().where(*which))
        work.claim_all(table.insert(), rows)


APPEND_ONLY = frozenset({"task_event"})
"""Tables whose rows a trigger keeps from being changed, not from being deleted."""


def _is(table: sa.Table, row: Any) -> list[sa.ColumnElement[bool]]:
    return [column == row[column.name] for column in table.primary_key.columns]


Before = Callable[[Joining], None]
"""What a service does before its rows move."""

After = Callable[[Work, int], None]
"""Makes again what a service derives from a person's rows."""


def join(joining: Joining, before: Iterable[Before], after: Iterable[After]) -> Manifest:
    """Give all rows of the absorbed person to the survivor and return what was done."""
    for act in before:
        act(joining)
    known = rules()
    for name in known.made_again:
        table = metadata.tables[name]
        joining.work.claim(table.delete().where(joining.theirs(table)))
    for name in _with_rows(joining, [*known.open, *known.move, *known.own]):
        joining.move(metadata.tables[name], known.open.get(name, ""))
    for make in after:
        make(joining.work, joining.survivor)
    return joining.manifest


def _with_rows(joining: Joining, names: Iterable[str]) -> list[str]:
    """Return the tables in which the absorbed person has rows: most have none, and each would cost its statements."""
    has = []
    for name in names:
        table = metadata.tables[name]
        waits = [sa.text(f"({rules().open[name]})")] if name in rules().open else []
        has.append(sa.exists().where(joining.theirs(table), *waits).label(name))
    (row,) = joining.work.rows(sa.select(*has))
    return [name for name, found in row._mapping.items() if found]


def part(work: Work, *, survivor: int, absorbed: int, manifest: Manifest, after: Iterable[After]) -> None:
    """Give back what moved, as far as it is still there, with what came to be of it since; the rest stays."""
    for name, keys in manifest.added.items():
        for key in keys:
            table = metadata.tables[name]
            work.claim(table.delete().where(*(c == one for c, one in zip(keys_of(table), key, strict=True))))
    for name, rows in manifest.gone.items():
        for row in rows:
            work.claim(metadata.tables[name].insert().values(row))
    for name, keys in manifest.moved.items():
        _move_back(work, metadata.tables[name], keys, survivor, absorbed)
    _follow(work, manifest, survivor, absorbed)
    for change in reversed(manifest.changed):
        _restore(work, change, absorbed)
    for make in after:
        make(work, survivor)
        make(work, absorbed)


def _move_back(work: Work, table: sa.Table, keys: list[list[Any]], survivor: int, absorbed: int) -> None:
    columns = keys_of(table)
    theirs = table.c.person_id == survivor
    if len(columns) == 1:
        for start in range(0, len(keys), _AT_ONCE):
            some = columns[0].in_([key[0] for key in keys[start : start + _AT_ONCE]])
            give(work, table, (theirs, some), absorbed)
        return
    for key in keys:
        give(work, table, (theirs, *(column == one for column, one in zip(columns, key, strict=True))), absorbed)


_AT_ONCE = 500
_NAMED_BY = (
    ("address_id", "address", ("transcript", "support_ticket")),
    ("project_id", "project", ()),
    ("receipt_id", "receipt", ()),
    ("ticket_id", "support_ticket", ()),
    ("case_id", "appeal_case", ()),
    ("quote_id", "quote", ()),
    ("order_id", "pay_order", ("star_charge", "billing_document", "order_refund")),
    ("subscription_id", "subscription", ("plan_change", "plan_invoice", "plan_log", "plan_notice")),
    ("document_id", "receipt_document", ()),
    ("transaction_id", "ledger_transaction", ("ledger_part",)),
)
"""By which column rows name the one that they are of, and in which tables that counts; in none named, in all."""


def _follow(work: Work, manifest: Manifest, survivor: int, absorbed: int) -> None:
    """Let rows that came since go with the row that they are of: a message of a project, a line of a receipt."""
    back = {name: [key[0] for key in keys if len(key) == 1] for name, keys in manifest.moved.items()}
    for column, of, only in _NAMED_BY:
        for name in only or [one for one in of_persons() if column in metadata.tables[one].c]:
            table, ids = metadata.tables[name], back.get(of, [])
            keys = keys_of(table)
            for start in range(0, len(ids), _AT_ONCE):
                named = (table.c.person_id == survivor, table.c[column].in_(ids[start : start + _AT_ONCE]))
                found = work.rows(sa.select(keys[0]).where(*named)) if len(keys) == 1 else []
                back.setdefault(name, []).extend(row[0] for row in found)
                give(work, table, named, absorbed)


def _restore(work: Work, change: Changed, absorbed: int) -> None:
    """Write back what a row held, unless it holds something else by now."""
    table = metadata.tables[change.table]
    column = table.c[change.column]
    where = [one == value for one, value in zip(keys_of(table), change.key, strict=True)]
    if "person_id" in table.primary_key.columns:
        where.append(table.c.person_id == absorbed)
    same = column.is_(None) if change.now is None else column == change.now
    work.claim(table.update().where(*where, same).values({change.column: change.was}))
