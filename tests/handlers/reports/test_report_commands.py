"""Reports as staff get them: words, a document, a picture (RP-2)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.core.calls import Done, Outcome, Refused
from bot.core.calls.charts import ChartDrawn, DrawChart
from bot.core.calls.office import ReadReport
from bot.engine.harness import Harness
from bot.engine.registry import Registry
from bot.engine.staff import Risk
from handlers import reports
from handlers.reports.commands import OFFERS
from handlers.reports.sets import SETS
from storage import organisation
from storage.work import Work
from tests.handlers.audit.desk import StaffRoom
from tests.storage.reports.world import BEFORE, MIDDLE, Town


def _fill(work: Work) -> None:
    town = Town(work)
    dana, at_dana = town.person(MIDDLE)
    for amount in (None, 995, 1995):
        case_id = town.case(dana, MIDDLE)
        paid = town.paid(case_id, dana, MIDDLE, amount)
        if amount == 1995:
            town.letter(case_id, paid, MIDDLE)
    for _ in range(3):
        town.subscription(BEFORE)
        town.lived("basic", (BEFORE, "created"))
    for _ in range(2):
        town.subscription(BEFORE, "pro", yearly=True)
        town.lived("pro", (BEFORE, "created"), every="year", price=29_000)
    town.order(dana, BEFORE, 500, paid_at=BEFORE)
    town.order(dana, MIDDLE, 500, failures=1, failure_code="card_declined")
    town.order(dana, MIDDLE, 500, paid_at=BEFORE, failures=1, refunded_minor=500, state="refunded")
    town.dunned(dana, MIDDLE, "payment_failed", "payment_failed", "recovered")
    town.coupon(dana, MIDDLE, "SPRING20", "redeemed")
    town.ticket(dana, 1001, assignee=town.member("ann"), seconds=600, rating=5)
    town.wrote(dana, MIDDLE)
    town.rest(dana, at_dana)


def _files(room: StaffRoom) -> list[str]:
    return [message.filename for message in room.phone("telegram", "7:5001").messages if message.filename]


TOLD = {
    "users": ("new: 1", "active in 30 days: all 1, sms 1"),
    "subscriptions": (
        "live at the end of 2026-10-31: basic active 3, pro active 2",
        "churn: 0% of 5 live at the start",
    ),
    "mrr": ("MRR at the end of 2026-10-31: $75.34", "from 5 subscriptions", "churn: 0% (0 of 5)"),
    "revenue": ("USD: $29.90 = $29.90 of 2 payments - $0.00 back",),
    "payments": (
        "stripe USD: 3 of 4 paid (75%), 2 declined tries, 1 with $5.00 back, 0 disputes",
        "not paid because: card_declined 1",
        "plans: 2 charges failed, 1 recovered (50%)",
    ),
    "coupons": (
        "codes made: 1",
        "USD: reserved 0, redeemed 1, released 0, late 0; $5.80 given for $23.20 of 1 persons",
        "SPRING20: 1, $5.80 given",
    ),
    "funnel": ("drafts: 3 (100%)", "price shown: 3 (100%)", "paid: 2 (66.7%)", "mailed: 1 (33.3%)"),
    "letters": ("standard delivered 1",),
    "receipts": ("receipts: confirmed 2, rejected 1",),
    "coach": ("cost: USD 0.0015", "m: 2 calls, 1 persons"),
    "costs": ("SMS segments: 40, USD 0.4760", "cloud readings: USD 0.0025", "in all: USD 0.4800; messages sent: sms 1"),
    "tickets": ("opened: 1", "by category: bug 1", "times run out: first 1, next 0, resolution 0"),
    "staff": ("ann: assigned 1, resolved 1, first response 10 min, rating 5.0",),
}


async def test_a111_rp_2_every_set_is_told_in_words(tmp_path: Path) -> None:
    async with StaffRoom.opened(tmp_path) as room:
        await room.writers.run(_fill)
        for name, parts in TOLD.items():
            told = await room.staff(f"stats {name}", "2026-10")
            assert "2026-10\n" in told, told
            for part in parts:
                assert part in told, f"{part!r} is not in {told}"
        assert set(TOLD) == set(SETS) == set(OFFERS)
        acts = [act for act in await room.acts() if act.startswith("report.view")]
        assert len(acts) == len(TOLD)


async def test_rp_1_mrr_of_today_is_that_of_now_and_that_of_a_day_that_is_over_is_as_it_stood(tmp_path: Path) -> None:
    async with StaffRoom.opened(tmp_path) as room:
        await room.writers.run(_fill)
        for days in ("", "today", "7d"):
            assert "MRR now: $75.34\nfrom 5 subscriptions" in await room.staff("stats mrr", days)
        assert "MRR at the end of 2026-10-01: $75.34" in await room.staff("stats mrr", "2026-10-01")
        assert "MRR at the end of 2026-07-31: none\nfrom 0 subscriptions" in await room.staff("stats mrr", "2026-07")


async def test_rp_1_days_are_those_of_the_organisation(tmp_path: Path) -> None:
    """20:00 UTC of the last of October is November already in Kolkata, and not yet in Los Angeles."""
    async with StaffRoom.opened(tmp_path) as room:

        def fill(work: Work) -> None:
            town, late = Town(work), datetime(2026, 10, 31, 20, 0, tzinfo=UTC)
            dana, _ = town.person(MIDDLE)
            town.paid(town.case(dana, MIDDLE), dana, late, 1995)

        await room.writers.run(fill)
        assert "$19.95" in await room.staff("stats revenue", "2026-10")
        there = organisation.Organisation(zone="Asia/Kolkata")
        await room.writers.run(lambda work: organisation.amend(work, 0, there, actor="ann"))
        assert "nothing was paid\nThere is nothing to draw." in await room.staff("stats revenue", "2026-10 chart")
        assert "$19.95" in await room.staff("stats revenue", "2026-11")


async def test_rp_2_every_set_has_a_table_also_of_an_empty_house(tmp_path: Path) -> None:
    async with StaffRoom.opened(tmp_path) as room:
        for name in SETS:
            await room.staff(f"stats {name}", "7d csv")
            assert f"{name}.csv" in _files(room)


def _drawn(call: DrawChart, harness: Harness) -> Outcome:
    return Done(ChartDrawn(9, "x", 1080, 600, 5)) if call.title == "MRR" else Refused("nothing_to_draw")


async def test_rp_2_a_picture_brings_its_words_and_without_one_the_words_come_alone(tmp_path: Path) -> None:
    async with StaffRoom.opened(tmp_path, world={DrawChart: _drawn}) as room:
        await room.writers.run(_fill)
        assert "MRR at the end of 2026-10-31: $75.34" in await room.staff("stats mrr", "2026-10 chart")
        (chart,) = [call for call in room.calls if isinstance(call, DrawChart)]
        assert [(bar.label, bar.value, bar.length) for bar in chart.bars] == [
            ("pro USD", "$48.34", 1000), ("basic USD", "$27.00", 558),
        ]  # fmt: skip
        assert _files(room) == ["chart.png"]
        assert "paid: 2" in await room.staff("stats funnel", "2026-10 chart")
        assert _files(room) == ["chart.png"], "no second picture"


@pytest.mark.parametrize(("name", "file"), [("usage", "costs.csv"), ("revenue", "revenue.csv")])
async def test_exports_of_figures_are_documents_and_audited(tmp_path: Path, name: str, file: str) -> None:
    async with StaffRoom.opened(tmp_path) as room:
        await room.staff(f"export {name}", "2026-10")
        assert file in _files(room)
        assert f"report.export report:{file[:-4]} ok" in await room.acts()


async def test_wrong_days_and_a_reading_that_fails_are_told(tmp_path: Path) -> None:
    async with StaffRoom.opened(tmp_path, world={ReadReport: lambda call, harness: Refused("failed")}) as room:
        assert "Days are today" in await room.staff("stats users", "tomorrow")
        assert "could not be read" in await room.staff("stats users")


async def test_stats_today_says_what_it_said(tmp_path: Path) -> None:
    async with StaffRoom.opened(tmp_path) as room:
        told = await room.staff("stats today")
        assert told.splitlines() == [
            "since Nov 20 00:00 UTC", "events: 1", "messages and calls: 0", "new persons: 0",
        ]  # fmt: skip
        assert "events: 2\nmessages and calls: 1\nnew persons: 1" in await room.staff("stats today")


def test_cm_1_rows_have_the_classes_of_the_rules() -> None:
    registry = Registry()
    reports.register(registry)
    risks = {name: row.risk for name, row in registry.staff.items()}
    assert {risks[f"stats {name}"] for name in ("today", "mrr", "funnel", "costs")} == {Risk.COUNTERS}
    assert risks["stats staff"] is Risk.PERSONAL
    assert all(registry.staff[f"export {name}"].needs_code for name in ("usage", "revenue"))
