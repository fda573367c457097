"""The plan of every statement that the storage functions ask: which indexes answer it, which tables it would scan.

Functions are run against a stand-in that keeps their statements and finds nothing, with arguments made from their
types; the statements are then explained on a real connection, and nothing is read. The doctor reports it, a test
forbids scans (rules PERF-2, DB-12).
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

import storage
from bot.core.clock import FixedClock
from bot.core.ids import Ids
from bot.core.seal import Seal
from storage.billing.coupons.codes import coupon
from storage.campaigns.broadcasts import Segment
from storage.coaching.decisions import Decision
from storage.coaching.profiles import Profile
from storage.coaching.proposals import Proposal
from storage.coaching.tasks import PlanTask
from storage.hot import Hot
from storage.receipts.budgets import Budget
from storage.receipts.categories import Seed
from storage.receipts.line_items import Line
from storage.receipts.receipts import Draft
from storage.receipts.rules import Rule
from storage.receipts.search import Filter
from storage.receipts.totals import Span
from storage.receipts.transactions import Entry
from storage.reports.during import During
from storage.schema import is_partial
from storage.tables import metadata
from storage.work import Work

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)

TASK = PlanTask("1.1", 1, 1, "x", "x", "once", 1)
ENTRY = Entry(NOW.date(), 1, "USD", category_id=1)
SAMPLES: dict[str, Any] = {
    "Seal": Seal([b"k" * 32]),
    "dict[str, Any]": {},
    "int": 1, "int | None": 1, "str": "x", "str | None": "x", "bytes": b"x", "datetime": NOW, "date": date(2026, 1, 1),
    "Iterable[str]": ("x",), "tuple[str, ...]": ("x",), "list[int]": [1], "bool": True, "timedelta": NOW - NOW,
    "Sequence[str]": ("x",), "Iterable[int]": (1,), "tuple[str, ...] | None": ("x",), "datetime | None": NOW,
    "Draft": Draft(b"{}"), "Entry": ENTRY, "Rule": Rule("merchant", "x"), "Span": Span(NOW.date(), date(2028, 2, 2)),
    "Budget": Budget(1, "month", "USD", 1, NOW.date()), "Sequence[Entry]": [ENTRY], "Sequence[Line]": [Line()],
    "Sequence[Seed]": [Seed("x", None, "x")], "Sequence[int]": [1], "Iterable[date]": [NOW.date()], "int | float": 1,
    "Iterable[int | None]": [1], "Collection[int]": [1], "frozenset[int] | None": frozenset({1}),
    "date | None": NOW.date(), "During": During(NOW, NOW, NOW.date(), NOW.date()), "Segment": Segment(),
    "Filter": Filter(), "Sequence[tuple[int, Iterable[str]]]": [(1, ["x"])],
    "sa.ColumnElement[bool]": coupon.c.code == "x",
    "PlanTask": TASK, "Sequence[PlanTask]": [TASK], "Profile": Profile(), "list[dict[str, Any]]": [],
    "Decision": Decision("x", "x", "enum", "x", 1, "bare", "ok"), "Proposal": Proposal("tick", "x", "x", "x", 1),
    "list[str]": ["x"], "Collection[str]": ("x",), "bytes | None": b"x", "frozenset[str]": frozenset("x"),
}  # fmt: skip

SMALL = {
    "switch", "process", "periodic", "city_record", "city_change", "city_verification", "alert", "operator",
    "operator_session", "alembic_version", "support_counter", "quote_counter", "organisation", "broadcast", "flag",
    "support_rule", "support_staff", "webhook_subscription",
}  # fmt: skip
"""Tables that stay small whatever the number of persons."""


def _functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    for info in pkgutil.walk_packages(storage.__path__, "storage."):
        if "migrations" in info.name:
            continue
        module = importlib.import_module(info.name)
        for name, function in inspect.getmembers(module, inspect.isfunction):
            first = next(iter(inspect.signature(function).parameters.values()), None)
            own = function.__module__ == info.name and not name.startswith("_")
            if own and first is not None and str(first.annotation) in ("Work", "sa.Connection"):
                yield f"{info.name}.{name}", function


MOST = 8
"""A function that tries until it finds something is stopped after so many statements."""


class Spy:
    """Stands for the work's session and a reader's connection: keeps the statements, answers with nothing."""

    def __init__(self) -> None:
        self.statements: list[sa.Executable] = []

    def execute(self, statement: sa.Executable, params: Any = None) -> Any:
        """Keep a statement."""
        self.statements.append(statement)
        if len(self.statements) > MOST:
            raise StopIteration("it asks on and on")
        return _Nothing()

    def savepoint(self) -> None:
        """Do nothing."""

    scalar = execute


class _Nothing:
    rowcount = 1

    def first(self) -> None:
        return None

    def one(self) -> tuple[int, ...]:
        return (0,) * 20

    def scalar(self) -> None:
        return None

    def scalars(self) -> _Nothing:
        return self

    def mappings(self) -> _Nothing:
        return self

    def all(self) -> list[Any]:
        return []

    def __iter__(self) -> Iterator[Any]:
        return iter(())


def _statements(function: Callable[..., Any]) -> list[sa.Executable]:
    clock, spy = FixedClock(NOW), Spy()
    work = Work(spy, NOW, Ids(clock), Seal([b"k" * 32]))  # type: ignore[arg-type]
    parameters = list(inspect.signature(function).parameters.values())
    arguments: list[Any] = [work if str(parameters[0].annotation) == "Work" else spy]
    named: dict[str, Any] = {}
    for p in parameters[1:]:
        if p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) or p.default is not p.empty:
            continue
        if str(p.annotation) not in SAMPLES:
            return []
        value = SAMPLES[str(p.annotation)]
        if p.kind is p.KEYWORD_ONLY:
            named[p.name] = value
        else:
            arguments.append(value)
    with suppress(Exception):  # what it does with nothing found is not asked here
        function(*arguments, **named)
    return [*spy.statements, *(statement for statement, _, _ in work.cold)]


def _explain(connection: sa.Connection, statement: Any) -> list[str]:
    compiled = statement.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    processors = compiled._bind_processors
    values = {n: processors[n](v) if n in processors and v is not None else v for n, v in compiled.params.items()}
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        bound = tuple(values[name] for name in compiled.positiontup or ())
        return [row[3] for row in driver.execute(f"EXPLAIN QUERY PLAN {compiled}", bound).fetchall()]
    driver.execute("SET LOCAL enable_seqscan = off")
    return [row[0] for row in driver.execute(f"EXPLAIN {compiled}", values).fetchall()]


def _partial(index: str) -> bool:
    """Tell whether an index holds a part of its table only: what waits, what is dead."""
    return any(i.name == index and is_partial(i) for i in _INDEXES)


_INDEXES = [index for table in metadata.tables.values() for index in table.indexes]


def _scans(kind: str, plan: list[str], *, ends_early: bool) -> list[str]:
    """Return the steps that read a whole table or a whole index; one in order that ends at its limit is none."""
    scan = _sqlite_scan if kind == "sqlite" else _postgres_scan
    found = [scan(step, following) for step, following in zip(plan, [*plan[1:], ""], strict=True)]
    sorts = any("TEMP B-TREE" in step or step.strip(" ->").startswith("Sort") for step in plan)
    wrong = [(table, index) for table, index in filter(None, found) if table not in SMALL and not _partial(index)]
    return [] if ends_early and not sorts else [f"{table} {index}" for table, index in wrong]


def _sqlite_scan(step: str, following: str) -> tuple[str, str] | None:
    found = re.match(r"SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?", step)
    return (found[1], found[2] or "") if found and found[1] in metadata.tables else None


def _postgres_scan(step: str, following: str) -> tuple[str, str] | None:
    if found := re.search(r"Seq Scan on (\w+)", step):
        return found[1], ""
    found = re.search(r"Index (?:Only )?Scan (?:Backward )?using (\w+) on (\w+)", step)
    return (found[2], found[1]) if found and "Index Cond" not in following else None


def _sets_nothing(statement: sa.Executable) -> bool:
    """Tell whether this update got its values from arguments that the example does not give."""
    return isinstance(statement, sa.Update) and not statement._values


@dataclass(frozen=True, slots=True)
class Plan:
    """How one statement is answered; `scans` are (table, index) that it reads as a whole."""

    name: str
    sql: str
    steps: tuple[str, ...]
    scans: tuple[str, ...]


def explained(connection: sa.Connection) -> Iterator[Plan]:
    """Yield the plan of every select, update and delete, by the name under which it is counted (PERF-1)."""
    for name, statement in _named():
        if isinstance(statement, sa.Select | sa.CompoundSelect | sa.Update | sa.Delete) and not _sets_nothing(
            statement
        ):
            steps = _explain(connection, statement)
            ends_early = isinstance(statement, sa.Select) and statement._limit_clause is not None
            scans = _scans(connection.dialect.name, steps, ends_early=ends_early)
            yield Plan(name, str(statement), tuple(steps), tuple(scans))


def _named() -> Iterator[tuple[str, sa.Executable]]:
    for hot in Hot.registry:
        yield hot.name, hot.statement
    for name, function in _functions():
        for statement in _statements(function):
            yield name.removeprefix("storage."), statement


def unused_indexes(plans: list[Plan]) -> list[str]:
    """Return indexes that no plan names and that guard nothing."""
    steps = "\n".join(step for plan in plans for step in plan.steps)
    return sorted(str(one.name) for one in _INDEXES if not one.unique and not re.search(rf"\b{one.name}\b", steps))


def missing_indexes(connection: sa.Connection) -> list[str]:
    """Return indexes of this release that the database lacks."""
    inspector = sa.inspect(connection)
    there = {found["name"] for table in inspector.get_table_names() for found in inspector.get_indexes(table)}
    return sorted(str(one.name) for one in _INDEXES if one.name not in there)
