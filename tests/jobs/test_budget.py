"""The retries of a vendor: a tenth of its calls, and enough of a reserve to come back from an outage (rule VEN-4)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bot.core.calls import Again, Done
from bot.core.calls.channels import SendSms, SentSms
from bot.core.clock import FixedClock
from bot.core.ports import Attempt
from jobs.budget import LONGEST, REFILL, RESERVE, RetryBudget
from tests.jobs.plant import NOW, notices, notify, plant, sms

SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def _spend(budget: RetryBudget) -> int:
    """Make retries until one has to wait; return how many went."""
    made = 0
    while budget.wait(2) is None:
        budget.made(2)
        made += 1
    return made


def test_ven_4_retries_are_a_tenth_of_the_calls() -> None:
    budget = RetryBudget(FixedClock(NOW).now)
    _spend(budget)
    for _ in range(1000):
        assert budget.wait(1) is None
        budget.made(1)
        if budget.wait(2) is None:
            budget.made(2)
    assert _spend(budget) <= 1
    budget = RetryBudget(FixedClock(NOW).now)
    _spend(budget)
    for _ in range(200):
        budget.made(1)
    assert _spend(budget) in (19, 20)


def test_ven_4_the_reserve_refills_and_is_bounded() -> None:
    clock = FixedClock(NOW)
    budget = RetryBudget(clock.now)
    assert _spend(budget) == RESERVE
    clock.advance(10 * SECOND)
    assert _spend(budget) == 10 * REFILL
    clock.advance(timedelta(days=1))
    assert _spend(budget) == RESERVE


def test_ven_4_retries_that_wait_are_given_moments_of_their_own() -> None:
    budget = RetryBudget(FixedClock(NOW).now)
    _spend(budget)
    waits = [budget.wait(2) for _ in range(40)]
    assert waits == sorted(w for w in waits if w is not None)
    assert waits[0] == 2 * SECOND / REFILL, "the first moment went to the retry that found nothing left"
    assert waits[-1] == LONGEST


def test_fake_5_what_waited_out_two_hours_of_probes_drains_within_ten_minutes() -> None:
    clock = FixedClock(NOW)
    budget = RetryBudget(clock.now)
    probes = int(timedelta(hours=2) / timedelta(seconds=30))
    drained = 0
    for _ in range(600):
        drained += _spend(budget)
        clock.advance(SECOND)
    assert drained >= probes


async def test_ven_4_a_vendor_that_fails_half_the_time_is_not_stormed(tmp_path: Path) -> None:
    tries: dict[str, int] = {}

    def answer(call: SendSms, attempt: Attempt) -> Again | Done:
        tries[attempt.key] = tries.get(attempt.key, 0) + 1
        failing = tries[attempt.key] < 3 and int(attempt.key.rpartition(":")[2]) % 2
        return Again("busy", whole_vendor=False) if failing else Done(SentSms(f"SM{attempt.key}", "queued"))

    vendor = sms(answer)
    async with plant(tmp_path, vendor, register=notices) as made:
        for number in range(120):
            await made.text("hi", handle=f"+1415555{number:04d}")
        await made.settle()
        first = len(vendor.asked)
        assert first <= 120 * 1.1 + RESERVE
        await made.wait(8 * MINUTE)
        assert len({row.id for row in await made.rows("sent")}) == 120
        assert {row.attempts for row in await made.rows("sent")} <= {1, 2, 3}


async def test_ven_4_a_retry_held_back_by_the_budget_is_not_counted_as_a_try(tmp_path: Path) -> None:
    vendor = sms(lambda call, attempt: Again("busy", timedelta(milliseconds=50), whole_vendor=False))
    async with plant(tmp_path, vendor, register=notices) as made:
        await made.text("hi")
        await made.settle()
        made.delivery._admission.budgets["twilio"]._saved = 0.0
        before = (await made.rows())[0].attempts
        made.clock.advance(SECOND)
        await made.settle()
        assert (await made.rows())[0].attempts == before
        assert len(vendor.asked) == before


async def test_sms_46_a_message_that_waits_for_its_retry_keeps_its_place(tmp_path: Path) -> None:
    failing = True

    def answer(call: SendSms, attempt: Attempt) -> Again | Done:
        return Again("busy", whole_vendor=False) if failing else Done(SentSms(attempt.key, "queued"))

    vendor = sms(answer)
    async with plant(tmp_path, vendor, register=notices) as made:
        failing = False
        await made.text("hi")
        await made.settle()
        failing = True
        person = (await made.rows())[0].person_id
        await notify(made, person, *[f"text {n}" for n in range(4)])
        await made.wait(MINUTE)
        failing = False
        vendor.asked.clear()
        await made.wait(10 * MINUTE)
        assert [call.body[-1] for call in vendor.asked] == ["0", "1", "2", "3"]
