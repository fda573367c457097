"""Money from several connections at once: no more back than came, one fulfilment, one refund (PY-4, PY-5)."""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa

from storage.billing import charges, orders, plan_invoices, refunds
from storage.work import Work
from tests.storage.billing.kit import ANN, NOW, Books


def bought(work: Work, order_id: int, charged: int = 1995) -> None:
    orders.add(
        work, order_id, ANN, purpose="eggs", reference="1", gateway="stripe", is_physical=True, currency="USD",
        net_minor=charged, discount_minor=0, tax_minor=0, total_minor=charged, snapshot=b"x", expires_at=NOW,
        state="paid", paid_at=NOW, charged_minor=charged,
    )  # fmt: skip


def test_a74_py_5_forty_refunds_at_once_give_back_no_more_than_was_charged(database: str) -> None:
    books = Books(database)
    books.do(lambda work: bought(work, 7))
    done = books.at_once([partial(books.do, lambda work: orders.commit_refund(work, 7, 100)) for _ in range(40)])
    assert done.count(True) == 19
    (row,) = books.do(lambda work: work.rows(sa.select(orders.order.c.given_minor)))
    assert row.given_minor == 1900


def test_a75_one_action_is_one_refund_from_however_many_connections(database: str) -> None:
    books = Books(database)
    books.do(lambda work: bought(work, 7))

    def refund(work: Work) -> bool:
        order = orders.load(work, 7)
        assert order is not None
        made = refunds.add(work, order, "staff:1", amount_minor=100, reason="duplicate", actor="ann")
        return made is not None

    assert books.at_once([partial(books.do, refund) for _ in range(12)]).count(True) == 1


def test_a73_py_4_of_ten_orders_of_one_purpose_that_were_paid_at_once_one_is_fulfilled(database: str) -> None:
    books = Books(database)
    for number in range(10):
        books.do(partial(bought, order_id=number + 1))

    def claim(work: Work, number: int) -> bool:
        order = orders.load(work, number)
        assert order is not None
        return orders.claim_fulfilment(work, order)

    def once(number: int) -> bool:
        try:
            return books.do(partial(claim, number=number))
        except sa.exc.IntegrityError:
            return False  # the turn is rolled back and begins anew; then another one stands there

    assert books.at_once([partial(once, number + 1) for number in range(10)]).count(True) == 1


def test_a58_a_charge_of_stars_counts_once_from_however_many_connections(database: str) -> None:
    books = Books(database)
    told = partial(books.do, lambda work: charges.add(work, ANN, "stx1", payer=5001, amount=700))
    assert books.at_once([told] * 12).count(True) == 1


def test_sums_of_one_invoice_that_went_back_are_noted_by_many_at_once_and_the_greatest_stands(database: str) -> None:
    books = Books(database)

    def keep(work: Work) -> None:
        plan_invoices.keep(
            work, ANN, 7, at=NOW, invoice_ref="in_1", number="N-1", status="paid", amount_minor=900, currency="USD",
            paid_at=NOW, url=None, as_of=NOW, attempts=1, next_attempt_at=None,
        )  # fmt: skip

    books.do(keep)
    sums = [100, 350, 200, 350, 100, 300, 350, 50] * 3
    noted = books.at_once(
        [partial(books.do, lambda work, n=n: plan_invoices.gave_back(work, ANN, "in_1", n)) for n in sums]  # type: ignore[misc]
    )
    assert sum(noted) == 350, "each part is news once"
    books.do(keep)
    (row,) = books.do(lambda work: work.rows(sa.select(plan_invoices.plan_invoice)))
    assert (row.refunded_minor, row.status) == (350, "partially_refunded"), "a later look keeps it so"
