"""Booking quota on both databases: never more than there is, never twice, never lost (LG-1 to LG-7, A26 to A30)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from storage.billing.grants import Grant, grant
from storage.billing.ledger import entry, operation
from storage.work import Work
from tests.storage.billing.kit import ANN, ENDS, NOW, QUARTER, READ, Books, beside, plan


@pytest.fixture
def books(database: str) -> Books:
    return Books(database)


def balanced(books: Books) -> bool:
    """Tell whether what is taken of the grants is what the entries say is committed or still reserved."""
    signs = {"reserve": 1, "release": -1, "expire": -1}
    rows = books.do(lambda work: work.rows(sa.select(entry.c.kind, entry.c.operation, entry.c.amount)))
    expired = {row.operation for row in rows if row.kind == "expire"}
    held = sum(signs.get(row.kind, 0) * row.amount for row in rows)
    afterwards = sum(row.amount for row in rows if row.kind == "commit" and row.operation in expired)
    return bool(sum(books.taken().values()) == held + afterwards)


def test_a26_lg_3_forty_parallel_uses_of_twenty_give_exactly_twenty(books: Books) -> None:
    answers = books.at_once([partial(books.reserve, f"tg:{n}:{READ}") for n in range(40)])
    assert sorted(answers) == ["granted"] * 20 + ["refused"] * 20
    assert books.taken() == {("plan", "2026-03"): 20}
    assert books.reserve("one more") == "refused"
    assert balanced(books)


def test_lg_3_lg_4_parallel_uses_that_split_over_grants_take_all_and_no_more(books: Books) -> None:
    books.give(beside("goodwill", 5, timedelta(days=3)), beside("pack", 6, timedelta(days=300)))
    answers = books.at_once([partial(books.reserve, f"job:{n}", 3, plan(10)) for n in range(12)])
    assert sorted(answers) == ["granted"] * 7 + ["refused"] * 5
    assert sum(books.taken().values()) == 21
    assert balanced(books)


def test_a27_lg_2_parallel_copies_of_one_operation_are_one_booking(books: Books) -> None:
    assert books.at_once([partial(books.reserve, "sms:SM1") for _ in range(8)]) == ["granted"] * 8
    assert books.taken() == {("plan", "2026-03"): 1}
    assert books.reserve("sms:SM1", 2) == "operation_conflict"
    assert books.at_once([partial(books.settle, "sms:SM1") for _ in range(8)]).count((1, 0)) == 1
    assert books.reserve("sms:SM1") == "granted", "the first answer, also after it was settled"
    assert books.taken() == {("plan", "2026-03"): 1}
    assert balanced(books)


def test_lg_1_parallel_first_uses_make_one_grant_of_a_period(books: Books) -> None:
    pack = beside("pack", 100, timedelta(days=365), ref="payment:9")
    given = books.at_once([partial(books.give, pack) for _ in range(8)])
    assert given.count([True]) == 1
    assert books.taken() == {("pack", ""): 0}


def test_a28_lg_5_what_is_reserved_and_never_settled_is_there_again_after_fifteen_minutes(books: Books) -> None:
    for number in range(20):
        books.reserve(f"job:{number}")
    books.now = NOW + QUARTER - timedelta(seconds=1)
    assert books.reserve("late") == "refused"
    books.now = NOW + QUARTER
    assert books.reserve("late") == "granted"
    assert books.taken() == {("plan", "2026-03"): 1}
    assert balanced(books)


def test_a29_lg_5_a_commit_after_the_expiry_is_booked_anew_or_overdrawn(books: Books) -> None:
    books.reserve("slow", of=plan(1))
    books.now = NOW + timedelta(minutes=20)
    assert books.settle("slow", of=plan(1)) == (1, 0)
    assert books.reserve("next", of=plan(1)) == "refused"
    books.reserve("slower", of=plan(2))
    books.now += timedelta(minutes=20)
    assert books.reserve("other", of=plan(2)) == "granted"
    assert books.settle("slower", of=plan(2)) == (1, 1)
    assert books.settle("slower", of=plan(2)) is None
    assert books.taken() == {("plan", "2026-03"): 2}
    overdrawn = books.do(lambda work: work.rows(sa.select(operation.c.operation).where(operation.c.overdrawn > 0)))
    assert [row.operation for row in overdrawn] == ["slower"]
    assert balanced(books)


def test_lg_5_what_is_overdrawn_is_not_charged_to_the_next_period(books: Books) -> None:
    books.now = ENDS - timedelta(minutes=1)
    books.reserve("slow")
    books.now = ENDS + timedelta(minutes=30)
    april = plan(period="2026-04", ends=ENDS + timedelta(days=30))
    april = Grant(READ, "plan", "free", "2026-04", ENDS, april.expires_at, 20)
    assert books.settle("slow", of=april) == (1, 1)
    assert books.reserve("first of April", of=april) == "granted"
    assert books.taken() == {("plan", "2026-03"): 0, ("plan", "2026-04"): 1}


def test_lg_5_a_reservation_that_is_settled_in_the_next_period_belongs_to_its_own(books: Books) -> None:
    books.now = ENDS - timedelta(minutes=1)
    books.reserve("slow")
    books.now = ENDS + timedelta(minutes=1)
    april = Grant(READ, "plan", "free", "2026-04", ENDS, ENDS + timedelta(days=30), 20)
    assert books.settle("slow", of=april) == (1, 0)
    assert books.taken() == {("plan", "2026-03"): 1}


def test_lg_5_what_fails_is_given_back_and_what_is_less_gives_back_the_rest(books: Books) -> None:
    books.give(beside("goodwill", 2, timedelta(days=3)))
    books.reserve("batch", 5)
    assert books.settle("batch", 3) == (3, 0)
    assert books.taken() == {("goodwill", ""): 2, ("plan", "2026-03"): 1}
    books.reserve("failed", 4)
    assert books.settle("failed", 0) == (0, 0)
    assert books.settle("failed", 4) is None
    assert books.settle("never reserved") is None
    assert sum(books.taken().values()) == 3
    books.reserve("grew", 1)
    assert books.settle("grew", 3) == (3, 0)
    assert sum(books.taken().values()) == 6


def test_a30_lg_4_goodwill_is_used_up_before_the_plan_and_the_plan_before_a_pack(books: Books) -> None:
    books.give(
        beside("pack", 100, timedelta(days=300)),
        beside("goodwill", 5, timedelta(days=3)),
    )
    assert books.reserve("eight", 8, plan(10)) == "granted"
    assert books.taken() == {("goodwill", ""): 5, ("plan", "2026-03"): 3, ("pack", ""): 0}
    assert books.reserve("all", 107, plan(10)) == "granted"
    assert books.reserve("one", 1, plan(10)) == "refused"
    assert balanced(books)


def test_lg_4_of_equal_priority_the_earliest_end_comes_first_then_the_oldest(books: Books) -> None:
    ends = {"c": NOW + timedelta(days=9), "a": NOW + timedelta(days=5), "b": NOW + timedelta(days=5)}
    for ref, at in ends.items():
        books.now += timedelta(seconds=1)
        books.give(beside("pack", 10, at - NOW, ref=ref))
    books.reserve("twelve", 12, plan(0))
    rows = books.do(lambda work: work.rows(sa.text("SELECT source_ref, taken FROM quota_grant WHERE source = 'pack'")))
    assert {row.source_ref: row.taken for row in rows} == {"a": 10, "b": 2, "c": 0}


def test_a37_rs_3_what_is_over_gives_nothing(books: Books) -> None:
    books.give(beside("pack", 100, timedelta(hours=1)))
    books.now = NOW + timedelta(hours=1)
    assert books.reserve("late", of=plan(0)) == "refused"


def test_a38_lg_10_a_grant_says_how_much_or_that_it_is_unlimited(books: Books) -> None:
    nothing = Grant(READ, "goodwill", "1", "", NOW, ENDS)
    with pytest.raises(ValueError, match="neither"):
        books.give(nothing)
    for row in (_insert(None, unlimited=False), _insert(5, unlimited=True)):
        with pytest.raises(sa.exc.IntegrityError, match="quota_grant"):
            books.do(partial(Work.claim, statement=row))
    books.give(beside("goodwill", None, timedelta(days=1)))
    assert books.reserve("very much", 10**9) == "granted"


def _insert(amount: int | None, *, unlimited: bool) -> sa.Insert:
    return grant.insert().values(
        id=5, person_id=ANN, feature=READ, source="pack", source_ref="1", period_key="", amount=amount,
        unlimited=unlimited, taken=0, priority=90, effective_at=NOW, expires_at=ENDS, at=NOW,
    )  # fmt: skip


def test_a35_lg_7_the_limit_is_the_new_plans_and_what_was_used_stays(books: Books) -> None:
    books.reserve("fourteen", 14, plan(15))
    assert books.reserve("two", 2, plan(15)) == "refused"
    assert books.reserve("two", 2, plan(150)) == "granted"
    assert books.taken() == {("plan", "2026-03"): 16}
    assert books.reserve("one", 1, plan(15)) == "refused", "back on the smaller plan"
    assert books.reserve("one", 1, plan(None)) == "granted"


def test_lg_7_rs_9_of_two_plans_in_one_month_only_the_one_that_holds_counts(books: Books) -> None:
    basic = plan(150, "2026-03-10", "subscription:7")
    books.reserve("free", 14, plan(15))
    assert books.reserve("basic", 150, basic) == "granted"
    assert books.reserve("more", 1, basic) == "refused"
    assert books.reserve("again free", 1, plan(15)) == "granted"
    assert books.reserve("and no more", 1, plan(15)) == "refused", "free is opened once a month, however plans change"


@pytest.mark.parametrize("break_at", [0, 1])
def test_lg_2_a_turn_that_dies_after_booking_has_booked_nothing(books: Books, break_at: int) -> None:
    steps: list[Callable[[], object]] = [partial(books.reserve, "job:1"), partial(books.settle, "job:1")]
    for step in steps[:break_at]:
        step()
    before = books.taken()

    class Died(Exception):
        pass

    original = books.database.session

    def dies() -> object:
        session = original()
        session.commit = lambda: (_ for _ in ()).throw(Died())  # type: ignore[method-assign]
        return session

    books.database.session = dies  # type: ignore[method-assign,assignment]
    with pytest.raises(Died):
        steps[break_at]()
    books.database.session = original  # type: ignore[method-assign]
    assert books.taken() == before
    for step in steps[break_at:]:
        step()
    assert books.taken() == {("plan", "2026-03"): 1}
