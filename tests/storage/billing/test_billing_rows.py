"""Billing's rows: every statement has its index, and what goes when a person deletes their data (DB-12, ID-13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from storage.billing import ledger, overrides, privacy, subscriptions, suspensions, usage
from storage.billing.overrides import Override
from storage.work import Work
from tests.storage.billing.kit import ANN, NOW, QUARTER, READ, Books, plan

LATER = NOW + timedelta(days=30)


def use(work: Work) -> None:
    """Do everything that is done of a person's rights once."""
    subscriptions.add(work, ANN, plan="basic", version=1, state="active")
    subscriptions.current(work, ANN)
    subscriptions.claim_trial(work, ANN)
    made = Override(work.new_id(), READ, "add", NOW, LATER, 5)
    overrides.give(work, ANN, made, kind="quota_increase", reason="asked for", actor="op:1")
    overrides.standing(work, ANN)
    overrides.had(work, ANN, "quota_increase")
    overrides.revoke(work, ANN, made.id, actor="op:1")
    suspensions.suspend(work, ANN, reason="abuse", actor="op:1")
    suspensions.is_suspended(work, ANN)
    suspensions.switched_off(work)
    for number in range(3):
        ledger.reserve(work, ANN, plan(), operation_id=f"job:{number}", amount=2, hold=QUARTER)
    for number, used in enumerate((2, 1, 0)):
        ledger.settle(work, ANN, plan(), operation_id=f"job:{number}", used=used)
    usage.count(work, ANN, "receipts_read", 3, operation_id="job:0")
    usage.total(work, ANN, "receipts_read", NOW)
    usage.reach(work, ANN, READ, "2026-03", (80,))
    privacy.erase(work, ANN)


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_db_12_no_statement_of_a_persons_rights_reads_a_whole_table(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []

    def watched(work: Work) -> None:
        session: Any = work._session
        run: Callable[..., Any] = session.execute

        def explained(statement: Any, params: Any = None) -> Any:
            if not isinstance(params, list):
                options = {"render_postcompile": True}
                compiled = statement.compile(dialect=session._connection.dialect, compile_kwargs=options)
                nothing = tuple(None for _ in compiled.positiontup or ())
                steps.extend(row[3] for row in session._driver.execute(f"EXPLAIN QUERY PLAN {compiled}", nothing))
            return run(statement, params)

        monkeypatch.setattr(session, "execute", explained)
        use(work)

    Books(database).do(watched)
    assert len(steps) > 20
    assert [one for one in steps if one.startswith("SCAN") and "CONSTANT" not in one] == []


def test_id_13_a_deletion_leaves_counts_and_what_was_paid(database: str) -> None:
    books = Books(database)
    books.do(use)

    def left(work: Work) -> set[str]:
        return {table.name for table in privacy.TABLES if work.row(sa.select(sa.literal(1)).select_from(table))}

    assert books.do(left) == {"subscription", "usage_record"}
