"""What reports count, on both databases, and that no figure reads a whole table (RP-2, PERF-2)."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa

from storage.appeals.payments import payment
from storage.disputes import dispute
from storage.plans import Spy, _explain, _scans
from storage.reports import helping, paying, recurring, selling, today, using
from storage.reports.recurring import Turnover
from storage.reports.selling import Funnel, Running, Taken
from storage.schema import micros
from storage.work import Work
from tests.storage.receipts.kit import open_books
from tests.storage.reports.world import BEFORE, END, MIDDLE, OCTOBER, START, Town

HOUR = timedelta(hours=1)


@pytest.fixture
def work(database: str) -> Iterator[Work]:
    with open_books(database) as opened:
        yield opened


def _connection(work: Work) -> sa.Connection:
    connection: sa.Connection = work._session._connection  # type: ignore[attr-defined]
    return connection


def test_rp_2_users_and_what_they_used(work: Work) -> None:
    town, connection = Town(work), _connection(work)
    dana, at_dana = town.person(MIDDLE)
    eve, _ = town.person(BEFORE, "telegram")
    town.person(END)
    for who, at, source in (
        (dana, MIDDLE, "sms"), (dana, MIDDLE + HOUR, "telegram"), (eve, END - HOUR, "telegram"), (eve, BEFORE, "sms"),
        (eve, END, "sms"),
    ):  # fmt: skip
        town.wrote(who, at, source)
    town.rest(dana, at_dana)
    assert using.new_persons(connection, OCTOBER) == 1
    assert using.active_persons(connection, OCTOBER) == {"all": 2, "telegram": 2, "sms": 1}
    assert using.messages(connection, OCTOBER) == {"sms": 1}
    assert (using.segments(connection, OCTOBER), using.cloud_readings(connection, OCTOBER)) == (40, 2_500)
    assert using.receipts(connection, OCTOBER) == {"confirmed": 2, "rejected": 1}
    assert using.coach_models(connection, OCTOBER) == [using.CoachUse("m", 2, 1, 1_500_000)]
    assert (using.readings(connection, OCTOBER), using.coach_turns(connection, OCTOBER)) == ({}, {})
    assert today.counts(work, Town(work).id_at(END - 2 * HOUR)) == today.Counts(2, 0, 1)


def test_rp_2_the_funnel_follows_the_cases_that_were_begun(work: Work) -> None:
    town, connection = Town(work), _connection(work)
    dana, _ = town.person(BEFORE)
    town.case(dana, BEFORE)
    town.case(dana, END)
    town.case(dana, START)
    priced, paid, mailed = (town.case(dana, MIDDLE) for _ in range(3))
    town.paid(priced, dana, MIDDLE, None)
    town.paid(paid, dana, MIDDLE, 995)
    last = town.paid(mailed, dana, MIDDLE, 995)
    town.letter(mailed, last, MIDDLE)
    assert selling.funnel(connection, OCTOBER) == Funnel(4, 3, 2, 1)
    assert selling.letters(connection, OCTOBER) == {"standard delivered": 1}


def test_rp_1_money_counts_by_the_moment_of_payment_each_currency_by_itself(work: Work) -> None:
    town, connection = Town(work), _connection(work)
    dana, _ = town.person(BEFORE)
    cases = [town.case(dana, BEFORE) for _ in range(6)]
    edges = ((START - HOUR, 1), (START, 1995), (START + HOUR / 12, 900), (END, 1))
    for case_id, (at, amount) in zip(cases, edges, strict=False):
        town.paid(case_id, dana, at, amount, back=100 if amount == 900 else 0)
    town.paid(cases[4], dana, MIDDLE, 500, currency="EUR")
    town.paid(cases[5], dana, MIDDLE, None)
    found = sorted(selling.money(connection, OCTOBER), key=lambda one: one.at)
    assert found == [Taken(micros(START), "USD", 2, 2895, 100), Taken(micros(MIDDLE), "EUR", 1, 500, 0)]


def test_rp_1_money_counts_orders_plans_and_renewals_for_stars_as_well(work: Work) -> None:
    town, connection = Town(work), _connection(work)
    dana, _ = town.person(BEFORE)
    town.order(dana, START - 5 * HOUR, 500, paid_at=START + HOUR, refunded_minor=200)
    town.order(dana, MIDDLE, 500)
    town.order(dana, MIDDLE, 700, gateway="stars", currency="XTR", paid_at=MIDDLE)
    town.order(dana, MIDDLE, 900, paid_at=END)
    town.invoice(dana, START - HOUR, 900, paid_at=START)
    town.invoice(dana, MIDDLE, 2900, status="refunded")
    town.invoice(dana, MIDDLE, 900, status="open")
    town.renewal(dana, MIDDLE, 700)
    town.renewal(dana, MIDDLE + HOUR, 700, held="amount")
    found = sorted(selling.money(connection, OCTOBER), key=lambda one: (one.at, one.currency, one.paid_minor))
    assert found == [
        Taken(micros(START), "USD", 1, 900, 0), Taken(micros(START + HOUR), "USD", 1, 500, 200),
        Taken(micros(MIDDLE), "USD", 1, 2900, 2900), Taken(micros(MIDDLE), "XTR", 1, 700, 0),
        Taken(micros(MIDDLE), "XTR", 1, 700, 0),
    ]  # fmt: skip


def test_py_14_declines_of_letters_count_cards_and_bank_debits_that_came_back_and_the_newest_reason(work: Work) -> None:
    town, connection = Town(work), _connection(work)
    dana, _ = town.person(BEFORE)
    for amount, values in (
        (1995, {"failures": 2, "failure_code": "card_declined"}),  # paid at the third try
        (None, {"session_id": "cs_1", "failures": 1, "failure_code": "expired_card"}),
        (None, {"session_id": "cs_2", "status": "failed"}),  # a debit that came back: no card was declined
        (None, {"session_id": "cs_3"}),
        (None, {"failures": 0}),  # a link that nobody tapped was never asked for
    ):
        paid = town.paid(town.case(dana, MIDDLE), dana, MIDDLE, amount)
        work.claim(payment.update().where(payment.c.id == paid).values(**values))
    assert paying.asked(connection, OCTOBER) == [
        paying.Asked("stripe", "USD", asked=4, paid=1, declined=4, refunds=0, refunded_minor=0, disputes=0)
    ]
    assert paying.reasons(connection, OCTOBER) == {"expired_card": 1, "failed": 1, "open": 1}


def test_py_14_payments_by_gateway_and_currency_with_tries_reasons_and_what_was_recovered(work: Work) -> None:
    town, connection = Town(work), _connection(work)
    dana, _ = town.person(BEFORE)
    town.order(dana, MIDDLE, 500, paid_at=MIDDLE, failures=2, failure_code="card_declined")
    town.order(dana, MIDDLE, 500, failures=1, failure_code="insufficient_funds", state="expired", closing="expired")
    town.order(dana, MIDDLE, 500, state="expired", closing="replaced")
    town.order(dana, MIDDLE, 500, minted=0)
    town.order(dana, MIDDLE, 0, minted=0, gateway="none", paid_at=MIDDLE)
    town.order(dana, MIDDLE, 500, paid_at=MIDDLE, refunded_minor=500, state="refunded", dispute="won")
    town.order(dana, MIDDLE, 700, gateway="stars", currency="XTR", minted=0, paid_at=MIDDLE)
    town.order(dana, END, 500, paid_at=END)
    cases = [town.case(dana, MIDDLE) for _ in range(2)]
    town.paid(cases[0], dana, MIDDLE, 1995, back=1000)
    held = town.invoice(dana, MIDDLE, 900, attempts=3)
    town.put(dispute, END, person_id=dana, kind="plan", subject=held, state="open")
    town.put(dispute, END, person_id=dana, kind="pack", subject=held, state="open")
    town.invoice(dana, MIDDLE, 900, status="open", attempts=2)
    town.invoice(dana, MIDDLE, 0)
    town.renewal(dana, MIDDLE, 700)
    town.dunned(dana, MIDDLE, "payment_failed", "payment_failed", "recovered", "renewed")
    assert paying.asked(connection, OCTOBER) == [
        paying.Asked("stars", "XTR", asked=2, paid=2, declined=0, refunds=0, refunded_minor=0, disputes=0),
        paying.Asked("stripe", "USD", asked=7, paid=4, declined=7, refunds=2, refunded_minor=1500, disputes=2),
    ]
    assert paying.reasons(connection, OCTOBER) == {"insufficient_funds": 1, "replaced": 1}
    assert paying.dunning(connection, OCTOBER) == {"payment_failed": 2, "recovered": 1}


def test_cp_10_coupons_of_a_span_with_the_best_codes(work: Work) -> None:
    town, connection = Town(work), _connection(work)
    dana, _ = town.person(BEFORE)
    town.coupon(dana, MIDDLE, "SPRING20", "redeemed", "redeemed", "released")
    town.coupon(dana, MIDDLE, "FALL20", "reserved", "redeemed")
    town.coupon(dana, END, "LATER", "redeemed")
    (found,) = paying.uses(connection, OCTOBER)
    assert (paying.issued(connection, OCTOBER), found.reserved, found.redeemed, found.released) == (2, 1, 3, 1)
    assert (found.discount_minor, found.net_minor, found.persons) == (1740, 6960, 1)
    best = [(one.code, one.redeemed, one.discount_minor) for one in paying.best(connection, OCTOBER)]
    assert best == [("SPRING20", 2, 1160), ("FALL20", 1, 580)]


def test_rp_1_running_subscriptions_are_counted_alike(work: Work) -> None:
    town, connection = Town(work), _connection(work)
    for _ in range(3):
        town.subscription(BEFORE)
    town.subscription(MIDDLE, "pro", yearly=True)
    town.subscription(BEFORE, "pro", "grace", grace_since=MIDDLE)
    town.subscription(BEFORE, "pro", "trial", trial_end=END)
    town.subscription(BEFORE, "basic", gateway="comp")
    for every, days in (("year", 5), ("month", 31)):  # what a row says, not how long its period is
        ends = BEFORE + timedelta(days=days)
        town.subscription(BEFORE, "pro", every=every, amount_minor=29_000, currency="USD", period_end=ends)
    town.subscription(BEFORE, "basic", "ended", as_of=MIDDLE)
    town.subscription(BEFORE, "basic", "ended", as_of=START - HOUR)
    town.subscription(BEFORE, "basic", "ended", as_of=MIDDLE, trial_end=MIDDLE)
    assert sorted(selling.running(connection), key=str) == sorted(
        [
            Running("stripe", "basic", 1, "active", False, 3), Running("comp", "basic", 1, "active", False, 1),
            Running("stripe", "pro", 1, "active", True, 1), Running("stripe", "pro", 1, "grace", False, 1),
            Running("stripe", "pro", 1, "trial", False, 1),
            Running("stripe", "pro", 1, "active", True, 1, 29_000, "USD"),
            Running("stripe", "pro", 1, "active", False, 1, 29_000, "USD"),
        ],
        key=str,
    )  # fmt: skip


def test_rp_1_how_subscriptions_stood_at_a_moment_that_is_past_follows_from_their_log(work: Work) -> None:
    town, connection = Town(work), _connection(work)
    late = START - timedelta(days=1)
    town.lived("basic", (BEFORE, "created"), (MIDDLE, "payment_failed"), (MIDDLE + HOUR, "canceled"))
    town.lived("pro", (BEFORE, "created"), (late, "payment_failed"), (MIDDLE, "recovered"), price=2900)
    town.lived("pro", (BEFORE, "trial_started"), (late, "upgraded"), (MIDDLE, "renewed"), price=29_000, every="year")
    town.lived("pro", (BEFORE, "created"), (late, "cancel_scheduled"), price=29_000, every="year")
    town.lived("basic", (BEFORE, "created"), (late, "canceled"))
    town.lived("basic", (BEFORE, "trial_started"), (MIDDLE, "canceled"))
    town.lived("basic", (BEFORE, "created"), (late, "paused"))
    town.lived("basic", (BEFORE, "comped"), gateway="comp", price=None)
    town.lived("basic", (BEFORE, "created"), (MIDDLE, "canceled"), gateway="stars", price=700)
    town.lived("pro", (MIDDLE + HOUR, "upgraded"), gateway="stars", price=2250)
    town.lived("basic", (END, "created"))
    stood = [
        Running("comp", "basic", 1, "active", False, 1, None, "USD"),
        Running("stars", "basic", 1, "active", False, 1, 700, "USD"),
        Running("stripe", "basic", 1, "active", False, 1, 900, "USD"),
        Running("stripe", "basic", 1, "trial", False, 1, 900, "USD"),
        Running("stripe", "pro", 1, "active", True, 1, 29_000, "USD"),
        Running("stripe", "pro", 1, "grace", False, 1, 2900, "USD"),
        Running("stripe", "pro", 1, "trial", True, 1, 29_000, "USD"),
    ]
    assert sorted(recurring.running_then(connection, replace(OCTOBER, end=START)), key=str) == sorted(stood, key=str)
    ended = [
        Running("comp", "basic", 1, "active", False, 1, None, "USD"),
        Running("stars", "pro", 1, "active", False, 1, 2250, "USD"),
        Running("stripe", "pro", 1, "active", False, 1, 2900, "USD"),
        Running("stripe", "pro", 1, "active", True, 2, 29_000, "USD"),
    ]
    assert sorted(recurring.running_then(connection, OCTOBER), key=str) == sorted(ended, key=str)
    assert recurring.running_then(connection, replace(OCTOBER, end=BEFORE)) == []
    assert recurring.turnover(connection, OCTOBER) == Turnover(live_at_start=4, begun=1, ended=1)


def test_rp_2_staff_with_the_median_of_their_first_responses(work: Work) -> None:
    town, connection = Town(work), _connection(work)
    dana, at_dana = town.person(BEFORE)
    ann, bob = town.member("ann"), town.member("bob")
    for number, (seconds, rating) in enumerate(((600, 5), (60, 4), (3_000, None)), 1001):
        town.ticket(dana, number, assignee=ann, seconds=seconds, rating=rating)
    town.ticket(dana, 1004, assignee=bob, seconds=None, rating=None)
    town.rest(dana, at_dana)
    assert helping.staff(connection, OCTOBER) == [
        helping.StaffLine("ann", 3, 2, 600, 450), helping.StaffLine("bob", 1, 0, None, None),
    ]  # fmt: skip
    assert helping.tickets(connection, OCTOBER, "category") == {"bug": 4}
    assert helping.tickets(connection, OCTOBER, "state") == {"open": 2, "resolved": 2}
    assert helping.happenings(connection, OCTOBER) == {"first breach": 1}


def _asked(module: ModuleType) -> Iterator[tuple[str, sa.Executable]]:
    for name, function in inspect.getmembers(module, inspect.isfunction):
        if function.__module__ == module.__name__ and not name.startswith("_"):
            spy: Any = _Counting()
            function(spy, *[OCTOBER, "state"][: len(inspect.signature(function).parameters) - 1])
            yield from ((f"{module.__name__}.{name}", one) for one in spy.statements)


class _Counting(Spy):
    """Answers with rows of zeros where a row is promised."""

    def execute(self, statement: sa.Executable, params: Any = None) -> Any:
        self.statements.append(statement)
        return super().execute(statement, params) if len(self.statements) > 99 else _NONE


class _None:
    def one(self) -> list[int]:
        return [0] * 9

    def scalar(self) -> None:
        return None

    def __iter__(self) -> Iterator[Any]:
        return iter(())


_NONE = _None()


def test_perf_2_no_figure_reads_a_whole_table(work: Work) -> None:
    connection = _connection(work)
    found = [pair for module in (using, selling, paying, recurring, helping) for pair in _asked(module)]
    plans = [(name, _explain(connection, statement)) for name, statement in found]
    scanning = [
        (name, plan) for name, plan in plans if _scans(connection.dialect.name, plan, ends_early=False)
    ]  # fmt: skip
    assert scanning == []
    assert len(plans) > 20
