"""Uses of codes on both databases: never more than there is, released once, late ones counted (CP-7, CP-8)."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa

from storage import people
from storage.billing.coupons import codes, figures, uses
from storage.billing.coupons.codes import Terms
from storage.billing.coupons.uses import Priced, use
from storage.work import Work
from tests.storage.billing.kit import ANN, NOW, Books

DAY = timedelta(hours=24)


class Coupons(Books):
    """The books with one code and sixty persons."""

    def __init__(self, url: str, **terms: object) -> None:
        super().__init__(url)
        rows = [{"id": number, "locale": "en", "created_at": 0} for number in range(ANN + 1, ANN + 60)]
        self.do(lambda work: work.claim_all(people.person.insert(), rows))
        self.terms(**terms)

    def terms(self, **terms: object) -> None:
        """Make the code."""
        made = Terms("percent", NOW, bps=2000, **terms)  # type: ignore[arg-type]
        self.do(lambda work: codes.add(work, "SPRING20", made, creator="op:1"))

    def checkout(self, person_id: int = ANN, operation: str = "order:1") -> str:
        """Reserve a use for a payment, in a transaction."""

        def run(work: Work) -> str:
            found = codes.find(work, "SPRING20", "")
            assert found is not None
            return uses.reserve(work, person_id, found, Priced(operation, "pack.x", "USD", 1000, 200))

        return self.do(run)

    def redeem(self, operation: str = "order:1") -> bool:
        return self.do(lambda work: uses.redeem(work, operation)) is not None

    def release(self, operation: str = "order:1", **values: timedelta) -> bool:
        return self.do(lambda work: uses.release(work, operation, **values))

    def taken(self) -> int:  # type: ignore[override]
        """Return the counter of the code."""
        return int(self.do(lambda work: work.rows(sa.select(codes.coupon.c.taken)))[0].taken)

    def states(self) -> list[tuple[str, bool]]:
        rows = self.do(lambda work: work.rows(sa.select(use.c.state, use.c.is_late).order_by(use.c.operation)))
        return [(row.state, row.is_late) for row in rows]


def test_a67_cp_7_fifty_parallel_checkouts_of_ten_uses_give_ten(database: str) -> None:
    books = Coupons(database, max_uses=10)
    answers = books.at_once([partial(books.checkout, ANN + n, f"order:{n}") for n in range(50)])
    assert sorted(answers) == [""] * 10 + ["used_up"] * 40
    assert (books.taken(), books.states()) == (10, [("reserved", False)] * 10)
    assert books.checkout(ANN + 51, "order:51") == "used_up"


def test_a69_cp_7_parallel_checkouts_of_one_person_get_the_one_use_that_is_theirs(database: str) -> None:
    books = Coupons(database)
    answers = books.at_once([partial(books.checkout, ANN, f"order:{n}") for n in range(8)])
    assert sorted(answers) == [""] + ["per_person"] * 7
    assert books.taken() == 1
    assert books.checkout(ANN + 1, "order:9") == ""


def test_a68_cp_7_a_release_gives_the_use_back_once(database: str) -> None:
    books = Coupons(database, max_uses=1)
    assert books.checkout() == ""
    assert books.checkout(ANN + 1, "order:2") == "used_up"
    assert books.at_once([books.release] * 4).count(True) == 1
    assert books.taken() == 0
    assert books.checkout(ANN, "order:3") == ""


def test_cp_7_a_payment_after_the_release_redeems_late_and_beyond_the_limit(database: str) -> None:
    books = Coupons(database, max_uses=1)
    books.checkout()
    books.release()
    assert books.checkout(ANN + 1, "order:2") == ""
    assert [books.redeem(), books.redeem()] == [True, False]
    assert books.taken() == 2
    assert books.states() == [("redeemed", True), ("reserved", False)]
    assert not books.release(), "what was redeemed is not released by an expiry"


@pytest.mark.parametrize(("later", "back"), [(DAY, True), (DAY + timedelta(seconds=1), False)])
def test_cp_8_a_full_refund_gives_the_use_back_within_a_day(database: str, later: timedelta, back: bool) -> None:
    books = Coupons(database)
    books.checkout()
    books.redeem()
    books.now = NOW + later
    assert books.release(redeemed_within=DAY) is back
    assert books.taken() == (0 if back else 1)


def test_cp_7_a_code_that_is_off_reserves_nothing_and_still_redeems(database: str) -> None:
    books = Coupons(database)
    books.checkout()
    assert books.do(lambda work: codes.switch_off(work, codes.beginning("SPR"))) == 1
    assert books.checkout(ANN + 1, "order:2") == "used_up"
    assert books.redeem()


def test_cp_10_figures_are_summed_per_currency(database: str) -> None:
    books = Coupons(database, max_per_person=9)

    def sell(work: Work, number: int, currency: str, price: int) -> None:
        found = codes.find(work, "SPRING20", "")
        assert found is not None
        uses.reserve(work, ANN + number % 2, found, Priced(f"order:{number}", "pack.x", currency, price, price // 5))

    for number, (currency, price) in enumerate([("USD", 1000), ("USD", 500), ("USD", 700), ("XTR", 400)]):
        books.do(partial(sell, number=number, currency=currency, price=price))
    for number in (0, 2, 3):
        books.redeem(f"order:{number}")
    books.release("order:1")
    usd, xtr = books.do(lambda work: figures.of(work, codes.coded("SPRING20")))
    assert (usd.currency, usd.reserved, usd.redeemed, usd.released) == ("USD", 0, 2, 1)
    assert (usd.discount_minor, usd.net_minor, usd.persons) == (340, 1360, 1)
    assert (xtr.currency, xtr.redeemed, xtr.net_minor, xtr.persons) == ("XTR", 1, 320, 1)
    best = books.do(lambda work: figures.best(work, NOW - DAY, 10))
    assert [(one.currency, one.redeemed) for one in best] == [("USD", 2), ("XTR", 1)]
