"""Billing's rows: every statement has its index, and what goes when a person deletes their data (DB-12, ID-13)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from storage.billing import (
    first_purchase,
    ledger,
    overrides,
    plan_changes,
    plan_invoices,
    privacy,
    purchases,
    subscriptions,
    suspensions,
    usage,
    watching,
)
from storage.billing.coupons import codes, figures, tries, uses
from storage.billing.coupons.codes import Terms
from storage.billing.coupons.uses import Priced
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
    use_codes(work)
    _use_plans(work)
    privacy.erase(work, ANN)


def use_codes(work: Work) -> None:
    """Do everything that is done with a code once."""
    codes.add(work, "SPRING20", Terms("percent", NOW, bps=2000), creator="op:1")
    batch = codes.add_batch(work, "B", Terms("percent", NOW, bps=2000), size=1, creator="op:1")
    codes.add_generated(work, batch, [("B00000000", "B00000000")], Terms("percent", NOW, bps=2000), creator="op:1")
    found = codes.find(work, "SPRING20", "SPR1NG20")
    assert found is not None
    codes.load(work, found.id)
    codes.assign(work, codes.codes_of(work, batch)[0].id, ANN)
    codes.switch_off(work, codes.beginning("B0"))
    codes.load_batch(work, batch)
    tries.missed(work, ANN, QUARTER)
    tries.misses(work, ANN, QUARTER)
    tries.choose(work, ANN, found.id)
    tries.chosen(work, ANN)
    first_purchase.has_bought(work, ANN)
    for number in range(2):
        priced = Priced(f"order:{number}", "letter.standard", "USD", 900, 180)
        uses.reserve(work, ANN, found, priced)
        uses.release(work, priced.operation)
        uses.redeem(work, priced.operation)
    uses.held(work, ANN, found.id)
    figures.of(work, codes.coded("SPRING20"))
    figures.issued(work, codes.in_batch(batch))
    figures.lately(work, NOW)
    figures.best(work, NOW, 3)
    tries.drop(work, ANN)


def _use_plans(work: Work) -> None:
    """Do everything that is done of a person's purchases and plans once."""
    wanted = {"plan": "basic", "plan_version": 1, "every": "month"}
    bought = purchases.add(
        work,
        ANN,
        **wanted,
        amount_minor=900,
        currency="USD",
        trial_days=0,
        expires_at=LATER,
        wording="plan-1",
        source="x",
    )
    row = purchases.load(work, bought)
    assert row is not None
    purchases.open_one(work, ANN)
    purchases.recent(work, ANN, NOW)
    purchases.move(work, row, was=("created",), to="paid")
    assert watching.begin(work, ANN, "sub_1")
    assert not watching.begin(work, ANN, "sub_1")
    assert watching.ended(work, ANN, "sub_1")
    subscriptions.mirrored(work, "sub_1")
    subscriptions.of_customer(work, "cus_1")
    live = subscriptions.live(work, ANN)
    assert live is not None
    subscriptions.newest(work, ANN)
    subscriptions.trial_spent(work, ANN)
    change = plan_changes.add(work, ANN, subscription_id=live.id, **wanted, kind="downgrade")
    plan_changes.move(work, plan_changes.load(work, ANN, change), was="asked", to="confirmed")  # type: ignore[arg-type]
    plan_changes.log(work, ANN, live.id, "created")
    plan_changes.logged(work, ANN, live.id)
    assert plan_changes.tell_once(work, ANN, live.id, "dunning", 3)
    assert not plan_changes.tell_once(work, ANN, live.id, "dunning", 3)
    for status in ("open", "paid"):
        plan_invoices.keep(
            work, ANN, live.id, at=NOW, invoice_ref="in_1", number="1", status=status, amount_minor=900, currency="USD",
            url=None, as_of=NOW, attempts=1, next_attempt_at=None,
        )  # fmt: skip
    plan_invoices.newest(work, ANN, live.id)
    assert plan_invoices.first_paid(work, ANN, live.id) == NOW


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

    assert books.do(left) == {
        "subscription", "usage_record", "coupon", "coupon_batch", "coupon_use", "plan_purchase", "plan_log",
        "plan_invoice", "plan_watch",
    }  # fmt: skip
