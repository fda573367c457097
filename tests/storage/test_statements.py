"""Every hot statement runs as compiled text and through SQLAlchemy with the same rows, and no query scans a table."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from bot.core.clock import FixedClock
from bot.core.ids import Ids
from bot.core.seal import Seal
from storage import audit, conversation, inbox, outbox, people, timers, transcript
from storage.database import Database
from storage.hot import Hot, Params
from storage.receipts.budgets import Budget
from storage.receipts.categories import Seed
from storage.receipts.line_items import Line
from storage.receipts.receipts import Draft
from storage.receipts.rules import Rule
from storage.receipts.search import Filter
from storage.receipts.totals import Span
from storage.receipts.transactions import Entry
from storage.schema import metadata
from storage.session import Session
from storage.work import Work
from tests.databases import know_all_tables

know_all_tables()
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
BLANK_ROW = {
    "id": 31, "lane": 21, "person_id": 11, "address_id": 21, "inbox_id": 41, "kind": "message", "purpose": "reply",
    "policy": "repeat_ok", "key": "message:31", "body": b"sealed", "state": "answered", "worker": 1, "attempts": 1,
    "due_at": 5, "expires_at": None, "first_at": 5, "vendor_id": None, "vendor_state": None, "error": None, "at": 5,
}  # fmt: skip
EXAMPLES: dict[str, Params] = {
    "add person": {
        "id": 11, "locale": "en", "zone": None, "place": None, "staffed_until": None, "created_at": 1,
    },
    "claim address": {
        "id": 21, "person_id": 11, "channel": "sms", "hash": b"h", "handle": b"x", "state": "active", "created_at": 1,
    },
    "suppressed": {"hash": b"h"},
    "add consent": {
        "id": 91, "person_id": 11, "hash": b"h", "kind": "conversation", "wording": "wrote first", "source": "inbox:41",
        "at": 1,
    },
    "claim inbox": {
        "id": 41, "source": "sms", "key": "k", "person_id": 11, "address_id": 21, "kind": "text", "body": b"b",
        "state": "waiting", "attempts": 0, "due_at": 1, "at": 1,
    },
    "park inbox": {"inbox_id": 41, "state": "dead", "attempts": 2, "due_at": 3, "error": "Oops", "body": b"b"},
    "add outbox": BLANK_ROW,
    "mark outbox": {
        "outbox_id": 31, "was_worker": 1, "state": "answered", "worker": 1, "due_at": 9, "vendor_id": "SM1",
        "vendor_state": None, "error": None,
    },
    "answer of event": {"inbox_id": 41},
    "snapshot by address": {"hash": b"h"},
    "snapshot by person": {"person_id": 11},
    "save conversation": {"person_id": 11, "address_id": 21, "state": b"s", "newest": 3, "at": 4},
    "touch address": {"address_id": 21, "at": 8},
    "add transcript": {"id": 51, "person_id": 11, "address_id": 21, "direction": "in", "body": b"t", "at": 1},
    "count usage": {"person_id": 11, "kind": "turns", "period": 1, "used": 1},
    "add audit": {"id": 61, "at": 1, "actor": "a", "action": "b", "object": "c", "details": "{}"},
    "timer fired": {"timer_id": 1, "state": "fired"},
}  # fmt: skip
ORDER = list(EXAMPLES)


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    """A writing session inside a transaction."""
    opened = Database(database).session()
    opened.begin()
    yield opened
    opened.rollback()
    opened.close()


def _tables(session: Session) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of the tables that hot statements write."""
    tables = (people.person, people.address, people.usage, inbox.inbox, outbox.outbox, conversation.conversation)
    more = (transcript.transcript, timers.timer, audit.audit, people.consent)
    return {t.name: [tuple(row) for row in session.execute(sa.select(t))] for t in (*tables, *more)}


def _by_driver(session: Session, hot: Hot) -> list[tuple[Any, ...]]:
    if isinstance(hot.statement, sa.Select):
        return [tuple(row) for row in session.query_many(hot, [EXAMPLES[hot.name]])[0]]
    if hot.claims is not None:
        return [() for _ in session.query_many(hot, [EXAMPLES[hot.name]])[0]]
    session.write_many(hot, [EXAMPLES[hot.name]])
    return []


def _by_sqlalchemy(session: Session, hot: Hot) -> list[tuple[Any, ...]]:
    result = session.execute(hot.statement.execution_options(preserve_rowcount=True), EXAMPLES[hot.name])
    if hot.claims is not None:
        return [()] * result.rowcount
    return [tuple(row) for row in result] if result.returns_rows else []


def test_every_hot_statement_has_an_example() -> None:
    assert {hot.name for hot in Hot.registry} - set(EXAMPLES) - OTHERS == set()


OTHERS: set[str] = set()
"""Hot statements of services, which are not on the path of every message."""


def test_hot_statements_give_the_same_rows_both_ways(session: Session) -> None:
    hots = {hot.name: hot for hot in Hot.registry}
    seen: list[list[Any]] = []
    for way in (_by_driver, _by_sqlalchemy):
        session.savepoint()
        rows = [way(session, hots[name]) for name in ORDER if name in hots]
        seen.append([rows, _tables(session)])
        session.back_to_savepoint()
    assert seen[0] == seen[1]
    assert seen[0][1]["inbox"]
    assert seen[0][1]["outbox"][0][outbox.COLUMNS.index("vendor_id")] == "SM1"


def test_many_parameter_sets_give_their_own_rows(session: Session) -> None:
    hot = people.CLAIM_ADDRESS
    sets = [{**EXAMPLES[hot.name], "id": n, "hash": bytes([n // 2])} for n in range(1, 7)]
    assert [len(rows) for rows in session.query_many(hot, sets)] == [1, 1, 0, 1, 0, 1]
    assert [len(rows) for rows in session.query_many(hot, sets[:1])] == [0]


@pytest.mark.parametrize("name", [hot.name for hot in Hot.registry])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_no_hot_statement_scans_a_table_on_sqlite(session: Session, name: str) -> None:
    hot = next(h for h in Hot.registry if h.name == name)
    explain, values = f"EXPLAIN QUERY PLAN {hot.sqlite}", hot.values(EXAMPLES[name])
    plan = session._driver.execute(explain, values).fetchall()  # type: ignore[attr-defined]
    assert not [row[3] for row in plan if _is_scan(row[3])]


def _is_scan(step: str) -> bool:
    return step.startswith("SCAN") and "CONSTANT ROW" not in step and "USING" not in step and "(subquery" not in step


# -- all other queries: the functions of the storage modules, run with arguments made from their types -----------------


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
    "date | None": NOW.date(),
    "Filter": Filter(), "Sequence[tuple[int, Iterable[str]]]": [(1, ["x"])],
    "list[str]": ["x"], "Collection[str]": ("x",), "bytes | None": b"x", "frozenset[str]": frozenset("x"),
}  # fmt: skip

SMALL = {
    "switch", "process", "periodic", "city_record", "city_change", "city_verification", "alert", "operator",
    "operator_session", "alembic_version",
}  # fmt: skip
"""Tables that stay small whatever the number of persons."""


def _functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    import importlib
    import pkgutil

    import storage

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


def _plan(session: Any, statement: Any, kind: str) -> list[str]:
    compiled = statement.compile(
        dialect=session._connection.dialect, compile_kwargs={"literal_binds": False, "render_postcompile": True}
    )
    values = {name: compiled.params.get(name) for name in compiled.params}
    processors = compiled._bind_processors
    values = {n: processors[n](v) if n in processors and v is not None else v for n, v in values.items()}
    if kind == "sqlite":
        positional = tuple(values[name] for name in compiled.positiontup or ())
        return [row[3] for row in session._driver.execute(f"EXPLAIN QUERY PLAN {compiled}", positional).fetchall()]
    session._driver.execute("SET LOCAL enable_seqscan = off")
    return [row[0] for row in session._driver.execute(f"EXPLAIN {compiled}", values).fetchall()]


def _partial(index: str) -> bool:
    """Tell whether an index holds a part of its table only: what waits, what is dead."""
    return any(i.name == index and i.dialect_options["sqlite"].get("where") is not None for i in _INDEXES)


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


def test_no_query_of_storage_scans_a_table(session: Session, database_kind: str) -> None:
    """One test for all functions, which share a database: it lists every one that scans."""
    asked, scanning = 0, []
    for name, function in _functions():
        for statement in _statements(function):
            if not isinstance(statement, sa.Select | sa.Update | sa.Delete) or _sets_nothing(statement):
                continue
            asked += 1
            plan = _plan(session, statement, database_kind)
            ends_early = isinstance(statement, sa.Select) and statement._limit_clause is not None
            if _scans(database_kind, plan, ends_early=ends_early):
                scanning.append(f"{name}\n{statement}\n{plan}")
    assert not scanning, "\n\n".join(scanning)
    assert asked > 200


def _sets_nothing(statement: sa.Executable) -> bool:
    """Tell whether this update got its values from arguments that the example does not give."""
    return isinstance(statement, sa.Update) and not statement._values
