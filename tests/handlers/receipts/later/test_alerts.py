"""Budget alerts of changes from elsewhere leave as notices, once a level (SUM-6)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from handlers.receipts.later import alerts
from storage.people import person
from storage.receipts import budgets, transactions
from storage.receipts.budgets import Budget
from storage.receipts.transactions import Entry
from storage.work import Work
from tests.handlers.receipts.flow.world import TODAY, met, open_world


async def test_sum_6_a_bank_line_that_reaches_a_budget_is_told_by_a_notice_once(tmp_path: Path) -> None:
    async with open_world(tmp_path) as harness:
        ann = await met(harness, "sms")
        (person_id,) = await harness.database.read(lambda c: [row.id for row in c.execute(person.select())])

        def book(work: Work, amount: int) -> None:
            transactions.add(work, person_id, Entry(TODAY, amount, "USD", merchant="Shell"))
            alerts.look(work, person_id)

        await harness.writers.run(
            lambda work: budgets.put(work, person_id, Budget(None, "month", "USD", 10_000, date(2026, 3, 1)))
        )
        ann.messages.clear()
        for amount in (7_999, 1, 1, 1_999, 5):
            await harness.writers.run(lambda work, amount=amount: book(work, amount))
            await harness.rest()
        assert [(one.text, one.purpose) for one in ann.messages] == [
            ("Parley: 80 % of your budget is used: Everything $80.00 of $100.00 this month.", "notice"),
            ("Parley: Your budget is used up: Everything $100.00 of $100.00 this month.", "notice"),
        ]
