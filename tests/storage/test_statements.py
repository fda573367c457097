"""Every hot statement runs as compiled text and through SQLAlchemy with the same rows, and no query scans a table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from storage import audit, conversation, inbox, outbox, people, timers, transcript
from storage.database import Database
from storage.hot import Hot, Params
from storage.plans import explained
from storage.session import Session
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
    "add audit": {
        "id": 61, "at": 1, "actor": "a", "action": "b", "object": "c", "details": "{}", "risk": 2, "outcome": "ok",
        "factor": None, "correlation": 41, "origin": "{}",
    },
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


def _another(hot: Hot) -> Params:
    """Return the example again, about another row of the same person."""
    params = dict(EXAMPLES[hot.name])
    keys = {"id", "outbox_id", "address_id", "timer_id", "key", "hash"} & set(params)
    if hot.name in ("add person", "save conversation", "snapshot by person"):
        keys |= {"person_id"} & set(params)
    for name in keys:
        params[name] = params[name] + {int: 1000, str: "2", bytes: b"2"}[type(params[name])]
    return params


def test_sets_of_parameters_do_what_each_does_alone(session: Session) -> None:
    hots = {hot.name: hot for hot in Hot.registry}
    seen: list[list[Any]] = []
    for together in (True, False):
        session.savepoint()
        rows: list[Any] = []
        for hot in (hots[name] for name in ORDER if name in hots):
            both = [EXAMPLES[hot.name], _another(hot)]
            for piece in [both] if together else [both[:1], both[1:]]:
                if isinstance(hot.statement, sa.Select) or hot.claims is not None:
                    found = session.query_many(hot, piece)
                    rows += [len(one) for one in found] if hot.claims is not None else found
                else:
                    session.write_many(hot, piece)
        seen.append([rows, _tables(session)])
        session.back_to_savepoint()
    assert seen[0] == seen[1]
    written = seen[0][1]
    assert {name: len(kept) for name, kept in written.items() if kept} == {
        "person": 2, "address": 2, "usage": 1, "inbox": 2, "outbox": 2, "conversation": 2, "transcript": 2, "audit": 2,
        "consent": 2,
    }  # fmt: skip


def test_sets_that_change_one_row_change_it_one_after_the_other(session: Session) -> None:
    person, usage, touch = people.ADD_PERSON, transcript.USE, people.TOUCH_ADDRESS
    session.write_many(person, [EXAMPLES[person.name]])
    session.query_many(people.CLAIM_ADDRESS, [EXAMPLES[people.CLAIM_ADDRESS.name]])
    session.write_many(usage, [EXAMPLES[usage.name]] * 3)
    session.write_many(touch, [{**EXAMPLES[touch.name], "at": at} for at in (8, 9, 7)])
    assert _tables(session)["usage"] == [(11, "turns", 1, 3)]
    assert session.execute(sa.select(people.address.c.last_in_at)).scalar() == 7


def test_what_a_person_writes_stays_as_it_is_in_a_set(session: Session) -> None:
    hot = transcript.ADD
    session.write_many(people.ADD_PERSON, [EXAMPLES["add person"]])
    texts = ['"quoted" \\ {curly},\n\t', "naïve ☕ 🛑 שלום", "", "%s %(id)s ' --"]
    bodies = [text.encode() + bytes(range(256)) for text in texts]
    sets = [{**EXAMPLES[hot.name], "id": n, "body": body} for n, body in enumerate(bodies)]
    session.write_many(hot, sets)
    table = transcript.transcript
    assert [bytes(row[0]) for row in session.execute(sa.select(table.c.body).order_by(table.c.id))] == bodies
    hot = inbox.CLAIM
    sets = [{**EXAMPLES[hot.name], "id": n, "key": text} for n, text in enumerate(texts)]
    session.query_many(hot, sets)
    kept = session.execute(sa.select(inbox.inbox.c.key).order_by(inbox.inbox.c.id))
    assert [row[0] for row in kept] == texts


@pytest.mark.parametrize("name", [hot.name for hot in Hot.registry])
@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_no_hot_statement_scans_a_table_on_sqlite(session: Session, name: str) -> None:
    hot = next(h for h in Hot.registry if h.name == name)
    explain, values = f"EXPLAIN QUERY PLAN {hot.sqlite}", hot.values(EXAMPLES[name])
    plan = session._driver.execute(explain, values).fetchall()  # type: ignore[attr-defined]
    assert not [row[3] for row in plan if _is_scan(row[3])]


@pytest.mark.parametrize("database_kind", ["postgres"])
def test_no_set_of_a_hot_statement_scans_a_table_on_postgres(session: Session) -> None:
    driver = session._driver  # type: ignore[attr-defined]
    driver.execute("SET LOCAL enable_seqscan = off")
    scanning = []
    for hot in Hot.registry:
        sets = hot.row_set.packed([EXAMPLES[hot.name], _another(hot)])
        plan = [row[0] for row in driver.execute(f"EXPLAIN {hot.row_set.sql}", sets)]
        scanning += [f"{hot.name}: {step}" for step in plan if "Seq Scan" in step]
    assert not scanning


def _is_scan(step: str) -> bool:
    return step.startswith("SCAN") and "CONSTANT ROW" not in step and "USING" not in step and "(subquery" not in step


# -- all other queries ---------------------------------------------------------------------------------------------


def test_perf_2_no_query_of_storage_scans_a_table(session: Session) -> None:
    """One test for all functions, which share a database: it lists every one that scans."""
    plans = list(explained(session._connection))  # type: ignore[attr-defined]
    scanning = [f"{plan.name}\n{plan.sql}\n{plan.steps}" for plan in plans if plan.scans]
    assert not scanning, "\n\n".join(scanning)
    assert len(plans) > 200
